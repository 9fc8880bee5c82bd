"""A YAML text as the nodes that ruamel.yaml composes, checked, and the comments that it passes over."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from exlib.convert.extras import needed
from exlib.convert.source import Source

MERGE = "tag:yaml.org,2002:merge"
MOST_VALUES = 100_000
"""Values that a text may have with its aliases followed; a few lines of them can mean billions."""
DEEPEST = 100
_PROPERTIES = re.compile(r"(?:[!&]\S*(?:\s+|$)(?:#.*\n\s*)*)*")
_COMMENT = re.compile(r"(?:^|(?<=[\s\[\]{},]))#(.*)", re.MULTILINE)
_NOT_LINE_END = re.compile(r"[^\n]+")
_NO_TEXT = re.compile("[\x00\ud800-\udfff]")


class Comment(NamedTuple):
    """A comment: its line, its text without the sign, and whether nothing else stands on the line."""

    line: int
    text: str
    alone: bool


def composed(source: Source) -> list[Any]:
    """The nodes of its documents. Raises InputError for what is no YAML, equal keys in a map, and alias bombs."""
    needed("ruamel.yaml", "YAML")
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    if "\r" in source.text:
        line = source.text[: source.text.index("\r")].count("\n") + 1
        raise source.refuse(line, "a carriage return stands in it", "end its lines with line feeds")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an anchor may be given anew; ruamel.yaml would say so on stderr
            nodes = list(YAML(typ="safe", pure=True).compose_all(source.text))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark is not None else 0
        said = " ".join(str(part) for part in (error.context, error.problem) if part)
        mend = "YAML is indented with blanks" if "\\t" in said else None
        raise source.refuse(line, f"this is no YAML: {said}", mend) from None
    except (YAMLError, ValueError) as error:
        raise source.refuse(0, f"this is no YAML: {' '.join(str(error).split())}") from None
    except RecursionError:
        raise source.refuse(0, "it is nested too deeply to be a workflow") from None
    found = [node for node in nodes if node is not None]
    for node in found:
        _check(node, source)
    return found


def _check(root: Any, source: Source) -> None:
    """Refuse equal keys in one map, aliases that lead back to themselves, and too many values behind aliases."""
    sizes: dict[int, int] = {}
    open_: set[int] = set()

    def size(raw: Any, depth: int) -> int:
        if not isinstance(raw.value, list):
            if found := _NO_TEXT.search(raw.value):
                raise source.refuse(raw.start_mark.line + 1, f"no text holds U+{ord(found[0]):04X}")
            return 1
        if id(raw) in open_ or depth > DEEPEST:
            why = "it holds itself" if id(raw) in open_ else "it is nested too deeply to be a workflow"
            raise source.refuse(raw.start_mark.line + 1, why)
        if id(raw) not in sizes:
            open_.add(id(raw))
            if raw.id == "mapping":
                _check_keys(raw, source)
            parts = (part for item in raw.value for part in (item if isinstance(item, tuple) else (item,)))
            sizes[id(raw)] = 1 + sum(size(part, depth + 1) for part in parts)
            open_.discard(id(raw))
        return sizes[id(raw)]

    if size(root, 0) > MOST_VALUES:
        raise source.refuse(0, f"its aliases stand for more than {MOST_VALUES:,} values", "write out what is meant")


def _check_keys(raw: Any, source: Source) -> None:
    seen: dict[str, int] = {}
    for key, _ in raw.value:
        line = key.start_mark.line + 1
        if isinstance(key.value, list):
            raise source.refuse(line, "a key must be plain text")
        if key.tag == MERGE:
            continue
        if key.value in seen:
            first = seen[key.value]
            raise source.refuse(line, f'the key "{key.value}" is in one map twice, first in line {first}', "remove one")
        seen[key.value] = line


def comments(text: str, scalars: Iterable[Any]) -> Iterator[Comment]:
    """The comments of a text: what follows a ``#`` that is in none of its scalars, keys included."""
    bare, at = [], 0
    for start, end in sorted(_spans(text, scalars)):
        if start < at:  # an anchor that is seen again through its alias
            continue
        bare += [text[at:start], _NOT_LINE_END.sub(lambda found: " " * len(found[0]), text[start:end])]
        at = end
    bare.append(text[at:])
    line, counted = 1, 0
    for found in _COMMENT.finditer("".join(bare)):
        line += text.count("\n", counted, found.start())
        counted = found.start()
        begin = text.rfind("\n", 0, found.start()) + 1
        yield Comment(line, found[1].strip(), not text[begin : found.start()].strip())


def _spans(text: str, scalars: Iterable[Any]) -> Iterator[tuple[int, int]]:
    """From where to where each scalar stands, without its tag and anchor."""
    for raw in scalars:
        properties = _PROPERTIES.match(text, raw.start_mark.index, raw.end_mark.index)
        start = properties.end() if properties else raw.start_mark.index
        if raw.style in ("|", ">"):
            yield _block(text, start, raw.end_mark.index, raw.value)
        elif start < raw.end_mark.index:
            yield start, raw.end_mark.index


def _block(text: str, start: int, end: int, value: str) -> tuple[int, int]:
    """The lines of a block (``|`` or ``>``): those that are indented as its first one."""
    begin = last = text.find("\n", start, end) + 1 or end
    first = next((line for line in value.split("\n") if line.strip()), None)
    if first is None:
        return begin, begin
    least = None
    for line in text[begin:end].split("\n"):
        if line.strip():
            if least is None:
                least = indent(line) - indent(first)
            if indent(line) < least:
                break
        last += len(line) + 1
    return begin, min(last, end)


def indent(line: str) -> int:
    """How many blanks begin a line."""
    return len(line) - len(line.lstrip(" "))
