"""What an engine kept beside the database and had no time to write up."""

from __future__ import annotations

import marshal
import os
import resource
import signal
import sqlite3
import struct
import zlib
from pathlib import Path

import pytest

from exlib.engine.states import State
from exlib.errors import Exit, StorageError
from exlib.events import AttemptStarted, Event, RunFinished, RunStarted
from exlib.history import redo
from exlib.history.sqlite import SqliteStore, open_store
from exlib.history.store import NewRun
from tests.history.processes import Process
from tests.history.story import Story, rows, told

NEW = NewRun("nightly", "n.json", b"{}", False, "/srv", 1, 2, "ex-run n.json")

KEPT = """
story = Story(open_store({db!r}), [str(n) for n in range(100)])
story.store.read = story.store.keep
for n in range(50): story.runs(str(n))
story.starts('50')
say('kept'); wait()
"""


def test_every_event_that_the_tables_tell_is_kept(store: SqliteStore) -> None:
    store.begin(NEW)
    assert store._recorder is not None
    assert set(redo._KEPT) == set(store._recorder._writers)


def killed_with_a_redo_log(db: str) -> None:
    writer = Process(KEPT.format(db=db))
    assert writer.heard() == "kept"
    writer.kill()


def test_a_run_that_goes_on_is_left_alone(store: SqliteStore, db: str) -> None:
    story = Story(store, ["a"])
    store.keep(told(story, lambda: story.runs("a")))
    assert not redo.any_left(db)
    open_store(db, readonly=True).close()
    assert rows(db, "SELECT count(*) FROM job_history") == [(0,)]


@pytest.mark.parametrize("opened_by", ["reader", "writer", "resume", "start"])
def test_what_a_killed_engine_kept_is_written_up_by_whoever_comes_next(db: str, opened_by: str) -> None:
    killed_with_a_redo_log(db)
    assert rows(db, "SELECT count(*) FROM job_history") == [(0,)]
    store = open_store(db, readonly=opened_by == "reader")
    if opened_by == "resume":
        store.claim(1)
    elif opened_by == "start":
        store.begin(NEW)
    jobs = {job.job: job.status for job in store.jobs(1)}
    store.close()
    assert jobs == {**{str(n): "success" for n in range(50)}, "50": "lost"}
    assert not os.path.exists(redo.path_of(db, 1))
    assert rows(db, "SELECT DISTINCT pid_start FROM job_history") == [(None,)]


def test_a_redo_log_cut_at_any_byte_is_a_prefix_of_what_was_kept(db: str, tmp_path: Path) -> None:
    killed_with_a_redo_log(db)
    whole = Path(redo.path_of(db, 1)).read_bytes()
    turns = list(redo.turns(redo.path_of(db, 1)))
    cut = tmp_path / "cut"
    seen = set()
    for size in range(0, len(whole), 7):
        cut.write_bytes(whole[:size] + b"\xff" * (size % 3))
        found = list(redo.turns(str(cut)))
        assert found == turns[: len(found)]
        seen.add(len(found))
    assert seen >= set(range(len(turns) - 1))


def test_what_was_kept_before_the_machine_started_anew_is_not_written_up(db: str) -> None:
    killed_with_a_redo_log(db)
    connection = sqlite3.connect(db)
    connection.execute("UPDATE run_summary SET boot_id='another'")
    connection.commit()
    connection.close()
    store = open_store(db)
    store.claim(1)
    assert store.jobs(1) == []
    assert [run.status for run in store.attempts_of_run(1)] == ["lost"]
    store.close()


def test_a_redo_log_that_finds_no_room_keeps_whole_turns(store: SqliteStore) -> None:
    story = Story(store, ["a"])
    events = told(story, lambda: story.runs("a"))
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    store.keep(events)
    before = os.path.getsize(redo.path_of(store.path, 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (before + 10, limit[1]))
    try:
        with pytest.raises(StorageError, match=r"cannot write .*run-1\.redo beside the history"):
            store.keep(events)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    assert len(list(redo.turns(redo.path_of(store.path, 1)))) == 1
    store.keep(events)
    assert len(list(redo.turns(redo.path_of(store.path, 1)))) == 2


def test_every_event_comes_back_as_it_was(tmp_path: Path) -> None:
    events: list[Event] = [
        RunStarted(1.5, 1, 1, "n", "n.json", 2, 2, "/srv/caf\udce9", "/log", 7),
        AttemptStarted(2.5, "\u00e9", 1, "true", "/log/\udce9", "f00d"),
        RunFinished(3.5, 1, 1, "success", Exit.NO, 2.0, {State.SUCCESS: 2}, None),
    ]
    log = redo.Redo(str(tmp_path / "redo"))
    log.append(events)
    assert list(redo.turns(log.path)) == [events]
    log.clear()
    assert list(redo.turns(log.path)) == []
    log.close(keep=False)
    assert not os.path.exists(log.path)


@pytest.mark.parametrize("turn", [[("JobForgotten", 1.0)], [("JobReused", 1.0)], [("Notice",)], 7])
def test_what_another_release_kept_ends_the_log_and_stops_nobody(tmp_path: Path, turn: object) -> None:
    log = redo.Redo(str(tmp_path / "redo"))
    log.append([AttemptStarted(2.5, "a", 1, "true", "/log", "f00d")])
    body = marshal.dumps(turn, 4)
    with open(log.path, "ab") as stream:
        stream.write(struct.pack("<II", len(body), zlib.crc32(body)) + body)
    assert len(list(redo.turns(log.path))) == 1
