from __future__ import annotations

import os
import sqlite3
import stat
import tempfile
from pathlib import Path

import pytest

from exlib.errors import StorageError
from exlib.events import JobFinished
from exlib.history.sqlite import SqliteStore, open_store
from exlib.history.store import NewRun, NoHistory
from tests.history.processes import Process
from tests.history.story import NEW_YEAR, Story, rows

NEW = NewRun("nightly", "n.json", b"{}", False, "/srv", 1, 2, "ex-run n.json")


def test_directory_and_files_are_private(store: SqliteStore, db: str) -> None:
    store.begin(NEW)
    assert stat.S_IMODE(os.stat(os.path.dirname(db)).st_mode) == 0o700
    for name in (db, f"{db}-wal", f"{db}-shm"):
        assert stat.S_IMODE(os.stat(name).st_mode) == 0o600, name


def test_commits_go_through_the_write_ahead_log(store: SqliteStore, db: str) -> None:
    assert rows(db, "PRAGMA journal_mode") == [("wal",)]
    assert store._execute("PRAGMA synchronous").fetchone() == (1,)


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
    big = JobFinished(NEW_YEAR, "a", "failed", "x" * 10_000, "true", 0, None, 0.0, None, None, 0, 0, None)
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


def test_turning_to_the_write_ahead_log_waits_for_a_writer(db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    open_store(db).close()
    writer = sqlite3.connect(db, isolation_level=None)
    writer.execute("PRAGMA journal_mode=DELETE")
    writer.execute("BEGIN IMMEDIATE")  # SQLite's own busy handler is not asked in this state
    waited: list[float] = []

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        writer.execute("COMMIT")

    monkeypatch.setattr("exlib.history.connection.time.sleep", sleep)
    open_store(db).close()
    assert len(waited) == 1
    assert rows(db, "PRAGMA journal_mode") == [("wal",)]
