"""Rails: every dependency can be followed down them, and nothing else."""

from __future__ import annotations

from hypothesis import given

from exlib.graph import Graph
from exlib.render.rails import Row, rails
from tests.graphs import acyclic, of_jobs


def drawn(graph: Graph) -> list[Row]:
    return rails(graph.order(), graph.dependencies, graph.dependents)


def followed(rows: list[Row]) -> set[tuple[int, int]]:
    """The (job, dependency) pairs that somebody sees who knows nothing but the signs."""
    seen: set[tuple[int, int]] = set()
    below: dict[int, int] = {}
    """Which job the line comes from that leaves each column downwards."""
    for row in rows:
        signs = dict(enumerate(row.signs))
        linked = [column for column, sign in signs.items() if sign not in ("", "x", "ud", "lr", "o")]
        sources = [below[column] for column in linked if "u" in signs[column]]
        if row.place in below:
            sources.append(below.pop(row.place))
        seen |= {(row.box, source) for source in sources}
        below = {column: job for column, job in below.items() if set(signs.get(column, "")) & set("xd")}
        below[row.place] = row.box
    return seen


@given(acyclic())
def test_the_lines_lead_to_the_dependencies_and_nowhere_else(graph: Graph) -> None:
    # A sign with nothing below it does not count as a line: the next row must leave its column alone.
    expected = {(node, other) for node in range(len(graph)) for other in graph.dependencies[node]}
    assert followed(drawn(graph)) == expected


@given(acyclic())
def test_every_job_has_a_row_and_signs_stop_with_the_last_rail(graph: Graph) -> None:
    rows = drawn(graph)
    assert sorted(row.box for row in rows) == list(range(len(graph)))
    assert all(row.signs[row.place] == "o" and row.signs[-1] for row in rows)


def test_a_fork_and_a_join() -> None:
    graph = of_jobs({"prepare": [], "left": ["prepare"], "right": ["prepare"], "join": ["left", "right"]})
    assert [list(row.signs) for row in drawn(graph)] == [["o"], ["udr", "o"], ["o", "ud"], ["o", "ul"]]
