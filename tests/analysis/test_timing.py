"""The critical path method: by hand on a small graph, against networkx and its own laws on random ones."""

from __future__ import annotations

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exlib.analysis.timing import timing
from exlib.graph import Graph
from tests.graphs import acyclic


def test_a_diamond_by_hand() -> None:
    graph = Graph("abcd", [[], ["a"], ["a"], ["b", "c"]])
    told = timing(graph, [1, 5, 2, 3])
    assert told.start == [0, 1, 1, 6]
    assert told.end == [1, 6, 3, 9]
    assert told.slack == [0, 0, 3, 0]
    assert told.makespan == 9
    assert told.critical == [0, 1, 3]


def test_of_equal_paths_the_one_first_in_the_document() -> None:
    graph = Graph("abcd", [[], ["a"], ["a"], ["c", "b"]])
    assert timing(graph, [1, 1, 1, 1]).critical == [0, 1, 3]


def test_no_jobs_take_no_time() -> None:
    assert timing(Graph([], []), []) == ([], [], [], 0.0, [])


@given(acyclic(), st.data())
def test_laws(graph: Graph, data: st.DataObject) -> None:
    durations = data.draw(st.lists(st.integers(0, 50), min_size=len(graph), max_size=len(graph)))
    told = timing(graph, durations)
    whole = nx.DiGraph()
    whole.add_nodes_from(range(len(graph)))
    for node, wanted in enumerate(graph.dependencies):
        whole.add_edges_from((other, node, {"weight": durations[other]}) for other in wanted)
    sinks = [(nx.dag_longest_path_length(whole.subgraph({n, *nx.ancestors(whole, n)})) + durations[n]) for n in whole]
    assert told.makespan == max(sinks, default=0)
    assert sum(durations[node] for node in told.critical) == told.makespan
    assert all(told.slack[node] == 0 for node in told.critical)
    assert all(b in graph.dependents[a] for a, b in zip(told.critical, told.critical[1:], strict=False))
    for node, slack in enumerate(told.slack):
        late = [*durations]
        late[node] += slack
        assert timing(graph, late).makespan == told.makespan
        late[node] += 1
        assert timing(graph, late).makespan == pytest.approx(told.makespan + 1)
