"""Whether a merged graph can run: the dependencies that lead round in a circle, or nowhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from exlib.graph import Graph


class Edge(NamedTuple):
    """One dependency and the side that it came from."""

    job: str
    target: str
    side: str


class Circle(NamedTuple):
    """Jobs that wait for each other: each edge leads to the job of the next."""

    edges: tuple[Edge, ...]


def circles(wanted: Mapping[str, Sequence[str]], sides: Mapping[tuple[str, str], str]) -> list[Circle]:
    """A shortest cycle of every group of jobs that wait for each other."""
    graph = Graph(list(wanted), wanted.values())
    return [Circle(tuple(_edges([graph.ids[node] for node in cycle], sides))) for cycle in graph.cycles()]


def is_cyclic(wanted: Mapping[str, Sequence[str]]) -> bool:
    """Whether some jobs wait for each other."""
    return len(Graph(list(wanted), wanted.values()).order()) < len(wanted)


def _edges(cycle: Sequence[str], sides: Mapping[tuple[str, str], str]) -> Iterator[Edge]:
    for job, target in zip(cycle, [*cycle[1:], cycle[0]], strict=True):
        yield Edge(job, target, sides.get((job, target), ""))


def told(edges: Iterable[Edge]) -> list[str]:
    """Each edge in words."""
    return [f'"{edge.job}" waits for "{edge.target}" ({edge.side})' for edge in edges]
