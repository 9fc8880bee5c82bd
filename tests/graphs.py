"""Graphs for tests, written as what each job depends on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from hypothesis import strategies as st

from exlib.graph import Graph


def of_jobs(jobs: Iterable[tuple[str, Iterable[str]]] | Mapping[str, Iterable[str]]) -> Graph:
    """A graph from (id, dependency ids) pairs."""
    pairs = list(jobs.items() if isinstance(jobs, Mapping) else jobs)
    return Graph([name for name, _ in pairs], [wanted for _, wanted in pairs])


@st.composite
def acyclic(draw: st.DrawFn, jobs: int = 12) -> Graph:
    """A random graph without cycles; its document is in no particular order."""
    count = draw(st.integers(0, jobs))
    order = draw(st.permutations(range(count)))
    wanted: dict[int, list[str]] = {node: [] for node in range(count)}
    for place, node in enumerate(order):
        wanted[node] = (
            [str(other) for other in draw(st.lists(st.sampled_from(order[:place]), unique=True))] if place else []
        )
    return Graph([str(node) for node in range(count)], [wanted[node] for node in range(count)])
