"""Where a graph is narrow and where it is wide: jobs beside which nothing can run, and how many can run at once."""

from collections.abc import Collection
from typing import NamedTuple

from exlib.graph import Graph

MOST = 3_000
"""Jobs up to which the width is found exactly: it takes about the square of their number."""


class Width(NamedTuple):
    """How many jobs can run at once; at least so many, unless it is ``exact``."""

    jobs: int
    exact: bool


def gates(graph: Graph) -> list[int]:
    """Jobs that everything passes: each other job must end before one begins, or begin after it ended; in order.

    In a topological order a job has all before it as ancestors just when each of these has a dependent that comes no
    later than the job: what has none yet waits for nobody, or jumps over it. The same holds backwards for what comes
    after it. ``graph`` has no cycle.
    """
    order = graph.order()
    place = {node: number for number, node in enumerate(order)}
    count = len(order)
    first = [min((place[other] for other in graph.dependents[node]), default=count) for node in order]
    last = [max((place[other] for other in graph.dependencies[node]), default=-1) for node in order]
    comes_after = [True] * count
    furthest = -1
    for at in range(count):
        comes_after[at] = furthest <= at
        furthest = max(furthest, first[at])
    found, nearest = [], count
    for at in reversed(range(count)):
        if comes_after[at] and nearest >= at:
            found.append(order[at])
        nearest = min(nearest, last[at])
    return found[::-1]


def width(graph: Graph, counted: Collection[int] | None = None, most: int = MOST) -> Width:
    """The largest number of jobs of which none waits for another; for very large graphs the widest level.

    Without the jobs that are not ``counted``, though others wait through them.

    Dilworth, "A Decomposition Theorem for Partially Ordered Sets", 1950: it is the least number of chains that cover
    all jobs, which is what a largest matching of jobs with jobs that come after them leaves unmatched (Fulkerson).
    """
    among = set(range(len(graph)) if counted is None else counted)
    if len(graph) > most:
        return Width(max((sum(node in among for node in level) for level in graph.levels()), default=0), False)
    return Width(len(among) - _matched(graph, _ancestors(graph), among), True)


def _ancestors(graph: Graph) -> list[int]:
    """For each node all that comes before it, as the bits of an integer."""
    reach = [0] * len(graph)
    for node in graph.order():
        for other in graph.dependencies[node]:
            reach[node] |= reach[other] | 1 << other
    return reach


def _matched(graph: Graph, before: list[int], among: set[int]) -> int:
    """The size of a largest matching of each job with one that comes before it, no job being two others' (Kuhn)."""
    holder: dict[int, int] = {}  # by the earlier job: who has it
    held: dict[int, int] = {}
    free = everything = sum(1 << node for node in among)
    for node in filter(among.__contains__, graph.order()):
        came_from: dict[int, int] = {}
        unseen, stack = everything, [node]
        while stack:
            one = stack.pop()
            candidates = before[one] & unseen
            if last := candidates & free:  # the latest is the best choice, as fewer can have it
                other = last.bit_length() - 1
                free ^= 1 << other
                came_from[other] = one
                _exchange(holder, held, came_from, other)
                break
            unseen &= ~candidates
            while candidates:
                other = candidates.bit_length() - 1
                candidates ^= 1 << other
                came_from[other] = one
                stack.append(holder[other])
    return len(holder)


def _exchange(holder: dict[int, int], held: dict[int, int], came_from: dict[int, int], other: int | None) -> None:
    """Give a free job to who found it, what that one had before to who looked for that, and so on."""
    while other is not None:
        one = came_from[other]
        holder[other] = one
        held[one], other = other, held.get(one)
