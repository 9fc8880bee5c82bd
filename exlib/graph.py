"""Order, cycles, reach and levels of a job graph: plain lists of integers, linear time, no recursion.

A node is a job's place in the document, so every answer in node order is an answer in document order.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence


class Graph:
    """``dependencies[n]`` are the nodes that must end before ``n`` starts; ``dependents`` is its mirror.

    Dependencies on unknown ids are left out and listed in ``missing`` as (node, id).
    """

    def __init__(self, ids: Sequence[str], dependencies: Iterable[Iterable[str]]) -> None:
        self.ids = tuple(ids)
        self.index: dict[str, int] = {}
        for node, name in enumerate(self.ids):
            self.index.setdefault(name, node)
        self.missing: list[tuple[int, str]] = []
        self.dependencies: list[list[int]] = []
        self.dependents: list[list[int]] = [[] for _ in self.ids]
        index = self.index
        for node, wanted in enumerate(dependencies):
            found: list[int] = []
            for name in dict.fromkeys(wanted):
                other = index.get(name)
                if other is None:
                    self.missing.append((node, name))
                else:
                    found.append(other)
                    self.dependents[other].append(node)
            self.dependencies.append(found)

    def __len__(self) -> int:
        return len(self.ids)

    def order(self, priority: Sequence[int] | None = None) -> list[int]:
        """Nodes so that each follows its dependencies (Kahn); ties by higher priority, then document order.

        Nodes on a cycle, and all that depend on them, are absent: compare the length.
        """
        waiting = [len(found) for found in self.dependencies]
        rank = priority or [0] * len(self)
        ready = [(-rank[node], node) for node, count in enumerate(waiting) if not count]
        heapq.heapify(ready)
        order: list[int] = []
        while ready:
            node = heapq.heappop(ready)[1]
            order.append(node)
            for other in self.dependents[node]:
                waiting[other] -= 1
                if not waiting[other]:
                    heapq.heappush(ready, (-rank[other], other))
        return order

    def cycles(self) -> list[list[int]]:
        """Every self-dependency, and of every larger group of jobs that wait for each other one shortest cycle.

        A cycle [a, b, c] reads: a depends on b, b on c, c on a. It starts at its group's first job.
        """
        left = set(range(len(self))).difference(self.order())
        found = [[node] for node in left if node in self.dependencies[node]]
        found += [self._shortest_cycle(group) for group in self._knots(left) if len(group) > 1]
        return sorted(found)

    def _knots(self, nodes: set[int]) -> Iterator[set[int]]:
        """The strongly connected components of ``nodes`` (Kosaraju), which are used up."""
        finished = self._postorder(nodes)
        while finished:
            group: set[int] = set()
            stack = [finished.pop()]
            while stack:
                node = stack.pop()
                if node in nodes:
                    nodes.remove(node)
                    group.add(node)
                    stack += self.dependents[node]
            yield group

    def _postorder(self, nodes: set[int]) -> list[int]:
        seen: set[int] = set()
        order: list[int] = []
        for root in nodes:
            stack = [] if root in seen else [(root, iter(self.dependencies[root]))]
            seen.add(root)
            while stack:
                node, steps = stack[-1]
                step = next((other for other in steps if other in nodes and other not in seen), None)
                if step is None:
                    order.append(node)
                    stack.pop()
                else:
                    seen.add(step)
                    stack.append((step, iter(self.dependencies[step])))
        return order

    def _shortest_cycle(self, group: set[int]) -> list[int]:
        """The shortest way from the first job of a strongly connected group back to itself, by breadth."""
        first = min(group)
        came_from: dict[int, int] = {}
        edge = [first]
        while first not in came_from:
            ahead = []
            for node in edge:
                for other in self.dependencies[node]:
                    if other in group and other not in came_from and other != node:
                        came_from[other] = node
                        ahead.append(other)
            edge = ahead
        cycle = [came_from[first]]
        while cycle[-1] != first:
            cycle.append(came_from[cycle[-1]])
        return cycle[::-1]

    def knots(self) -> list[list[int]]:
        """The groups of jobs that wait for each other, and the jobs that wait for themselves; none is in two.

        Every dependency between two jobs of a group is on some cycle.
        """
        left = set(range(len(self))).difference(self.order())
        alone = {node for node in left if node in self.dependencies[node]}
        return sorted(sorted(group) for group in self._knots(left) if len(group) > 1 or group & alone)

    def levels(self) -> list[list[int]]:
        """Jobs by level: level 0 has no dependencies, each other job is one above its deepest dependency."""
        depth = [0] * len(self)
        order = self.order()
        for node in order:
            depth[node] = max((depth[other] + 1 for other in self.dependencies[node]), default=0)
        levels: list[list[int]] = [[] for _ in range(max((depth[node] for node in order), default=-1) + 1)]
        for node in sorted(order):
            levels[depth[node]].append(node)
        return levels

    def ancestors(self, nodes: Iterable[int]) -> set[int]:
        """Everything that ``nodes`` depend on, directly or through others; one of them only if another needs it."""
        return _reach(nodes, self.dependencies)

    def descendants(self, nodes: Iterable[int]) -> set[int]:
        """Everything that depends on ``nodes``, directly or through others."""
        return _reach(nodes, self.dependents)

    def components(self) -> list[list[int]]:
        """Groups of jobs that are linked in any direction, in document order."""
        seen: set[int] = set()
        groups: list[list[int]] = []
        for root in range(len(self)):
            if root in seen:
                continue
            group, stack = {root}, [root]
            while stack:
                node = stack.pop()
                for other in (*self.dependencies[node], *self.dependents[node]):
                    if other not in group:
                        group.add(other)
                        stack.append(other)
            seen |= group
            groups.append(sorted(group))
        return groups


def _reach(nodes: Iterable[int], edges: Sequence[Sequence[int]]) -> set[int]:
    reached: set[int] = set()
    stack = list(nodes)
    while stack:
        for other in edges[stack.pop()]:
            if other not in reached:
                reached.add(other)
                stack.append(other)
    return reached
