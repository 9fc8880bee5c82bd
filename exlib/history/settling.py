"""What becomes of the rows that an engine left behind when it was killed."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Callable, Iterable

from exlib.errors import AnswerNo, StorageError
from exlib.history import redo
from exlib.history.evidence import boot_id
from exlib.history.lock import RunLock
from exlib.history.recording import Recorder, grouped

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


def settle(connection: sqlite3.Connection, db_path: str, run: int) -> None:
    """Write up what the engine of a run kept, then as lost what still says running, inside the caller's transaction.

    Only for a run whose engine is dead, and nobody else can have begun to work on it. The end is the last thing
    recorded. Nothing happens to a run that has an end.
    """
    row = connection.execute(_UNSETTLED, (run,)).fetchone()
    if row is None:
        return
    attempt, pid, host, boot = row
    if boot == boot_id():  # else a power cut may have left tables that are older than what was kept
        recorder = Recorder(connection, run, attempt, later=True)
        for turn in redo.turns(redo.path_of(db_path, run)):
            recorder.write(turn)
        if connection.execute(_UNSETTLED, (run,)).fetchone() is None:
            return
    completed, failed, skipped = grouped(dict(connection.execute(_COUNTS, (run, attempt)).fetchall()))
    reason = f"the engine (pid {pid} on {host}) ended without a word"
    if boot not in ("", boot_id()) and host == os.uname().nodename:
        reason += ", and the machine was restarted since"
    values = {"run": run, "attempt": attempt, "reason": reason}
    for statement in _SETTLE:
        connection.execute(statement, values | {"completed": completed, "failed": failed, "skipped": skipped})


def tidy(connection: sqlite3.Connection, db_path: str, runs: Iterable[int]) -> None:
    """Remove the files that the engines of settled runs left behind, once what they kept is committed."""
    for run in runs:
        lock = RunLock(db_path, run)
        with contextlib.suppress(AnswerNo, StorageError):  # somebody has resumed it
            lock.acquire()
            # Under its lock nobody begins another attempt; one that was begun and killed meanwhile keeps its file.
            if connection.execute(_UNSETTLED, (run,)).fetchone() is None:
                redo.remove(db_path, run)
            lock.release()


def settle_dead(connection: sqlite3.Connection, db_path: str, alive: Callable[[int], bool]) -> list[int]:
    """Settle every run whose engine died, inside the caller's transaction; returns them.

    An engine takes its lock before its row can be seen, and nobody can add a row meanwhile: a row that says running
    and whose engine is not ``alive`` was left behind.
    """
    dead = [run for (run,) in connection.execute(_UNDERWAY).fetchall() if not alive(run)]
    for run in dead:
        settle(connection, db_path, run)
    return dead
