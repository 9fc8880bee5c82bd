"""What is called a change, a rise or a flaky job, and what is not."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from exlib.logs.model import Execution, Job, Run
from exlib.logs.sink import pour
from exlib.logs.trends import ApplicationTrend, Sample, Trends, in_time, run_label
from tests.logs.runs import job, run

NOISE = (0.0, 0.3, -0.2, 0.1, -0.3, 0.2, -0.1)


def judged(number: int, *make: Callable[[int, Run], Job | None]) -> ApplicationTrend:
    sink = Trends()
    for at in range(1, number + 1):
        one = run(at)
        sink.begin(one)
        for what in make:
            found = what(at, one)
            if found is not None:
                sink.job(one, found)
        sink.end(one)
    (only,) = sink.judged()
    return only


def taking(seconds: Callable[[int], float], name: str = "load") -> Callable[[int, Run], Job]:
    return lambda at, one: job(one, name, "success", seconds=[seconds(at) + NOISE[at % 7]])


def ending(statuses: Callable[[int], Sequence[str]], fingerprint: str | None = "f") -> Callable[[int, Run], Job]:
    return lambda at, one: job(one, "fetch", *statuses(at), fingerprint=fingerprint)


def test_a_step_is_told_with_its_run_its_medians_and_its_sureness() -> None:
    shift = judged(28, taking(lambda at: 12.4 if at < 21 else 26)).jobs[0].shift
    assert shift is not None
    assert (shift.since, shift.at, shift.runs_before, shift.runs_after) == ("21", 20, 20, 8)
    assert (shift.before, shift.after) == pytest.approx((12.45, 26), abs=0.2)
    assert shift.ratio == pytest.approx(2.1, abs=0.05)
    assert 0 < shift.p < 0.001


def test_the_latest_of_several_steps_is_told() -> None:
    shift = judged(60, taking(lambda at: 10 if at < 21 else 30 if at < 41 else 15)).jobs[0].shift
    assert shift is not None
    assert (shift.since, shift.runs_before, shift.runs_after) == ("41", 20, 20)
    assert shift.ratio == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize(
    ("number", "seconds"),
    [
        (40, lambda at: 10),  # nothing changed
        (40, lambda at: 10 if at < 21 else 11.5),  # surely, but by little
        (40, lambda at: 10 if at != 30 else 90),  # once is no change
        (7, lambda at: 10 if at < 5 else 30),  # too few runs
    ],
)
def test_what_is_no_change(number: int, seconds: Callable[[int], float]) -> None:
    trend = judged(number, taking(seconds)).jobs[0]
    assert trend.shift is None
    assert trend.judged == (number >= 8)


def test_a_hundredth_of_a_second_is_no_matter_however_sure() -> None:
    def quick(at: int, one: Run) -> Job:
        return job(one, "load", "success", seconds=[(0.01 if at < 21 else 0.05) + NOISE[at % 7] / 1000])

    assert judged(40, quick).jobs[0].shift is None


def test_waiting_for_retries_makes_no_job_slower() -> None:
    def made(at: int, one: Run) -> Job:
        tries = ["success"] if at < 21 else ["failed", "success"]
        return job(one, "load", *tries, seconds=[10 + NOISE[at % 7]] * len(tries))

    assert judged(40, made).jobs[0].shift is None


def test_many_jobs_make_one_of_them_less_sure() -> None:
    def step(at: int) -> float:
        return 10.0 if at < 9 else 20.0

    alone = judged(14, taking(step)).jobs[0].shift
    among = judged(14, taking(step), *(taking(lambda at: 10, f"other {n}") for n in range(6))).jobs[0].shift
    assert alone is not None
    assert among is None or among.p > alone.p


def test_failures_that_rose_are_told() -> None:
    turn = judged(40, ending(lambda at: ["failed"] if at > 25 and at % 4 else ["success"])).jobs[0].turn
    assert turn is not None
    assert turn.rose
    assert (turn.failed_before, turn.failed_after) == (0, 11)
    assert 24 <= int(turn.since) <= 27


def test_failures_that_stay_as_they_were_are_not() -> None:
    assert judged(40, ending(lambda at: ["failed"] if at % 4 == 0 else ["success"])).jobs[0].turn is None


def test_a_retry_that_helps_more_than_once_is_flaky() -> None:
    flaky = judged(20, ending(lambda at: ["failed", "success"] if at in (5, 9) else ["success"])).jobs[0].flaky
    assert flaky is not None
    assert (flaky.failed, flaky.tries, flaky.recoveries) == (2, 22, 2)
    assert flaky.low < 2 / 22 < flaky.high


def test_failing_and_recovering_over_runs_is_flaky_if_nothing_changed() -> None:
    def alternating(at: int) -> list[str]:
        return ["failed"] if at in (5, 9) else ["success"]

    assert judged(20, ending(alternating)).jobs[0].flaky is not None
    assert judged(20, ending(alternating, fingerprint=None)).jobs[0].flaky is None

    def changing(at: int, one: Run) -> Job:
        return job(one, "fetch", *alternating(at), fingerprint=str(at))

    assert judged(20, changing).jobs[0].flaky is None


def test_one_block_of_failures_is_not_flaky() -> None:
    assert judged(20, ending(lambda at: ["failed"] if 5 <= at <= 9 else ["success"])).jobs[0].flaky is None


def test_what_never_began_or_was_reused_tells_nothing() -> None:
    def made(at: int, one: Run) -> Job:
        found = job(one, "load", *(["success"] if at % 2 else []))
        return found._replace(reused=at % 4 == 1)

    trend = judged(20, made).jobs[0]
    assert len(trend.samples) == 15
    assert len(trend.ended) == 5
    assert trend.failures == 0


def test_applications_are_judged_apart() -> None:
    sink = Trends()
    for at in range(1, 5):
        one = run(at, application="ab"[at % 2])
        sink.job(one, job(one, "load", "success"))
        sink.end(one)
    assert [(found.application, len(found.run.samples)) for found in sink.judged()] == [("b", 2), ("a", 2)]


def test_only_whole_successes_say_how_long_a_run_takes() -> None:
    sink = Trends()
    for one in (run(1, duration=10), run(2, "failed", 3), run(3, duration=5, attempt=2), run(4, "running", None)):
        sink.end(one)
    trend = sink.judged()[0].run
    assert [sample.seconds for sample in trend.samples] == [10, None, None, None]
    assert [sample.tries for sample in trend.samples] == [(False,), (True,), (False,), ()]


def test_what_runs_are_called() -> None:
    assert run_label(run(41)) == "41"
    assert run_label(run(41, attempt=2)) == "41.2"
    assert run_label(run(41)._replace(run=None))[:10] == "2025-11-19"


def test_runs_may_come_in_any_order() -> None:
    sink = Trends()
    for number in (3, 1, 2):
        one = run(number)
        sink.job(one, job(one, "load", "success", seconds=[number]))
        sink.end(one)
    (found,) = sink.judged()
    assert [sample.run for sample in found.run.samples] == ["1", "2", "3"]
    assert [sample.seconds for sample in found.jobs[0].samples] == [1, 2, 3]


def test_what_has_no_time_stays_behind_what_was_told_before_it() -> None:
    told = [(5.0, "b"), (None, "c"), (1.0, "a")]
    samples = [Sample(name, when, "success", 1.0, (False,)) for when, name in told]
    assert [sample.run for sample in in_time(samples)] == ["a", "b", "c"]


def test_of_a_resumed_run_the_latest_attempt_counts() -> None:
    trends = Trends()
    for number in range(1, 4):
        for attempt, status in enumerate(["failed", "success"], 1):
            one = run(number, status, attempt=attempt)
            one = one._replace(started=(one.started or 0) + attempt)
            pour([Execution(one, (job(one, "load", status),))], trends)
    [found] = trends.judged()
    for trend in (found.run, found.jobs[0]):
        assert (len(trend.samples), len(trend.ended), trend.failures) == (6, 3, 0)


def test_an_attempt_in_which_a_job_came_to_no_end_supersedes_none() -> None:
    trends = Trends()
    for attempt, status in enumerate(["failed", "cancelled"], 1):
        one = run(1, status, attempt=attempt)
        pour([Execution(one, (job(one, "load", status),))], trends)
    [found] = trends.judged()
    assert (len(found.run.ended), len(found.jobs[0].ended), found.jobs[0].failures) == (0, 1, 1)
