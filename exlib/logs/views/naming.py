"""What an attempt of a run is called."""

from __future__ import annotations

from exlib.history.store import RunRecord


def attempt_name(record: RunRecord) -> str:
    """``12``, or ``12.2`` for its second attempt."""
    return f"{record.run}.{record.attempt}" if record.attempt > 1 else str(record.run)
