"""Which engines count as dead, what is written down of them by the next start, and where their jobs are looked for."""

from __future__ import annotations

import os
import shutil
import sqlite3
from pathlib import Path

import pytest

from exlib.engine.process import start_time
from exlib.errors import AnswerNo
from exlib.history.sqlite import open_store
from tests.history.processes import Process
from tests.history.story import NEW_YEAR, Story, rows

pytestmark = pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs /proc to tell processes apart")
RUNS = "SELECT run_id, status, end_time IS NOT NULL, reason FROM run_summary ORDER BY 1"


def change(db: str, statement: str) -> None:
    connection = sqlite3.connect(db)
    with connection:
        connection.execute(statement)
    connection.close()


def engine(db: str) -> Process:
    """An engine with one job running whose pid is on record."""
    writer = Process(f"story = Story(open_store({db!r}), ['a']); story.starts('a'); say(os.getpid()); wait()")
    writer.heard()
    return writer


def status(db: str) -> str:
    store = open_store(db, readonly=True)
    try:
        return store.runs()[0].status
    finally:
        store.close()


def test_an_engine_whose_lock_file_was_removed_is_known_by_pid_and_start_time(db: str) -> None:
    writer = engine(db)
    shutil.rmtree(f"{db}.locks")
    assert status(db) == "running"
    store = open_store(db)
    with pytest.raises(AnswerNo, match=r"run 1 is still going on: pid \d+, whose lock was removed, holds it"):
        store.claim(1)
    store.close()
    writer.kill()
    assert status(db) == "lost"
    again = open_store(db)
    again.claim(1)
    again.close()


@pytest.mark.parametrize("wrong", ["pid_start = pid_start + 1", "boot_id = 'another'", "pid_start = NULL"])
def test_a_pid_alone_is_no_evidence(db: str, wrong: str) -> None:
    writer = engine(db)
    shutil.rmtree(f"{db}.locks")
    change(db, f"UPDATE run_summary SET {wrong}")
    assert status(db) == "lost"
    writer.kill()


def test_the_next_start_writes_down_who_died(db: str) -> None:
    for _ in range(2):
        engine(db).kill()
    change(db, "UPDATE run_summary SET boot_id='another' WHERE run_id=2")
    living = engine(db)
    assert [row[:3] for row in rows(db, RUNS)] == [(1, "lost", 1), (2, "lost", 1), (3, "running", 0)]
    store = open_store(db)
    Story(store, ["a"])
    found = rows(db, RUNS)
    assert [row[:3] for row in found] == [(1, "lost", 1), (2, "lost", 1), (3, "running", 0), (4, "running", 0)]
    assert str(found[0][3]).endswith("ended without a word")
    assert rows(db, "SELECT run_id, status FROM job_history ORDER BY 1") == [(1, "lost"), (2, "lost"), (3, "running")]
    assert rows(db, "SELECT run_id, status FROM retry_history ORDER BY 1") == [(1, "lost"), (2, "lost"), (3, "running")]
    store.close()
    living.kill()


def test_a_restart_of_the_machine_is_told(db: str) -> None:
    engine(db).kill()
    change(db, "UPDATE run_summary SET boot_id='another'")
    store = open_store(db)
    Story(store, ["a"])
    store.close()
    assert str(rows(db, RUNS)[0][3]).endswith("ended without a word, and the machine was restarted since")


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("restarted", [False, True])
def test_jobs_of_this_boot_are_looked_for_by_pid_and_start_time(db: str, restarted: bool, number: int) -> None:
    code = f"store = open_store({db!r}); story = Story(store, ['a'], log_dir='/var/log/x')\n"
    code += "from exlib.events import AttemptSpawned, AttemptStarted\n"
    if number == 2:
        code += "story.starts('a'); story.retries('a', 1)\n"
    code += f"story.tell(AttemptStarted(story.now, 'a', {number}, 'x', '/var/log/x/a.1.log', 'f'))\n"
    code += f"story.tell(AttemptSpawned(story.now, 'a', {number}, os.getppid())); say(''); wait()"
    writer = Process(code)
    writer.heard()
    writer.kill()
    if restarted:
        change(db, "UPDATE run_summary SET boot_id='another'")
    store = open_store(db)
    story = Story(store, ["a"], resumed=1, start=NEW_YEAR + 60)
    remains = store.remains(1)
    store.close()
    own = {(os.getpid(), start_time(os.getpid())): "a"}
    assert story.attempt == 2
    assert remains.processes == ({} if restarted else own)
    assert remains.log_dirs == (set() if restarted else {"/var/log/x"}) | {"/var/log/nightly"}
