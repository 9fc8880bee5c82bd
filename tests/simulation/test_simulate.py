"""The laws that every schedule of the simulator keeps, and that it is the order of the engine itself."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given

from exlib.analysis.limits import limits
from exlib.analysis.timing import timing
from exlib.engine.attempt import Place
from exlib.engine.command import DEFAULT_SHELL
from exlib.engine.journal import Journal
from exlib.engine.plan import Plan
from exlib.engine.scheduler import Scheduler
from exlib.events import AttemptStarted, Event, Reader
from exlib.graph import Graph
from exlib.simulation.simulate import Schedule, Simulator, in_order
from tests.engine.fakes import ABSENT, Clock, FakeExecutor, gate, job
from tests.simulation.plans import Case, cases


def busy_at(schedule: Schedule, moment: float) -> int:
    times = zip(schedule.start, schedule.end, schedule.lane, strict=True)
    return sum(lane > 0 and start <= moment < end for start, end, lane in times)


@given(cases())
def test_each_job_runs_once_for_its_time_and_after_what_it_depends_on(case: Case) -> None:
    schedule = case.simulator.run(case.seconds, case.workers)
    assert sorted(schedule.order) == list(range(len(case.jobs)))
    for node, one in enumerate(case.jobs):
        took = case.seconds[node] if one.command else 0.0
        assert schedule.end[node] == schedule.start[node] + took
        assert all(schedule.end[other] <= schedule.start[node] for other in case.graph.dependencies[node])


@given(cases())
def test_never_more_run_than_there_are_workers_and_a_worker_has_one_job_at_a_time(case: Case) -> None:
    schedule = case.simulator.run(case.seconds, case.workers)
    assert max((busy_at(schedule, moment) for moment in schedule.start), default=0) <= schedule.peak <= case.workers
    for worker in range(1, case.workers + 1):
        mine = [node for node in schedule.order if schedule.lane[node] == worker]
        assert all(schedule.end[one] <= schedule.start[other] for one, other in pairwise(mine))
    assert all(bool(schedule.lane[node]) == bool(one.command) for node, one in enumerate(case.jobs))


@given(cases())
def test_the_end_lies_between_the_bounds_of_theory(case: Case) -> None:
    schedule = case.simulator.run(case.seconds, case.workers)
    span = timing(case.graph, case.seconds).makespan
    bounds = limits(case.graph, case.seconds, span)
    assert max(span, bounds.work / case.workers) <= bounds.floor(case.workers) + 1e-9
    assert bounds.floor(case.workers) - 1e-9 <= schedule.makespan <= bounds.ceiling(case.workers) + 1e-9


@given(cases())
def test_no_worker_is_idle_while_a_job_is_ready(case: Case) -> None:
    schedule = case.simulator.run(case.seconds, case.workers)
    for node in schedule.order:
        ready = max((schedule.end[other] for other in case.graph.dependencies[node]), default=0.0)
        if schedule.lane[node] and ready < schedule.start[node]:
            moments = {ready, *(moment for moment in schedule.end if ready <= moment < schedule.start[node])}
            assert all(busy_at(schedule, moment) == case.workers for moment in moments)


@given(cases())
def test_one_worker_takes_the_sum_and_enough_of_them_the_critical_path(case: Case) -> None:
    assert case.simulator.run(case.seconds, 1).makespan == sum(case.seconds)
    roomy = case.simulator.run(case.seconds, len(case.jobs) + 1)
    times = timing(case.graph, case.seconds)
    assert (roomy.start, roomy.end, roomy.makespan) == (times.start, times.end, times.makespan)


@given(cases())
def test_more_workers_than_are_ever_busy_change_nothing(case: Case) -> None:
    schedule = case.simulator.run(case.seconds, case.workers)
    if schedule.peak < case.workers:
        assert case.simulator.run(case.seconds, case.workers + 7) == schedule._replace(workers=case.workers + 7)


class Started(Reader):
    def __init__(self) -> None:
        self.jobs: list[str] = []

    def read(self, events: list[Event]) -> None:  # type: ignore[override]
        self.jobs += [event.job for event in events if isinstance(event, AttemptStarted)]


@given(cases())
def test_it_starts_jobs_in_the_order_in_which_a_run_does(case: Case) -> None:
    """A run by the engine's tests' own executor and clock, which owe nothing to the simulator's."""
    jobs = [
        one._replace(command=f"{seconds:g} 0" if one.command else "", shell=DEFAULT_SHELL)
        for one, seconds in zip(case.jobs, case.seconds, strict=True)
    ]
    clock, seen = Clock(), Started()
    plan = Plan(case.graph, [one.priority for one in jobs])
    plan.start()
    Scheduler(
        jobs, plan, FakeExecutor(case.workers, clock), lambda _job, _number: Place({}, {}, "/", ""),
        Journal(None, [seen], clock=clock, wall=clock), clock=clock, wall=clock,
    ).run()  # fmt: skip
    schedule = case.simulator.run(case.seconds, case.workers)
    assert [case.graph.ids[node] for node in schedule.order] == seen.jobs


def test_nothing_of_a_job_matters_but_its_time() -> None:
    """A timeout that is too short, a wait that never ends and a check that fails are told elsewhere."""
    hard = job(0, "a", command="", timeout=1.0, pre_checks=(ABSENT,), waits=(gate(9, False),), shell=("/no/shell",))
    schedule = Simulator([hard], Graph(["a"], [[]])).run([60.0], 1)
    assert (schedule.makespan, schedule.lane) == (60.0, [1])


@given(cases())
def test_the_order_of_one_worker(case: Case) -> None:
    assert in_order(case.jobs) == case.simulator.run([1.0] * len(case.jobs), 1).order
