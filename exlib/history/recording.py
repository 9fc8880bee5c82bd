"""From events to rows: the hot path of a run.

Every statement can be repeated and takes the row as it finds it, so a turn that failed may be read again.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from typing import Any

from exlib.events import (
    AttemptFinished,
    AttemptSpawned,
    AttemptStarted,
    JobFinished,
    JobRetrying,
    JobReused,
    JobWaiting,
    RunFinished,
    RunStarted,
    iso,
)

_RUN_STARTED = """
UPDATE run_summary SET start_time=?, total_jobs=?, workers=?, working_dir=?, log_dir=?, pid=?
WHERE run_id=? AND attempt=?"""
_RUN_FINISHED = """
UPDATE run_summary SET end_time=?, status=?, exit_code=?, reason=?, completed_jobs=?, failed_jobs=?, skipped_jobs=?
WHERE run_id=? AND attempt=?"""
_REUSED = """
INSERT INTO job_history SELECT run_id, job_id, ?, 'success', start_time, end_time, duration, command, exit_code,
  signal, retries, log_file, fingerprint, max_rss_kb, cpu_seconds, ?
FROM job_history WHERE run_id=? AND job_id=? AND attempt<? ORDER BY attempt DESC LIMIT 1
ON CONFLICT DO NOTHING"""
_WAITING = """
INSERT INTO job_history (run_id, job_id, attempt, status, command, reason) VALUES (?, ?, ?, 'pending', '', ?)
ON CONFLICT DO UPDATE SET reason=excluded.reason"""
_JOB_STARTED = """
INSERT INTO job_history (run_id, job_id, attempt, status, start_time, command, retries, log_file, fingerprint)
VALUES (?, ?, ?, 'running', ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET status='running', start_time=coalesce(start_time, excluded.start_time), reason=NULL,
  command=excluded.command, retries=excluded.retries, log_file=excluded.log_file, fingerprint=excluded.fingerprint"""
_TRY_STARTED = """
INSERT OR REPLACE INTO retry_history (run_id, job_id, attempt, number, status, start_time, log_file)
VALUES (?, ?, ?, ?, 'running', ?, ?)"""
_SPAWNED = "UPDATE retry_history SET pid=? WHERE run_id=? AND job_id=? AND attempt=? AND number=?"
_TRY_FINISHED = """
UPDATE retry_history SET pid=coalesce(?, pid), status=?, duration=?, exit_code=?, signal=?, reason=?, max_rss_kb=?,
  cpu_seconds=?
WHERE run_id=? AND job_id=? AND attempt=? AND number=?"""
_RETRYING = "UPDATE job_history SET status='retrying', reason=? WHERE run_id=? AND job_id=? AND attempt=?"
_JOB_FINISHED = """
INSERT INTO job_history (run_id, job_id, attempt, status, start_time, end_time, duration, command, exit_code, signal,
  retries, log_file, max_rss_kb, cpu_seconds, reason)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET status=excluded.status, start_time=coalesce(start_time, excluded.start_time),
  end_time=excluded.end_time, duration=excluded.duration, command=excluded.command, exit_code=excluded.exit_code,
  signal=excluded.signal, retries=excluded.retries, log_file=coalesce(excluded.log_file, log_file),
  max_rss_kb=excluded.max_rss_kb, cpu_seconds=excluded.cpu_seconds, reason=excluded.reason"""

_FAILED = ("failed", "timeout", "lost")
_SKIPPED = ("skipped", "cancelled")


class Recorder:
    """Writes the events of one attempt of a run; the caller opens and commits the transaction."""

    def __init__(self, connection: sqlite3.Connection, run: int, attempt: int) -> None:
        self.run = run
        self.attempt = attempt
        self._execute = connection.cursor().execute
        self._spawned_now: dict[tuple[str, int], int] = {}
        self.writers: dict[type[Any], Callable[[Any], object]] = {
            RunStarted: self._run_started,
            JobReused: self._reused,
            JobWaiting: self._waiting,
            AttemptStarted: self._attempt_started,
            AttemptSpawned: self._spawned,
            AttemptFinished: self._attempt_finished,
            JobRetrying: self._retrying,
            JobFinished: self._job_finished,
            RunFinished: self._run_finished,
        }

    def _run_started(self, e: RunStarted) -> None:
        where = bindable(e.working_dir), bindable(e.log_dir)
        self._execute(_RUN_STARTED, (iso(e.time), e.jobs, e.workers, *where, e.pid, e.run, e.attempt))

    def _reused(self, e: JobReused) -> None:
        self._execute(_REUSED, (self.attempt, bindable(e.reason), self.run, e.job, self.attempt))

    def _waiting(self, e: JobWaiting) -> None:
        self._execute(_WAITING, (self.run, e.job, self.attempt, bindable(e.reason)))

    def _attempt_started(self, e: AttemptStarted) -> None:
        run, attempt, time, log = self.run, self.attempt, iso(e.time), bindable(e.log)
        self._execute(_JOB_STARTED, (run, e.job, attempt, time, e.command, e.number - 1, log, e.fingerprint))
        self._execute(_TRY_STARTED, (run, e.job, attempt, e.number, time, log))

    def end_turn(self) -> None:
        """Write the pids of attempts that go on after this turn; those of the others went with their end."""
        for (job, number), pid in self._spawned_now.items():
            self._execute(_SPAWNED, (pid, self.run, job, self.attempt, number))
        self._spawned_now.clear()

    def _spawned(self, e: AttemptSpawned) -> None:
        self._spawned_now[e.job, e.number] = e.pid

    def _attempt_finished(self, e: AttemptFinished) -> None:
        what = (
            self._spawned_now.pop((e.job, e.number), None),
            e.status,
            e.duration,
            e.exit_code,
            e.signal,
            bindable(e.reason),
            e.memory,
            e.cpu,
        )
        self._execute(_TRY_FINISHED, (*what, self.run, e.job, self.attempt, e.number))

    def _retrying(self, e: JobRetrying) -> None:
        self._execute(_RETRYING, (bindable(e.reason), self.run, e.job, self.attempt))

    def _job_finished(self, e: JobFinished) -> None:
        ran = e.started is not None
        self._execute(
            _JOB_FINISHED,
            (
                self.run,
                e.job,
                self.attempt,
                e.status,
                iso(e.started) if e.started is not None else None,
                iso(e.time),
                e.duration if ran else None,
                e.command,
                e.exit_code,
                e.signal,
                e.attempts - 1 if e.attempts else 0,
                bindable(e.log),
                e.memory if ran else None,
                e.cpu if ran else None,
                bindable(e.reason),
            ),
        )

    def _run_finished(self, e: RunFinished) -> None:
        counts = grouped(e.counts)
        self._execute(
            _RUN_FINISHED, (iso(e.time), e.status, e.exit_code, bindable(e.reason), *counts, e.run, e.attempt)
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
