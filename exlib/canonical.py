"""The one canonical form of a document: the order of its keys, its indentation, what stands on one line.

The form is made of the tokens as they were written, so that a number or a string means byte for byte what it meant:
``1.0`` stays ``1.0`` and ``"\\u202e"`` stays an escape that a person can see.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise

from exlib import schema
from exlib.document import Document
from exlib.document.edit import Splice
from exlib.workflow import dependency_target, job_id

WIDTH = 100
"""Columns that a list or an object on one line may take."""
INDENT = 2
_DEEPEST = 20
"""Levels that are indented; deeper ones stand below these, so that nesting cannot make a text grow without bounds."""
_LINES = 2_000
"""Lines of one part up to which a line is looked for among the others: it takes about the square of their number."""
_WORD = re.compile(r'"(?:[^"\\]++|\\.)*+"|[{}\[\]]|[^\s{}\[\],:"]+')
_BELOW = {
    ("document", "jobs"): "jobs",
    ("jobs", ""): "job",
    ("job", "dependencies"): "dependencies",
    ("dependencies", ""): "dependency",
    ("job", "pre_checks"): "checks",
    ("job", "post_checks"): "checks",
    ("checks", ""): "check",
}
"""What a value is, by what holds it and its key; the items of a list have none."""
_EXPANDED = frozenset(["document", "jobs", "job"])
"""What is never on one line: a change of a job is then a change of its own lines, for diffs and merges."""


class _Group:
    """An object or an array of words and groups; ``size`` is its length on one line."""

    __slots__ = ("keys", "opener", "size", "values")

    def __init__(self, opener: str) -> None:
        self.opener = opener
        self.keys: list[str] = []
        self.values: list[str | _Group] = []
        self.size = 0

    def add(self, word: str | _Group) -> None:
        """Take the next word: in an object a key and a value in turn."""
        if self.opener == "{" and len(self.keys) == len(self.values):
            self.keys.append(str(word))
        else:
            self.values.append(word)

    def close(self) -> None:
        """All is in: reckon the size."""
        inside = sum(len(value) if isinstance(value, str) else value.size for value in self.values)
        self.size = 2 + inside + sum(len(key) + 2 for key in self.keys) + 2 * max(len(self.values) - 1, 0)


def formatted(document: Document, *, sort_dependencies: bool = False) -> str:
    """The document's text in canonical form, with a line feed at its end and without a BOM."""
    root = _tree(document.text)
    if sort_dependencies:
        _sort(root, document)
    pieces: list[str] = []
    _write(root, "document", 0, WIDTH, pieces)
    return "".join(pieces) + "\n"


def differences(document: Document, text: str) -> Iterator[Splice]:
    """What makes ``text`` of the document's own, part by part: what is before the jobs, each job, what is behind."""
    from difflib import SequenceMatcher

    if document.raw[:3] == b"\xef\xbb\xbf":
        yield -1, 0, ""  # offsets are those behind the BOM
    made = Document(text.encode(), document.name)
    for (start, end), (low, high) in zip(_parts(document), _parts(made), strict=True):
        if document.text[start:end] == text[low:high]:
            continue
        old, new = document.text[start:end].splitlines(True), text[low:high].splitlines(True)
        if max(len(old), len(new)) > _LINES:
            yield start, end, text[low:high]
            continue
        for kind, first, last, begin, stop in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
            if kind != "equal":
                at = start + sum(map(len, old[:first]))
                yield at, at + sum(map(len, old[first:last])), "".join(new[begin:stop])


def _parts(document: Document) -> Iterator[tuple[int, int]]:
    spans = document.positions.children(("jobs",)).values() if document.jobs else ()
    starts = [0, *(_line_start(document.text, span.start) for span in spans), len(document.text)]
    return pairwise(starts)


def _line_start(text: str, at: int) -> int:
    """Where the line begins, if nothing but blanks stands before the place on it."""
    start = text.rfind("\n", 0, at) + 1
    return at if text[start:at].strip() else start


