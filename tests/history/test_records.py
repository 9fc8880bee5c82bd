from __future__ import annotations

from collections.abc import Callable

from exlib.history.sqlite import SqliteStore, open_store
from exlib.history.store import JobRecord, RunRecord
from tests.history.processes import Process
from tests.history.story import NEW_YEAR, Story, rows


def test_what_a_dead_engine_left_is_lost(db: str) -> None:
    writer = Process(f"""
story = Story(open_store({db!r}), ['a', 'b', 'c', 'd'])
story.runs('a'); story.starts('b'); story.starts('c'); story.retries('c', 1); say('there'); wait()
""")
    assert writer.heard() == "there"
    reader = open_store(db, readonly=True)
    assert [(run.status, run.completed, run.failed) for run in reader.runs()] == [("running", 1, 0)]
    assert {job.job: job.status for job in reader.jobs(1)} == {"a": "success", "b": "running", "c": "retrying"}
    writer.kill()
    assert [(run.status, run.completed, run.failed) for run in reader.runs()] == [("lost", 1, 2)]
    assert {job.job: job.status for job in reader.jobs(1)} == {"a": "success", "b": "lost", "c": "lost"}
    assert [(one.job, one.status) for one in reader.attempts(1)] == [("a", "success"), ("b", "lost"), ("c", "failed")]
    assert reader.runs(status="running") == []
    assert [run.run for run in reader.runs(status="lost")] == [1]
    assert rows(db, "SELECT status FROM run_summary") == [("running",)]  # a reader writes nothing
    reader.close()


def test_jobs_of_a_run_are_as_they_stand_after_their_latest_attempt(store: SqliteStore) -> None:
    story = Story(store, ["a", "b"])
    story.runs("a")
    story.runs("b", "failed", 1)
    story.finishes("failed", 1)
    second = Story(store, ["b"], resumed=1, start=NEW_YEAR + 60)
    second.runs("b")
    second.finishes()
    assert [(job.job, job.attempt, job.status) for job in store.jobs(1)] == [("a", 1, "success"), ("b", 2, "success")]


def test_runs_are_chosen_and_newest_first(store: SqliteStore) -> None:
    for n, (name, status) in enumerate([("a", "success"), ("b", "failed"), ("a", "failed"), ("a", "success")]):
        Story(store, ["j"], name=name, start=NEW_YEAR + 1000 * n).finishes(status, int(status != "success"))
    numbers: Callable[..., list[int]] = lambda **choice: [run.run for run in store.runs(**choice)]  # noqa: E731
    assert numbers() == [4, 3, 2, 1]
    assert numbers(limit=2) == [4, 3]
    assert numbers(limit=0) == []
    assert numbers(application="a") == [4, 3, 1]
    assert numbers(status="failed") == [3, 2]
    assert numbers(status="failed", limit=1) == [3]
    assert numbers(since=NEW_YEAR + 1000) == [4, 3, 2]
    assert numbers(until=NEW_YEAR + 1000) == [2, 1]
    assert numbers(application="a", status="success", since=NEW_YEAR + 1) == [4]
    assert numbers(application="c") == []


def test_the_last_job_of_an_application(store: SqliteStore) -> None:
    for code in (0, 3):
        story = Story(store, ["a"])
        story.runs("a", "failed" if code else "success", code)
        story.finishes()
    Story(store, ["b"], name="other").finishes()
    job = store.last_job("nightly", "a")
    assert isinstance(job, JobRecord)
    assert (job.run, job.status, job.exit_code) == (2, "failed", 3)
    run = store.last_job("nightly", None)
    assert isinstance(run, RunRecord)
    assert run.run == 2
    assert store.last_job("nightly", "b") is None
    assert store.last_job("absent", None) is None


def test_typical_durations_are_medians_of_successes(store: SqliteStore) -> None:
    for seconds in (2, 30, 4):
        story = Story(store, ["a", "b"])
        story.starts("a")
        story.now += seconds - 2
        story.ends("a")
        story.runs("b", "failed", 1)
        story.finishes()
        again = Story(store, ["a"], resumed=story.run)
        again.reuses("a")  # counts once
        again.finishes()
    assert store.typical_durations("nightly") == {"a": 4.0}
    assert store.typical_durations("absent") == {}
