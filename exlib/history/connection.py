"""Opening the database, and what SQLite's errors mean to a person."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from types import TracebackType

from exlib.errors import Busy, StorageError
from exlib.history import migrations
from exlib.history.store import NoHistory

BUSY_SECONDS = 60.0
"""How long a writer waits for another process before it gives up."""
TURN_SECONDS = 0.1
"""How long a turn of the engine's loop does so: timeouts, signals and ends of jobs wait meanwhile."""
_CHECKPOINT_PAGES = 4000

_MEND = "name another history with --db or EX_DB"
_CAUSES = (
    ("SQLITE_NOTADB", "is not a history: the file is not an SQLite database; it was left untouched"),
    ("SQLITE_CORRUPT", "is damaged; it was left as it is"),
    ("SQLITE_BUSY", "is locked by another process"),
    ("SQLITE_READONLY", "cannot be written: it is read-only"),
    ("SQLITE_FULL", "cannot be written: the disk is full"),
    ("SQLITE_CANTOPEN", "cannot be opened"),
    ("SQLITE_PERM", "cannot be opened: permission denied"),
)


class Guard:
    """Turns SQLite's errors into ours, and leaves no transaction open behind an error."""

    def __init__(self, connection: sqlite3.Connection, path: str) -> None:
        self._connection = connection
        self._path = path

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if error is None:
            return
        with contextlib.suppress(sqlite3.ProgrammingError):  # the connection is closed
            self._connection.rollback()
        if isinstance(error, sqlite3.Error):
            raise storage_error(self._path, error) from error


def storage_error(path: str, error: sqlite3.Error) -> StorageError:
    """What an error of SQLite's means for the history at ``path``."""
    name = getattr(error, "sqlite_errorname", "") or ""
    for start, cause in _CAUSES:
        if name.startswith(start):
            kind = Busy if start == "SQLITE_BUSY" else StorageError
            return kind(f"the history {path} {cause}", mend=_mend(start, path))
    return StorageError(f"the history {path} cannot be used: {error}", mend=_MEND)


def connect(path: str) -> sqlite3.Connection:
    """Open for writing, made and migrated as needed. Raises StorageError."""
    _make_file(path)
    try:
        connection = _open(f"{_uri(path)}?mode=rw")
        try:
            migrations.check(connection, path)
            _use_wal(connection)
            connection.execute("PRAGMA synchronous=NORMAL")
            connection.execute(f"PRAGMA wal_autocheckpoint={_CHECKPOINT_PAGES}")
            migrations.migrate(connection, path)
        except BaseException:
            connection.close()
            raise
    except sqlite3.Error as error:
        raise storage_error(path, error) from error
    return connection


def connect_readonly(path: str) -> sqlite3.Connection:
    """Open without being able to write. Raises NoHistory if there is none, StorageError if it cannot be used."""
    if not os.path.exists(path):
        raise NoHistory(f"there is no history yet at {path}", mend="the first ex-run makes it; --db names another")
    try:
        connection = _open_readonly(path)
        try:
            migrations.check(connection, path)
            if migrations.version_of(connection) == len(migrations.STEPS):
                return connection
        except BaseException:
            connection.close()
            raise
        connection.close()
        connect(path).close()  # of an older release: the tables are brought up to date first
        return _open_readonly(path)
    except sqlite3.Error as error:
        raise storage_error(path, error) from error


def _open_readonly(path: str) -> sqlite3.Connection:
    connection = _open(f"{_uri(path)}?mode=ro")
    try:
        migrations.version_of(connection)
    except sqlite3.OperationalError as error:
        connection.close()
        log = f"{path}-wal"
        shut = error.sqlite_errorname.startswith(("SQLITE_CANTOPEN", "SQLITE_READONLY"))
        if not shut or (os.path.exists(log) and os.stat(log).st_size):
            raise
        # A directory that takes no shared memory file: without a write-ahead log nobody is writing.
        return _open(f"{_uri(path)}?mode=ro&immutable=1")
    return connection


def _open(uri: str) -> sqlite3.Connection:
    return sqlite3.connect(uri, uri=True, isolation_level=None, timeout=BUSY_SECONDS)


def _make_file(path: str) -> None:
    """Make an empty private file; an existing one is never opened here: closing it would drop SQLite's locks."""
    directory = os.path.dirname(path)
    try:
        if not os.path.isdir(directory):
            os.makedirs(directory, mode=0o700, exist_ok=True)
        if not os.path.exists(path):
            with contextlib.suppress(FileExistsError):
                os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as error:
        cause = (error.strerror or str(error)).lower()
        raise StorageError(f"the history {path} cannot be made: {cause}", mend=_MEND) from None
    if not os.path.isfile(path):
        raise StorageError(f"the history {path} is not a file", mend=_MEND)
    if not os.access(path, os.R_OK | os.W_OK):
        raise StorageError(f"the history {path} cannot be written: permission denied or read-only", mend=_MEND)


def _use_wal(connection: sqlite3.Connection) -> None:
    """Switch to the write-ahead log; SQLite does not wait for others by itself here."""
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if not error.sqlite_errorname.startswith("SQLITE_BUSY") or time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def _uri(path: str) -> str:
    quoted = path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")
    return f"file:{quoted}"


def _mend(cause: str, path: str) -> str:
    if cause == "SQLITE_CORRUPT":
        return f"recover what can be with: sqlite3 {path} .recover; or {_MEND}"
    if cause == "SQLITE_BUSY":
        return f"see who holds it with: fuser {path}"
    if cause == "SQLITE_FULL":
        return f"make room, e.g. with: ex-history prune --older-than 90d; or {_MEND}"
    return _MEND
