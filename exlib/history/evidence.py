"""What tells a dead engine from a live one, and where to look for what its jobs left behind.

Three things are evidence. The lock: the kernel frees it when the engine ends, however it ends. The boot: of what ran
before the machine was restarted nothing is left, and its process ids mean nothing. Process id *and* start time: the
same id with another start time is somebody else's process.
"""

from __future__ import annotations

import os
import sqlite3
from functools import lru_cache

from exlib.engine.process import lives
from exlib.history.lock import is_held
from exlib.history.store import Remains

_ENGINE = """
SELECT pid, pid_start FROM run_summary WHERE run_id=? AND status='running' AND boot_id=? AND pid_start IS NOT NULL"""
_LOG_DIRS = "SELECT DISTINCT log_dir FROM run_summary WHERE run_id=? AND boot_id=? AND log_dir<>''"
_PROCESSES = """
SELECT t.pid, t.pid_start, t.job_id FROM job_history t JOIN run_summary USING (run_id, attempt)
WHERE run_id=:run AND t.status='lost' AND boot_id=:boot AND t.pid_start IS NOT NULL
UNION SELECT t.pid, t.pid_start, t.job_id FROM try t JOIN run_summary USING (run_id, attempt)
WHERE run_id=:run AND t.status='lost' AND boot_id=:boot AND t.pid_start IS NOT NULL"""


@lru_cache(maxsize=1)
def boot_id() -> str:
    """What names this boot of the machine; empty where the platform does not tell."""
    try:
        with open("/proc/sys/kernel/random/boot_id") as stream:
            return stream.read().strip()
    except OSError:
        return ""


def alive(connection: sqlite3.Connection, db_path: str, run: int) -> bool:
    """Whether the engine of a run is."""
    return is_held(db_path, run) or engine(connection, run) is not None


def engine(connection: sqlite3.Connection, run: int) -> int | None:
    """The process id of another engine that works on a run, by its record: a lock file may have been removed."""
    rows = connection.execute(_ENGINE, (run, boot_id())).fetchall()
    return next((pid for pid, born in rows if pid != os.getpid() and lives((pid, born))), None)


def remains(connection: sqlite3.Connection, run: int) -> Remains:
    """What may be left of the lost jobs of a run; nothing that ran before the last boot."""
    dirs = connection.execute(_LOG_DIRS, (run, boot_id())).fetchall()
    rows = connection.execute(_PROCESSES, {"run": run, "boot": boot_id()}).fetchall()
    return Remains({os.fsdecode(path) for (path,) in dirs}, {(pid, born): job for pid, born, job in rows})
