"""From rows to records. What a dead engine left as running is told as lost, here and nowhere else."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

from exlib.events import iso
from exlib.history.recording import bindable, grouped
from exlib.history.store import AttemptRecord, JobRecord, Mark, RunRecord

_RUN = """
SELECT run_id, attempt, application_name, status, start_time, end_time, total_jobs, completed_jobs, failed_jobs,
  skipped_jobs, exit_code, reason, working_dir, log_dir, document_name, document_sha256, workers, host, user, pid,
  command_line, document_redacted, options,
  (SELECT count(DISTINCT job_id) FROM job_mark k WHERE k.run_id = r.run_id AND k.attempt <= r.attempt
    AND NOT EXISTS (SELECT 1 FROM job_history j WHERE j.run_id = k.run_id AND j.job_id = k.job_id
      AND j.attempt BETWEEN k.attempt AND r.attempt AND (j.status <> 'success' OR j.start_time > k.mark_time))),
  duration
FROM run_summary r"""
_LATEST = "attempt = (SELECT max(attempt) FROM run_summary m WHERE m.run_id = r.run_id)"
_JOB_COLUMNS = """run_id, attempt, job_id, status, reason, start_time, end_time, duration, command, exit_code, signal,
  retries, log_file, fingerprint, max_rss_kb, cpu_seconds, log_truncated"""
_JOBS_OF_ATTEMPT = f"SELECT {_JOB_COLUMNS} FROM job_history WHERE run_id=? AND attempt=?"
_JOBS_OF_RUN = f"SELECT {_JOB_COLUMNS}, max(attempt) FROM job_history WHERE run_id=? GROUP BY job_id"
_LAST_JOB = f"""
SELECT {_JOB_COLUMNS} FROM job_history WHERE job_id=? AND run_id IN
  (SELECT run_id FROM run_summary WHERE application_name=?) ORDER BY run_id DESC, attempt DESC LIMIT 1"""
_MARKS = "SELECT job_id, attempt, marked_by, mark_time, reason, status_before FROM job_mark WHERE run_id=?"
_TRIES = """
SELECT run_id, attempt, job_id, number, status, start_time, duration, exit_code, signal, reason, pid, log_file,
  max_rss_kb, cpu_seconds, log_truncated
FROM retry_history WHERE run_id=?"""
_SUCCESSES = """
SELECT j.job_id, j.run_id, j.start_time, j.duration FROM job_history j JOIN
  (SELECT DISTINCT run_id FROM run_summary WHERE application_name=? ORDER BY run_id DESC LIMIT 10) r USING (run_id)
WHERE j.status='success' AND j.start_time IS NOT NULL ORDER BY run_id DESC LIMIT 20000"""
_COUNTS = "SELECT status, count(*) FROM job_history WHERE run_id=? AND attempt=? GROUP BY status"
_OWN_COUNTS = """
SELECT coalesce(k.status_before, j.status), count(*) FROM job_history j
LEFT JOIN job_mark k ON k.run_id = j.run_id AND k.job_id = j.job_id AND k.attempt = j.attempt
WHERE j.run_id=? AND j.attempt=? GROUP BY 1"""
_UNDERWAY = ("running", "retrying")


class Records:
    """Queries over one connection; ``alive`` says whether the engine of a run is."""

    def __init__(self, connection: sqlite3.Connection, alive: Callable[[int], bool]) -> None:
        self._connection = connection
        self._alive = alive

    def runs(
        self,
        *,
        application: str | None = None,
        status: str | None = None,
        since: float | None = None,
        until: float | None = None,
        limit: int | None = None,
    ) -> Iterator[RunRecord]:
        """The latest attempt of each run, newest first; see the Store protocol."""
        conditions: list[str] = [_LATEST]
        values: list[Any] = []
        for condition, value in (
            ("application_name=?", bindable(application)),
            ("start_time>=?", None if since is None else iso(since)),
            ("start_time<=?", None if until is None else iso(until)),
        ):
            if value is not None:
                conditions.append(condition)
                values.append(value)
        if status is not None:
            conditions.append("status IN (?, ?)")  # a lost run may still say running
            values += (status, "running" if status == "lost" else status)
        found = self._runs(f"WHERE {' AND '.join(conditions)} ORDER BY run_id DESC", values)
        for record in found:
            if limit is not None and limit <= 0:
                return
            if status is None or record.status == status:
                limit = None if limit is None else limit - 1
                yield record

    def attempts_of_run(self, run: int) -> list[RunRecord]:
        """All attempts of a run, oldest first."""
        return list(self._runs("WHERE run_id=? ORDER BY attempt", [run]))

    def latest(self, run: int) -> RunRecord | None:
        """The latest attempt of a run, None if there is no such run."""
        return next(self._runs("WHERE run_id=? ORDER BY attempt DESC LIMIT 1", [run]), None)

    def jobs(self, run: int, attempt: int | None = None) -> list[JobRecord]:
        """Jobs of one attempt, or each as it stands; in the order of their starts, then of their ends."""
        if attempt is None:
            rows = self._connection.execute(_JOBS_OF_RUN, (run,))
        else:
            rows = self._connection.execute(_JOBS_OF_ATTEMPT, (run, attempt))
        found = self._jobs(run, rows)
        return sorted(found, key=lambda job: (job.started or job.ended or float("inf"), job.job))

    def attempts(self, run: int, job: str | None = None) -> list[AttemptRecord]:
        """Tries of one job, or of all, over all attempts of the run, oldest first."""
        if job is None:
            rows = self._connection.execute(f"{_TRIES} ORDER BY attempt, start_time, job_id, number", (run,))
        else:
            rows = self._connection.execute(f"{_TRIES} AND job_id=? ORDER BY attempt, number", (run, job))
        dead = self._dead_attempt(run)
        return [_try(row, lost=row[1] == dead) for row in rows]

    def counts(self, record: RunRecord) -> dict[str, int]:
        """How many jobs of one attempt of a run have each status, a marked one the status it had before."""
        counts = dict(self._connection.execute(_OWN_COUNTS, (record.run, record.attempt)).fetchall())
        if record.status == "lost":
            lost = sum(counts.pop(underway, 0) for underway in _UNDERWAY) + counts.get("lost", 0)
            counts |= {"lost": lost} if lost else {}
        return counts

    def last_job(self, application: str, job: str | None) -> JobRecord | RunRecord | None:
        """The newest record of a job, or of the whole run when ``job`` is None."""
        if job is None:
            return next(self.runs(application=application, limit=1), None)
        rows = self._connection.execute(_LAST_JOB, (job, bindable(application))).fetchall()
        return self._jobs(rows[0][0], rows)[0] if rows else None

    def typical_durations(self, application: str) -> dict[str, float]:
        """Median seconds of each job's successes in the newest ten runs, a reused one counted once."""
        seen: dict[str, dict[tuple[int, str], float]] = {}
        for job, run, start, duration in self._connection.execute(_SUCCESSES, (bindable(application),)):
            if duration is not None:
                seen.setdefault(job, {})[run, start] = duration
        return {job: _median(list(values.values())) for job, values in seen.items()}

    def _runs(self, tail: str, values: list[Any]) -> Iterator[RunRecord]:
        for row in self._connection.execute(f"{_RUN} {tail}", values):
            record = _run(row)
            yield self._as_it_stands(record) if record.status == "running" else record

    def _as_it_stands(self, record: RunRecord) -> RunRecord:
        """Counts so far, and ``lost`` if the engine is dead: the row itself says neither."""
        counts = dict(self._connection.execute(_COUNTS, (record.run, record.attempt)).fetchall())
        status, reason = "running", record.reason
        if not self._alive(record.run):
            status, reason = "lost", reason or "the engine ended without a word"
            for underway in _UNDERWAY:
                counts["lost"] = counts.get("lost", 0) + counts.get(underway, 0)
        completed, failed, skipped = grouped(counts)
        return record._replace(status=status, reason=reason, completed=completed, failed=failed, skipped=skipped)

    def _dead_attempt(self, run: int) -> int | None:
        """The attempt that its engine left behind, None if it ended or lives."""
        row = self._connection.execute(
            "SELECT max(attempt) FROM run_summary WHERE run_id=? AND status='running'", (run,)
        ).fetchone()
        return row[0] if row[0] is not None and not self._alive(run) else None

    def _jobs(self, run: int, rows: Iterable[tuple[Any, ...]]) -> list[JobRecord]:
        marks: dict[str, list[tuple[int, Mark]]] = {}
        for job, attempt, who, when, why, was in self._connection.execute(_MARKS, (run,)):
            marks.setdefault(job, []).append((attempt, Mark(who, seconds(when), why, was)))
        dead = self._dead_attempt(run)
        return [_job(row, _newest(marks.get(row[2]), row[1]), lost=row[1] == dead) for row in rows]


