"""What recent runs tell of each job: how long its successes took, and how often it failed."""

from __future__ import annotations

import sqlite3

from exlib.history.recording import bindable
from exlib.history.store import JobSample

RUNS = 40
"""The newest runs of an application that are looked at: as many as a change of durations is judged by exactly."""

_ENDED = """
SELECT j.job_id, j.run_id, j.start_time, j.duration, coalesce(k.status_before, j.status), j.retries,
  j.fingerprint
FROM job_history j JOIN
  (SELECT DISTINCT run_id FROM run_summary WHERE application_name=? ORDER BY run_id DESC LIMIT ?) r USING (run_id)
LEFT JOIN job_mark k ON k.run_id = j.run_id AND k.job_id = j.job_id AND k.attempt = j.attempt
WHERE j.start_time IS NOT NULL ORDER BY j.run_id DESC, j.attempt LIMIT 200000"""
_FAILED = frozenset(["failed", "timeout"])


def job_samples(connection: sqlite3.Connection, application: str) -> dict[str, list[JobSample]]:
    """By job id, oldest first; a job that a resume reused has a row in each attempt of its run, and is counted once."""
    taken: dict[str, dict[tuple[int, str], JobSample]] = {}
    for job, run, start, duration, status, *more in connection.execute(_ENDED, (bindable(application), RUNS)):
        if duration is not None and (status == "success" or status in _FAILED):
            taken.setdefault(job, {})[run, start] = JobSample(run, duration, status in _FAILED, *more)
    return {job: sorted(found.values(), key=lambda one: one.run) for job, found in taken.items()}
