from __future__ import annotations

import os
import sqlite3
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from exlib.errors import AnswerNo, StorageError
from exlib.events import Event, JobFinished, Notice
from exlib.history.lock import RunLock, is_held
from exlib.history.sqlite import SqliteStore, open_store
from exlib.history.store import JobRecord, NewRun, NoHistory, RunRecord, Store
from tests.history.processes import Process
from tests.history.story import NEW_YEAR, Story

NEW = NewRun("nightly", "n.json", b"{}", False, "/srv", 1, 2, "ex-run n.json")


def rows(db: str, query: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(f"file:{db}?mode=ro", uri=True)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def test_it_is_a_store(store: SqliteStore) -> None:
    promised: Store = store
    assert promised.runs() == []


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


def test_a_turn_is_recorded_whole_or_not_at_all(store: SqliteStore) -> None:
    story = Story(store, ["a", "b"])
    broken = JobFinished(1.0, "b", "failed", None, object(), 1, 1.0, 1.0, 1, None, 0, 0, None)  # type: ignore[arg-type]
    good = JobFinished(1.0, "a", "success", None, "true", 1, 1.0, 1.0, 0, None, 0, 0, None)
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


def test_the_document_is_kept_once_for_all_runs(store: SqliteStore, db: str) -> None:
    for _ in range(3):
        store.begin(NEW)
    kept = store.document(2)
    assert kept is not None
    assert (kept.name, kept.raw, kept.redacted) == ("n.json", b"{}", False)
    assert rows(db, "SELECT count(*) FROM document") == [(1,)]
    assert store.document(99) is None


def test_thirty_starts_at_once_get_thirty_runs(db: str) -> None:
    code = f"store = open_store({db!r}); say('ready'); wait(); say(Story(store, ['a']).run); wait()"
    processes = [Process(code) for _ in range(30)]
    assert {process.heard() for process in processes} == {"ready"}
    for process in processes:
        process.go_on()
    assert sorted(int(process.heard()) for process in processes) == list(range(1, 31))
    reader = open_store(db, readonly=True)
    assert {run.status for run in reader.runs()} == {"running"}
    for process in processes:
        process.kill()
    assert {run.status for run in reader.runs()} == {"lost"}
    reader.close()


def test_a_number_is_never_given_twice(store: SqliteStore) -> None:
    for _ in range(3):
        Story(store, ["a"]).finishes()
    store.close()
    again = open_store(store.path)
    again.prune(keep=0)
    assert again.runs() == []
    assert again.begin(NEW) == (4, 1)
    again.close()


def test_a_writer_waits_for_another_and_loses_nothing(store: SqliteStore, db: str) -> None:
    story = Story(store, ["a"])
    holder = Process(
        f"store = open_store({db!r}); store._execute('BEGIN IMMEDIATE'); say('held'); wait()\n"
        "import time; time.sleep(1.5); store._execute('ROLLBACK')"
    )
    assert holder.heard() == "held"
    holder.go_on()
    story.runs("a")
    story.finishes()
    assert holder.end() == 0
    assert [job.status for job in store.jobs(1)] == ["success"]


def test_a_kill_leaves_whole_turns(db: str) -> None:
    writer = Process(f"""
story = Story(open_store({db!r}), [str(n) for n in range(100_000)])
for n in range(100_000):
    story.runs(str(n))
    if n == 50: say('going')
""")
    assert writer.heard() == "going"
    writer.kill()
    assert rows(db, "PRAGMA integrity_check") == [("ok",)]
    reader = open_store(db, readonly=True)
    jobs = sorted(reader.jobs(1), key=lambda job: int(job.job))
    assert [job.job for job in jobs] == [str(n) for n in range(len(jobs))]
    assert len(jobs) > 50
    assert {job.status for job in jobs[:-1]} == {"success"}
    # The last turn told both ends of a job or neither.
    last, tries = jobs[-1], reader.attempts(1, jobs[-1].job)
    assert (last.status, tries[-1].status) in [("success", "success"), ("lost", "lost")]
    assert last.job == tries[-1].job
    reader.close()


def test_readers_see_whole_turns_while_a_run_goes_on(db: str) -> None:
    writer = Process(f"""
story = Story(open_store({db!r}), [str(n) for n in range(100_000)])
say('going')
for n in range(100_000):
    story.runs(str(n))
""")
    assert writer.heard() == "going"
    reader = open_store(db, readonly=True)
    seen = 0
    while seen < 500:
        (run,) = reader.runs()
        assert run.status == "running"
        assert run.completed >= seen
        seen = run.completed
        underway = [job for job in reader.jobs(1) if job.status == "running"]
        assert len(underway) <= 1
    writer.kill()
    reader.close()


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


def test_a_resume_settles_what_was_lost(db: str) -> None:
    writer = Process(
        f"story = Story(open_store({db!r}), ['a', 'b']); story.runs('a'); story.starts('b'); say(1); wait()"
    )
    writer.heard()
    writer.kill()
    store = open_store(db)
    story = Story(store, ["a", "b"], resumed=1, start=NEW_YEAR + 60)
    assert (story.run, story.attempt) == (1, 2)
    dead, alive = store.attempts_of_run(1)
    assert (dead.status, dead.completed, dead.failed, dead.ended) == ("lost", 1, 1, NEW_YEAR + 4)
    assert dead.reason is not None
    assert "ended without a word" in dead.reason
    assert alive.status == "running"
    assert rows(db, "SELECT job_id, status FROM job_history ORDER BY 1") == [("a", "success"), ("b", "lost")]
    assert rows(db, "SELECT job_id, status FROM retry_history ORDER BY 1") == [("a", "success"), ("b", "lost")]
    store.close()


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


def test_jobs_of_a_run_are_as_they_stand_after_their_latest_attempt(store: SqliteStore) -> None:
    story = Story(store, ["a", "b"])
    story.runs("a")
    story.runs("b", "failed", 1)
    story.finishes("failed", 1)
    second = Story(store, ["b"], resumed=1, start=NEW_YEAR + 60)
    second.runs("b")
    second.finishes()
    assert [(job.job, job.attempt, job.status) for job in store.jobs(1)] == [("a", 1, "success"), ("b", 2, "success")]


def test_two_resumes_of_one_run_are_one_resume(store: SqliteStore, db: str) -> None:
    Story(store, ["a"]).finishes("failed", 1)
    store.close()
    first = Process(f"store = open_store({db!r}); store.claim(1); say('claimed'); wait()")
    assert first.heard() == "claimed"
    second = open_store(db)
    for attempt in (lambda: second.begin(NEW, 1), lambda: second.claim(1)):
        with pytest.raises(AnswerNo, match="run 1 is still going on: pid"):
            attempt()
    first.kill()
    assert second.begin(NEW, 1) == (1, 2)
    second.close()


def test_a_run_that_is_not_there_cannot_be_resumed(store: SqliteStore, db: str) -> None:
    with pytest.raises(AnswerNo, match="there is no run 12"):
        store.begin(NEW, 12)
    assert not os.path.exists(f"{db}.locks")


def test_closing_lets_go_of_the_run(store: SqliteStore, db: str) -> None:
    store.begin(NEW)
    assert is_held(db, 1)
    store.close()
    assert not is_held(db, 1)
    assert not os.path.exists(RunLock(db, 1).path)
    store.close()


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


def test_directory_and_files_are_private(store: SqliteStore, db: str) -> None:
    store.begin(NEW)
    assert stat.S_IMODE(os.stat(os.path.dirname(db)).st_mode) == 0o700
    for name in (db, f"{db}-wal", f"{db}-shm"):
        assert stat.S_IMODE(os.stat(name).st_mode) == 0o600, name


def test_commits_go_through_the_write_ahead_log(store: SqliteStore, db: str) -> None:
    assert rows(db, "PRAGMA journal_mode") == [("wal",)]
    assert store._execute("PRAGMA synchronous").fetchone() == (1,)


def test_the_log_is_synced_when_a_run_begins_and_ends(store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    fsync = os.fsync
    monkeypatch.setattr(os, "fsync", lambda fd: (synced.append(os.fstat(fd).st_ino), fsync(fd)))
    wal = os.stat(f"{store.path}-wal").st_ino
    story = Story(store, ["a"])
    assert synced == [wal]
    story.runs("a")
    assert synced == [wal]  # within a second: the clock decides
    store._synced_at -= 1.0
    story.skips("b")
    assert synced == [wal] * 2
    assert store.interval is None
    store.tick()
    assert synced == [wal] * 2  # nothing new
    story.starts("c")
    assert store.interval == 1.0
    store.tick()
    assert synced == [wal] * 3
    story.finishes()
    assert synced == [wal] * 4


def test_an_absent_history_is_not_made_by_a_reader(db: str) -> None:
    with pytest.raises(NoHistory, match="there is no history yet"):
        open_store(db, readonly=True)
    assert not os.path.exists(os.path.dirname(db))


def test_a_reader_cannot_write(store: SqliteStore, db: str) -> None:
    reader = open_store(db, readonly=True)
    with pytest.raises(StorageError, match="read-only"):
        reader.begin(NEW)
    reader.close()


@pytest.mark.parametrize("place", ["file/history.db", "directory"])
def test_a_place_that_cannot_hold_a_history_is_named(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "directory").mkdir()
    with pytest.raises(StorageError, match=place) as caught:
        open_store(str(tmp_path / place))
    assert caught.value.exit_code == 74
    assert "--db" in (caught.value.mend or "")


def test_a_damaged_file_is_named_and_left_alone(db: str) -> None:
    store = open_store(db)
    for _ in range(200):
        Story(store, ["a"]).runs("a")
    store.close()
    path = Path(db)
    damaged = bytearray(path.read_bytes())
    for at in range(4096 * 2, len(damaged), 4096):
        damaged[at : at + 200] = b"\xa5" * 200
    path.write_bytes(damaged)
    reader = open_store(db, readonly=True)
    with pytest.raises(StorageError, match=r"history\.db is damaged; it was left as it is"):
        reader.runs()
    reader.close()
    assert path.read_bytes() == damaged


def test_a_full_disk_is_said_and_the_run_can_go_on_after_it(store: SqliteStore, db: str) -> None:
    story = Story(store, ["a"])
    pages = store._execute("PRAGMA page_count").fetchone()[0]
    store._execute(f"PRAGMA max_page_count={pages}")
    big = JobFinished(NEW_YEAR, "a", "failed", "x" * 10_000, "true", 1, 1.0, 1.0, 1, None, 0, 0, None)
    with pytest.raises(StorageError, match="the disk is full"):
        store.read([big])
    store._execute("PRAGMA max_page_count=1000000")
    store.read([big])
    story.finishes("failed", 1)
    assert [len(job.reason or "") for job in store.jobs(1)] == [10_000]


def test_a_history_in_a_directory_that_cannot_be_written_can_be_read() -> None:
    with tempfile.TemporaryDirectory() as directory:  # that of pytest shuts others out
        db = os.path.join(directory, "history.db")
        store = open_store(db)
        Story(store, ["a"]).finishes()
        store.close()
        os.chmod(db, 0o444)
        os.chmod(directory, 0o555)
        reader = Process(_AS_NOBODY.format(db=db))
        assert reader.heard() == "1 success"
        assert reader.heard() == "refused: permission denied or read-only"
        assert reader.end() == 0
        os.chmod(directory, 0o755)


_AS_NOBODY = """
from exlib.errors import StorageError
if os.geteuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
run, = open_store('{db}', readonly=True).runs()
say(f'{{run.run}} {{run.status}}')
try:
    open_store('{db}')
except StorageError as error:
    say('refused:' + error.message.rpartition(':')[2])
"""
