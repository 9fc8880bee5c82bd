"""Gates and width, against what a search of all possibilities finds."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from exlib.analysis.bottlenecks import gates, width
from exlib.graph import Graph
from tests.graphs import acyclic, of_jobs


def related(graph: Graph) -> list[set[int]]:
    """For each node all that must come before or after it."""
    return [graph.ancestors([node]) | graph.descendants([node]) for node in range(len(graph))]


@given(acyclic())
def test_a_gate_is_before_or_after_everything_else(graph: Graph) -> None:
    others = related(graph)
    found = gates(graph)
    assert set(found) == {node for node in range(len(graph)) if len(others[node] | {node}) == len(graph)}
    assert found == [node for node in graph.order() if node in set(found)]


@given(acyclic(8), st.sets(st.integers(0, 7)))
def test_the_width_is_the_most_jobs_of_which_none_waits_for_another(graph: Graph, left_out: set[int]) -> None:
    others, counted = related(graph), set(range(len(graph))) - left_out
    most = max(
        len(chosen)
        for count in range(len(counted) + 1)
        for chosen in combinations(counted, count)
        if all(other not in others[node] for node, other in combinations(chosen, 2))
    )
    assert width(graph, counted) == (most, True)


@given(acyclic(20))
def test_no_level_is_wider_than_the_width(graph: Graph) -> None:
    assert width(graph).jobs >= max(map(len, graph.levels()), default=0)


def test_the_width_may_be_more_than_the_widest_level() -> None:
    graph = of_jobs({"a": [], "b": ["a"], "c": ["b"], "d": ["c"], "x": [], "y": ["x"], "e": ["a"], "f": ["c"]})
    assert max(map(len, graph.levels())) < width(graph).jobs == 4


def test_the_first_pairs_that_are_found_may_have_to_be_exchanged() -> None:
    graph = of_jobs({"a": [], "b": ["a", "d"], "c": ["d"], "d": []})
    assert width(graph) == (2, True)


def test_for_a_large_graph_the_widest_level_stands_in() -> None:
    graph = of_jobs({"a": [], "b": ["a"], "c": ["a"]})
    assert width(graph, most=2) == (2, False)


def test_an_arrow_that_jumps_over_a_gate_takes_nothing_from_it() -> None:
    graph = of_jobs({"a": [], "b": ["a"], "c": ["b", "a"]})
    assert gates(graph) == [0, 1, 2]


def test_a_job_beside_others_makes_all_of_them_no_gates() -> None:
    assert gates(of_jobs({"a": [], "b": ["a"], "lone": []})) == []
