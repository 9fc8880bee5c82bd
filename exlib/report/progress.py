"""What one frame of the live view shows; the view keeps it, the painter draws it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(slots=True)
class Running:
    """One attempt in progress; ``typical`` is what the job took in earlier runs, in seconds."""

    job: str
    number: int
    since: float
    log: str
    typical: float | None


@dataclass(slots=True)
class State:
    """What one frame shows."""

    application: str = ""
    run: int = 0
    total: int = 0
    since: float = 0.0
    finished: int = 0
    counts: Counter[str] | None = None
    running: list[Running] | None = None
    remaining: float | None = None
    source: str = ""
    output: Sequence[str] = ()
