"""The history in SQLite: one long-lived connection, WAL, one transaction a turn.

What is promised, and how it is kept:

- When ``read`` or ``begin`` returns, its rows survive the death of the process: they are in the write-ahead log,
  which belongs to the kernel. A turn is one transaction, so a kill leaves whole turns.
- A power cut loses at most the last second: the log is synced once a second while there is something new in it
  (``read`` does so after a quiet second, ``tick`` for the last turn of a burst), and when a run begins and ends.
- Writers queue: ``BEGIN IMMEDIATE`` waits up to a minute for another process, and nothing waits inside a transaction.
- A run has one engine: ``claim`` and ``begin`` take its lock before its row can be seen, and ``close`` lets go.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
import zlib
from collections.abc import Sequence

from exlib.digest import sha256_hex
from exlib.engine.process import start_time
from exlib.errors import StorageError
from exlib.events import Event, Reader, RunFinished, iso
from exlib.history import evidence, marks, redo, retention, samples
from exlib.history.connection import TURN_SECONDS, Guard, connect, connect_readonly
from exlib.history.location import database_path
from exlib.history.lock import RunLock, going_on
from exlib.history.recording import Recorder, bindable
from exlib.history.records import Records, text
from exlib.history.settling import settle, settle_dead, tidy
from exlib.history.store import AttemptRecord, JobRecord, JobSample, NewRun, Remains, RunRecord, StoredDocument

_SYNC_INTERVAL = 1.0

_NEXT_RUN = """
UPDATE counter SET last_run = 1 + max(last_run, (SELECT coalesce(max(run_id), 0) FROM run_summary))"""
_NEW_RUN = """
INSERT INTO run_summary (run_id, attempt, application_name, status, start_time, total_jobs, working_dir,
  document_name, document_sha256, document_redacted, workers, host, user, pid, pid_start, boot_id, command_line,
  options)
