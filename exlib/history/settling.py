"""What becomes of the rows that an engine left behind when it was killed."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable

from exlib.history.evidence import boot_id
from exlib.history.recording import grouped

_UNDERWAY = "SELECT DISTINCT run_id FROM run_summary WHERE status='running'"
_UNSETTLED = "SELECT attempt, pid, host, boot_id FROM run_summary WHERE run_id=? AND status='running'"
_COUNTS = """
SELECT CASE WHEN status IN ('running', 'retrying') THEN 'lost' ELSE status END, count(*)
FROM job_history WHERE run_id=? AND attempt=? GROUP BY 1"""
_SETTLE = (
    """
UPDATE job_history SET status='lost', reason='it was running when the engine ended'
WHERE run_id=:run AND attempt=:attempt AND status IN ('running', 'retrying')""",
    """
UPDATE try SET status='lost', reason='it was running when the engine ended'
WHERE run_id=:run AND attempt=:attempt AND status='running'""",
    """
UPDATE run_summary SET status='lost', reason=:reason, completed_jobs=:completed, failed_jobs=:failed,
  skipped_jobs=:skipped, end_time=(SELECT max(run_summary.start_time, coalesce(max(start_time), ''),
    coalesce(max(end_time), '')) FROM job_history WHERE run_id=:run AND attempt=:attempt)
WHERE run_id=:run AND attempt=:attempt""",
)


def settle(connection: sqlite3.Connection, run: int) -> None:
    """Write down as lost what still says running, inside the caller's transaction; the end is the last thing recorded.

    Only for a run whose engine is dead, and nobody else can have begun to work on it.
    """
    row = connection.execute(_UNSETTLED, (run,)).fetchone()
    if row is None:
        return
    attempt, pid, host, boot = row
    completed, failed, skipped = grouped(dict(connection.execute(_COUNTS, (run, attempt)).fetchall()))
    reason = f"the engine (pid {pid} on {host}) ended without a word"
    if boot not in ("", boot_id()) and host == os.uname().nodename:
        reason += ", and the machine was restarted since"
    values = {"run": run, "attempt": attempt, "reason": reason}
    for statement in _SETTLE:
        connection.execute(statement, values | {"completed": completed, "failed": failed, "skipped": skipped})


def settle_dead(connection: sqlite3.Connection, alive: Callable[[int], bool]) -> None:
    """Settle every run whose engine died, inside the caller's transaction.

    An engine takes its lock before its row can be seen, and nobody can add a row meanwhile: a row that says running
    and whose engine is not ``alive`` was left behind.
    """
    for (run,) in connection.execute(_UNDERWAY).fetchall():
        if not alive(run):
            settle(connection, run)
