from __future__ import annotations

import itertools
from collections.abc import Sequence

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exlib.graph import Graph
from tests.graphs import of_jobs

Edges = list[tuple[int, int]]


@st.composite
def graphs(draw: st.DrawFn, acyclic: bool = False) -> tuple[Graph, nx.DiGraph]:
    """A Graph and the same as networkx has it: an edge (a, b) means that a depends on b."""
    size = draw(st.integers(0, 12))
    nodes = st.integers(0, max(size - 1, 0))
    edges = draw(st.lists(st.tuples(nodes, nodes), max_size=3 * size)) if size else []
    if acyclic:
        place = draw(st.permutations(range(size)))
        edges = [(a, b) if place[a] > place[b] else (b, a) for a, b in edges if a != b]
    other = nx.DiGraph()
    other.add_nodes_from(range(size))
    other.add_edges_from(edges)
    wanted: list[list[str]] = [[] for _ in range(size)]
    for a, b in edges:  # an edge may be drawn twice, as a document may name it twice
        wanted[a].append(f"n{b}")
    return Graph([f"n{node}" for node in range(size)], wanted), other


@given(graphs(acyclic=True), st.data())
def test_order_puts_each_job_after_its_dependencies_and_then_by_priority(
    pair: tuple[Graph, nx.DiGraph], data: st.DataObject
) -> None:
    graph, other = pair
    priority = data.draw(st.lists(st.integers(-2, 2), min_size=len(graph), max_size=len(graph)))
    # The same tie-break in networkx: the lexicographically first topological order by (-priority, place).
    expected = list(nx.lexicographical_topological_sort(other.reverse(), key=lambda node: (-priority[node], node)))
    assert graph.order(priority) == expected
    assert graph.order() == list(nx.lexicographical_topological_sort(other.reverse()))


@given(graphs(acyclic=True))
def test_levels_are_the_longest_ways_down(pair: tuple[Graph, nx.DiGraph]) -> None:
    graph, other = pair
    assert graph.levels() == [sorted(level) for level in nx.topological_generations(other.reverse())]
    assert graph.cycles() == []


@given(graphs())
def test_order_leaves_out_just_what_waits_for_a_cycle(pair: tuple[Graph, nx.DiGraph]) -> None:
    graph, other = pair
    knotted = {node for group in knots(other) for node in group}
    stuck = knotted.union(*(nx.ancestors(other, node) for node in knotted))
    order = graph.order()
    assert sorted(order) == sorted(set(other) - stuck)
    assert sorted(itertools.chain(*graph.levels())) == sorted(order)
    seen: set[int] = set()
    for node in order:
        assert seen.issuperset(graph.dependencies[node])
        seen.add(node)


@given(graphs())
def test_one_real_cycle_is_reported_for_every_group_that_has_one(pair: tuple[Graph, nx.DiGraph]) -> None:
    graph, other = pair
    cycles = graph.cycles()
    for cycle in cycles:
        assert len(set(cycle)) == len(cycle)
        for node, needed in itertools.pairwise([*cycle, cycle[0]]):
            assert needed in graph.dependencies[node]
    longer = [group for group in nx.strongly_connected_components(other) if len(group) > 1]
    assert [cycle[0] for cycle in cycles if len(cycle) > 1] == sorted(min(group) for group in longer)
    assert [cycle[0] for cycle in cycles if len(cycle) == 1] == sorted(nx.nodes_with_selfloops(other))
    plain = nx.DiGraph((a, b) for a, b in other.edges if a != b)
    for cycle in cycles:
        if len(cycle) > 1:
            away = dict(nx.single_source_shortest_path_length(plain.reverse(), cycle[0]))
            assert len(cycle) == min(away[node] for node in plain[cycle[0]] if node in away) + 1


@given(graphs(), st.data())
def test_reach_in_both_directions(pair: tuple[Graph, nx.DiGraph], data: st.DataObject) -> None:
    graph, other = pair
    nodes = data.draw(st.sets(st.sampled_from(range(len(graph))))) if len(graph) else set()
    assert graph.ancestors(nodes) == reach(other, nodes)
    assert graph.descendants(nodes) == reach(other.reverse(), nodes)


@given(graphs())
def test_components_are_what_hangs_together(pair: tuple[Graph, nx.DiGraph]) -> None:
    graph, other = pair
    assert graph.components() == sorted(sorted(group) for group in nx.weakly_connected_components(other))


@given(graphs())
def test_dependents_mirror_dependencies(pair: tuple[Graph, nx.DiGraph]) -> None:
    graph, other = pair
    assert {(a, b) for a, found in enumerate(graph.dependencies) for b in found} == set(other.edges)
    assert {(a, b) for b, found in enumerate(graph.dependents) for a in found} == set(other.edges)


