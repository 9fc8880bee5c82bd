"""The engine's own bookkeeping makes the same of a graph and of its reduction, whatever fails or is left out."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from exlib.engine.plan import Plan
from exlib.engine.states import State
from exlib.graph import Graph
from exlib.optimize.order import reduce
from tests.graphs import acyclic


def told(graph: Graph, left_out: set[int], fails: set[int], workers: int) -> tuple[list[int], list[State]]:
    """The jobs in the order of their starts, and how each ended; what began first ends first."""
    plan = Plan(graph, [0] * len(graph))
    plan.start((node, State.SKIPPED) for node in sorted(left_out))
    starts: list[int] = []
    running: list[int] = []
    while True:
        while len(running) < workers and (node := plan.next()) is not None:
            plan.move(node, State.RUNNING)
            starts.append(node)
            running.append(node)
        if not running:
            return starts, plan.states
        ended = running.pop(0)
        if ended in fails:
            plan.fail(ended, State.FAILED)
        else:
            plan.succeed(ended)


@given(acyclic(), st.sets(st.integers(0, 11)), st.sets(st.integers(0, 11), max_size=3), st.integers(1, 4))
def test_starts_and_ends_are_the_same(graph: Graph, left_out: set[int], fails: set[int], workers: int) -> None:
    order = reduce(graph)
    small = Graph(graph.ids, [[graph.ids[other] for other in found] for found in order.dependencies])
    asked = {node for node in left_out if node < len(graph)}
    for skipped in (set[int](), asked):
        assert told(small, skipped, fails, workers) == told(graph, skipped, fails, workers)
