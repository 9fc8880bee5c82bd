"""What recent runs tell: the newcomer's cases, and that flaky means what it means in the trends."""

from __future__ import annotations

from exlib.history.store import JobSample
from exlib.simulation.past import KEPT, Past, judged


def story(outcomes: str, seconds: list[float] | None = None, fingerprint: str | None = "f") -> Past:
    """A job of which each character says how it ended: ``f`` failed, ``r`` succeeded with a retry, else a success."""
    took = seconds or [1.0] * len(outcomes)
    samples = [
        JobSample(run, one, end == "f", int(end == "r"), fingerprint)
        for run, (end, one) in enumerate(zip(outcomes, took, strict=True), 1)
    ]
    return judged({"load": samples})["load"]


def test_a_job_that_fails_since_some_run_is_failing_and_not_flaky() -> None:
    past = story("." * 12 + "f" * 10)
    assert (past.flaky, past.failing, past.streak, past.tries, past.failures) == (False, 13, 10, 22, 10)


def test_two_failures_at_the_end_may_be_chance() -> None:
    past = story("." * 12 + "ff")
    assert (past.flaky, past.failing) == (False, None)


def test_failures_that_come_and_go_are_flaky_until_it_fails_for_good() -> None:
    assert story("..f..f..").flaky
    assert story("rr").flaky
    assert not story("..f..").flaky
    past = story("..f..f..fff")
    assert (past.flaky, past.failing) == (False, 9)


def test_failures_that_a_change_mended_are_not_flaky() -> None:
    assert not story("..f..f..", fingerprint=None).flaky


def test_durations_since_the_last_change_alone_count() -> None:
    past = story("." * 40, [0.06 + n / 1000 for n in range(29)] + [0.31 + n / 1000 for n in range(11)])
    assert (past.since, min(past.durations), len(past.durations)) == (30, 0.31, 11)


def test_without_a_change_the_newest_count() -> None:
    past = story("." * 40, [5.0 + n % 7 for n in range(40)])
    assert (past.since, len(past.durations), past.durations[0]) == (None, KEPT, 5.0 + 39 % 7)


def test_among_many_jobs_what_may_be_chance_is_not_told() -> None:
    late = [JobSample(run, 5.0 if run > 12 else 1.0, False, 0) for run in range(1, 18)]
    steady = {f"s{n}": [JobSample(run, 1.0, False, 0) for run in range(1, 18)] for n in range(1000)}
    assert judged({"load": late})["load"].since == 13
    assert judged({"load": late, **steady})["load"].since is None
