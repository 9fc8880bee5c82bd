from __future__ import annotations

import os
import tempfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exlib.errors import StorageError
from exlib.events import (
    AttemptFinished,
    AttemptSpawned,
    AttemptStarted,
    Event,
    JobFinished,
    JobRetrying,
    JobWaiting,
    Notice,
    RunFinished,
    RunStarted,
)
from exlib.history.sqlite import SqliteStore, open_store
from exlib.history.store import AttemptRecord, JobRecord, NewRun, RunRecord
from tests.history.story import NEW_YEAR, Story, rows

NEW = NewRun("nightly", "n.json", b"{}", False, "/srv", 1, 2, "ex-run n.json")


def test_a_whole_run_is_told_back(store: SqliteStore, db: str) -> None:
    story = Story(store, ["extract", "load", "report"])
    story.runs("extract")
    story.starts("load")
    story.retries("load", 7)
    story.starts("load", 2)
    story.ends("load", "failed", 7, 2, "exit code 7")
    story.skips("report")
    story.finishes("failed", 1, "load failed")

    (run,) = store.runs()
    assert (run.run, run.attempt, run.application, run.status) == (1, 1, "nightly", "failed")
    assert (run.total, run.completed, run.failed, run.skipped) == (3, 1, 1, 1)
    assert (run.exit_code, run.reason, run.working_dir) == (1, "load failed", "/srv/nightly")
    assert (run.started, run.ended) == (NEW_YEAR, story.now - 1)
    assert (run.host, run.pid) == (os.uname().nodename, os.getpid())
    extract, load, report = store.jobs(1)
    assert (extract.job, extract.status, extract.exit_code, extract.retries) == ("extract", "success", 0, 0)
    assert (extract.memory, extract.cpu, extract.fingerprint) == (2048, 0.25, "f00d")
    assert (load.status, load.exit_code, load.retries, load.reason) == ("failed", 7, 1, "exit code 7")
    assert load.log == "/var/log/nightly/load.2.log"
    assert load.started is not None
    assert load.ended is not None
    assert load.duration == load.ended - load.started
    assert (report.status, report.started, report.duration, report.log) == ("skipped", None, None, None)
    first, second = store.attempts(1, "load")
    assert (first.number, first.status, first.exit_code, first.pid) == (1, "failed", 7, 4711)
    assert (second.number, second.status, second.log) == (2, "failed", "/var/log/nightly/load.2.log")
    assert rows(db, "SELECT start_time FROM run_summary") == [("2026-01-01T00:00:00.000Z",)]


def test_a_job_between_two_tries_is_retrying(store: SqliteStore) -> None:
    story = Story(store, ["a"])
    story.starts("a")
    story.retries("a", 3)
    (job,) = store.jobs(1)
    assert (job.status, job.reason) == ("retrying", "exit code 3")
    story.starts("a", 2)
    (job,) = store.jobs(1)
    assert (job.status, job.reason, job.retries) == ("running", None, 1)


def test_a_signal_is_kept_by_its_name(store: SqliteStore) -> None:
    story = Story(store, ["a"])
    story.runs("a", "failed", None)
    assert [(job.exit_code, job.signal) for job in store.jobs(1)] == [(None, "SIGKILL")]


def test_counts_group_the_final_statuses(store: SqliteStore) -> None:
    story = Story(store, ["a"])
    story.counts = {"success": 1, "failed": 2, "timeout": 4, "lost": 8, "skipped": 16, "cancelled": 32}
    story.finishes("failed", 1)
    (run,) = store.runs()
    assert (run.completed, run.failed, run.skipped) == (1, 14, 48)


def test_a_turn_that_is_read_twice_changes_nothing(store: SqliteStore) -> None:
    story = Story(store, ["a", "b"])
    told: list[Event] = []
    read = store.read

    def remember(events: tuple[Event, ...]) -> None:
        told.extend(events)
        read(events)

    store.read = remember  # type: ignore[method-assign, assignment]
    story.starts("a")
    story.retries("a", 3)
    story.starts("a", 2)
    story.ends("a", "success", 0, 2)
    story.skips("b")
    story.finishes()
    before = store.runs(), store.jobs(1), store.attempts(1)
    read(told)
    assert (store.runs(), store.jobs(1), store.attempts(1)) == before
    told.clear()
    Story(store, ["a"], resumed=1).reuses("a")
    before = store.runs(), store.jobs(1), store.attempts(1)
    read(told)
    assert (store.runs(), store.jobs(1), store.attempts(1)) == before


