"""Names of jobs after what stands in a script, and the sections that a person saw in it."""

from __future__ import annotations

import os
import re
from collections.abc import Container, Iterator
from typing import TYPE_CHECKING

from exlib.convert.bash.grammar import literal, name_of, said, walk, words
from exlib.convert.bash.units import Unit

if TYPE_CHECKING:
    from tree_sitter import Node

_BANNER = re.compile(r"#\s*([#=*~-]{3,}|(?:step|stage|part|phase)\b)|##", re.IGNORECASE)
_STAGE = re.compile(r"\$\{?(\w*stage\w*)[^}\s\"']*\}?[\"']?\s+(?:-\w\w|[=!<>]+)\s+[\"']?(\d+)", re.IGNORECASE)
_RATHER = frozenset("sudo time nice nohup env exec command builtin timeout".split())
_GIVEN = frozenset(["-u", "-g", "-s", "-k"])
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_WORDS = {"if_statement": "if", "while_statement": "loop", "for_statement": "for", "c_style_for_statement": "for",
          "case_statement": "case"}  # fmt: skip
_LONGEST = 40
_TITLE = re.compile(r"[A-Za-z][\w ,'-]*")
_FEW = 5
"""Words of a comment that make a name."""
_SMALL = frozenset(
    "[ : basename cat cd date declare dirname echo eval exit export false getopts grep let local ls mktemp popd printf "
    "pushd pwd read realpath set shift shopt sleep source test trap true type umask uname wait which whoami .".split()
)
"""Commands that say little of what statements are for."""


def job_name(nodes: list[Node], comments: list[str]) -> str:
    """A name for the job of some statements: its stage, a few words above it, else the command and what it is about."""
    node = nodes[0]
    stage = _STAGE.search(said(node).split("\n")[0]) if node.type == "if_statement" else None
    if stage:
        return f"{_UNSAFE.sub('_', stage[1]).strip('_')}_{stage[2]}"
    if len(comments) == 1 and (title := _title(comments[0])):
        return title
    telling = [(one, command) for one in nodes if (command := _telling(one)) is not None]
    node, first = telling[0] if telling else (node, next((one for one in walk(node) if one.type == "command"), None))
    parts = [_WORDS.get(node.type, ""), *(_about(first) if first is not None else ())]
    name = _UNSAFE.sub("_", "_".join(part for part in parts if part)).strip("_.-")
    return name[:_LONGEST].rstrip("_.-") or _WORDS.get(node.type) or "commands"


def _title(comment: str) -> str:
    """A comment of a few words as a name; empty if it is none."""
    text = comment.lstrip("#=*~- ").rstrip("#=*~-.: ")
    few = _TITLE.fullmatch(text) is not None and len(text) <= _LONGEST and len(text.split()) <= _FEW
    return _UNSAFE.sub("_", text.lower()).strip("_.-") if few else ""


def _telling(node: Node) -> Node | None:
    """The first command that does more than ask or say something."""
    for inner in walk(node):
        if inner.type == "command" and name_of(inner) not in _SMALL and name_of(inner) is not None:
            return inner
    return None


def _about(command: Node) -> Iterator[str]:
    """The program of a command, and its first argument that is no option."""
    texts = [literal(word) for word in words(command)]
    while len(texts) > 1 and texts[0] in _RATHER:
        texts = texts[1:]
        while len(texts) > 1 and re.match(r"[-\d]", texts[0] or ""):
            texts = texts[2:] if texts[0] in _GIVEN and len(texts) > 2 else texts[1:]
    if not texts or not texts[0]:
        return
    yield os.path.basename(texts[0])
    first = next((text for text in texts[1:] if text and not text.startswith(("-", "+"))), None)
    if first is not None and len(first) <= _LONGEST and "\n" not in first:
        yield os.path.basename(first.rstrip("/"))


def sections(units: list[Unit], granularity: str, functions: Container[str]) -> list[int]:
    """The number of the section of each statement; with ``command`` each is a section of its own."""
    if granularity != "stage":
        return list(range(len(units)))
    numbers, number = [], 0
    for at, unit in enumerate(units):
        if at and (_begins(unit, functions) or _stands_alone(units[at - 1], functions)):
            number += 1
        numbers.append(number)
    return numbers


def _begins(unit: Unit, functions: Container[str]) -> bool:
    banner = any(_BANNER.match(said(comment)) for comment in unit.comments)
    return banner or _stands_alone(unit, functions)


def _stands_alone(unit: Unit, functions: Container[str]) -> bool:
    if unit.node.type == "if_statement":
        return _STAGE.search(said(unit.node).split("\n")[0]) is not None
    return unit.node.type == "command" and name_of(unit.node) in functions
