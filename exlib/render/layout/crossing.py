"""The order within rows, so that few edges cross."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterable, Sequence

from exlib.render.layout.bends import Chains

_WORK = 250_000
"""About how many nodes and links all rounds together look at: some tenths of a second."""


def ordered(graph: Chains, rows: list[list[int]]) -> list[list[int]]:
    """``rows`` with nodes in the order of the mean of their neighbours' places, down and up until nothing gains.

    The barycentre method of Sugiyama, Tagawa and Toda (1981); the best order seen is kept, as Gansner, Koutsofios,
    North and Vo do in "A Technique for Drawing Directed Graphs" (1993), and small graphs end with their transposing.
    """
    size = len(graph.rows) + sum(map(len, graph.below))
    best = [list(row) for row in rows]
    fewest = crossings(graph, best)
    idle = 0
    for number in range(max(3, min(24, _WORK // (size + 1)))):
        if not fewest or idle == 4:
            break
        _sweep(rows, graph.above, graph.boxes) if number % 2 == 0 else _sweep(rows[::-1], graph.below, graph.boxes)
        count = crossings(graph, rows)
        idle += 1
        if count < fewest:
            best, fewest, idle = [list(row) for row in rows], count, 0
    if fewest and size < 3000:
        _transpose(graph, best)
    return best


def first_order(graph: Chains, starts: Iterable[int]) -> list[list[int]]:
    """Rows in the order in which a depth-first walk from ``starts`` meets their nodes: subtrees stay together."""
    rows: list[list[int]] = [[] for _ in range(max(graph.rows, default=-1) + 1)]
    seen = [False] * len(graph.rows)
    for start in starts:
        stack = [start]
        while stack:
            node = stack.pop()
            if not seen[node]:
                seen[node] = True
                rows[graph.rows[node]].append(node)
                stack += reversed(graph.below[node])
                stack += reversed(graph.above[node])
    return rows


def crossings(graph: Chains, rows: Sequence[Sequence[int]]) -> int:
    """How many pairs of links cross (Barth, Jünger and Mutzel, "Simple and Efficient Bilayer Cross Counting", 2002)."""
    place = [0] * len(graph.rows)
    for row in rows:
        for number, node in enumerate(row):
            place[node] = number
    found = 0
    for row in rows:
        passed: list[int] = []
        for node in row:
            ends = sorted([place[other] for other in graph.below[node]])
            for end in ends:
                found += len(passed) - bisect_right(passed, end)
            for end in ends:
                insort(passed, end)
    return found


def _sweep(rows: Sequence[list[int]], neighbours: Sequence[Sequence[int]], first_bend: int) -> None:
    """Each row but the first ordered by the row before it; nodes without neighbours there keep their places.

    A bend goes as much by the bend of its chain as by all that join there: a trunk does not run to and fro.
    """
    place: dict[int, int] = {}
    for row in rows:
        mean = {}
        for node in row:
            others = neighbours[node]
            if not others or not place:
                continue
            mean[node] = sum([place[other] for other in others]) / len(others)
            bends = [place[other] for other in others if other >= first_bend] if node >= first_bend else ()
            if bends:
                mean[node] = (mean[node] + sum(bends) / len(bends)) / 2
        moving = iter(sorted(mean, key=mean.__getitem__))
        row[:] = [next(moving) if node in mean else node for node in row]
        place = {node: number for number, node in enumerate(row)}


def _transpose(graph: Chains, rows: Sequence[list[int]]) -> None:
    """Neighbours change places for as long as that spares crossings, at most a few times through all rows."""
    place = {node: number for row in rows for number, node in enumerate(row)}
    for _ in range(6):
        gained = 0
        for row in rows:
            for number in range(len(row) - 1):
                left, right = row[number], row[number + 1]
                now = then = 0
                for neighbours in (graph.above, graph.below):
                    one = [place[other] for other in neighbours[left]]
                    other = [place[other] for other in neighbours[right]]
                    now += sum(a > b for a in one for b in other)
                    then += sum(a < b for a in one for b in other)
                if then < now:
                    row[number], row[number + 1] = right, left
                    place[left], place[right] = number + 1, number
                    gained += now - then
        if not gained:
            return
