"""Which run a person means by ``12``, ``12.1``, ``last`` or ``last:nightly``, and which time by ``3d``."""

from __future__ import annotations

import re
import time
from datetime import datetime, timedelta

from exlib.console import printable
from exlib.errors import AnswerNo, UsageError
from exlib.history.marks import no_run
from exlib.history.store import RunRecord, Store

RUN_FORMS = "a number, NUMBER.ATTEMPT, 'last' or 'last:APPLICATION'"
TIME_FORMS = "2026-01-31, '2026-01-31 18:30', or back from now 90s, 10m, 2h, 3d, 1w"

_RUN = re.compile(r"([0-9]{1,15})(?:\.([0-9]{1,9}))?\Z")
_SPAN = re.compile(r"([0-9]{1,9})([smhdw])\Z")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_DATE = re.compile(r"\d{4}-\d\d-\d\d\Z")


def find_run(store: Store, wanted: str) -> RunRecord:
    """The attempt of a run that ``wanted`` names, the latest unless it says. Raises UsageError, AnswerNo."""
    if wanted == "last" or wanted.startswith("last:"):
        application = wanted.removeprefix("last").removeprefix(":") or None
        newest = store.runs(application=application, limit=1)
        if newest:
            return newest[0]
        if application:
            raise no_run_of(store, application)
        raise AnswerNo("there is no run yet in the history", mend="ex-history list shows the runs")
    match = _RUN.match(wanted)
    if match is None:
        raise UsageError(f'"{wanted}" names no run', mend=f"a run is {RUN_FORMS}")
    run = int(match[1])
    attempts = store.attempts_of_run(run)
    if not attempts:
        raise no_run(run)
    if match[2] is None:
        return attempts[-1]
    found = next((record for record in attempts if record.attempt == int(match[2])), None)
    if found is None:
        raise AnswerNo(f"run {run} has no attempt {match[2]}", mend=f"it has {len(attempts)}: {run}.1 is the first")
    return found


def no_run_of(store: Store, application: str) -> AnswerNo:
    """There is no run of this application; the nearest name is suggested."""
    import difflib

    near = difflib.get_close_matches(application, {record.application for record in store.runs()}, n=1, cutoff=0.4)
    mend = f'did you mean "{printable(near[0])}"?' if near else "ex-history list shows the runs"
    return AnswerNo(f'there is no run of "{application}" in the history', mend=mend)


def point_in_time(text: str, *, end_of_day: bool = False) -> float:
    """Seconds since the epoch; a time without a zone is local, a bare date its first or last moment.

    Raises ValueError that names the forms.
    """
    span = _SPAN.match(text)
    if span is not None:
        return time.time() - int(span[1]) * _UNITS[span[2]]
    try:
        moment = datetime.fromisoformat(text)
        if end_of_day and _DATE.match(text):
            moment += timedelta(days=1, milliseconds=-1)
        return moment.timestamp()
    except (ValueError, OverflowError, OSError):
        raise ValueError(f'"{text}" is no time: write {TIME_FORMS}') from None
