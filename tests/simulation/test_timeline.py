"""What is read off a schedule: its area, its slack, and the chain that its end waits for."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exlib.analysis.timing import timing
from exlib.graph import Graph
from exlib.simulation.timeline import chain, profile, running, slack, utilisation
from tests.simulation.plans import Case, cases


@given(cases())
def test_what_runs_over_time_is_all_the_work(case: Case) -> None:
    schedule = case.simulator.run(case.seconds, case.workers)
    steps = running(schedule)
    assert sum(busy * (other - at) for (at, busy), (other, _) in pairwise(steps)) == sum(case.seconds)
    assert all(0 <= busy <= case.workers for _, busy in steps)
    assert all(one != other for (_, one), (_, other) in pairwise(steps))
    assert not steps or steps[-1] == (schedule.makespan, 0)
    assert sum(utilisation(schedule)) * schedule.makespan == pytest.approx(sum(case.seconds))


@given(cases(), st.integers(1, 30))
def test_a_profile_has_the_same_area(case: Case, columns: int) -> None:
    schedule = case.simulator.run(case.seconds, case.workers)
    parts = profile(schedule, columns)
    assert len(parts) == columns
    assert sum(parts) * schedule.makespan / columns == pytest.approx(sum(case.seconds))
    assert all(busy <= case.workers + 1e-9 for busy in parts)


@given(cases())
def test_slack_is_what_the_critical_path_method_says_if_workers_keep_their_jobs(case: Case) -> None:
    schedule = case.simulator.run(case.seconds, case.workers)
    ids = case.graph.ids
    needs = {name: [ids[other] for other in case.graph.dependencies[node]] for node, name in enumerate(ids)}
    for worker in range(1, case.workers + 1):
        mine = [ids[node] for node in schedule.order if schedule.lane[node] == worker]
        for one, other in pairwise(mine):
            needs[other].append(one)
    times = timing(Graph(ids, needs.values()), case.seconds)
    latest = [end + late + schedule.makespan - times.makespan for end, late in zip(times.end, times.slack, strict=True)]
    found = slack(case.graph, schedule)
    assert found == [late - end for late, end in zip(latest, schedule.end, strict=True)]


@given(cases())
def test_the_chain_leads_without_a_gap_from_the_start_to_the_end(case: Case) -> None:
    schedule = case.simulator.run(case.seconds, case.workers)
    links = chain(case.graph, schedule)
    assert bool(links) == bool(case.jobs)
    if not links:
        return
    assert links[0].why == "start"
    assert schedule.start[links[0].node] == 0
    assert schedule.end[links[-1].node] == schedule.makespan
    for one, other in pairwise(links):
        assert schedule.end[one.node] == schedule.start[other.node]
        if other.why == "dependency":
            assert one.node in case.graph.dependencies[other.node]
        else:
            assert other.why == "worker"
            assert schedule.lane[other.node] in (0, schedule.lane[one.node])
