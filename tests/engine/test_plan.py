"""What is ready, and when: jobs that are reused or left out, and what failures do to those behind them."""

from __future__ import annotations

import pytest

from exlib.engine.plan import Plan
from exlib.engine.states import MOVES, IllegalMove, State
from exlib.graph import Graph

CHAIN = {"a": [], "b": ["a"], "c": ["b"], "d": ["c"]}


def plan_of(jobs: dict[str, list[str]], **settled: State) -> Plan:
    graph = Graph(list(jobs), list(jobs.values()))
    plan = Plan(graph, [0] * len(graph))
    plan.start((graph.index[name], state) for name, state in settled.items())
    return plan


def names(plan: Plan) -> list[str]:
    """What ``next`` gives now, all of it."""
    found = []
    while (node := plan.next()) is not None:
        found.append(plan.graph.ids[node])
        plan.move(node, State.RUNNING)
    return found


def test_a_reused_job_releases_its_dependents_at_once() -> None:
    plan = plan_of(CHAIN, a=State.SUCCESS, b=State.SUCCESS)
    assert names(plan) == ["c"]


def test_leaving_jobs_out_takes_no_order_from_those_around_them() -> None:
    plan = plan_of(CHAIN, b=State.SKIPPED, c=State.SKIPPED)
    assert names(plan) == ["a"]
    plan.succeed(0)
    assert names(plan) == ["d"]
    plan.succeed(3)
    assert plan.unfinished == 0


def test_what_depends_on_a_failed_job_through_a_left_out_one_is_skipped_too() -> None:
    plan = plan_of(CHAIN, b=State.SKIPPED)
    assert names(plan) == ["a"]
    skipped = plan.fail(0, State.FAILED)
    assert [(plan.graph.ids[node], plan.graph.ids[cause]) for node, cause in skipped] == [("c", "b"), ("d", "c")]
    assert plan.unfinished == 0


def test_a_left_out_job_without_dependencies_is_passed_over_at_once() -> None:
    plan = plan_of(CHAIN, a=State.SKIPPED, b=State.SKIPPED)
    assert names(plan) == ["c"]


def test_giving_up_names_what_was_to_run_and_not_what_was_left_out() -> None:
    plan = plan_of(CHAIN, b=State.SKIPPED)
    assert [plan.graph.ids[node] for node in plan.give_up()] == ["a", "c", "d"]
    assert [str(state) for state in plan.states] == ["cancelled", "skipped", "cancelled", "cancelled"]


def test_a_hundred_thousand_left_out_jobs_in_a_chain() -> None:
    jobs = {f"j{n}": [f"j{n - 1}"] if n else [] for n in range(100_000)}
    graph = Graph(list(jobs), list(jobs.values()))
    plan = Plan(graph, [0] * len(graph))
    plan.start((node, State.SKIPPED) for node in range(99_999))
    assert names(plan) == ["j99999"]


@pytest.mark.parametrize("old", list(State))
def test_a_move_that_the_table_lacks_is_refused_when_it_is_made(old: State) -> None:
    for new in set(State) - MOVES[old]:
        plan = plan_of(CHAIN)
        plan.states[0] = old
        with pytest.raises(IllegalMove, match=f"from {old} to {new}"):
            plan.move(0, new)
        assert (plan.states[0], plan.unfinished) == (old, 4)
