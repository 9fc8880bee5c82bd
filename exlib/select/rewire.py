"""What the kept jobs depend on once others are gone.

A removed job hands its dependencies on to its dependents, through any number of removed jobs, so that the
order it imposed stays. Jobs are visited dependencies first, and what a removed job hands on is worked out
once, so that neither a long chain nor a wide join is walked twice; a removed job with one removed dependent
is passed through without a list of its own. A cycle ends the walk as any visited job does.

What another dependency implies is not handed on: of a and b, where b waits for a, only b. Otherwise every
second job of a layered graph would inherit whole layers. A job with ``continue_on_error`` implies nothing,
because its dependents run even if what it waited for failed. What a job itself lists always stays.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from exlib.select.roster import Roster
from exlib.workflow import dependency_entries, dependency_target

Entries = dict[int | str, Any]
"""Dependency entries by what they wait for: the node of a kept job, else the entry's JSON."""


@dataclass(frozen=True, slots=True)
class Rewiring:
    """``entries`` are the new dependencies of each kept job whose list changes.

    ``inherited`` counts what was handed on; ``dropped`` are (job, removed job) pairs that nothing stands for
    now; ``cut`` the jobs that waited for themselves through removed ones; ``unknown`` are (job, id) pairs
    whose id names no job of the document.
    """

    entries: dict[int, list[Any]] = field(default_factory=dict)
    inherited: int = 0
    dropped: list[tuple[int, int]] = field(default_factory=list)
    cut: list[int] = field(default_factory=list)
    unknown: list[tuple[int, str]] = field(default_factory=list)


def rewire(roster: Roster, kept: Collection[int], *, bridge: bool = True) -> Rewiring:
    """The dependencies of the kept jobs; without ``bridge`` those on removed jobs are dropped and listed."""
    stay = set(kept)
    changing = [node for node in sorted(stay) if not stay.issuperset(roster.graph.dependencies[node])]
    if bridge:
        made = _Bridge(roster, stay, changing)
        entries = {node: list(made.entries[node].values()) for node in changing}
        return Rewiring(entries, made.inherited, [], sorted(made.cut), _unknown(roster, stay, entries))
    entries = {}
    dropped: list[tuple[int, int]] = []
    for node in changing:
        found: Entries = {}
        for key, entry, removed in _split(roster, node, stay):
            if removed is None:
                found.setdefault(key, entry)
            else:
                dropped.append((node, removed))
        entries[node] = list(found.values())
    return Rewiring(entries, 0, dropped, [], _unknown(roster, stay, entries))


