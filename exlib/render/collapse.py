"""Which jobs become one box: those whose ids begin alike, or that have a tag."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fnmatch import translate

from exlib.workflow import Job

SEPARATORS = "._-/:"
_PARTS = re.compile(rf"[^{re.escape(SEPARATORS)}]*[{re.escape(SEPARATORS)}]+")


def collapsed(jobs: Sequence[Job], prefixes: Sequence[str], tags: Sequence[str]) -> dict[str, list[int]]:
    """The jobs (by their places) of each group by its name; groups of one job are left out.

    A tag is a glob, and a job goes by the first of its own tags that one matches; then prefixes are tried, the longest
    first. A prefix that is a number N stands for the first N parts of each id, separators between them.
    """
    patterns = [re.compile(translate(tag)).match for tag in tags]
    longest = sorted((prefix for prefix in prefixes if not prefix.isdigit()), key=len, reverse=True)
    counts = [int(prefix) for prefix in prefixes if prefix.isdigit()]
    groups: dict[str, list[int]] = {}
    for place, job in enumerate(jobs):
        name = next((f"tag {tag}" for tag in job.tags if any(match(tag) for match in patterns)), None)
        name = name or next((f"{prefix}*" for prefix in longest if job.id.startswith(prefix)), None)
        name = name or next((f"{head}*" for count in counts if (head := _head(job.id, count))), None)
        if name:
            groups.setdefault(name, []).append(place)
    return {name: places for name, places in groups.items() if len(places) > 1}


def _head(name: str, count: int) -> str:
    """The first parts of an id with the separators behind them; empty if it has no more parts than these."""
    end = 0
    for _ in range(count):
        match = _PARTS.match(name, end)
        if match is None:
            return ""
        end = match.end()
    return name[:end] if end < len(name) else ""
