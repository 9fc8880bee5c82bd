"""What the text of all views is made of: facts under headings, shares, quantiles, and the word on damaged lines."""

from __future__ import annotations

import textwrap
import time
from collections.abc import Iterable, Iterator

from exlib.console import plural, span, width
from exlib.logs.sketch import Sketch
from exlib.logs.views import Telling

_SHARES = ((0.5, "p50"), (0.9, "p90"), (0.99, "p99"), (1.0, "max"))
_HEADING = 10
_SHOWN = 5


def facts(told: Iterable[tuple[str, str]], telling: Telling) -> Iterator[str]:
    """Lines of a heading and a fact; a fact without a heading belongs to the one above it."""
    for heading, fact in told:
        if fact:
            yield f"  {telling.voice.style(heading.ljust(_HEADING), 'dim')}{fact}"


def quantiles(sketch: Sketch, telling: Telling) -> str:
    """``p50 1.2s · p90 3.4s · p99 8.0s · max 9.1s``; of one the span itself, of none nothing."""
    if sketch.count < 2:
        return span(sketch.most) if sketch.count else ""
    dot = telling.voice.pick(" · ", ", ")
    return dot.join(f"{name} {span(sketch.quantile(at) or 0.0)}" for at, name in _SHARES)


def share(part: float) -> str:
    """``61%``, never 0 or 100 for what is not quite."""
    if 0 < part < 0.01:
        return "under 1%"
    if 0.99 < part < 1:
        return "over 99%"
    return f"{part * 100:.0f}%"


def in_attempts(runs: int, attempts: int) -> str:
    """``9 runs``, or ``9 runs in 10 attempts`` where some were resumed."""
    return f"{plural(runs, 'run')} in {plural(attempts, 'attempt')}" if attempts > runs else plural(runs, "run")


def day_and_time(seconds: float) -> str:
    """A moment in local time: ``2026-01-31 23:59:59``."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds))


def damage_lines(telling: Telling) -> list[str]:
    """What of the input could not be read, and where."""
    if not telling.damaged:
        return []
    voice = telling.voice
    total = sum(telling.damaged.values())
    kinds = ", ".join(f"{number:,} {why}" for why, number in telling.damaged.items())
    head = f"{plural(total, 'line')} could not be read: {voice.plain(kinds)}"
    lines = [voice.style(line, "yellow") for line in wrapped(head, telling, "")]
    for damage in telling.damages[:_SHOWN]:
        lines += wrapped(f"{voice.plain(damage.source.name)}:{damage.line}: {voice.plain(damage.why)}", telling, "  ")
    if total > min(len(telling.damages), _SHOWN):
        lines.append(f"  and {total - min(len(telling.damages), _SHOWN):,} more")
    return lines


def wrapped(text: str, telling: Telling, indent: str) -> list[str]:
    """Printable text in lines of the stream's columns."""
    room = max(telling.columns - len(indent), 20)
    if width(text) <= room:
        return [indent + text]
    return [indent + line for line in textwrap.wrap(text, room, break_on_hyphens=False)]
