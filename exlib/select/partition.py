"""One document into several: by tag, by component, or into a number of balanced parts."""

from __future__ import annotations

import heapq
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from exlib.graph import Graph
from exlib.select.rewire import Rewiring
from exlib.select.roster import Roster
from exlib.workflow import dependency_target

UNTAGGED = "untagged"


@dataclass(frozen=True, slots=True)
class Part:
    """The jobs of one document, in document order, and its file's name without the ending."""

    name: str
    nodes: list[int]


@dataclass(frozen=True, slots=True)
class TagParts:
    """Parts in an order in which they can be run; ``ordered`` is False when they wait for each other.

    ``crossing`` are (job, dependency) pairs that stand in two documents.
    """

    parts: list[Part]
    crossing: list[tuple[int, int]]
    ordered: bool


def by_component(roster: Roster, kept: Sequence[int], rewiring: Rewiring) -> list[Part]:
    """One part for each group of jobs that are linked, directly or through others."""
    return _numbered("component", _components(roster, kept, rewiring))


def into_parts(roster: Roster, kept: Sequence[int], rewiring: Rewiring, count: int) -> list[Part]:
    """At most ``count`` parts of nearly equal size; linked jobs stay together, so there may be fewer."""
    groups = _components(roster, kept, rewiring)
    parts: list[list[int]] = [[] for _ in range(min(count, len(groups)))]
    lightest = [(0, number) for number in range(len(parts))]
    for group in sorted(groups, key=len, reverse=True):
        size, number = heapq.heappop(lightest)
        parts[number] += group
        heapq.heappush(lightest, (size + len(group), number))
    return _numbered("part", sorted(sorted(part) for part in parts))


def by_tag(roster: Roster, kept: Sequence[int]) -> TagParts:
    """One part for each first tag of a job; jobs without a tag share one. No job is in two parts."""
    groups: dict[str | None, list[int]] = {}
    for node in kept:
        groups.setdefault(next(iter(roster.tags(node)), None), []).append(node)
    names = file_names(UNTAGGED if tag is None else tag for tag in groups)
    parts = [Part(name, nodes) for name, nodes in zip(names, groups.values(), strict=True)]
    part_of = {node: place for place, part in enumerate(parts) for node in part.nodes}
    crossing = [
        (node, other)
        for node in kept
        for other in roster.graph.dependencies[node]
        if other in part_of and part_of[other] != part_of[node]
    ]
    waits: list[list[str]] = [[] for _ in parts]
    for node, other in crossing:
        waits[part_of[node]].append(names[part_of[other]])
    order = Graph(names, waits).order()
    ordered = len(order) == len(parts)
    return TagParts([parts[place] for place in order] if ordered else parts, crossing, ordered)


def file_names(wanted: Iterable[str]) -> list[str]:
    """Names that any file system takes, each different from the others whatever their letter case."""
    taken: set[str] = set()
    names: list[str] = []
    for name in wanted:
        plain = unicodedata.normalize("NFC", name)
        stem = re.sub(r"[^\w.+=@-]+", "-", plain).strip("-.")[:60] or "part"
        unique, number = stem, 1
        while unique.casefold() in taken:
            number += 1
            unique = f"{stem}-{number}"
        taken.add(unique.casefold())
        names.append(unique)
    return names


def _components(roster: Roster, kept: Sequence[int], rewiring: Rewiring) -> list[list[int]]:
    """Groups of linked jobs, as the new dependencies link them."""
    dependencies: list[Iterable[str]] = []
    for node in kept:
        if node in rewiring.entries:
            dependencies.append(filter(None, map(dependency_target, rewiring.entries[node])))
        else:
            dependencies.append(roster.ids[other] for other in roster.graph.dependencies[node])
    graph = Graph([roster.ids[node] for node in kept], dependencies)
    return [[kept[place] for place in group] for group in graph.components()]


def _numbered(stem: str, groups: Sequence[list[int]]) -> list[Part]:
    width = len(str(len(groups)))
    return [Part(f"{stem}-{number:0{width}}", group) for number, group in enumerate(groups, 1)]