def test_a_turn_is_recorded_whole_or_not_at_all(store: SqliteStore) -> None:
    story = Story(store, ["a", "b"])
    broken = JobFinished(1.0, "b", "failed", None, object(), 0, None, 0.0, None, None, 0, 0, None)  # type: ignore[arg-type]
    good = JobFinished(1.0, "a", "success", None, "true", 0, None, 0.0, None, None, 0, 0, None)
    with pytest.raises(StorageError, match="cannot be used"):
        store.read([good, broken])
    assert store.jobs(1) == []
    story.runs("a")  # the store goes on
    assert [job.status for job in store.jobs(1)] == ["success"]


def test_a_notice_is_no_row(store: SqliteStore) -> None:
    Story(store, ["a"])
    store.read([Notice(NEW_YEAR, "warning", "mail failed")])
    assert store.jobs(1) == []


def test_paths_that_are_not_utf8_survive(store: SqliteStore) -> None:
    odd = os.fsdecode(b"/srv/caf\xe9")
    name = os.fsdecode(b"caf\xe9")  # a workflow without a name has its file's
    story = Story(store, ["a"], name=name, log_dir=odd, working_dir=odd)
    story.runs("a", "failed", 1, reason=f"cannot enter {odd}")
    story.finishes()
    (run,), (job,), (one,) = store.runs(application=name), store.jobs(1), store.attempts(1)
    assert run.application == name
    assert store.last_job(name, "a") == job
    assert (run.working_dir, run.log_dir) == (odd, odd)
    assert (job.log, job.reason, one.log) == (f"{odd}/a.1.log", f"cannot enter {odd}", f"{odd}/a.1.log")


def test_reused_jobs_keep_what_they_did(store: SqliteStore) -> None:
    story = Story(store, ["a", "b"])
    story.runs("a")
    story.runs("b", "failed", 1)
    story.finishes("failed", 1)
    second = Story(store, ["a", "b"], resumed=1, start=NEW_YEAR + 60)
    second.reuses("a")
    second.runs("b")
    second.finishes()
    a, b = store.jobs(1)
    assert (a.attempt, a.status, a.started, a.reason) == (2, "success", NEW_YEAR + 1, "it succeeded in attempt 1")
    assert (a.log, a.memory, a.fingerprint) == ("/var/log/nightly/a.1.log", 2048, "f00d")
    assert (b.attempt, b.status) == (2, "success")
    assert [job.status for job in store.jobs(1, 1)] == ["success", "failed"]
    assert [(run.run, run.attempt) for run in store.runs()] == [(1, 2)]


def test_what_is_reused_is_what_the_job_did_last(store: SqliteStore) -> None:
    Story(store, ["a"]).runs("a", "failed", 1)
    Story(store, ["a"], resumed=1, start=NEW_YEAR + 60).runs("a")
    Story(store, ["a"], resumed=1, start=NEW_YEAR + 120).reuses("a")
    (a,) = store.jobs(1)
    assert (a.attempt, a.status, a.exit_code, a.started) == (3, "success", 0, NEW_YEAR + 61)


def test_a_log_that_may_be_cut_off_is_marked_for_its_try_and_its_job(store: SqliteStore) -> None:
    story = Story(store, ["a", "b"])
    story.starts("a")
    story.truncates("a")
    story.retries("a", 1)
    story.starts("a", 2)
    story.ends("a", number=2)
    story.runs("b", "failed", 1)
    story.finishes("failed", 74)
    assert [job.log_truncated for job in store.jobs(1)] == [True, False]
    assert [(one.number, one.log_truncated) for one in store.attempts(1, "a")] == [(1, True), (2, False)]
    Story(store, ["a", "b"], resumed=1).reuses("a")
    assert {job.job: job.log_truncated for job in store.jobs(1)} == {"a": True, "b": False}


def test_a_clock_that_is_set_back_makes_no_duration_negative(store: SqliteStore) -> None:
    story = Story(store, ["a"])
    story.runs("a")
    spent = story.now - story.started
    story.now -= 86_400
    story.tell(RunFinished(story.now, 1, 1, "success", 0, spent, {"success": 1}, None))
    (run,) = store.runs()
    assert run.ended is not None
    assert run.ended < run.started
    assert run.duration == spent