class _Bridge:
    """One pass over the graph, dependencies first."""

    def __init__(self, roster: Roster, stay: set[int], changing: Collection[int]) -> None:
        self.roster = roster
        self.stay = stay
        self.entries: dict[int, Entries] = {}
        self.inherited = 0
        self.cut: set[int] = set()
        self._legacies: dict[int, Entries] = {}
        gone = self._gone(changing)
        dependencies, dependents = roster.graph.dependencies, roster.graph.dependents
        joins = any(len(dependencies[node]) > 1 for nodes in (gone, changing) for node in nodes)
        self._implies: _Implications | None = None
        if joins and not roster.cyclic:
            self._implies = _Implications(roster, {other for node in gone for other in dependencies[node]} & stay)
        changed = frozenset(changing)
        # On cycles no order serves: first all that is handed on, then who inherits it.
        order = roster.order if not roster.cyclic else [*filter(gone.__contains__, roster.order), *changing]
        for node in order:
            if node in gone:
                if len(dependents[node]) != 1 or dependents[node][0] in stay:
                    self._legacies[node] = self._legacy(node)
            elif node in changed:
                self.entries[node] = self._rewired(node)
            if self._implies and node in stay:
                self._implies.settle(node, self.entries.get(node, dependencies[node]))

    def _gone(self, changing: Iterable[int]) -> set[int]:
        """The removed jobs that stand, directly or behind others, before a kept one."""
        gone: set[int] = set()
        stack = list(changing)
        while stack:
            for other in self.roster.graph.dependencies[stack.pop()]:
                if other not in self.stay and other not in gone:
                    gone.add(other)
                    stack.append(other)
        return gone

    def _rewired(self, node: int) -> Entries:
        """The dependencies of a kept job: its own where they stood, the inherited ones in place of removed jobs."""
        steps = list(_split(self.roster, node, self.stay))
        own = {key for key, _, removed in steps if removed is None}
        found: Entries = {}
        for key, entry, removed in steps:
            if removed is None:
                found.setdefault(key, entry)
                continue
            for other, handed in self._legacies[removed].items():
                if other == node:
                    self.cut.add(node)
                elif other not in own:
                    found.setdefault(other, handed)
        if self._implies:
            found = self._implies.without_implied(found, own)
        self.inherited += len(found.keys() - own)
        return found

    def _legacy(self, node: int) -> Entries:
        """What a removed job hands on."""
        found: Entries = {}
        seen = {node}
        stack = [_split(self.roster, node, self.stay)]
        while stack:
            step = next(stack[-1], None)
            if step is None:
                stack.pop()
                continue
            key, entry, removed = step
            if removed is None:
                found.setdefault(key, entry)
            elif removed in self._legacies:
                handed = self._legacies[removed]
                if len(seen) == 1 and len(dependency_entries(self.roster.document.jobs[node])) == 1:
                    return handed  # shared: a chain of these would otherwise hold a copy at every link
                for other, value in handed.items():
                    found.setdefault(other, value)
            elif removed not in seen:
                seen.add(removed)
                stack.append(_split(self.roster, removed, self.stay))
        return self._implies.without_implied(found) if self._implies else found


class _Implications:
    """Which jobs of a few (``watched``) a dependency on another job implies: sets as the bits of integers."""

    def __init__(self, roster: Roster, watched: Iterable[int]) -> None:
        self._roster = roster
        self._bit = {node: 1 << place for place, node in enumerate(sorted(watched))}
        self._implied: dict[int, int] = {}

    def settle(self, node: int, dependencies: Iterable[int | str]) -> None:
        """Work out what a kept job implies, all its dependencies being settled."""
        implied = 0
        if self._roster.document.jobs[node].get("continue_on_error") is not True:
            for other in dependencies:
                if isinstance(other, int) and (other in self._implied or other in self._bit):
                    implied |= self._implied.get(other, 0) | self._bit.get(other, 0)
        if implied:
            self._implied[node] = implied

    def without_implied(self, found: Entries, own: Collection[int | str] = ()) -> Entries:
        """The entries without those, but for ``own``, that others imply."""
        implied = 0
        for key in found:
            if isinstance(key, int):
                implied |= self._implied.get(key, 0)
        if not implied:
            return found
        bit = self._bit
        return {
            key: entry
            for key, entry in found.items()
            if key in own or not isinstance(key, int) or not bit.get(key, 0) & implied
        }


def _split(roster: Roster, node: int, stay: set[int]) -> Iterator[tuple[int | str, Any, int | None]]:
    """A job's dependency entries: the key, the entry, and the node if that job is removed."""
    for entry in dependency_entries(roster.document.jobs[node]):
        target = dependency_target(entry)
        other = None if target is None else roster.index.get(target)
        if other is None:
            yield json.dumps(entry, sort_keys=True), entry, None
        else:
            yield other, entry, None if other in stay else other


def _unknown(roster: Roster, stay: set[int], entries: dict[int, list[Any]]) -> list[tuple[int, str]]:
    found = [(node, name) for node, name in roster.graph.missing if node in stay and node not in entries]
    for node, listed in entries.items():
        targets = filter(None, map(dependency_target, listed))
        found += [(node, name) for name in targets if name not in roster.index]
    return sorted(found)
