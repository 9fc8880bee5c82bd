"""Graphs for tests, written as what each job depends on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from exlib.graph import Graph


def of_jobs(jobs: Iterable[tuple[str, Iterable[str]]] | Mapping[str, Iterable[str]]) -> Graph:
    """A graph from (id, dependency ids) pairs."""
    pairs = list(jobs.items() if isinstance(jobs, Mapping) else jobs)
    return Graph([name for name, _ in pairs], [wanted for _, wanted in pairs])
