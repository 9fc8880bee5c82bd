"""Figures of runs, reckoned by hand."""

from __future__ import annotations

import pytest

from exlib.events import AttemptFinished, AttemptStarted, Event, JobReused, RunFinished, RunStarted
from exlib.logs import summary as module
from exlib.logs.model import Source
from exlib.logs.reading.events import EventReader
from exlib.logs.reading.history import Needs
from exlib.logs.reading.ready import Readied
from exlib.logs.summary import Summary
from tests.logs.story import NEW_YEAR, finished, raw, told, tried


def summed(*streams: list[Event]) -> Summary:
    summary = Summary()
    reader = EventReader(Source("events", "x"), summary)
    for events in streams:
        reader.feed(raw(events))
    reader.finish()
    return summary


def good(run: int, at: float, *, attempt: int = 1) -> list[Event]:
    """A job that fails once for a second, then succeeds in four: ten seconds of one worker."""
    return [
        RunStarted(at, run, attempt, "hourly", "hourly.json", 1, 1, "/srv", "/logs", 99),
        *tried("fetch", at, 1, "failed", took=1.0),
        *tried("fetch", at + 6, 2, took=4.0),
        finished("fetch", at + 10, at, tries=2),
        RunFinished(at + 10, run, attempt, "success", 0, 10.0, {"success": 1}, None),
    ]


def test_runs_are_counted_by_what_became_of_them_in_the_end() -> None:
    resumed = good(2, NEW_YEAR + 50, attempt=2)
    begun = good(9, NEW_YEAR + 90)[:3]
    failed = [*good(2, NEW_YEAR + 20)[:-1], RunFinished(NEW_YEAR + 30, 2, 1, "failed", 1, 10.0, {}, None)]
    summary = summed(told(1), failed, resumed, begun)
    assert dict(summary.runs) == {"failed": 1, "success": 1, "unfinished": 1}
    assert (summary.attempts, summary.success_rate) == (4, 0.5)
    assert summary.applications["hourly"].last_success == NEW_YEAR + 60
    assert summary.applications["hourly"].last is not None
    assert summary.applications["hourly"].last.attempt == 2
    assert (summary.first, summary.last) == (NEW_YEAR, NEW_YEAR + 90)


def test_waste_is_told_apart() -> None:
    summary = summed(told(1), good(2, NEW_YEAR + 20))
    assert (summary.by_retries, summary.by_failures) == (1.0, 4.0)
    assert summary.busy == 2.0 + 4.0 + 5.0
    assert (summary.retries, summary.retried, summary.saved) == (2, 2, 1)


def test_utilisation_is_work_over_the_time_of_the_workers() -> None:
    assert summed(good(1, NEW_YEAR)).utilisation == pytest.approx(0.5)
    assert summed(told(1)).utilisation == pytest.approx(6.0 / 14.0)
    assert summed(told(1)[:-1]).utilisation is None  # how long the run took is not known


def test_the_delay_before_a_retry_is_no_work_but_part_of_the_jobs_duration() -> None:
    figures = summed(good(1, NEW_YEAR)).jobs["hourly", "fetch"]
    assert (figures.quantile(0.5), figures.wasted, figures.retries) == (10.0, 1.0, 1)


def test_jobs_that_ran_and_jobs_that_did_not() -> None:
    reused = [good(3, NEW_YEAR)[0], JobReused(NEW_YEAR, "fetch", "succeeded in attempt 1"), good(3, NEW_YEAR)[-1]]
    summary = summed(told(1), reused)
    assert dict(summary.statuses) == {"success": 1, "failed": 1}
    assert dict(summary.idle) == {"skipped": 1, "reused": 1}


def test_wait_is_from_the_end_of_the_last_dependency_to_the_start() -> None:
    at = NEW_YEAR
    events = [
        told(1)[0],
        *tried("extract", at + 1, 1, took=2.0),
        finished("extract", at + 3, at + 1),
        *tried("load", at + 7, 1),
        finished("load", at + 8, at + 7),
        *tried("alone", at + 8, 1),
        finished("alone", at + 9, at + 8),
    ]
    summary = Summary()
    edges = {"extract": Needs((), False), "load": Needs(("extract",), False), "alone": Needs((), True)}
    reader = EventReader(Source("events", "x"), Readied(summary, edges))
    reader.feed(raw(events))
    reader.finish()
    assert (summary.waits.count, summary.waits.total, summary.waits.most) == (2, 5.0, 4.0)
    assert summary.waited_busy == 3.0


def test_a_job_is_told_over_all_its_runs() -> None:
    figures = summed(told(1), told(2, at=NEW_YEAR + 100)).jobs["nightly", "load"]
    assert (figures.ran, figures.failed, figures.succeeded, figures.total) == (2, 2, 0, 10.0)
    assert figures.ended is None


def test_what_is_under_way_has_no_duration() -> None:
    begun = [told(1)[0], AttemptStarted(NEW_YEAR, "load", 1, "run", "/l", "f")]
    summary = summed(begun)
    assert dict(summary.statuses) == {"unfinished": 1}
    assert not summary.jobs
    assert summary.success_rate is None


def test_jobs_beyond_the_first_many_are_in_the_sums(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MANY", 1)
    summary = summed(told(1))
    assert (len(summary.jobs), summary.untold, summary.job_spans.count) == (1, 1, 2)


def test_the_slowest_come_first() -> None:
    assert [job for _, job, _ in summed(told(1), good(2, NEW_YEAR + 20)).slowest(2)] == ["fetch", "load"]


def test_a_cancelled_try_is_waste() -> None:
    at = NEW_YEAR
    ended = AttemptFinished(at + 3, "load", 1, "cancelled", None, "SIGTERM", 3.0, 0.0, 0, "the run was interrupted")
    begun = AttemptStarted(at, "load", 1, "run", "/l", "f")
    summary = summed([told(1)[0], begun, ended, finished("load", at + 3, at, "cancelled")])
    assert summary.by_failures == 3.0
