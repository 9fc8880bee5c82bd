"""What runs, their attempts and their applications are called."""

from __future__ import annotations

from exlib.history.store import RunRecord
from exlib.logs.advice import marked
from exlib.logs.model import Run


def attempt_name(record: RunRecord, *, exact: bool = False) -> str:
    """``12``, or ``12.2`` for its second attempt; the first is ``12.1`` where that has to be said."""
    return f"{record.run}.{record.attempt}" if record.attempt > 1 or exact else str(record.run)


def application_name(application: str) -> str:
    """Its name; a stream whose beginning is cut off does not have it."""
    return application or "an unknown application"


def run_name(run: Run) -> str:
    """``run 12 of nightly``; where runs have no numbers the name is that of the application or of the file."""
    if run.run is not None:
        return f"run {marked(run)} of {application_name(run.application)}"
    return run.application or f"a run of {application_name('')}"
