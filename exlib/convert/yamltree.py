"""A YAML text as a tree in which every value knows its line, its path and its text.

Made from the nodes that ruamel.yaml composes, so nothing is lost on the way: tags such as ``!reference`` stay, ``on:``
stays a word, an alias leads to the lines of its anchor. ``settle`` says of every value and comment that no entry of the
account speaks of that it is dropped.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from functools import cached_property
from typing import Any, NamedTuple

from exlib.convert.account import UNREAD, Account, Place
from exlib.convert.extras import needed
from exlib.convert.source import Source
from exlib.errors import InputError

LARGEST = 1 << 20
"""Bytes of YAML that are read: its parser takes ten seconds for so many."""
MOST_VALUES = 100_000
"""Values that a text may have with its aliases followed; a few lines of them can mean billions."""
_STR = "tag:yaml.org,2002:str"
_MERGE = "tag:yaml.org,2002:merge"
_INT = re.compile(r"[-+]?(?:0|[1-9][0-9_]*)")
_FLOAT = re.compile(r"[-+]?(?:[0-9][0-9_]*)?\.?[0-9]+(?:[eE][-+]?[0-9]+)?|[-+]?[0-9]+\.")
_CONSTANTS = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_ALL = 1 << 30
_PLAIN_KEY = re.compile(r"[^\s.\[\]]+")


class Comment(NamedTuple):
    """A comment: its line, its text without the sign, and whether nothing else stands on the line."""

    line: int
    text: str
    alone: bool


class Node:
    """A value: its ``path``, the line of its key or its own (``key_line``), its ``tag`` (``!reference``) or nothing.

    What an alias or a merge leads to stands where its anchor is.
    """

    def __init__(self, raw: Any, tree: Tree) -> None:
        self._raw = raw
        self._tree = tree
        self._source = tree.source
        self.path, self.key_line = tree.homes[id(raw)]
        tag = str(raw.tag or "")
        self.tag = tag if tag.startswith("!") and tag != "!" else ""

    @property
    def line(self) -> int:
        """The line on which the value begins."""
        return int(self._raw.start_mark.line) + 1

    @property
    def end_line(self) -> int:
        """The last line of the value."""
        raw, first = self._raw, self.line
        # The marks of collections and of blocks end behind the comments that follow, which belong to what comes next.
        while isinstance(raw.value, list) and raw.value and not raw.flow_style:
            key, raw = raw.value[-1] if raw.id == "mapping" else (raw.value[-1], raw.value[-1])
            first = int(key.start_mark.line) + 1
            if raw.start_mark.line + 1 < first:
                return first  # an alias
        mark = raw.end_mark
        last: int = mark.line + 1 if mark.column else mark.line
        while last > first and self._is_behind(raw, min(last, len(self._source.lines))):
            last -= 1
        return max(last, self.line)

    def _is_behind(self, raw: Any, line: int) -> bool:
        """Whether a line at the end of a value is blank, or a comment behind a block."""
        text = self._source.lines[line - 1]
        if not text.strip() or isinstance(raw.value, list) or raw.style not in ("|", ">"):
            return not text.strip()
        inside = next((each for each in self._source.lines[raw.start_mark.line + 1 :] if each.strip()), "")
        indent = len(inside) - len(inside.lstrip())
        return text.lstrip().startswith("#") and len(text) - len(text.lstrip()) < indent

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
    def is_bare(self) -> bool:
        """Whether it is a scalar without quotes, whose type its text tells."""
        return self.is_scalar and self._raw.style in (None, "") and self._raw.tag != "!"

    @property
    def text(self) -> str:
        """The text of a scalar as it is meant, whatever its type; empty for others."""
        if not self.is_scalar:
            return ""
        text = str(self._raw.value)
        return text.replace("\a", "") if self._raw.style == ">" else text  # where ruamel notes that it folded

    @cached_property
    def members(self) -> dict[str, Node]:
        """The values of a map by their keys, those that it merges (``<<``) after its own."""
        found: dict[str, Node] = {}
        if not self.is_map:
            return found
        merged: list[Node] = []
        for key, value in self._raw.value:
            node = Node(value, self._tree)
            if key.tag == _MERGE:
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
        """The value in Python's own types, by the core schema of YAML 1.2; a tag of its own is not heeded."""
        if self.is_map:
            return {key: value.plain() for key, value in self.members.items()}
        if self.is_list:
            return [value.plain() for value in self.items]
        return self.text if self.quoted else _resolved(self.text)

    def refuse(self, message: str, mend: str | None = None) -> InputError:
        """The error to raise about this value."""
        return self._source.refuse(self.key_line, f"{self.path}: {message}" if self.path else message, mend)


def _resolved(text: str) -> Any:
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _INT.fullmatch(text) and len(text) < 300:
        return int(text.replace("_", ""))
    if _FLOAT.fullmatch(text):
        return float(text.replace("_", ""))
    return text


