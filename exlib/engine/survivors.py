"""Processes of jobs that outlived their engine, found by the variables that every job has (Linux).

When engine and guard are killed together nobody is left to end the jobs. A resume must not start a job beside its
own earlier process.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Collection

from exlib.engine import process
from exlib.engine.process import Process
from exlib.engine.site import log_name

_LOOK = 0.05


def find(log_dirs: Collection[str], jobs: Collection[str]) -> dict[Process, str]:
    """Live processes of these jobs whose logs are in these directories, with the job of each."""
    starts = {os.fsencode(f"{path}/{log_name(job)}."): job for path in log_dirs if path for job in jobs}
    found: dict[Process, str] = {}
    for log, processes in process.by_log(process.snapshot()).items():
        stem = log.removesuffix(b".log").rstrip(b"0123456789")
        if stem in starts:
            found |= dict.fromkeys(processes, starts[stem])
    return found


def end(look: Callable[[], Collection[Process]], grace: float) -> None:
    """End what ``look`` finds: TERM, then KILL after ``grace`` seconds; returns when it finds nothing more."""
    until = time.monotonic() + grace
    told: set[Process] = set()
    while found := look():
        if time.monotonic() < until:
            process.signal_each(set(found) - told, signal.SIGTERM)
            told.update(found)
        else:
            process.signal_each(found, signal.SIGKILL)
        time.sleep(_LOOK)


def wait(look: Callable[[], Collection[Process]], patient: Callable[[], bool]) -> bool:
    """Wait until ``look`` finds nothing more; false if ``patient`` ended first."""
    while look():
        if not patient():
            return False
        time.sleep(_LOOK)
    return True