VALUES (?, ?, ?, 'running', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
_DOCUMENT = """
SELECT document_name, zlib, document_redacted FROM run_summary JOIN document ON sha256=document_sha256
WHERE run_id=? AND ? IN (attempt, 0) ORDER BY attempt DESC LIMIT 1"""


def open_store(path: str | None = None, *, readonly: bool = False) -> SqliteStore:
    """The history at ``path``, else at ``EX_DB``, else in the state directory; made if it is not there.

    Raises StorageError if it cannot be used, and NoHistory if it is to be read only and does not exist.
    """
    where = database_path(path)
    if redo.any_left(where):  # it belongs into the tables before anybody reads them
        with contextlib.suppress(StorageError), contextlib.closing(SqliteStore(where, connect(where))) as store:
            store.settle_dead()
    return SqliteStore(where, connect_readonly(where) if readonly else connect(where))


class SqliteStore(Reader):
    """A Store, and a Reader of events. Use it in the process that opened it: neither survives a fork."""

    def __init__(self, path: str, connection: sqlite3.Connection) -> None:
        self.path = path
        self._connection = connection
        self._execute = connection.cursor().execute
        self._guard = Guard(connection, path)
        self._alive = lambda run: evidence.alive(connection, path, run)
        self._records = Records(connection, self._alive)
        self._lock: RunLock | None = None
        self._recorder: Recorder | None = None
        self._wal = -1
        self._redo: redo.Redo | None = None
        self._behind = False
        self._unsynced = False
        self._synced_at = time.monotonic()

    def claim(self, run: int) -> None:
        """Become the one engine of an existing run; see the Store protocol."""
        if self._lock is not None and self._lock.run == run:
            return
        with self._guard:
            known = self._records.latest(run)
        if known is None:
            raise marks.no_run(run)
        self._hold(run)
        with self._guard:
            pid = evidence.engine(self._connection, run)
            if pid is not None:
                raise going_on(run, f"pid {pid}, whose lock was removed,")
            self._execute("BEGIN IMMEDIATE")
            settle(self._connection, self.path, run)
            self._execute("COMMIT")
        redo.remove(self.path, run)

    def begin(self, new: NewRun, resumed: int | None = None) -> tuple[int, int]:
        """Record a new run, or a further attempt of one; see the Store protocol."""
        if resumed is not None:
            self.claim(resumed)
        with self._guard:
            self._execute("BEGIN IMMEDIATE")
            dead = settle_dead(self._connection, self.path, self._alive)
            run, attempt = self._new_run() if resumed is None else self._new_attempt(resumed)
            sha = self._keep_document(new.document)
            names = bindable(new.working_dir), bindable(new.document_name), sha, new.redacted
            engine = os.getpid(), start_time(os.getpid()), evidence.boot_id()
            where = os.uname().nodename, marks.user_name(), *engine, bindable(new.command_line)
            now = iso(time.time())
            what = bindable(new.application), now, new.total_jobs
            self._execute(_NEW_RUN, (run, attempt, *what, *names, new.workers, *where, bindable(new.options)))
            self._execute("COMMIT")
            self._execute(f"PRAGMA busy_timeout={TURN_SECONDS * 1000:.0f}")
        self._recorder = Recorder(self._connection, run, attempt)
        if self._redo is not None:
            self._redo.close(keep=self._behind)
        self._redo = redo.Redo(redo.path_of(self.path, run))
        tidy(self._connection, self.path, dead)
        self._sync()
        return run, attempt

    def settle_dead(self) -> None:
        """Write up every run whose engine is dead, and write down as lost what it left."""
        with self._guard:
            self._execute("BEGIN IMMEDIATE")
            dead = settle_dead(self._connection, self.path, self._alive)
            self._execute("COMMIT")
        tidy(self._connection, self.path, dead)

    def keep(self, events: Sequence[Event]) -> None:
        """Keep one turn's events beside the database; see the Store protocol."""
        if self._redo is None:
            raise ValueError("keep() before begin(): these events belong to no run")
        self._behind = True
        self._redo.append(events)

    def read(self, events: Sequence[Event]) -> None:
        """Write events into the tables in one transaction, in order; see the Store protocol."""
        if self._recorder is None or self._redo is None:
            raise ValueError("read() before begin(): these events belong to no run")
        with self._guard:
            self._execute("BEGIN IMMEDIATE")
            self._recorder.write(events)
            self._execute("COMMIT")
        if self._behind:
            self._redo.clear()
            self._behind = False
        self._unsynced = True
        if time.monotonic() - self._synced_at >= _SYNC_INTERVAL or (events and type(events[-1]) is RunFinished):
            self._sync()

    @property
    def interval(self) -> float | None:  # type: ignore[override]
        """A tick is wanted only while something new is not synced yet."""
        return _SYNC_INTERVAL if self._unsynced else None

    def tick(self) -> None:
        """Sync what is new."""
        if self._unsynced:
            self._sync()

    def runs(
        self,
        *,
        application: str | None = None,
        status: str | None = None,
        since: float | None = None,
        until: float | None = None,
        limit: int | None = None,
    ) -> list[RunRecord]:
        """The latest attempt of each run, newest first."""
        with self._guard:
            found = self._records.runs(application=application, status=status, since=since, until=until, limit=limit)
            return list(found)

    def attempts_of_run(self, run: int) -> list[RunRecord]:
        """All attempts of a run, oldest first."""
        with self._guard:
            return self._records.attempts_of_run(run)

    def jobs(self, run: int, attempt: int | None = None) -> list[JobRecord]:
        """Jobs of one attempt of a run, or each as it stands after its latest."""
        with self._guard:
            return self._records.jobs(run, attempt)

    def counts(self, record: RunRecord) -> dict[str, int]:
        """How many jobs of one attempt of a run have each status by their own doing."""
        with self._guard:
            return self._records.counts(record)

    def attempts(self, run: int, job: str | None = None) -> list[AttemptRecord]:
        """Tries of one job, or of all, oldest first."""
        with self._guard:
            return self._records.attempts(run, job)

    def remains(self, run: int) -> Remains:
        """Where processes of the run's lost jobs may be."""
        with self._guard:
            return evidence.remains(self._connection, run)

    def document(self, run: int, attempt: int = 0) -> StoredDocument | None:
        """The document of the run's latest attempt, or of another."""
        with self._guard:
            row = self._connection.execute(_DOCUMENT, (run, attempt)).fetchone()
        return StoredDocument(text(row[0]), zlib.decompress(row[1]), bool(row[2])) if row else None

    def mark_success(self, run: int, jobs: Sequence[str], who: str, why: str) -> None:
        """Record that a person counts these jobs as done."""
        document = self.document(run)
        with self._guard:
            self._execute("BEGIN IMMEDIATE")
            marks.mark_success(self._connection, self._records, document, run, jobs, marks.Word(who, time.time(), why))
            self._execute("COMMIT")
        self._sync()

    def last_job(self, application: str, job: str | None) -> JobRecord | RunRecord | None:
        """The newest record of a job, or of the whole run when ``job`` is None."""
        with self._guard:
            return self._records.last_job(application, job)

    def typical_durations(self, application: str) -> dict[str, float]:
        """Median seconds of each job's successes in recent runs."""
        with self._guard:
            return self._records.typical_durations(application)

    def job_samples(self, application: str) -> dict[str, list[JobSample]]:
        """How each job did in recent runs, oldest first."""
        with self._guard:
            return samples.job_samples(self._connection, application)

    def prune(
        self,
        *,
        before: float | None = None,
        keep: int | None = None,
        application: str | None = None,
        dry_run: bool = False,
    ) -> list[RunRecord]:
        """Remove ended runs; see the Store protocol."""
        with self._guard:
            if dry_run:
                return retention.prunable(self._records, self.path, before, keep, application)
            self._execute("BEGIN IMMEDIATE")
            removed = retention.prunable(self._records, self.path, before, keep, application)
            retention.remove_rows(self._connection, {record.run for record in removed})
            self._execute("COMMIT")
        retention.remove_locks(self.path, {record.run for record in removed})
        return removed

    def log_dirs(self) -> set[str]:
        """The log directories of all runs."""
        with self._guard:
            rows = self._connection.execute("SELECT DISTINCT log_dir FROM run_summary").fetchall()
        return {text(row[0]) for row in rows}

    def close(self) -> None:
        """Write what is left, let go of the run and of the database."""
        if self._unsynced:
            self._sync()
        if self._wal >= 0:
            os.close(self._wal)
            self._wal = -1
        with self._guard:
            self._connection.close()
        if self._redo is not None:
            self._redo.close(keep=self._behind)
            self._redo = None
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def _new_run(self) -> tuple[int, int]:
        self._execute(_NEXT_RUN)
        run = int(self._execute("SELECT last_run FROM counter").fetchone()[0])
        self._hold(run)
        return run, 1

    def _hold(self, run: int) -> None:
        """Take the lock of a run, and let go of the one before."""
        lock = RunLock(self.path, run)
        lock.acquire()
        if self._lock is not None:
            self._lock.release()
        self._lock = lock

    def _new_attempt(self, run: int) -> tuple[int, int]:
        last = self._execute("SELECT max(attempt) FROM run_summary WHERE run_id=?", (run,)).fetchone()[0]
        if last is None:
            raise marks.no_run(run)
        return run, last + 1

    def _keep_document(self, raw: bytes) -> str:
        sha = sha256_hex(raw)
        if self._execute("SELECT 1 FROM document WHERE sha256=?", (sha,)).fetchone() is None:
            self._execute("INSERT INTO document VALUES (?, ?, ?)", (sha, len(raw), zlib.compress(raw, 1)))
        return sha

    def _sync(self) -> None:
        """Have the write-ahead log reach the disk. Closing a descriptor of it drops no lock: SQLite's are elsewhere."""
        self._unsynced = False
        self._synced_at = time.monotonic()
        try:
            if self._wal < 0:
                self._wal = os.open(f"{self.path}-wal", os.O_RDONLY | os.O_CLOEXEC)
            os.fsync(self._wal)
        except FileNotFoundError:
            pass  # no write-ahead log on this file system: every commit was synced by SQLite itself
        except OSError as error:
            raise StorageError(f"the history {self.path} cannot be synced: {error.strerror}") from None