class Tree:
    """A YAML text: its ``root``, and the comments of it."""

    def __init__(self, source: Source) -> None:
        """Parse it. Raises InputError for what is no YAML, has two equal keys in a map or is too large."""
        self.source = source
        if len(source.raw) > LARGEST:
            size = f"{len(source.raw) / (1 << 20):.1f} MB"
            raise source.refuse(0, f"{size} of YAML are no workflow: up to {LARGEST >> 20} MB are read", "split it")
        raws = _composed(source)
        if not raws:
            raise source.refuse(1, "there is nothing in it but comments")
        self._raws: list[Any] = []
        self.homes: dict[int, tuple[str, int]] = {}
        for number, raw in enumerate(raws, 1):
            _check(raw, source)
            self._find_homes(raw, "" if number == len(raws) else f"document{number}")
        self.roots = [Node(raw, self) for raw in raws]
        """The documents that ``---`` parts; the last is ``root``."""
        self.root = self.roots[-1]

    @cached_property
    def comments(self) -> list[Comment]:
        """All comments, from the first line to the last."""
        return list(_comments(self.source, self._text_lines))

    def above(self, node: Node) -> list[Comment]:
        """The comments that stand in the lines right above a value's key, without a blank line between."""
        alone = {comment.line: comment for comment in self.comments if comment.alone}
        found: list[Comment] = []
        line = node.key_line - 1
        while line in alone:
            found.insert(0, alone[line])
            line -= 1
        return found

    def within(self, node: Node) -> list[Comment]:
        """The comments from a value's key to its last line."""
        return [comment for comment in self.comments if node.key_line <= comment.line <= node.end_line]

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
        """Note the path and the line of every value where it is written first, which is where an alias leads to."""
        pending = [(root, path, root.start_mark.line + 1)]
        while pending:
            raw, at, line = pending.pop()
            if id(raw) in self.homes:
                continue
            self.homes[id(raw)] = at, line
            self._raws.append(raw)
            if raw.id == "mapping":
                below = [(value, path_below(at, str(key.value)), key.start_mark.line + 1) for key, value in raw.value]
            elif raw.id == "sequence":
                numbered = enumerate(raw.value)
                below = [(value, f"{at}[{number}]", value.start_mark.line + 1) for number, value in numbered]
            else:
                below = []
            pending += reversed(below)

    @cached_property
    def _text_lines(self) -> dict[int, int]:
        """The lines of values, each with the column in which its last value ends; past all columns inside a text."""
        ends: dict[int, int] = {}
        for raw in self._raws:
            first, last = raw.start_mark.line + 1, raw.end_mark.line + 1
            if isinstance(raw.value, list):
                if raw.flow_style:
                    ends[last] = max(ends.get(last, 0), raw.end_mark.column)
            elif raw.style in ("|", ">"):
                self._mark_block(ends, first + 1, last if raw.end_mark.column else last - 1)
            else:
                ends |= dict.fromkeys(range(first, last), _ALL)
                ends[last] = max(ends.get(last, 0), raw.end_mark.column)
        return ends

    def _mark_block(self, ends: dict[int, int], first: int, last: int) -> None:
        """Mark the lines of a block (``|`` or ``>``): those that are indented as its first one."""
        lines = self.source.lines
        indents = {
            n: len(lines[n - 1]) - len(lines[n - 1].lstrip(" ")) for n in range(first, min(last, len(lines)) + 1)
        }
        filled = [n for n in indents if lines[n - 1].strip()]
        for number in filled:
            if indents[number] >= indents[filled[0]]:
                ends[number] = _ALL


def path_below(path: str, name: str) -> str:
    """The path of a value under a key of the map at ``path``."""
    if not _PLAIN_KEY.fullmatch(name):
        return f'{path}["{name}"]'
    return f"{path}.{name}" if path else name


def _composed(source: Source) -> list[Any]:
    needed("ruamel.yaml", "YAML")
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an anchor may be given anew
            nodes = list(YAML(pure=True).compose_all(source.text))
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
    return [node for node in nodes if node is not None]


def _check(root: Any, source: Source) -> None:
    """Refuse equal keys in one map, aliases that lead back to themselves, and too many values behind aliases."""
    sizes: dict[int, int] = {}
    open_: set[int] = set()

    def size(raw: Any, depth: int) -> int:
        if not isinstance(raw.value, list):
            return 1
        if id(raw) in open_ or depth > 100:
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
        if key.tag == _MERGE:
            continue
        if key.value in seen:
            first = seen[key.value]
            raise source.refuse(line, f'the key "{key.value}" is in one map twice, first in line {first}', "remove one")
        seen[key.value] = line


def _comments(source: Source, text: dict[int, int]) -> Iterator[Comment]:
    for number, line in enumerate(source.lines, 1):
        start = text.get(number, 0)
        if "#" not in line[start:]:
            continue
        found = re.search(r"(?:^|(?<=\s))#(.*)", line[start:] if not start or line[start - 1 : start] else "")
        if found:
            alone = not line[: start + found.start()].strip()
            yield Comment(number, found[1].strip(), alone)


def _ancestors(path: str) -> Iterator[str]:
    for at in range(len(path) - 1, 0, -1):
        if path[at] in ".[":
            yield path[:at]
    yield ""


def _last(path: str) -> str:
    return re.split(r"\.|\[", path)[-1].rstrip("]").strip('"') or "value"
