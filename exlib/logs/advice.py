"""What to do next about a failure: what it means, and the commands that go on from here."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

from exlib.console import span
from exlib.logs.excerpt import Excerpt, printed
from exlib.logs.failures import Failure, Failures
from exlib.logs.model import UNDERWAY, Run

_LIMIT = re.compile(r"ran longer than its timeout of ([\d.e+]+) s")
_PASSING = frozenset(
    (
        *("connection refused", "connection reset", "name not resolved", "network timeout", "no route", "HTTP"),
        *("PostgreSQL connection", "ORA-00054", "ORA-00060", "ORA-12154"),
    )
)
"""Errors that may be gone a minute later: another try is worth while."""
_SIGNALS = {
    "SIGKILL": "if nobody did, the kernel may have, for want of memory: dmesg | grep -i 'killed process'",
    "SIGSEGV": "it crashed by a fault of its own: look for a core file, and at what changed in it",
    "SIGTERM": "somebody asked it to end: a shutdown, or another program",
    "SIGPIPE": "what read its output ended first",
}


def advice(failure: Failure, found: Excerpt | None) -> list[str]:
    """What is worth trying for one failed job, the likeliest first; empty if only its log can tell."""
    record = failure.job.record
    told: list[str] = []
    if failure.category == "timeout":
        told.append(_longer(record.reason or "", failure, found))
    elif failure.category == "signal":
        name = record.signal or f"SIG{record.exit_code}"
        told.append(_SIGNALS.get("SIGKILL" if record.exit_code == 137 else name, ""))
        if record.memory and name == "SIGKILL":
            told.append(f"its memory had reached {record.memory / 1024:,.0f} MiB")
    elif failure.category == "could not start" and record.exit_code == 127:
        told.append("install the program, or name its directory in PATH (env_variables); jobs do not read ~/.profile")
    elif failure.category == "could not start" and record.exit_code == 126:
        told.append("make the file executable: chmod +x")
    elif failure.category == "lost":
        told.append("a resume runs it again: see first that its unfinished work does no harm")
    if found is not None and found.pattern is not None and found.pattern.name in _PASSING and not record.retries:
        told.append('this may pass by itself: "max_retries": 3, "retry_delay": 30 in the document tries again')
    return [one for one in told if one]


def commands(of: Failures, db: str | None, limit: int = 3) -> list[tuple[str, str]]:
    """The commands that go on from a failed run, each with what it does; none for runs of other programs."""
    run = of.run
    if run.run is None or run.source.kind not in ("history", "events", "run log") or not (of.failures or of.adrift):
        return []
    where = f" --db {shlex.quote(db)}" if db else ""
    number = f"{run.run}"
    attempt = number if of.mended is None else f"{number}.{run.attempt}"
    told = [
        (f"ex-history logs {attempt} {shlex.quote(one.job.record.job)}{where}", "see all that it printed")
        for one in of.failures[:limit]
        if printed(one)
    ]
    if run.status in UNDERWAY:
        told += watching(number, run.status, of.underway[:limit], where)
    elif of.mended is None:
        told.append((f"ex-run --resume {number}{where}", "run what is left; finished jobs are reused"))
    return told


def watching(run: str, status: str, jobs: Sequence[str], where: str) -> list[tuple[str, str]]:
    """The commands that look at a run that goes on, or may: to resume it would be too early."""
    meaning = "how far it is" if status == "running" else "whether it still goes on"
    told = [(f"ex-history show {run}{where}", f"see {meaning}")]
    return told + [
        (f"ex-history logs {run} {shlex.quote(job)} --follow{where}", f"see what {job} prints") for job in jobs
    ]


def _longer(reason: str, failure: Failure, found: Excerpt | None) -> str:
    limit = _LIMIT.match(reason)
    if limit is None:
        return ""
    seconds = float(limit[1])
    used = failure.job.record.cpu
    if used is not None and seconds >= 1 and used < 0.01 * seconds:
        idle = f"it worked {span(used)} of {span(seconds)}: it waited for something, a longer timeout may not help"
        return f"{idle}; see what for in its log" if found is None or found.lines else idle
    return f'raise its timeout above {seconds:g} s, if it is to take longer: "timeout": {2 * seconds:g} in the document'


def marked(run: Run) -> str:
    """How commands name this attempt of a run: ``12``, or ``12.2`` where it has been resumed."""
    return "?" if run.run is None else f"{run.run}" if run.attempt == 1 else f"{run.run}.{run.attempt}"
