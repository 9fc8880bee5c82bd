"""The fewest dependencies that keep the order of a workflow, or as much of it as its data justifies.

Ancestors are bits of integers, one a job, at its place in a topological order. A job needs the latest of those that
must come before it; whatever that one waits for needs no dependency of its own, and so on with the latest that is left
(Aho, Garey and Ullman, "The Transitive Reduction of a Directed Graph", 1972). While the order is kept whole the latest
is always a dependency that the job has already. Where order is given up, what stood behind it is asked for each pair
of jobs: a job that loses a dependency still waits for whatever was ordered only through that.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from exlib.graph import Graph
from exlib.optimize.data import Data

Pairs = Collection[tuple[int, int]]
MOST = 1_000
"""Pairs of one kind that are listed; all are counted."""


@dataclass(slots=True)
class Order:
    """``dependencies`` by node: those that stay, in their order, then those that are added.

    ``redundant`` are (job, dependency, the one that implies it); ``held`` (job, dependency) that is implied, and stays
    because the document says more of it than an id; ``unjustified`` (job, dependency) whose order is given up;
    ``added`` (job, job that it waited for through others only). ``lost`` are all pairs (later, earlier) that are no
    longer ordered, ``hazards`` pairs that were never ordered though they use the same data: of both at most MOST are
    listed, and ``lost_count`` and ``hazard_count`` have the number.
    """

    dependencies: list[list[int]]
    redundant: list[tuple[int, int, int]] = field(default_factory=list)
    unjustified: list[tuple[int, int]] = field(default_factory=list)
    added: list[tuple[int, int]] = field(default_factory=list)
    held: list[tuple[int, int]] = field(default_factory=list)
    lost: list[tuple[int, int]] = field(default_factory=list)
    lost_count: int = 0
    hazards: list[tuple[int, int]] = field(default_factory=list)
    hazard_count: int = 0


def reduce(graph: Graph, data: Data | None = None, pinned: Pairs = ()) -> Order:
    """The same order of all jobs with the fewest dependencies; ``graph`` has no cycle.

    ``pinned`` are (job, dependency) that stay whatever they say. Of the data only the hazards are told.
    """
    return _Pass(graph, data or Data(), pinned, keep_all=True).result()


def justified(graph: Graph, data: Data, pinned: Pairs = ()) -> Order:
    """Without the order of pairs that both state their data and share none, unless it follows from what stays."""
    return _Pass(graph, data, pinned, keep_all=False).result()


class _Pass:
    """One walk over the graph, dependencies first."""

    def __init__(self, graph: Graph, data: Data, pinned: Pairs, *, keep_all: bool) -> None:
        self.graph = graph
        self.order = graph.order()
        self.place = [0] * len(graph)
        for number, node in enumerate(self.order):
            self.place[node] = number
        self.conflicts = data.conflicts(self.place) if data else None
        self.complete = sum(1 << self.place[node] for node in data.complete) if len(data.complete) > 1 else 0
        self.pinned: dict[int, int] = {}
        for node, other in pinned:
            self.pinned[node] = self.pinned.get(node, 0) | 1 << self.place[other]
        self.loosens = bool(self.complete) and not keep_all
        self.before: dict[int, int] = {}  # as the document has it
        self.after = self.before if not self.loosens else {}  # as it will be
        self.made = Order([[] for _ in graph.ids])

    def result(self) -> Order:
        waiting = [len(others) for others in self.graph.dependents]
        for node in self.order:
            self._settle(node)
            for other in self.graph.dependencies[node]:
                waiting[other] -= 1
                if not waiting[other]:
                    del self.before[other]
            if not waiting[node]:
                del self.before[node]
        made = self.made
        for found in (made.redundant, made.held, made.unjustified, made.added, made.lost, made.hazards):
            found.sort()
        return made

    def _settle(self, node: int) -> None:
        graph, place, after = self.graph, self.place, self.after
        own = graph.dependencies[node]
        reach = 0
        for other in own:
            reach |= self.before[other] | 1 << place[other]
        shared = self.conflicts(node) if self.conflicts else 0
        wanted = reach & ~self._free(node, shared) if self.loosens else reach
        needed: list[int] = []
        left = wanted
        while left:
            other = self.order[left.bit_length() - 1]
            needed.append(other)
            left &= ~(after[other] | 1 << place[other])
        now = 0
        for other in needed:
            now |= after[other] | 1 << place[other]
        self.before[node] = reach
        after[node] = now
        self._sort_out(node, own, needed, now)
        if shared:
            unordered = shared & ((1 << place[node]) - 1) & ~reach
            self.made.hazard_count += _list(self.made.hazards, node, unordered, self.order)
        if self.loosens:
            self.made.lost_count += _list(self.made.lost, node, reach & ~now, self.order)

    def _free(self, node: int, shared: int) -> int:
        """The jobs whose order before this one nothing justifies."""
        if not self.complete >> self.place[node] & 1:
            return 0
        return self.complete & ~shared & ~self.pinned.get(node, 0)

    def _sort_out(self, node: int, own: list[int], needed: list[int], now: int) -> None:
        """Say of each dependency what becomes of it."""
        kept = set(needed)
        known = set(own)
        pinned = self.pinned.get(node, 0)
        held = [other for other in own if other not in kept and pinned >> self.place[other] & 1]
        self.made.held += [(node, other) for other in held]
        kept.update(held)
        stay = [other for other in own if other in kept]
        added = sorted(kept - known)
        self.made.dependencies[node] = stay + added
        self.made.added += [(node, other) for other in added]
        for other in own:
            if other in kept:
                continue
            if now >> self.place[other] & 1:
                through = next(one for one in needed if self.after[one] >> self.place[other] & 1)
                self.made.redundant.append((node, other, through))
            else:
                self.made.unjustified.append((node, other))


def _list(found: list[tuple[int, int]], node: int, bits: int, order: list[int]) -> int:
    """Add the pairs that the bits stand for while there is room; returns how many they are."""
    for at in _places(bits):
        if len(found) >= MOST:
            break
        found.append((node, order[at]))
    return bits.bit_count()


def _places(bits: int) -> Iterator[int]:
    while bits:
        low = bits & -bits
        yield low.bit_length() - 1
        bits ^= low
