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
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_WORDS = {"if_statement": "if", "while_statement": "loop", "for_statement": "for", "c_style_for_statement": "for",
          "case_statement": "case"}  # fmt: skip
_LONGEST = 40


def job_name(node: Node) -> str:
    """A name for the job of a statement: its stage, else the command and what it is about."""
    stage = _STAGE.search(said(node).split("\n")[0]) if node.type == "if_statement" else None
    if stage:
        return f"{_UNSAFE.sub('_', stage[1]).strip('_')}_{stage[2]}"
    prefix = _WORDS.get(node.type, "")
    command = next((inner for inner in walk(node) if inner.type == "command"), None)
    parts = [prefix, *(_about(command) if command is not None else ())]
    name = _UNSAFE.sub("_", "_".join(part for part in parts if part)).strip("_.-")
    return name[:_LONGEST].rstrip("_.-") or "commands"


def _about(command: Node) -> Iterator[str]:
    """The program of a command, and its first argument that is no option."""
    texts = [literal(word) for word in words(command)]
    while len(texts) > 1 and texts[0] in _RATHER:
        texts = texts[1:]
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
