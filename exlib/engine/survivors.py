"""Processes of jobs that outlived their engine (Linux).

When engine and guard are killed together nobody is left to end the jobs. A resume must not start a job beside its
own earlier process. It is found by the variables that every job has, wherever its parents went, and by the process
id and start time on record, if its environment is empty or somebody else's (``sudo``).
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType

from exlib.engine import process
from exlib.engine.process import Process
from exlib.engine.site import log_name

_LOOK = 0.05
_OBEY = 5.0
"""Seconds after which a process that was killed will not end: it is another user's, or stuck in the kernel."""


def find(
    log_dirs: Collection[str], jobs: Collection[str], recorded: Mapping[Process, str] = MappingProxyType({})
) -> dict[Process, str]:
    """Live processes of these jobs, with the job of each: their logs are in these directories, or they are
    ``recorded`` ones or descend from them. A recorded id that was given to another process since is nobody."""
    starts = {os.fsencode(f"{path}/{log_name(job)}."): job for path in log_dirs if path for job in jobs}
    found: dict[Process, str] = {}
    table = process.snapshot()
    for leader, job in recorded.items():
        if job in jobs and process.lives(leader):
            found |= dict.fromkeys([leader, *process.descendants(leader[0], table)], job)
    for log, processes in process.by_log(table).items():
        stem = log.removesuffix(b".log").rstrip(b"0123456789")
        if stem in starts:
            found |= dict.fromkeys(processes, starts[stem])
    return found


def end(look: Callable[[], Collection[Process]], grace: float) -> bool:
    """End what ``look`` finds: TERM, then KILL after ``grace`` seconds; false if it still finds something then."""
    until = time.monotonic() + grace
    told: set[Process] = set()
    while found := look():
        if time.monotonic() < until:
            process.signal_each(set(found) - told, signal.SIGTERM)
            told.update(found)
        elif time.monotonic() < until + _OBEY:
            process.signal_each(found, signal.SIGKILL)
        else:
            return False
        time.sleep(_LOOK)
    return True


def wait(look: Callable[[], Collection[Process]], patient: Callable[[], bool]) -> bool:
    """Wait until ``look`` finds nothing more; false if ``patient`` ended first."""
    while look():
        if not patient():
            return False
        time.sleep(_LOOK)
    return True
