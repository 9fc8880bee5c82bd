"""The fewest dependencies: nothing of the order is lost but what is listed, and networkx finds the same."""

from __future__ import annotations

import itertools

import networkx as nx
from hypothesis import given
from hypothesis import strategies as st

from exlib.graph import Graph
from exlib.optimize.data import Data
from exlib.optimize.order import Order, justified, reduce
from tests.graphs import acyclic, of_jobs


def after(graph: Graph, order: Order) -> Graph:
    return Graph(graph.ids, [[graph.ids[other] for other in found] for found in order.dependencies])


def pairs(graph: Graph) -> set[tuple[int, int]]:
    """All (later, earlier)."""
    return {(node, other) for node in range(len(graph)) for other in graph.ancestors([node])}


@st.composite
def with_data(draw: st.DrawFn, jobs: int = 9) -> tuple[Graph, Data, set[tuple[int, int]]]:
    """A graph whose jobs may state which of a few files they read and write, and some dependencies that must stay."""
    graph = draw(acyclic(jobs))
    files = st.dictionaries(st.integers(0, 3), st.just("f"), max_size=2)
    data = Data(near=[[number] for number in range(4)])
    for node in range(len(graph)):
        reads, writes = draw(files), draw(files)
        stated = draw(st.sampled_from(["both", "both", "both", "reads", "nothing"]))
        if stated != "nothing":
            data.reads[node] = reads
        if stated == "both":
            data.writes[node] = writes
            data.complete.add(node)
    edges = [(node, other) for node in range(len(graph)) for other in graph.dependencies[node]]
    return graph, data, set(draw(st.lists(st.sampled_from(edges), max_size=2)) if edges else [])


def share(data: Data, one: int, other: int) -> bool:
    reads, writes = ([set(used.get(node, ())) for node in (one, other)] for used in (data.reads, data.writes))
    return bool(writes[0] & reads[1] or writes[1] & reads[0] or writes[0] & writes[1])


def test_an_implied_dependency_goes_and_says_why() -> None:
    graph = of_jobs({"a": [], "b": ["a"], "c": ["a", "b"]})
    order = reduce(graph)
    assert order.dependencies == [[], [0], [1]]
    assert order.redundant == [(2, 0, 1)]


def test_what_was_ordered_through_a_dependency_that_goes_is_still_ordered() -> None:
    graph = of_jobs({"make": [], "log": ["make"], "use": ["log"]})
    data = Data({0, 1, 2}, {2: {0: "x"}}, {0: {0: "x"}, 1: {1: "y"}}, [[0], [1]])
    order = justified(graph, data)
    assert order.dependencies == [[], [], [0]]
    assert order.unjustified == [(1, 0), (2, 1)]
    assert order.added == [(2, 0)]
    assert order.lost == [(1, 0), (2, 1)]


@given(acyclic())
def test_every_pair_stays_ordered_and_no_dependency_is_too_many(graph: Graph) -> None:
    order = reduce(graph)
    small = after(graph, order)
    assert pairs(small) == pairs(graph)
    before = {(node, other) for node, others in enumerate(graph.dependencies) for other in others}
    now = {(node, other) for node, others in enumerate(small.dependencies) for other in others}
    assert {(node, other) for node, other, _ in order.redundant} == before - now
    assert now <= before
    assert not order.added
    assert not order.unjustified
    for node, other, through in order.redundant:
        assert through in small.dependencies[node]
        assert other in small.ancestors([through])
    theirs = nx.transitive_reduction(nx.DiGraph([(other, node) for node, other in before]))
    assert {(node, other) for other, node in theirs.edges} == now


@given(with_data())
def test_only_order_that_is_listed_is_lost(case: tuple[Graph, Data, set[tuple[int, int]]]) -> None:
    graph, data, pinned = case
    order = justified(graph, data, pinned)
    small = after(graph, order)
    before, now = pairs(graph), pairs(small)
    assert now <= before
    assert set(order.lost) == before - now
    assert order.lost_count == len(order.lost)
    for node, other in order.lost:
        assert {node, other} <= data.complete
        assert not share(data, node, other)
    needed = {pair for pair in before if not set(pair) <= data.complete or share(data, *pair) or pair in pinned}
    closed = nx.transitive_closure(nx.DiGraph(sorted(needed)))
    assert now == set(closed.edges)
    assert set(order.unjustified) <= set(order.lost)
    least = nx.transitive_reduction(nx.DiGraph(sorted(needed)))
    written = {(n, o) for n, others in enumerate(small.dependencies) for o in others}
    assert set(order.held) <= pinned
    assert written - set(order.held) == set(least.edges)
    for node, other in order.added:
        assert other not in graph.dependencies[node]
        assert (node, other) in before


@given(with_data())
def test_hazards_are_the_pairs_without_order_that_share_data(case: tuple[Graph, Data, set[tuple[int, int]]]) -> None:
    graph, data, _ = case
    ordered = pairs(graph)
    expected = {
        frozenset(pair)
        for pair in itertools.combinations(range(len(graph)), 2)
        if share(data, *pair) and pair not in ordered and pair[::-1] not in ordered
    }
    order = justified(graph, data)
    assert {frozenset(pair) for pair in order.hazards} == expected
    assert order.hazard_count == len(expected)
    for one, other in order.hazards:
        assert data.shared(one, other) is not None
