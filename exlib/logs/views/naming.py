"""What an attempt of a run is called."""

from __future__ import annotations

from exlib.history.store import RunRecord


def attempt_name(record: RunRecord, *, exact: bool = False) -> str:
    """``12``, or ``12.2`` for its second attempt; the first is ``12.1`` where that has to be said."""
    return f"{record.run}.{record.attempt}" if record.attempt > 1 or exact else str(record.run)
