from __future__ import annotations

import os

import pytest

from exlib.errors import AnswerNo, Busy
from exlib.history.lock import RunLock, is_held
from exlib.history.sqlite import SqliteStore, open_store
from exlib.history.store import NewRun, Store
from tests.history.processes import Process
from tests.history.story import Story, rows, told

NEW = NewRun("nightly", "n.json", b"{}", False, "/srv", 1, 2, "ex-run n.json")


def test_it_is_a_store(store: SqliteStore) -> None:
    promised: Store = store
    assert promised.runs() == []


def test_the_document_is_kept_once_for_all_runs(store: SqliteStore, db: str) -> None:
    for _ in range(3):
        store.begin(NEW)
    kept = store.document(2)
    assert kept is not None
    assert (kept.name, kept.raw, kept.redacted) == ("n.json", b"{}", False)
    assert rows(db, "SELECT count(*) FROM document") == [(1,)]
    assert store.document(99) is None


def test_each_attempt_of_a_run_has_its_document(store: SqliteStore) -> None:
    run, _ = store.begin(NEW)
    store.begin(NEW._replace(document=b'{"jobs": []}'), run)
    kept = [store.document(run, attempt) for attempt in (0, 1, 2, 3)]
    assert [one and one.raw for one in kept] == [b'{"jobs": []}', b"{}", b'{"jobs": []}', None]


def test_the_options_that_a_resume_takes_over_are_kept_with_each_attempt(store: SqliteStore) -> None:
    run, _ = store.begin(NEW._replace(options='{"vars": {"day": "\\u00e9"}}', redacted=True))
    store.begin(NEW, run)
    first, second = store.attempts_of_run(run)
    assert (first.options, first.redacted) == ('{"vars": {"day": "\\u00e9"}}', True)
    assert (second.options, second.redacted) == ("{}", False)


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


def test_an_engine_does_not_wait_for_another_writer_and_loses_nothing(store: SqliteStore, db: str) -> None:
    story = Story(store, ["a", "b"])
    holder = Process(
        f"execute = open_store({db!r})._execute; execute('BEGIN IMMEDIATE'); say('held'); wait(); execute('ROLLBACK')"
    )
    assert holder.heard() == "held"
    events = told(story, lambda: story.runs("a"))
    store.keep(events)
    with pytest.raises(Busy, match="locked by another process"):
        store.read(events)
    assert store.jobs(1) == []
    holder.go_on()
    assert holder.end() == 0
    store.read([*events, *told(story, lambda: story.runs("b"))])
    assert [job.status for job in store.jobs(1)] == ["success", "success"]


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