def knots(other: nx.DiGraph) -> list[set[int]]:
    loops = set(nx.nodes_with_selfloops(other))
    return [group for group in nx.strongly_connected_components(other) if len(group) > 1 or group & loops]


def reach(other: nx.DiGraph, nodes: set[int]) -> set[int]:
    """By edges, so that a node of ``nodes`` counts when an edge leads to it."""
    return {end for node in nodes for start in {node, *nx.descendants(other, node)} for end in other[start]}


def names(graph: Graph, cycles: Sequence[Sequence[int]]) -> list[str]:
    return [" ".join(graph.ids[node] for node in cycle) for cycle in cycles]


def test_two_cycles_below_one_job_are_both_reported() -> None:
    graph = of_jobs({"top": ["a", "c"], "a": ["b"], "b": ["a"], "c": ["d"], "d": ["c"]})
    assert names(graph, graph.cycles()) == ["a b", "c d"]


def test_a_cycle_that_leads_to_another_hides_neither() -> None:
    graph = of_jobs({"a": ["b"], "b": ["a", "c"], "c": ["d"], "d": ["c"]})
    assert names(graph, graph.cycles()) == ["a b", "c d"]


def test_a_self_dependency_does_not_hide_the_cycle_around_it() -> None:
    graph = of_jobs({"a": ["a", "b"], "b": ["a"], "alone": ["alone"]})
    assert names(graph, graph.cycles()) == ["a", "a b", "alone"]


def test_what_only_waits_for_a_cycle_is_on_none() -> None:
    graph = of_jobs({"late": ["a"], "a": ["b"], "b": ["a"], "early": []})
    assert names(graph, graph.cycles()) == ["a b"]


def test_unknown_ids_are_listed_and_left_out() -> None:
    graph = of_jobs([("a", ["x", "b", "x"]), ("b", ["y"])])
    assert graph.missing == [(0, "x"), (1, "y")]
    assert graph.dependencies == [[1], []]


def test_of_two_jobs_with_one_id_the_first_is_meant() -> None:
    graph = of_jobs([("a", []), ("a", []), ("b", ["a"])])
    assert graph.dependencies[2] == [0]
    assert graph.dependents == [[2], [], []]


def test_an_empty_graph() -> None:
    graph = of_jobs([])
    assert (graph.order(), graph.levels(), graph.cycles(), graph.components()) == ([], [], [], [])


@pytest.fixture(scope="module")
def chain() -> Graph:
    return of_jobs((str(n), [str(n - 1)] if n else []) for n in range(100_000))


def test_a_chain_of_100_000(chain: Graph) -> None:
    assert chain.order() == list(range(100_000))
    assert len(chain.levels()) == 100_000
    assert len(chain.ancestors([99_999])) == len(chain.descendants([0])) == 99_999
    assert len(chain.components()) == 1


def test_a_ring_of_100_000() -> None:
    ring = of_jobs((str(n), [str((n - 1) % 100_000)]) for n in range(100_000))
    assert ring.order() == []
    [cycle] = ring.cycles()
    assert cycle == [0, *range(99_999, 0, -1)]


def test_50_000_rings_below_one_job() -> None:
    size = 50_000
    jobs: list[tuple[str, list[str]]] = [("top", [f"a{n}" for n in range(size)])]
    for n in range(size):
        jobs += [(f"a{n}", [f"b{n}"]), (f"b{n}", [f"a{n}"])]
    assert of_jobs(jobs).cycles() == [[2 * n + 1, 2 * n + 2] for n in range(size)]


def test_a_fan_of_100_000() -> None:
    size = 100_000
    fan = of_jobs([("in", []), *((f"m{n}", ["in"]) for n in range(size)), ("out", [f"m{n}" for n in range(size)])])
    assert [len(level) for level in fan.levels()] == [1, size, 1]
    assert fan.order([0] * size + [1, 0])[:3] == [0, size, 1]
    assert len(fan.components()) == 1


def test_knots_are_all_that_wait_for_each_other() -> None:
    graph = of_jobs({"a": ["b"], "b": ["c", "a"], "c": ["a"], "self": ["self"], "behind": ["a"], "x": ["y"], "y": ["x"]})
    assert [[graph.ids[node] for node in knot] for knot in graph.knots()] == [["a", "b", "c"], ["self"], ["x", "y"]]


@given(acyclic())
def test_what_can_be_ordered_has_no_knots(graph: Graph) -> None:
    assert graph.knots() == []
