from __future__ import annotations

import contextlib
import hashlib
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from exlib.errors import StorageError
from exlib.history import migrations
from exlib.history.migrations import APPLICATION_ID, STEPS, migrate, version_of
from exlib.history.sqlite import open_store
from tests.history.processes import Process
from tests.history.story import Story

NEXT = "ALTER TABLE job_history ADD COLUMN queue TEXT; CREATE TABLE pool (name TEXT)"
BROKEN = "CREATE TABLE half_done (x); INSERT INTO nowhere VALUES (1)"


def connected(path: str) -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None)


def with_a_run(path: str) -> None:
    store = open_store(path)
    story = Story(store, ["a"])
    story.runs("a")
    story.finishes()
    store.close()


def test_a_new_database_carries_its_version_and_whose_it_is(db: str) -> None:
    open_store(db).close()
    connection = connected(db)
    assert version_of(connection) == len(STEPS)
    assert connection.execute("PRAGMA application_id").fetchone()[0] == APPLICATION_ID


def test_an_older_database_is_upgraded_with_its_rows(db: str) -> None:
    with_a_run(db)
    connection = connected(db)
    migrate(connection, db, (*STEPS, NEXT))
    assert version_of(connection) == len(STEPS) + 1
    assert connection.execute("SELECT job_id, status, queue FROM job_history").fetchall() == [("a", "success", None)]
    migrate(connection, db, (*STEPS, NEXT))  # nothing is left to do


VERSION_1_RUN = """
INSERT INTO run_summary (run_id, attempt, application_name, status, start_time, end_time, total_jobs, working_dir,
  document_name, document_sha256, document_redacted, workers, host, user, pid, boot_id, command_line)
VALUES (7, 1, 'nightly', 'failed', '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:05.000Z', 2, '/srv', 'n.json', 'f00d',
  1, 2, 'here', 'ann', 4711, '', 'ex-run n.json')"""


@pytest.mark.parametrize("readonly", [True, False])
def test_a_database_of_version_1_gets_options_for_its_rows(db: str, readonly: bool) -> None:
    Path(db).parent.mkdir()
    connection = connected(db)
    migrate(connection, db, STEPS[:1])
    assert version_of(connection) == 1
    connection.execute(VERSION_1_RUN)
    connection.close()
    store = open_store(db, readonly=readonly)
    (run,) = store.runs()
    store.close()
    assert (run.run, run.status, run.command_line) == (7, "failed", "ex-run n.json")
    assert (run.redacted, run.options, run.duration) == (True, "{}", 5.0)


def test_the_first_step_is_as_it_was_released() -> None:
    digest = "971a823715365cd91e54d4efb96a951e69ba120cc9ed4bbffbce6442c69d912b"
    assert hashlib.sha256(STEPS[0].encode()).hexdigest() == digest


def test_a_step_that_fails_changes_nothing(db: str) -> None:
    with_a_run(db)
    connection = connected(db)
    with pytest.raises(sqlite3.OperationalError, match="nowhere"):
        migrate(connection, db, (*STEPS, BROKEN))
    assert version_of(connection) == len(STEPS)
    assert connection.execute("SELECT 1 FROM sqlite_master WHERE name='half_done'").fetchone() is None
    assert len(open_store(db).runs()) == 1


def test_readers_upgrade_an_older_database_first(db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with_a_run(db)
    monkeypatch.setattr(migrations, "STEPS", (*STEPS, NEXT))
    monkeypatch.setattr(migrations.migrate, "__defaults__", ((*STEPS, NEXT),))
    monkeypatch.setattr(migrations.check, "__defaults__", ((*STEPS, NEXT),))
    store = open_store(db, readonly=True)
    assert [run.status for run in store.runs()] == ["success"]
    store.close()
    assert version_of(connected(db)) == len(STEPS) + 1


@pytest.mark.parametrize("readonly", [True, False])
def test_a_newer_database_is_refused(db: str, readonly: bool) -> None:
    with_a_run(db)
    connected(db).execute("PRAGMA user_version = 99")
    with pytest.raises(StorageError, match=r"written by a newer release: its tables are version 99"):
        open_store(db, readonly=readonly)
    assert version_of(connected(db)) == 99


@pytest.mark.parametrize("readonly", [True, False])
def test_another_programs_database_is_left_untouched(tmp_path: Path, readonly: bool) -> None:
    path = tmp_path / "firefox.db"
    connection = connected(str(path))
    connection.execute("CREATE TABLE bookmarks (url)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(StorageError, match="another program's SQLite database; it was left untouched"):
        open_store(str(path), readonly=readonly)
    assert path.read_bytes() == before


@pytest.mark.parametrize("readonly", [True, False])
def test_a_file_that_is_no_database_is_left_untouched(tmp_path: Path, readonly: bool) -> None:
    path = tmp_path / "history.db"
    path.write_bytes(b"this is a letter to my aunt\n" * 100)
    with pytest.raises(StorageError, match=r"history\.db is not a history: .* left untouched"):
        open_store(str(path), readonly=readonly)
    assert path.read_bytes() == b"this is a letter to my aunt\n" * 100


class Overtaken(sqlite3.Connection):
    """Another process makes the tables just before this one asks whether there are any."""

    def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
        if "sqlite_master" in sql:
            (path,) = (row[2] for row in super().execute("PRAGMA database_list"))
            other = sqlite3.connect(path, isolation_level=None, timeout=0)
            with contextlib.suppress(sqlite3.OperationalError):  # without a write-ahead log a reader keeps it out
                migrate(other, path)
            other.close()
        return super().execute(sql, *values)


@pytest.mark.parametrize("journal", ["wal", "delete"])
def test_the_first_migration_of_another_process_is_no_other_program(tmp_path: Path, journal: str) -> None:
    path = str(tmp_path / "history.db")
    connection = sqlite3.connect(path, isolation_level=None, factory=Overtaken)
    connection.execute(f"PRAGMA journal_mode={journal}")
    migrations.check(connection, path)
    assert not connection.in_transaction
    migrate(connection, path)
    assert version_of(connection) == len(STEPS)


def test_many_processes_make_one_database_together(db: str) -> None:
    processes = [Process(f"wait(); open_store({db!r}).close(); say('made')") for _ in range(8)]
    for process in processes:
        process.go_on()
    assert [process.end() for process in processes] == [0] * 8
    assert version_of(connected(db)) == len(STEPS)


VERSION_2_TRY = """
INSERT INTO job_history (run_id, job_id, attempt, status, start_time, duration, command, exit_code)
VALUES (7, 'a', 1, 'success', '2026-01-01T00:00:00.000Z', 2.0, 'true', 0);
INSERT INTO retry_history (run_id, job_id, attempt, number, status, start_time, duration, exit_code, pid)
VALUES (7, 'a', 1, 1, 'success', '2026-01-01T00:00:00.000Z', 2.0, 0, 4711)"""


def test_the_tries_of_version_2_are_told_once(db: str) -> None:
    Path(db).parent.mkdir()
    connection = connected(db)
    migrate(connection, db, STEPS[:2])
    for statement in (VERSION_1_RUN, *VERSION_2_TRY.split(";")):
        connection.execute(statement)
    connection.close()
    store = open_store(db)
    assert [(one.job, one.number, one.status, one.pid) for one in store.attempts(7)] == [("a", 1, "success", 4711)]
    store.close()
