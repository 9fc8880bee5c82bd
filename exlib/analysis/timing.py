"""The critical path method: when each job can start, when it must, and which jobs decide when all is done."""

from collections.abc import Sequence
from typing import NamedTuple

from exlib.graph import Graph


class Timing(NamedTuple):
    """Seconds from the start of the run, by node, if there were workers enough for all that is ready.

    ``start`` and ``end`` are the earliest; ``slack`` is by how much a job can be late before the end is late.
    ``critical`` is a critical path in order: of several the one whose jobs come first in the document.
    """

    start: list[float]
    end: list[float]
    slack: list[float]
    makespan: float
    critical: list[int]


def timing(graph: Graph, durations: Sequence[float]) -> Timing:
    """Earliest and latest times of jobs that take ``durations`` seconds; ``graph`` has no cycle.

    Kelley and Walker, "Critical-Path Planning and Scheduling", 1959.
    """
    start, end = [0.0] * len(graph), [0.0] * len(graph)
    order = graph.order()
    for node in order:
        start[node] = max((end[other] for other in graph.dependencies[node]), default=0.0)
        end[node] = start[node] + durations[node]
    makespan = max(end, default=0.0)
    tail = [0.0] * len(graph)  # seconds from a job's end to the end of the last that waits for it
    for node in reversed(order):
        tail[node] = max((tail[other] + durations[other] for other in graph.dependents[node]), default=0.0)
    slack = [max(makespan - end[node] - tail[node], 0.0) for node in range(len(graph))]
    return Timing(start, end, slack, makespan, _critical(graph, end, makespan))


def _critical(graph: Graph, end: Sequence[float], makespan: float) -> list[int]:
    """Back from the job that ends last, always to the dependency that ended last."""
    if not end:
        return []
    path = [end.index(makespan)]
    while graph.dependencies[path[-1]]:
        path.append(min(graph.dependencies[path[-1]], key=lambda node: (-end[node], node)))
    return path[::-1]
