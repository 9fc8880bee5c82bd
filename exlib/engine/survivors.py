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

Survivor = tuple[int, int]
"""Process id and start time, which name a process for good."""
_LOOK = 0.05


def find(log_dirs: Collection[str], jobs: Collection[str]) -> dict[Survivor, str]:
    """Live processes of these jobs whose logs are in these directories, with the job of each."""
    wanted = {os.fsencode(job): job for job in jobs}
    prefixes = tuple(b"EX_LOG=" + os.fsencode(path) + b"/" for path in log_dirs if path)
    found: dict[Survivor, str] = {}
    if not wanted or not prefixes or not os.path.isdir("/proc/self"):
        return found
    for name in os.listdir("/proc"):
        if not name.isdigit() or int(name) == os.getpid():
            continue
        try:
            with open(f"/proc/{name}/environ", "rb") as stream:
                variables = stream.read().split(b"\0")
        except OSError:
            continue  # gone, or somebody else's
        if any(variable.startswith(prefixes) for variable in variables):
            job = next((v[10:] for v in variables if v.startswith(b"EX_JOB_ID=")), b"")
            born = process.start_time(int(name))
            if job in wanted and born is not None:
                found[int(name), born] = wanted[job]
    return found


def end(look: Callable[[], Collection[Survivor]], grace: float) -> None:
    """End what ``look`` finds: TERM, then KILL after ``grace`` seconds; returns when it finds nothing more."""
    until = time.monotonic() + grace
    told: set[Survivor] = set()
    while found := look():
        if time.monotonic() < until:
            process.signal_each(set(found) - told, signal.SIGTERM)
            told.update(found)
        else:
            process.signal_each(found, signal.SIGKILL)
        time.sleep(_LOOK)


def wait(look: Callable[[], Collection[Survivor]], patient: Callable[[], bool]) -> bool:
    """Wait until ``look`` finds nothing more; false if ``patient`` ended first."""
    while look():
        if not patient():
            return False
        time.sleep(_LOOK)
    return True
