"""What recent runs tell of a job: durations of its successes, and how many of its tries failed."""

from __future__ import annotations

from exlib.history.sqlite import SqliteStore
from exlib.history.store import JobSamples
from tests.history.story import Story


def test_durations_are_of_successes_the_newest_first(store: SqliteStore) -> None:
    for seconds in (1, 4):
        story = Story(store, ["load", "check"])
        story.starts("load")
        story.now += seconds
        story.ends("load")
        story.runs("check", "failed", 3)
        story.finishes("failed", 1)
    found = store.job_samples("nightly")
    first, second = found["load"].durations
    assert first - second == 3
    assert (found["load"].tries, found["load"].failures) == (2, 0)
    assert found["check"] == JobSamples((), 2, 2)


def test_a_retry_is_a_try_that_failed(store: SqliteStore) -> None:
    story = Story(store, ["load"])
    story.starts("load")
    story.retries("load", 7)
    story.starts("load", 2)
    story.ends("load", number=2)
    story.finishes("success", 0)
    found = store.job_samples("nightly")["load"]
    assert (len(found.durations), found.tries, found.failures) == (1, 2, 1)


def test_a_mark_does_not_make_a_failure_a_sample(store: SqliteStore) -> None:
    story = Story(store, ["load"])
    story.runs("load", "failed", 1)
    story.finishes("failed", 1)
    store.mark_success(1, ["load"], "ann", "mended by hand")
    assert store.job_samples("nightly")["load"] == JobSamples((), 1, 1)


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
    assert len(found["load"].durations) == 1
    assert (found["check"].tries, found["check"].failures) == (2, 1)


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
    for number in range(23):
        story = Story(store, ["load"])
        story.starts("load")
        story.now += number
        story.ends("load")
        story.finishes("success", 0)
    durations = store.job_samples("nightly")["load"].durations
    assert [seconds - durations[-1] for seconds in durations] == list(range(19, -1, -1))
    assert durations[-1] > 3
