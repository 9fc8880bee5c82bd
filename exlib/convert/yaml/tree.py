"""A YAML text as a tree in which every value knows its line, its path and its text.

Made from the nodes that ruamel.yaml composes, so nothing is lost on the way: tags such as ``!reference`` stay, ``on:``
stays a word, an alias leads to the lines of its anchor. ``settle`` says of every value and comment that no entry of the
account speaks of that it is dropped.
"""

from __future__ import annotations

import json
import math
import re
from bisect import bisect_left
from collections.abc import Iterator
from functools import cached_property
from typing import Any, NamedTuple

from exlib.convert.account import UNREAD, Account, Place
from exlib.convert.source import Source
from exlib.convert.yaml.text import MERGE, Comment, comments, composed, indent
from exlib.errors import InputError

__all__ = ["Comment", "Node", "Tree"]

LARGEST = 1 << 20
"""Bytes of YAML that are read: its parser takes five seconds for so many."""
_STR = "tag:yaml.org,2002:str"
_INT = re.compile(r"[-+]?[0-9]+")
_OTHER_BASE = re.compile(r"0(?:o[0-7]+|x[0-9a-fA-F]+)")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_LONGEST_NUMBER = 300
_CONSTANTS = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_PLAIN_KEY = re.compile(r"[^\s.\[\]]+")
_STEP = re.compile(r'(?:^|\.)([^\s.\[\]]+)$|\[("(?:[^"\\]|\\.)*")\]$')
_DOCUMENT = "document "


class Home(NamedTuple):
    """Where a value is written first: its path, and the line and the column of its key, else its own."""

    path: str
    line: int
    column: int


class Node:
    """A value: its ``path``, the line of its key or its own (``key_line``), its ``tag`` (``!reference``) or nothing.

    What an alias or a merge leads to stands where its anchor is.
    """

    def __init__(self, raw: Any, tree: Tree) -> None:
        self._raw = raw
        self._tree = tree
        self._source = tree.source
        self.path, self.key_line, self.key_column = tree.homes[id(raw)]
        tag = str(raw.tag or "")
        self.tag = tag if tag.startswith("!") and tag != "!" else ""

    @property
    def line(self) -> int:
        """The line on which the value begins."""
        return self.key_line if _is_nothing(self._raw) else int(self._raw.start_mark.line) + 1

    @property
    def end_line(self) -> int:
        """The last line of the value; of the comments after it those are within that are indented more than its key."""
        if _is_nothing(self._raw):
            return self.key_line
        mark = self._raw.end_mark
        lines = self._source.lines
        # What is ended by a lesser indent is marked as ending where the next value begins.
        before = lines[mark.line][: mark.column] if mark.line < len(lines) else ""
        last: int = min(mark.line + 1 if before.strip() else mark.line, len(lines))
        while last > self.line and self._is_after(last):
            last -= 1
        return max(last, self.line)

    def _is_after(self, number: int) -> bool:
        line = self._source.lines[number - 1]
        if not line.strip():
            return True
        return number in self._tree.alone and indent(line) <= self.key_column

    @property
    def place(self) -> Place:
        """The value with its key, and nothing below it unless it is plain text."""
        if self.is_scalar:
            return self.whole
        text = self._source.lines[self.key_line - 1].strip()
        return Place(self._source.name, self.key_line, self.key_line, self.path, text)

    @property
    def whole(self) -> Place:
        """The value with its key and all that is below it."""
        lines = self._source.lines[self.key_line - 1 : self.end_line]
        return Place(self._source.name, self.key_line, self.end_line, self.path, "\n".join(lines).strip(), True)

    @property
    def is_map(self) -> bool:
        """Whether it has keys."""
        return isinstance(self._raw.value, list) and self._raw.id == "mapping"

    @property
    def is_list(self) -> bool:
        """Whether it is a list."""
        return isinstance(self._raw.value, list) and self._raw.id == "sequence"

    @property
    def is_scalar(self) -> bool:
        """Whether it is neither: text, a number, a boolean, null."""
        return not isinstance(self._raw.value, list)

    @property
    def quoted(self) -> bool:
        """Whether it is text whatever it looks like: in quotes or in a block."""
        return self._raw.style not in (None, "") or self._raw.tag == "!"

    @property
    def text(self) -> str:
        """The text of a scalar as it is meant, whatever its type; empty for others."""
        return str(self._raw.value) if self.is_scalar else ""

    @cached_property
    def members(self) -> dict[str, Node]:
        """The values of a map by their keys, those that it merges (``<<``) after its own."""
        found: dict[str, Node] = {}
        if not self.is_map:
            return found
        merged: list[Node] = []
        for key, value in self._raw.value:
            node = Node(value, self._tree)
            if key.tag == MERGE:
                merged += node.items if node.is_list else [node]
            else:
                found[str(key.value)] = node
        for node in merged:
            for name, value in node.members.items():
                found.setdefault(name, value)
        return found

    @cached_property
    def items(self) -> list[Node]:
        """The values of a list."""
        if not self.is_list:
            return []
        return [Node(value, self._tree) for value in self._raw.value]

    def get(self, *keys: str) -> Node | None:
        """The value under a key, or under keys one below another; None if there is none."""
        node: Node | None = self
        for key in keys:
            node = node.members.get(key) if node is not None else None
        return node

    def plain(self) -> Any:
        """The value in Python's own types, by the core schema of YAML 1.2; a tag of its own is not heeded.

        What no JSON can say (``.inf``, ``1e999``) stays text.
        """
        if self.is_map:
            return {key: value.plain() for key, value in self.members.items()}
        if self.is_list:
            return [value.plain() for value in self.items]
        return self.text if self.quoted or self._raw.tag == _STR else _resolved(self.text)

    def refuse(self, message: str, mend: str | None = None) -> InputError:
        """The error to raise about this value."""
        return self._source.refuse(self.key_line, f"{self.path}: {message}" if self.path else message, mend)


