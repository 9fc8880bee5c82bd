"""Jobs in a row, and values of keys in words."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from exlib.delta import ABSENT
from exlib.report.sheet import Cell, Code, Line, Piece

ARROW = " → "


def listed(jobs: Sequence[str], most: int = 12) -> Iterator[Piece]:
    """The ids with commas between; of many the first, and how many there are besides."""
    for number, job in enumerate(jobs[:most]):
        yield from (", " if number else "", Code(job))
    if len(jobs) > most:
        yield f" and {len(jobs) - most:,} more"


def row(jobs: Sequence[str], most: int = 12) -> Cell:
    """The same as one cell."""
    return Line(tuple(listed(jobs, most)))


def chain(jobs: Sequence[str], most: int = 12) -> Iterator[Piece]:
    """The jobs of a path; of a long one its ends."""
    head = jobs if len(jobs) <= most else jobs[: most - 2]
    for number, job in enumerate(head):
        yield from (ARROW if number else "", Code(job))
    if len(jobs) > most:
        yield f"{ARROW}… {len(jobs) - most:,} more …"
        for job in jobs[-2:]:
            yield from (ARROW, Code(job))


def counted(key: str, value: Any) -> str:
    """What counts for a job, from a typed workflow."""
    if value is ABSENT:
        return "not set"
    if value is None:
        return {"timeout": "no limit", "shell": "no shell", "working_dir": "where the run starts"}.get(key, "none")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:g}" if not value.is_integer() else str(int(value))
    if isinstance(value, frozenset):
        return ", ".join(map(str, sorted(value))) or "none"
    if isinstance(value, Collection) and not isinstance(value, str):
        return " ".join(map(str, value)) if key == "shell" else ", ".join(map(str, value))
    return str(value)
