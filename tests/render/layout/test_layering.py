"""Layers: how deep each job stands, and what is turned in a cycle."""

from __future__ import annotations

from hypothesis import given

from exlib.graph import Graph
from exlib.render.layout.layering import broken, pulled_ranks, ranks, turned, widest_row
from tests.graphs import acyclic


def edges_of(graph: Graph) -> list[tuple[int, int]]:
    return [(other, node) for node in range(len(graph)) for other in graph.dependencies[node]]


@given(acyclic())
def test_ranks_are_the_levels_of_the_graph(graph: Graph) -> None:
    found = ranks(len(graph), edges_of(graph))
    assert [[node for node, rank in enumerate(found) if rank == level] for level in range(len(graph.levels()))] == (
        graph.levels()
    )


@given(acyclic())
def test_pulled_together_edges_still_lead_on_and_are_no_longer_in_sum(graph: Graph) -> None:
    edges = edges_of(graph)
    plain, pulled = ranks(len(graph), edges), pulled_ranks(len(graph), edges)
    assert all(pulled[source] < pulled[target] for source, target in edges)
    assert sum(pulled[b] - pulled[a] for a, b in edges) <= sum(plain[b] - plain[a] for a, b in edges)


def test_a_start_that_is_needed_late_stands_late() -> None:
    assert pulled_ranks(5, [(0, 1), (1, 2), (2, 3), (4, 3)]) == [0, 1, 2, 3, 2]


def test_what_is_turned() -> None:
    assert turned(3, [(0, 1), (1, 2)]) == set()
    assert turned(2, [(0, 1), (1, 0), (1, 1)]) == {1, 2}


def test_a_layer_is_broken_so_that_neighbours_stand_under_each_other() -> None:
    assert broken(range(6), [50.0] * 6, 150) == [[0, 2, 4], [1, 3, 5]]
    assert broken(range(2), [50.0] * 2, 150) == [[0, 1]]
    assert broken([], [], 150) == [[]]


def test_rows_are_as_wide_as_makes_the_whole_of_the_wanted_form() -> None:
    widest = widest_row([[100.0] * 100], [50.0], 200, 2.0)
    deep = 50 * -(-10_000 // widest)
    assert 1.5 < widest / deep < 2.6
    assert widest_row([[100.0] * 3], [50.0], 500, 2.0) == 500
