"""From events to rows: the hot path of a run.

Every statement can be repeated and takes the row as it finds it, so a turn that failed may be read again.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Sequence
from typing import Any

from exlib.engine.process import start_time
from exlib.events import (
    AttemptFinished,
    AttemptSpawned,
    AttemptStarted,
    Event,
    JobFinished,
    JobRetrying,
    JobReused,
    JobWaiting,
    LogTruncated,
    RunFinished,
    RunStarted,
    iso,
)

_RUN_STARTED = """
UPDATE run_summary SET start_time=?, total_jobs=?, workers=?, working_dir=?, log_dir=?, pid=?
WHERE run_id=? AND attempt=?"""
_RUN_FINISHED = """
UPDATE run_summary SET end_time=?, duration=?, status=?, exit_code=?, reason=?, completed_jobs=?, failed_jobs=?,
  skipped_jobs=?
WHERE run_id=? AND attempt=?"""
_REUSED = """
INSERT INTO job_history (run_id, job_id, attempt, status, start_time, end_time, duration, command, exit_code, signal,
  retries, log_file, fingerprint, max_rss_kb, cpu_seconds, reason, log_truncated)
SELECT run_id, job_id, ?, 'success', start_time, end_time, duration, command, exit_code, signal,
  retries, log_file, fingerprint, max_rss_kb, cpu_seconds, ?, log_truncated
FROM job_history WHERE run_id=? AND job_id=? AND attempt<? ORDER BY attempt DESC LIMIT 1
ON CONFLICT DO NOTHING"""
_WAITING = """
INSERT INTO job_history (run_id, job_id, attempt, status, command, reason) VALUES (?, ?, ?, 'pending', '', ?)
ON CONFLICT DO UPDATE SET reason=excluded.reason"""
_JOB_STARTED = """
INSERT INTO job_history (run_id, job_id, attempt, status, start_time, command, log_file, fingerprint, only_try)
VALUES (?, ?, ?, 'running', ?, ?, ?, ?, 1)
ON CONFLICT DO UPDATE SET status='running', start_time=excluded.start_time, reason=NULL, command=excluded.command,
  log_file=excluded.log_file, fingerprint=excluded.fingerprint, only_try=1"""
_JOB_AGAIN = """
UPDATE job_history SET status='running', reason=NULL, retries=?, log_file=?, only_try=0
WHERE run_id=? AND job_id=? AND attempt=?"""
_TRY_STARTED = """
INSERT OR REPLACE INTO try (run_id, job_id, attempt, number, status, start_time, log_file)
VALUES (?, ?, ?, ?, 'running', ?, ?)"""
_SPAWNED = "UPDATE job_history SET pid=?, pid_start=? WHERE run_id=? AND job_id=? AND attempt=?"
_TRY_SPAWNED = "UPDATE try SET pid=?, pid_start=? WHERE run_id=? AND job_id=? AND attempt=? AND number=?"
_FIRST_TRY = """
INSERT OR REPLACE INTO try (run_id, job_id, attempt, number, status, start_time, log_file, pid, log_truncated)
SELECT run_id, job_id, attempt, 1, 'running', start_time, log_file, pid, log_truncated FROM job_history
WHERE run_id=? AND job_id=? AND attempt=? AND only_try=1"""
_TRY_FINISHED = """
UPDATE try SET pid=coalesce(?, pid), status=?, duration=?, exit_code=?, signal=?, reason=?, max_rss_kb=?,
  cpu_seconds=?
WHERE run_id=? AND job_id=? AND attempt=? AND number=?"""
_TRUNCATED = (
    "UPDATE try SET log_truncated=1 WHERE run_id=? AND job_id=? AND attempt=? AND number=?",
    "UPDATE job_history SET log_truncated=1 WHERE run_id=? AND job_id=? AND attempt=?",
)
_RETRYING = "UPDATE job_history SET status='retrying', reason=?, only_try=0 WHERE run_id=? AND job_id=? AND attempt=?"
_JOB_ENDED = """
UPDATE job_history SET status=?, end_time=?, duration=?, exit_code=?, signal=?, reason=?, max_rss_kb=?, cpu_seconds=?,
  pid=coalesce(?, pid)