def _tree(text: str) -> _Group:
    """The words of a document that was parsed already, in their groups."""
    stack = [_Group("[")]
    for word in _WORD.findall(text):
        if word in ("{", "["):
            stack.append(_Group(word))
        elif word in ("}", "]"):
            done = stack.pop()
            done.close()
            stack[-1].add(done)
        else:
            stack[-1].add(word)
    root = stack[0].values[0]
    assert isinstance(root, _Group)
    return root


def _sort(root: _Group, document: Document) -> None:
    """Put the dependencies of each job in the order of the jobs; what names none of them comes last, as it was."""
    jobs = _member(root, "jobs")
    if not isinstance(jobs, _Group) or jobs.opener != "[":
        return
    place = {name: number for number, raw in enumerate(document.jobs) if (name := job_id(raw)) is not None}
    for raw, job in zip(document.jobs, jobs.values, strict=True):
        listed = _member(job, "dependencies") if isinstance(job, _Group) and job.opener == "{" else None
        if isinstance(listed, _Group) and listed.opener == "[":
            targets = map(dependency_target, raw["dependencies"])
            ranks = [place.get(target, len(place)) if target is not None else len(place) for target in targets]
            listed.values = [listed.values[at] for at in sorted(range(len(ranks)), key=ranks.__getitem__)]


def _member(group: _Group, name: str) -> str | _Group | None:
    return next((value for key, value in zip(group.keys, group.values, strict=True) if _name(key) == name), None)


def _name(key: str) -> str:
    return str(json.loads(key)) if "\\" in key else key[1:-1]


@cache
def _orders() -> dict[str, dict[str, int]]:
    """The places of the known keys, by what holds them: the order of the schema."""
    root = schema.load("workflow")
    job = root["$defs"]["job"]["properties"]
    kinds = {
        "document": root["properties"],
        "job": job,
        "dependency": job["dependencies"]["items"]["properties"],
        "check": root["$defs"]["checks"]["items"]["properties"],
    }
    return {kind: {key: place for place, key in enumerate(keys)} for kind, keys in kinds.items()}


def _arranged(group: _Group, kind: str) -> list[tuple[str, str | _Group]]:
    """The members of an object: the known keys in their order, then the others as they were, then the jobs."""
    members = list(zip(group.keys, group.values, strict=True))
    order = _orders().get(kind)
    if order is None:
        return members
    names = [_name(key) for key in group.keys]
    last = len(order)
    # What stood behind ten thousand jobs would be found by nobody.
    ranks = [last + 1 if kind == "document" and name == "jobs" else order.get(name, last) for name in names]
    return [members[at] for at in sorted(range(len(ranks)), key=ranks.__getitem__)]


def _write(node: str | _Group, kind: str, level: int, room: int, pieces: list[str]) -> None:
    """Append the text of a value: on one line if it fits into the ``room`` that is left there, else item by item."""
    if isinstance(node, str):
        pieces.append(node)
        return
    opener, closer = node.opener, "}" if node.opener == "{" else "]"
    if not node.values:
        pieces.append(opener + closer)
        return
    inner = min(level + 1, _DEEPEST)
    if node.size <= room and kind not in _EXPANDED:
        start, between, end, left = opener, ", ", closer, node.size
    else:
        margin = "\n" + " " * (INDENT * inner)
        start, between, end = opener + margin, "," + margin, "\n" + " " * (INDENT * level) + closer
        left = WIDTH - INDENT * inner - 1  # for the comma
    pieces.append(start)
    if opener == "{":
        for number, (key, value) in enumerate(_arranged(node, kind)):
            pieces.append(f"{between}{key}: " if number else f"{key}: ")
            _write(value, _BELOW.get((kind, _name(key)), ""), inner, left - len(key) - 2, pieces)
    else:
        below = _BELOW.get((kind, ""), "")
        for number, value in enumerate(node.values):
            if number:
                pieces.append(between)
            _write(value, below, inner, left, pieces)
    pieces.append(end)
