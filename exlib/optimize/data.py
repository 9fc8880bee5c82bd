"""What jobs say that they read and write, and which of them therefore have to do with each other."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from exlib.analysis.overlap import TooMany, overlaps
from exlib.document import Document
from exlib.engine.site import Site
from exlib.environment import expand
from exlib.workflow import Workflow


class Shared(NamedTuple):
    """What a second job has to do with a first, whose id fits into ``how``, and the path as each of them says it."""

    how: str
    first: str
    second: str


@dataclass(slots=True)
class Data:
    """The data of a document, by node. ``complete`` are the nodes that state both what they read and what they write.

    ``near`` are the paths that overlap with each path; ``said`` is why the data is not looked at, if it is not.
    """

    complete: set[int] = field(default_factory=set)
    reads: dict[int, dict[int, str]] = field(default_factory=dict)
    writes: dict[int, dict[int, str]] = field(default_factory=dict)
    near: list[list[int]] = field(default_factory=list)
    said: str = ""

    def __bool__(self) -> bool:
        """Whether any job states anything."""
        return bool(self.complete or self.reads or self.writes)

    def conflicts(self, place: Sequence[int]) -> Callable[[int], int]:
        """A function from a node to what it may not overlap with in time, as bits by ``place``."""
        readers, writers = _Users(self.reads, place), _Users(self.writes, place)

        def of(node: int) -> int:
            bits = 0
            for path in self.reads.get(node, ()):
                for other in self.near[path]:
                    bits |= writers.bits(other)
            for path in self.writes.get(node, ()):
                for other in self.near[path]:
                    bits |= writers.bits(other) | readers.bits(other)
            return bits & ~(1 << place[node]) if bits else 0

        return of

    def shared(self, first: int, second: int) -> Shared | None:
        """What ``second`` has to do with ``first``, if anything: the gravest."""
        for how, ones, others in (
            ("reads what {} writes", self.writes, self.reads),
            ("writes what {} writes too", self.writes, self.writes),
            ("writes what {} reads", self.reads, self.writes),
        ):
            theirs = others.get(second, {})
            for path, said in ones.get(first, {}).items():
                meeting = next((other for other in self.near[path] if other in theirs), None)
                if meeting is not None:
                    return Shared(how, said, theirs[meeting])
        return None


class _Users:
    """Who reads or who writes each path, as bits; those of a path that many use are put together once."""

    def __init__(self, used: Mapping[int, Mapping[int, str]], place: Sequence[int]) -> None:
        self._places: dict[int, list[int]] = {}
        self._bits: dict[int, int] = {}
        for node, paths in used.items():
            for path in paths:
                self._places.setdefault(path, []).append(place[node])

    def bits(self, path: int) -> int:
        """All users of a path."""
        known = self._bits.get(path)
        if known is not None:
            return known
        places = self._places.get(path, ())
        bits = 0
        for at in places:
            bits |= 1 << at
        if len(places) > _MANY:
            self._bits[path] = bits
        return bits


_MANY = 16


def stated(document: Document, workflow: Workflow) -> Data:
    """Read ``inputs`` and ``outputs`` of all jobs; a relative path starts at the job's working directory."""
    data = Data()
    known: dict[str, int] = {}
    site: Site | None = None
    for node, raw in enumerate(document.jobs):
        lists = {key: raw.get(key) for key in ("inputs", "outputs") if isinstance(raw.get(key), list)}
        if not lists:
            continue
        site = site or Site(workflow, os.environ, {}, None)
        job = workflow.jobs[node]
        env, folder = site.environment(job), site.directory(job)
        for key, used in (("inputs", data.reads), ("outputs", data.writes)):
            for path in _texts(lists.get(key)):
                whole = normal(path, env, folder)
                used.setdefault(node, {}).setdefault(known.setdefault(whole, len(known)), path)
        if len(lists) == 2:
            data.complete.add(node)
    try:
        data.near = overlaps(list(known))
    except TooMany:
        return Data(said="there are too many globs in inputs and outputs to compare each with each")
    return data


def normal(path: str, env: Mapping[str, str], folder: str) -> str:
    """A path or glob from the root, variables expanded, without steps back and doubled slashes."""
    return posixpath.normpath(posixpath.join(folder, os.path.expanduser(expand(path, env)))).replace("//", "/")


def _texts(value: Any) -> Iterable[str]:
    return (text for text in value or () if isinstance(text, str) and text)
