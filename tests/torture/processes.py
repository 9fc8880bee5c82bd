"""Processes of a run under trial: its engine, and what is left of its jobs (Linux)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from pathlib import Path

from exlib.engine import process
from tests.commands.run.lab import alive

PATIENCE = 60.0
"""Seconds after which a trial gives up waiting for something that must come."""


def engine_of(guard: int) -> int | None:
    """The engine below the guard that was started; None before there is one and after it ended."""
    try:
        children = Path(f"/proc/{guard}/task/{guard}/children").read_text().split()
    except OSError:
        return None
    return int(children[0]) if children else None


def of_jobs(place: Path) -> set[int]:
    """Live processes whose logs are below ``place``."""
    below = bytes(place) + b"/"
    marked = process.by_log(process.snapshot())
    return {pid for log, found in marked.items() if log.startswith(below) for pid, _ in found if alive(pid)}


def still_alive(pids: Iterable[int], seconds: float) -> set[int]:
    """Those of these processes that are there after so many seconds; empty as soon as none is."""
    until = time.monotonic() + seconds
    while (left := set(filter(alive, pids))) and time.monotonic() < until:
        time.sleep(0.01)
    return left


def wait_until(what: Callable[[], object], naming: str) -> None:
    """Wait until something is true. Raises AssertionError after PATIENCE seconds."""
    until = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < until, f"{naming} never came"
        time.sleep(0.001)
