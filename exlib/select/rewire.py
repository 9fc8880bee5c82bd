"""What the kept jobs depend on once others are gone.

A removed job hands its dependencies on to its dependents, through any number of removed jobs, so that the
order it imposed stays. What a removed job hands on is worked out once, from the first jobs of the graph to
the last, so that neither a long chain nor a wide join is walked twice; a removed job with one removed
dependent is passed through without a list of its own. A cycle ends the walk as any visited job does.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from exlib.select.roster import Roster
from exlib.workflow import dependency_entries, dependency_target

Entries = dict[str, Any]
"""Dependency entries by what they wait for: ``=id`` for a job, else the entry's JSON."""


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
    legacies = _legacies(roster, stay, changing) if bridge else {}
    entries: dict[int, list[Any]] = {}
    dropped: list[tuple[int, int]] = []
    cut: list[int] = []
    inherited = 0
    for node in changing:
        itself = f"={roster.ids[node]}"
        found: Entries = {}
        own = 0
        for key, entry, removed in _split(roster, node, stay):
            if removed is None:
                own += key not in found
                found.setdefault(key, entry)
            elif bridge:
                for other, handed in legacies[removed].items():
                    if other != itself:
                        found.setdefault(other, handed)
                if itself in legacies[removed]:
                    cut.append(node)
            else:
                dropped.append((node, removed))
        entries[node] = list(found.values())
        inherited += len(found) - own
    return Rewiring(entries, inherited, dropped, list(dict.fromkeys(cut)), _unknown(roster, stay, entries))


def _legacies(roster: Roster, stay: set[int], changing: Collection[int]) -> dict[int, Entries]:
    """What each removed job hands on to the kept ones."""
    graph = roster.graph
    gone: set[int] = set()
    stack = list(changing)
    while stack:
        for other in graph.dependencies[stack.pop()]:
            if other not in stay and other not in gone:
                gone.add(other)
                stack.append(other)
    legacies: dict[int, Entries] = {}
    for node in sorted(gone, key=roster.rank.__getitem__):
        dependents = graph.dependents[node]
        if len(dependents) != 1 or dependents[0] in stay:
            legacies[node] = _legacy(roster, node, stay, legacies)
    return legacies


def _legacy(roster: Roster, node: int, stay: set[int], legacies: dict[int, Entries]) -> Entries:
    found: Entries = {}
    seen = {node}
    stack = [_split(roster, node, stay)]
    while stack:
        step = next(stack[-1], None)
        if step is None:
            stack.pop()
            continue
        key, entry, removed = step
        if removed is None:
            found.setdefault(key, entry)
        elif removed in legacies:
            if not found and len(seen) == 1 and len(dependency_entries(roster.document.jobs[node])) == 1:
                return legacies[removed]  # shared: a chain of these would otherwise hold a copy at every link
            for other, handed in legacies[removed].items():
                found.setdefault(other, handed)
        elif removed not in seen:
            seen.add(removed)
            stack.append(_split(roster, removed, stay))
    return found


def _split(roster: Roster, node: int, stay: set[int]) -> Iterator[tuple[str, Any, int | None]]:
    """A job's dependency entries: the key, the entry, and the node if that job is removed."""
    for entry in dependency_entries(roster.document.jobs[node]):
        target = dependency_target(entry)
        if target is None:
            yield json.dumps(entry, sort_keys=True), entry, None
            continue
        other = roster.index.get(target)
        yield f"={target}", entry, other if other is not None and other not in stay else None


def _unknown(roster: Roster, stay: set[int], entries: dict[int, list[Any]]) -> list[tuple[int, str]]:
    found = [(node, name) for node, name in roster.graph.missing if node in stay and node not in entries]
    for node, listed in entries.items():
        targets = filter(None, map(dependency_target, listed))
        found += [(node, name) for name in targets if name not in roster.index]
    return sorted(found)