WHERE run_id=? AND job_id=? AND attempt=?"""
_JOB_SETTLED = """
INSERT INTO job_history (run_id, job_id, attempt, status, end_time, command, reason) VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET status=excluded.status, end_time=excluded.end_time, command=excluded.command,
  reason=excluded.reason"""

_FAILED = ("failed", "timeout", "lost")
_SKIPPED = ("skipped", "cancelled")


class Recorder:
    """Writes the events of one attempt of a run; the caller opens and commits the transaction."""

    def __init__(self, connection: sqlite3.Connection, run: int, attempt: int, *, later: bool = False) -> None:
        """With ``later`` the events are those of an engine that is gone: what its process ids mean now is unknown."""
        self.run = run
        self.attempt = attempt
        self._execute = connection.cursor().execute
        self._later = later
        self._spawned_now: dict[tuple[str, int], int] = {}
        self._last_ended: dict[str, AttemptFinished] = {}
        self._writers: dict[type[Any], Callable[[Any], object]] = {
            RunStarted: self._run_started,
            JobReused: self._reused,
            JobWaiting: self._waiting,
            AttemptStarted: self._attempt_started,
            AttemptSpawned: self._spawned,
            AttemptFinished: self._attempt_finished,
            LogTruncated: self._log_truncated,
            JobRetrying: self._retrying,
            JobFinished: self._job_finished,
            RunFinished: self._run_finished,
        }

    def write(self, events: Sequence[Event]) -> None:
        """Write one or several turns, in order."""
        writers = self._writers
        for event in events:
            writer = writers.get(type(event))
            if writer is not None:
                writer(event)
        if self._spawned_now:
            self._note_processes()

    def _run_started(self, e: RunStarted) -> None:
        where = bindable(e.working_dir), bindable(e.log_dir)
        self._execute(_RUN_STARTED, (iso(e.time), e.jobs, e.workers, *where, e.pid, e.run, e.attempt))

    def _reused(self, e: JobReused) -> None:
        self._execute(_REUSED, (self.attempt, bindable(e.reason), self.run, e.job, self.attempt))

    def _waiting(self, e: JobWaiting) -> None:
        self._execute(_WAITING, (self.run, e.job, self.attempt, bindable(e.reason)))

    def _attempt_started(self, e: AttemptStarted) -> None:
        time, log = iso(e.time), bindable(e.log)
        if e.number == 1:
            self._execute(_JOB_STARTED, (self.run, e.job, self.attempt, time, e.command, log, e.fingerprint))
        else:
            self._execute(_JOB_AGAIN, (e.number - 1, log, self.run, e.job, self.attempt))
            self._execute(_TRY_STARTED, (self.run, e.job, self.attempt, e.number, time, log))

    def _note_processes(self) -> None:
        """Write the pids of tries that go on after these turns; those of the others went with their end.

        Their processes are not reaped yet, so the start time is that of the process meant.
        """
        for (job, number), pid in self._spawned_now.items():
            where = pid, None if self._later else start_time(pid), self.run, job, self.attempt
            self._execute(*(_SPAWNED, where) if number == 1 else (_TRY_SPAWNED, (*where, number)))
        self._spawned_now.clear()

    def _spawned(self, e: AttemptSpawned) -> None:
        self._spawned_now[e.job, e.number] = e.pid

    def _attempt_finished(self, e: AttemptFinished) -> None:
        """The only try of a job is told by the job's row; whether it was the only one, the next event says."""
        self._last_ended[e.job] = e
        if e.number > 1:
            self._try_finished(e)

    def _try_finished(self, e: AttemptFinished) -> None:
        pid = self._spawned_now.pop((e.job, e.number), None)
        what = pid, e.status, e.duration, e.exit_code, e.signal, bindable(e.reason), e.memory, e.cpu
        self._execute(_TRY_FINISHED, (*what, self.run, e.job, self.attempt, e.number))

    def _log_truncated(self, e: LogTruncated) -> None:
        job = self.run, e.job, self.attempt
        self._execute(_TRUNCATED[0], (*job, e.number))
        self._execute(_TRUNCATED[1], job)

    def _retrying(self, e: JobRetrying) -> None:
        where = self.run, e.job, self.attempt
        ended = self._last_ended.pop(e.job, None)
        if ended is not None and ended.number == 1:
            self._execute(_FIRST_TRY, where)
            self._try_finished(ended)
        self._execute(_RETRYING, (bindable(e.reason), *where))

    def _job_finished(self, e: JobFinished) -> None:
        where = self.run, e.job, self.attempt
        if e.started is None:
            self._execute(_JOB_SETTLED, (*where, e.status, iso(e.time), e.command, bindable(e.reason)))
            return
        self._last_ended.pop(e.job, None)
        pid = self._spawned_now.pop((e.job, 1), None)
        ended = iso(e.time), e.duration, e.exit_code, e.signal, bindable(e.reason), e.memory, e.cpu, pid
        self._execute(_JOB_ENDED, (e.status, *ended, *where))

    def _run_finished(self, e: RunFinished) -> None:
        counts = grouped(e.counts)
        self._execute(
            _RUN_FINISHED,
            (iso(e.time), e.duration, e.status, e.exit_code, bindable(e.reason), *counts, e.run, e.attempt),
        )


def grouped(counts: dict[str, int]) -> tuple[int, int, int]:
    """Jobs completed, failed and skipped, out of the number of jobs by final status."""
    failed = sum(counts.get(status, 0) for status in _FAILED)
    return counts.get("success", 0), failed, sum(counts.get(status, 0) for status in _SKIPPED)


def bindable(text: str | None) -> str | bytes | None:
    """``text`` as SQLite can take it: a path that is not valid UTF-8 is stored as its bytes."""
    if text is None or text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return os.fsencode(text)
    return text