def seconds(stamp: str) -> float:
    """Seconds since the epoch of a time as the tables hold it."""
    return datetime.fromisoformat(stamp).timestamp()


def text(value: str | bytes | None) -> Any:
    """What ``recording.bindable`` stored."""
    return os.fsdecode(value) if isinstance(value, bytes) else value


def _run(row: tuple[Any, ...]) -> RunRecord:
    values = list(map(text, row))
    started, ended = values[4:6] = seconds(row[4]), row[5] and seconds(row[5])
    values[21] = bool(row[21])
    if values[24] is None and ended is not None:  # an older release wrote it, or its engine did not come to the end
        values[24] = max(ended - started, 0.0)
    return RunRecord(*values)


def _job(row: tuple[Any, ...], mark: Mark | None, *, lost: bool) -> JobRecord:
    run, attempt, job, status, reason, started, ended, duration, command, exit_code, signal, retries, log = row[:13]
    if lost and status in _UNDERWAY:
        status, reason = "lost", "it was running when the engine ended"
    if mark is not None and (status != "success" or (started and seconds(started) > mark.when)):
        mark = None  # it was left out or ran again since
    return JobRecord(
        run=run,
        attempt=attempt,
        job=job,
        status=status,
        reason=text(reason),
        started=started and seconds(started),
        ended=ended and seconds(ended),
        duration=duration,
        command=command,
        exit_code=exit_code,
        signal=signal,
        retries=retries,
        log=text(log),
        fingerprint=row[13],
        memory=row[14],
        cpu=row[15],
        mark=mark,
        log_truncated=bool(row[16]),
    )


def _try(row: tuple[Any, ...], *, lost: bool) -> AttemptRecord:
    run, attempt, job, number, status, started, duration, exit_code, signal, reason, pid, log, memory, cpu, cut = row
    if lost and status == "running":
        status, reason = "lost", "it was running when the engine ended"
    return AttemptRecord(
        run,
        attempt,
        job,
        number,
        status,
        seconds(started),
        duration,
        exit_code,
        signal,
        text(reason),
        pid,
        text(log),
        memory,
        cpu,
        bool(cut),
    )


def _newest(marks: list[tuple[int, Mark]] | None, attempt: int) -> Mark | None:
    """The mark made in this attempt of the run or the nearest before it."""
    return max((found for found in marks or () if found[0] <= attempt), key=lambda found: found[0], default=(0, None))[
        1
    ]


def _median(values: list[float]) -> float:
    values.sort()
    middle = len(values) // 2
    return values[middle] if len(values) % 2 else (values[middle - 1] + values[middle]) / 2
