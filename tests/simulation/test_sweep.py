"""How many workers: the numbers, the rule for enough, and what is not simulated because it cannot differ."""

from __future__ import annotations

import pytest
from hypothesis import given

from exlib.analysis.limits import limits
from exlib.analysis.timing import timing
from exlib.simulation.sweep import WORTH, Sweep, sweep
from tests.graphs import of_jobs
from tests.simulation.plans import Case, cases, jobs_of


def swept(case: Case, counts: range) -> Sweep:
    bounds = limits(case.graph, case.seconds, timing(case.graph, case.seconds).makespan)
    return sweep(case.simulator, case.seconds, counts, bounds)


def wide(seconds: float = 10.0) -> Case:
    """Eight jobs of the same length that wait for nobody."""
    graph = of_jobs({f"j{number}": [] for number in range(8)})
    return Case(jobs_of(graph), [seconds] * 8, 1)


@given(cases())
def test_each_point_is_a_simulation_of_its_own(case: Case) -> None:
    found = swept(case, range(1, 10))
    assert [point.workers for point in found.points] == list(range(1, 10))
    for point in found.points:
        assert point.makespan == case.simulator.run(case.seconds, point.workers).makespan
        assert point.floor <= point.makespan + 1e-9
        assert point.efficiency == pytest.approx(point.speedup / point.workers)


@given(cases())
def test_enough_is_the_first_number_that_no_larger_one_beats_by_much(case: Case) -> None:
    found = swept(case, range(1, 8))
    ends = {point.workers: point.makespan for point in found.points}

    def beaten(workers: int) -> bool:
        return any(ends[other] < ends[workers] * (1 - WORTH) for other in ends if other > workers)

    first = next(workers for workers in ends if not beaten(workers))
    span = timing(case.graph, case.seconds).makespan
    assert found.enough == (first if first < 7 or ends[7] <= span * (1 + WORTH) else None)


def test_speed_up_and_efficiency_of_jobs_that_share_well() -> None:
    points = swept(wide(), range(1, 5)).points
    assert [(point.makespan, point.speedup) for point in points] == [
        (80, 1),
        (40, 2),
        (30, pytest.approx(8 / 3)),
        (20, 4),
    ]
    assert points[-1].efficiency == 1


def test_what_can_never_be_busy_is_told() -> None:
    assert swept(wide(), range(1, 12)).idle_from == 8
    assert swept(wide(), range(1, 9)).idle_from is None
    assert swept(wide(), range(1, 2)).enough is None
    assert swept(wide(), range(1, 9)).enough == 8
    assert swept(wide(), range(1, 5)).enough is None


def test_no_more_is_simulated_once_workers_are_idle(monkeypatch: pytest.MonkeyPatch) -> None:
    case, tried = wide(), []
    run = case.simulator.run
    monkeypatch.setattr(
        case.simulator, "run", lambda seconds, workers: (tried.append(workers), run(seconds, workers))[1]
    )
    swept(case, range(7, 100))
    assert tried == [7, 8, 9]
