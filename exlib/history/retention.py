"""How long runs are kept, and the safe removal of their logs."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from exlib.errors import AnswerNo
from exlib.history import redo
from exlib.history.location import RUN_LOG
from exlib.history.lock import RunLock, is_held
from exlib.history.records import Records
from exlib.history.store import RunRecord

_TABLES = ("run_summary", "job_history", "try", "job_mark")
_ORPHANS = "DELETE FROM document WHERE sha256 NOT IN (SELECT document_sha256 FROM run_summary)"


@dataclass(frozen=True, slots=True)
class Kept:
    """A log directory that was not removed, and why."""

    log_dir: str
    reason: str


def prunable(
    records: Records, db_path: str, before: float | None, keep: int | None, application: str | None = None
) -> list[RunRecord]:
    """All attempts of the runs that the rules let go, newest run first; see the Store protocol."""
    found: list[RunRecord] = []
    newer: dict[str, int] = {}
    for latest in list(records.runs(application=application)):
        place = newer[latest.application] = newer.get(latest.application, 0) + 1
        young = before is not None and (latest.ended or latest.started) >= before
        if young or (keep is not None and place <= keep) or _underway(db_path, latest):
            continue
        found += records.attempts_of_run(latest.run)
    return found


def _underway(db_path: str, latest: RunRecord) -> bool:
    """Whether an engine works on the run, or is about to."""
    return latest.status == "running" or is_held(db_path, latest.run)


def remove_rows(connection: sqlite3.Connection, runs: Collection[int]) -> None:
    """Remove everything about these runs, and the documents that no other run has."""
    for table in _TABLES:
        connection.executemany(f"DELETE FROM {table} WHERE run_id=?", [(run,) for run in runs])
    connection.execute(_ORPHANS)


def remove_locks(db_path: str, runs: Iterable[int]) -> None:
    """Remove the lock files that killed engines left behind."""
    for run in runs:
        lock = RunLock(db_path, run)
        if os.path.exists(lock.path):
            with contextlib.suppress(AnswerNo):  # somebody tries to resume it just now, and will be told
                lock.acquire()
                redo.remove(db_path, run)
                lock.release()


def remove_logs(removed: Iterable[RunRecord], still_there: Collection[str]) -> list[Kept]:
    """Remove the log directories of pruned runs; returns those left, each with the reason.

    Only a directory that the history recorded, that holds our run log and that no other run uses is touched.
    """
    kept: list[Kept] = []
    for path, record in {record.log_dir: record for record in removed if record.log_dir}.items():
        reason = _objection(path, record, still_there) or _remove(path)
        if reason:
            kept.append(Kept(path, reason))
    return kept


def _objection(path: str, record: RunRecord, still_there: Collection[str]) -> str | None:
    """Why a directory must not be removed, None if it may; one that is gone already is no matter."""
    if not os.path.lexists(path):
        return None
    if path in still_there:
        return "another run keeps its logs there"
    if not os.path.isabs(path) or os.path.islink(path) or not os.path.isdir(path):
        return "it is not a directory of its own"
    if not os.path.isfile(os.path.join(path, RUN_LOG)):
        return f"it holds no {RUN_LOG}, so it may not be ours"
    real = os.path.realpath(path)
    for precious in (os.path.expanduser("~"), record.working_dir):
        if os.path.commonpath([real, os.path.realpath(precious)]) == real:
            return f"{precious} is in it"
    return None


def _remove(path: str) -> str | None:
    import shutil

    try:
        shutil.rmtree(path)
    except FileNotFoundError:
        return None
    except OSError as error:
        return (error.strerror or str(error)).lower()
    return None
