"""Transitive reduction against networkx, on random graphs."""

from __future__ import annotations

import networkx as nx
from hypothesis import given

from exlib.analysis.reduction import reduced
from exlib.graph import Graph
from tests.graphs import acyclic


def edges(graph: Graph) -> set[tuple[int, int]]:
    return {(other, node) for node, wanted in enumerate(graph.dependencies) for other in wanted}


@given(acyclic())
def test_as_networkx_has_it(graph: Graph) -> None:
    whole = nx.DiGraph()
    whole.add_nodes_from(range(len(graph)))
    whole.add_edges_from(edges(graph))
    assert edges(reduced(graph)) == set(nx.transitive_reduction(whole).edges)


def test_what_stays_keeps_its_order() -> None:
    graph = Graph("abcd", [[], [], ["b", "a"], ["a", "c", "b"]])
    assert reduced(graph).dependencies == [[], [], [1, 0], [2]]
