"""Layers: which edges of a cycle are turned, how deep each node stands, and how layers too wide become rows."""

from __future__ import annotations

from collections.abc import Sequence

Edge = tuple[int, int]


def turned(count: int, edges: Sequence[Edge]) -> set[int]:
    """Places of the edges to turn so that no cycle is left: those that lead a depth-first walk back into its path.

    Edges of a node to itself are among them. A graph without cycles has none, whatever the order of its edges.
    """
    leaving: list[list[int]] = [[] for _ in range(count)]
    entered = [False] * count
    for place, (source, target) in enumerate(edges):
        leaving[source].append(place)
        entered[target] = True
    found: set[int] = set()
    state = [0] * count  # 0 not seen, 1 on the path, 2 done
    for root in sorted(range(count), key=entered.__getitem__):
        if state[root]:
            continue
        state[root] = 1
        path = [(root, iter(leaving[root]))]
        while path:
            node, steps = path[-1]
            for place in steps:
                other = edges[place][1]
                if state[other] == 1:
                    found.add(place)
                elif not state[other]:
                    state[other] = 1
                    path.append((other, iter(leaving[other])))
                    break
            else:
                state[node] = 2
                path.pop()
    return found


def ranks(count: int, edges: Sequence[Edge]) -> list[int]:
    """The depth of each node: one below the deepest of those before it. ``edges`` have no cycle."""
    return _ranks(count, edges)[0]


def pulled_ranks(count: int, edges: Sequence[Edge]) -> list[int]:
    """Depths where nodes that lead to more than they come from stand as near as they can to what they lead to.

    A start that is needed late then stands late, which spares the picture its longest edges.
    """
    rank, order = _ranks(count, edges)
    after: list[list[int]] = [[] for _ in range(count)]
    before = [0] * count
    for source, target in edges:
        after[source].append(target)
        before[target] += 1
    for node in reversed(order):
        if len(after[node]) > before[node]:
            rank[node] = min(rank[other] for other in after[node]) - 1
    used = {rank: place for place, rank in enumerate(sorted(set(rank)))}
    return [used[rank] for rank in rank]


def _ranks(count: int, edges: Sequence[Edge]) -> tuple[list[int], list[int]]:
    after: list[list[int]] = [[] for _ in range(count)]
    waiting = [0] * count
    for source, target in edges:
        after[source].append(target)
        waiting[target] += 1
    rank = [0] * count
    order = [node for node in range(count) if not waiting[node]]
    for node in order:  # grows while it is read
        for other in after[node]:
            rank[other] = max(rank[other], rank[node] + 1)
            waiting[other] -= 1
            if not waiting[other]:
                order.append(other)
    return rank, order


def widest_row(layers: Sequence[Sequence[float]], depths: Sequence[float], least: float, aspect: float) -> float:
    """How wide rows may be so that the whole is about ``aspect`` times as wide as deep, and at least ``least``.

    ``layers`` has the breadths of each layer's nodes, ``depths`` how deep a row of that layer is.
    """
    totals = [sum(layer) for layer in layers]
    low, high = least, max([least, *totals])
    for _ in range(24):
        middle = (low + high) / 2
        deep = sum(depth * -(-total // middle) for total, depth in zip(totals, depths, strict=True))
        low, high = (low, middle) if middle >= aspect * deep else (middle, high)
    return high


def broken(layer: Sequence[int], breadths: Sequence[float], widest: float) -> list[list[int]]:
    """A layer in rows of about ``widest``. Neighbours come under each other, so that an order across is kept."""
    total = sum(breadths[node] for node in layer)
    count = max(1, min(len(layer), int(-(-total // widest))))
    return [list(layer[row::count]) for row in range(count)]
