"""Orders within rows: how many links cross, and that ordering never makes it worse."""

from __future__ import annotations

from itertools import combinations
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from exlib.graph import Graph
from exlib.render.layout.bends import Chains, chains
from exlib.render.layout.crossing import crossings, first_order, ordered
from exlib.render.layout.layering import ranks
from tests.graphs import acyclic


def chained(graph: Graph) -> Chains:
    edges = [(other, node) for node in range(len(graph)) for other in graph.dependencies[node]]
    return chains(ranks(len(graph), edges), edges, 1000)


@given(acyclic(), st.randoms())
def test_crossings_are_counted_as_one_would_by_hand(graph: Graph, chance: Random) -> None:
    chain = chained(graph)
    rows = chain.in_rows()
    for row in rows:
        chance.shuffle(row)
    place = {node: number for row in rows for number, node in enumerate(row)}
    links = [(upper, lower) for upper in place for lower in chain.below[upper]]
    expected = sum(
        chain.rows[a] == chain.rows[c] and (place[a] - place[c]) * (place[b] - place[d]) < 0
        for (a, b), (c, d) in combinations(links, 2)
    )
    assert crossings(chain, rows) == expected


@given(acyclic())
def test_ordering_keeps_the_rows_and_adds_no_crossing(graph: Graph) -> None:
    chain = chained(graph)
    before = first_order(chain, range(len(graph)))
    assert [sorted(row) for row in before] == chain.in_rows()
    fewest = crossings(chain, before)
    after = ordered(chain, [list(row) for row in before])
    assert [sorted(row) for row in after] == chain.in_rows()
    assert crossings(chain, after) <= fewest


def test_two_crossed_edges_are_uncrossed() -> None:
    chain = chains([0, 0, 1, 1], [(0, 3), (1, 2)], 0)
    assert crossings(chain, [[0, 1], [2, 3]]) == 1
    assert crossings(chain, ordered(chain, [[0, 1], [2, 3]])) == 0
