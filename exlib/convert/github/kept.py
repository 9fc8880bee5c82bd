"""A workflow file as plain data, with its comments: what ``x-source`` keeps, and what is written from it again."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from exlib.convert.github.templates import scalar
from exlib.convert.github.values import json_number
from exlib.convert.yaml.tree import Node, Tree, path_below

_PLAIN = re.compile(r"[A-Za-z0-9_./$(](?:[^#:]|:(?=\S)|(?<=\S)#)*(?<![\s:])")
_NUMBERLIKE = re.compile(r"[-+.]?[0-9][0-9_.eExXoO+:-]*$|0x")
_WORDS = frozenset(["true", "false", "null", "yes", "no", "on", "off", "y", "n", "~"])
_MERGED = re.compile(r"(?:^|\.)<<(?:$|[.\[])")
"""Where a merge stands: what it brings is written without it."""
END = ""
"""The path under which the comments stand that nothing follows."""


def plain(node: Node) -> Any:
    """The data of a node, its numbers as GitHub reads them."""
    if node.is_map:
        return {key: plain(value) for key, value in node.members.items()}
    if node.is_list:
        return [plain(value) for value in node.items]
    value = scalar(node)
    if isinstance(value, float):
        number = json_number(value)
        return node.text if number is None else number
    return value


def comments(tree: Tree) -> dict[str, list[str]]:
    """The comments by the path of what they stand above, or beside."""
    homes = sorted(
        (home.line, len(home.path), home.path)
        for home in tree.homes.values()
        if home.path and not _MERGED.search(home.path)
    )
    found: dict[str, list[str]] = {}
    at = 0
    for comment in tree.comments:
        while at < len(homes) and homes[at][0] < comment.line + comment.alone:
            at += 1
        found.setdefault(homes[at][2] if at < len(homes) else END, []).append(comment.text)
    return found


def dump(data: dict[str, Any], said: dict[str, list[str]]) -> str:
    """The text of a workflow file. ``said`` are its comments by paths; a blank line parts the top and the jobs."""
    writer = _Writer(said)
    return "\n".join([*writer.top(data), *writer.rest()]) + "\n"


class _Writer:
    def __init__(self, said: dict[str, list[str]]) -> None:
        self._said = dict(said)

    def top(self, data: dict[str, Any]) -> Iterator[str]:
        for number, (key, value) in enumerate(data.items()):
            if number:
                yield ""
            path = path_below("", key)
            if key != "jobs" or not isinstance(value, dict) or not value:
                yield from self._entry(key, value, path, 0)
                continue
            yield from self._comments(path, 0)
            yield "jobs:"
            for place, (name, job) in enumerate(value.items()):
                if place:
                    yield ""
                yield from self._entry(name, job, path_below(path, name), 1)

    def rest(self) -> Iterator[str]:
        for texts in list(self._said.values()):
            yield from (f"# {text}".rstrip() for text in texts)

    def _comments(self, path: str, depth: int) -> Iterator[str]:
        yield from (f"{'  ' * depth}# {text}".rstrip() for text in self._said.pop(path, ()))

    def _entry(self, key: str, value: Any, path: str, depth: int) -> Iterator[str]:
        yield from self._comments(path, depth)
        name = key if key == "on" else word(key)
        yield from self._valued(f"{'  ' * depth}{name}:", value, path, depth)

    def _valued(self, before: str, value: Any, path: str, depth: int) -> Iterator[str]:
        if isinstance(value, dict) and value:
            yield before
            yield from self._map(value, path, depth + 1)
        elif isinstance(value, list) and value:
            yield before
            yield from self._list(value, path, depth + 1)
        else:
            yield from _scalar(before, value, depth)

    def _map(self, value: dict[str, Any], path: str, depth: int) -> Iterator[str]:
        for key, item in value.items():
            yield from self._entry(key, item, path_below(path, key), depth)

    def _list(self, value: list[Any], path: str, depth: int) -> Iterator[str]:
        for number, item in enumerate(value):
            at = f"{path}[{number}]"
            yield from self._comments(at, depth)
            dash = f"{'  ' * depth}-"
            if isinstance(item, dict | list) and item:
                inner = self._map(item, at, depth + 1) if isinstance(item, dict) else self._list(item, at, depth + 1)
                lines = list(inner)
                at_first = next(n for n, line in enumerate(lines) if not line.lstrip().startswith("#"))
                yield from lines[:at_first]
                yield f"{dash} {lines[at_first].lstrip()}"
                yield from lines[at_first + 1 :]
            else:
                yield from _scalar(dash, item, depth)


def _scalar(before: str, value: Any, depth: int) -> Iterator[str]:
    if isinstance(value, str) and "\n" in value and (block := _block(value, depth + 1)):
        yield f"{before} {block[0]}"
        yield from block[1:]
        return
    written = "" if value is None and not before.endswith("-") else word(value)
    yield f"{before} {written}".rstrip()


def _block(value: str, depth: int) -> list[str] | None:
    """A text of several lines as a literal block; None if a block cannot hold it."""
    lines = value.split("\n")
    if any(not (c.isprintable() or c in "\t\n") for c in value) or not value.strip("\n") or value[0] in " \t\n":
        return None
    sign = "|" if value.endswith("\n") and not value.endswith("\n\n") else "|+" if value.endswith("\n") else "|-"
    body = lines[:-1] if value.endswith("\n") else lines
    if any(line and not line.strip() for line in body):
        return None
    return [sign, *(f"{'  ' * depth}{line}" if line else "" for line in body)]


def word(value: Any) -> str:
    """A value on one line."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list):
        return "{}" if isinstance(value, dict) else "[]"
    if not isinstance(value, str):
        return repr(value)
    if value.isprintable() and _PLAIN.fullmatch(value) and not _means_more(value):
        return value
    if value.isprintable():
        return "'" + value.replace("'", "''") + "'"
    return _escaped(value)


def _means_more(value: str) -> bool:
    return value.lower() in _WORDS or _NUMBERLIKE.match(value) is not None


def _escaped(value: str) -> str:
    made = json.dumps(value, ensure_ascii=False)
    return "".join(c if c.isprintable() else _code(c) for c in made)


def _code(sign: str) -> str:
    return f"\\u{ord(sign):04x}" if ord(sign) < 0x10000 else f"\\U{ord(sign):08x}"
