"""Which jobs become one box: those whose ids begin alike, or that have a tag."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
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


def idle(jobs: Sequence[Job], prefixes: Sequence[str], tags: Sequence[str]) -> Iterator[tuple[str, str, str | None]]:
    """What makes no group as no job is meant by it: the option, its word, and the nearest word that one has."""
    known = {tag for job in jobs for tag in job.tags}
    lone = [tag for tag in tags if not any(map(re.compile(translate(tag)).match, known))]
    lost = [prefix for prefix in prefixes if not any(_begins(job.id, prefix) for job in jobs)]
    if not lone and not lost:
        return
    from exlib.rules.nearest import Nearest

    near = Nearest(sorted(known))
    yield from (("--collapse-tag", tag, near.to(tag)) for tag in lone)
    heads = Nearest(dict.fromkeys(head for count in (1, 2, 3) for job in jobs if (head := _head(job.id, count))))
    yield from (("--collapse-prefix", word, None if word.isdigit() else heads.to(word)) for word in lost)


def _begins(name: str, prefix: str) -> bool:
    return bool(_head(name, int(prefix))) if prefix.isdigit() else name.startswith(prefix)


def _head(name: str, count: int) -> str:
    """The first parts of an id with the separators behind them; empty if it has no more parts than these."""
    end = 0
    for _ in range(count):
        match = _PARTS.match(name, end)
        if match is None:
            return ""
        end = match.end()
    return name[:end] if end < len(name) else ""