def told(events: list[Event], turns: list[int]) -> tuple[list[RunRecord], list[JobRecord], list[AttemptRecord]]:
    """The rows after reading ``events`` in turns of these sizes, then the rest in one."""
    with tempfile.TemporaryDirectory() as directory:
        store = open_store(os.path.join(directory, "h.db"))
        store.begin(NEW)
        rest = events
        for size in turns:
            store.read(rest[:size])
            rest = rest[size:]
        store.read(rest)
        found = store.runs(), store.jobs(1), store.attempts(1)
        store.close()
        return found


@given(turns=st.lists(st.integers(min_value=0, max_value=6), max_size=8))
@settings(max_examples=40)
def test_how_events_fall_into_turns_does_not_matter(turns: list[int]) -> None:
    ends = AttemptFinished(3.0, "b", 1, "failed", 1, None, 1.0, 0.5, 9, "exit code 1")
    events: list[Event] = [
        RunStarted(1.0, 1, 1, "nightly", "n.json", 3, 2, "/srv", "/log", 7),
        JobWaiting(1.0, "a", "waits for a file"),
        AttemptStarted(2.0, "a", 1, "true", "/log/a.1.log", "f"),
        AttemptStarted(2.0, "b", 1, "false", "/log/b.1.log", "f"),
        AttemptSpawned(2.0, "a", 1, 11),
        AttemptSpawned(2.0, "b", 1, 12),
        ends,
        JobRetrying(3.0, "b", 2, 1.0, "exit code 1"),
        AttemptStarted(4.0, "b", 2, "false", "/log/b.2.log", "f"),
        AttemptFinished(5.0, "a", 1, "success", 0, None, 3.0, 0.5, 9, None),
        JobFinished(5.0, "a", "success", None, "true", 1, 2.0, 3.0, 0, None, 0.5, 9, "/log/a.1.log"),
        ends._replace(number=2, time=6.0),
        JobFinished(6.0, "b", "failed", "exit code 1", "false", 2, 2.0, 4.0, 1, None, 0.5, 9, "/log/b.2.log"),
        JobFinished(6.0, "c", "skipped", "b failed", "true", 0, None, 0.0, None, None, 0.0, 0, None),
        RunFinished(7.0, 1, 1, "failed", 1, 6.0, {"success": 1, "failed": 1, "skipped": 1}, None),
    ]
    assert told(events, turns) == told(events, [])


def test_the_pid_of_an_attempt_is_kept_whether_it_ends_in_the_same_turn_or_later(store: SqliteStore) -> None:
    run, _ = store.begin(NEW)

    def begins(job: str, pid: int) -> list[Event]:
        return [AttemptStarted(NEW_YEAR, job, 1, "true", f"{job}.log", ""), AttemptSpawned(NEW_YEAR, job, 1, pid)]

    def ends(job: str) -> Event:
        return AttemptFinished(NEW_YEAR, job, 1, "success", 0, None, 0.1, 0.0, 0, None)

    store.read([*begins("quick", 71), ends("quick"), *begins("slow", 72)])
    assert {one.job: one.pid for one in store.attempts(run)} == {"quick": 71, "slow": 72}
    store.read([ends("slow")])
    assert {one.job: one.pid for one in store.attempts(run)} == {"quick": 71, "slow": 72}


def test_a_job_tried_once_is_one_row_and_tried_again_a_row_each(store: SqliteStore, db: str) -> None:
    story = Story(store, ["a", "b"])
    story.runs("a")
    assert rows(db, "SELECT * FROM try") == []
    story.starts("b")
    story.retries("b", 3)
    story.starts("b", 2)
    story.ends("b", "success", 0, 2)
    told = [(one.job, one.number, one.status, one.exit_code, one.pid) for one in store.attempts(1)]
    assert told == [("a", 1, "success", 0, 4711), ("b", 1, "failed", 3, 4711), ("b", 2, "success", 0, 4711)]
    assert [(job.job, job.retries, job.started) for job in store.jobs(1)] == [
        ("a", 0, NEW_YEAR + 1),
        ("b", 1, NEW_YEAR + 4),
    ]


def test_a_marked_job_keeps_what_its_try_was(store: SqliteStore) -> None:
    story = Story(store, ["a"])
    story.runs("a", "failed", 1)
    story.finishes("failed", 1)
    store.mark_success(1, ["a"], "ann", "by hand")
    assert [one.status for one in store.attempts(1)] == ["failed"]
    assert [one.status for one in store.jobs(1)] == ["success"]