def _resolved(text: str) -> Any:
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if len(text) > _LONGEST_NUMBER:
        return text
    if _INT.fullmatch(text):
        return int(text)
    if _OTHER_BASE.fullmatch(text):
        return int(text, 0)
    if _FLOAT.fullmatch(text) and math.isfinite(float(text)):
        return float(text)
    return text


def _is_nothing(raw: Any) -> bool:
    """Whether nothing is written: its marks are those of whatever follows then."""
    return raw.value == "" and raw.style in (None, "")


class Tree:
    """A YAML text: its ``root``, and the comments of it."""

    def __init__(self, source: Source) -> None:
        """Parse it. Raises InputError for what is no YAML, has two equal keys in a map or is too large."""
        self.source = source
        if len(source.raw) > LARGEST:
            size = f"{len(source.raw) / (1 << 20):.1f} MB"
            raise source.refuse(0, f"{size} of YAML are no workflow: up to {LARGEST >> 20} MB are read", "split it")
        raws = composed(source)
        if not raws:
            raise source.refuse(1, "there is nothing in it but comments")
        self._raws: list[Any] = []
        self._keys: list[Any] = []
        self.homes: dict[int, Home] = {}
        for number, raw in enumerate(raws, 1):
            self._find_homes(raw, "" if number == len(raws) else f"{_DOCUMENT}{number}")
        self.roots = [Node(raw, self) for raw in raws]
        """The documents that ``---`` parts; the last is ``root``."""
        self.root = self.roots[-1]

    @cached_property
    def comments(self) -> list[Comment]:
        """All comments, from the first line to the last."""
        scalars = [raw for raw in (*self._raws, *self._keys) if not isinstance(raw.value, list)]
        return list(comments(self.source.text, scalars))

    @cached_property
    def alone(self) -> dict[int, Comment]:
        """The comments that have their line for themselves, by line."""
        return {comment.line: comment for comment in self.comments if comment.alone}

    def above(self, node: Node) -> list[Comment]:
        """The comments that stand in the lines right above a value's key, without a blank line between."""
        found: list[Comment] = []
        line = node.key_line - 1
        while line in self.alone and indent(self.source.lines[line - 1]) <= node.key_column:
            found.insert(0, self.alone[line])
            line -= 1
        return found

    def within(self, node: Node) -> list[Comment]:
        """The comments from a value's key to its last line."""
        first = bisect_left(self.comments, node.key_line, key=_line)
        return self.comments[first : bisect_left(self.comments, node.end_line + 1, key=_line)]

    def place(self, comment: Comment) -> Place:
        """Where a comment stands."""
        return Place(self.source.name, comment.line, comment.line, f"#{comment.line}", f"# {comment.text}".rstrip())

    def leaves(self) -> Iterator[Node]:
        """Every value that has none below it, once and where it stands: aliases are not followed."""
        for raw in self._raws:
            if not raw.value or not isinstance(raw.value, list):
                yield Node(raw, self)

    def settle(self, account: Account) -> None:
        """Say of every value and every comment that nothing was said of that it is dropped."""
        said = {entry.place.path for entry in account.entries if entry.place.file == self.source.name}
        whole = {e.place.path for e in account.entries if e.place.file == self.source.name and e.place.whole}
        for node in self.leaves():
            if node.path not in said and not any(above in whole for above in _ancestors(node.path)):
                account.dropped(node.whole, _last(node.path), UNREAD)
        for comment in self.comments:
            place = self.place(comment)
            if place.path not in said and comment.text:
                account.dropped(place, "comment", "it belongs to no job")

    def _find_homes(self, root: Any, path: str) -> None:
        """Note where every value is written first, which is where an alias leads to."""
        pending = [(root, Home(path, root.start_mark.line + 1, -1))]
        while pending:
            raw, home = pending.pop()
            if id(raw) in self.homes:
                continue
            self.homes[id(raw)] = home
            self._raws.append(raw)
            if raw.id == "mapping":
                self._keys += [key for key, _ in raw.value]
                below = [(value, _home_of(home.path, key)) for key, value in raw.value]
            elif raw.id == "sequence":
                column = raw.start_mark.column
                below = [
                    (value, Home(f"{home.path}[{number}]", self._line_of(value), column))
                    for number, value in enumerate(raw.value)
                ]
            else:
                below = []
            pending += reversed(below)

    def _line_of(self, item: Any) -> int:
        """The line of a list's item; of nothing that of its dash."""
        number: int = item.start_mark.line + 1
        if not _is_nothing(item) or item.start_mark.index != item.end_mark.index:
            return number
        lines = self.source.lines
        before = lines[number - 1][: item.start_mark.column] if number <= len(lines) else ""
        while number > 1 and (not before.strip() or before.lstrip().startswith("#")):
            number -= 1
            before = lines[number - 1]
        return number


def _line(comment: Comment) -> int:
    return comment.line


def _home_of(path: str, key: Any) -> Home:
    return Home(path_below(path, str(key.value)), key.start_mark.line + 1, key.start_mark.column)


def path_below(path: str, name: str) -> str:
    """The path of a value under a key of the map at ``path``."""
    if not _PLAIN_KEY.fullmatch(name):
        return f"{path}[{json.dumps(name, ensure_ascii=False)}]"
    return f"{path}.{name}" if path else name


def _ancestors(path: str) -> Iterator[str]:
    for at in range(len(path) - 1, 0, -1):
        if path[at] in ".[":
            yield path[:at]
    if not path.startswith(_DOCUMENT):
        yield ""


def _last(path: str) -> str:
    """The name of the last key in a path."""
    found = _STEP.search(re.sub(r"(?:\[\d+\])+$", "", path))
    if found is None:
        return "value"
    return found[1] or str(json.loads(found[2]))
