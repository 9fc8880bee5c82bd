"""What recent runs tell of a job: durations of its successes, and how many of its tries failed."""

from __future__ import annotations

from exlib.history.samples import RUNS
from exlib.history.sqlite import SqliteStore
from exlib.history.store import JobSample
from tests.history.story import Story


def counted(samples: list[JobSample]) -> tuple[int, int, int]:
    """Successes, tries, failures."""
    return (
        sum(not one.failed for one in samples),
        sum(one.retries + 1 for one in samples),
        sum(one.retries + one.failed for one in samples),
    )


def test_each_end_is_told_the_oldest_first(store: SqliteStore) -> None:
    for seconds in (1, 4):
        story = Story(store, ["load", "check"])
        story.starts("load")
        story.now += seconds
        story.ends("load")
        story.runs("check", "failed", 3)
        story.finishes("failed", 1)
    found = store.job_samples("nightly")
    first, second = found["load"]
    assert (first.run, second.run, second.seconds - first.seconds) == (1, 2, 3)
    assert counted(found["load"]) == (2, 2, 0)
    assert counted(found["check"]) == (0, 2, 2)
    assert first.fingerprint


def test_a_retry_is_a_try_that_failed(store: SqliteStore) -> None:
    story = Story(store, ["load"])
    story.starts("load")
    story.retries("load", 7)
    story.starts("load", 2)
    story.ends("load", number=2)
    story.finishes("success", 0)
    found = store.job_samples("nightly")["load"]
    assert counted(found) == (1, 2, 1)


def test_a_mark_does_not_make_a_failure_a_sample(store: SqliteStore) -> None:
    story = Story(store, ["load"])
    story.runs("load", "failed", 1)
    story.finishes("failed", 1)
    store.mark_success(1, ["load"], "ann", "mended by hand")
    assert counted(store.job_samples("nightly")["load"]) == (0, 1, 1)


def test_a_reused_success_is_one(store: SqliteStore) -> None:
    story = Story(store, ["load", "check"])
    story.runs("load")
    story.runs("check", "failed", 1)
    story.finishes("failed", 1)
    again = Story(store, ["load", "check"], resumed=1)
    again.reuses("load")
    again.runs("check")
    again.finishes("success", 0)
    found = store.job_samples("nightly")
    assert counted(found["load"]) == (1, 1, 0)
    assert [one.failed for one in found["check"]] == [True, False]


def test_skipped_and_cancelled_jobs_tell_nothing_and_neither_do_other_applications(store: SqliteStore) -> None:
    story = Story(store, ["load"])
    story.skips("load")
    story.finishes("failed", 1)
    other = Story(store, ["load"], name="weekly")
    other.runs("load")
    other.finishes("success", 0)
    assert store.job_samples("nightly") == {}
    assert list(store.job_samples("weekly")) == ["load"]


def test_only_the_newest_runs_count(store: SqliteStore) -> None:
    for number in range(RUNS + 3):
        story = Story(store, ["load"])
        story.starts("load")
        story.now += number
        story.ends("load")
        story.finishes("success", 0)
    found = store.job_samples("nightly")["load"]
    assert [one.run for one in found] == list(range(4, RUNS + 4))
