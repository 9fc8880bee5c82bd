"""How a run is spoken of: marks, colours, spans of time, and text cut to what a stream can show."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import TextIO

from exlib.console import Console, printable, wants_color
from exlib.events import AttemptFinished, JobFinished

MARKS = {
    "success": ("✓", "+", ("green",)),
    "reused": ("✓", "=", ("dim",)),
    "failed": ("✗", "x", ("red", "bold")),
    "timeout": ("✗", "x", ("red", "bold")),
    "lost": ("✗", "x", ("red", "bold")),
    "skipped": ("↷", "-", ("dim",)),
    "cancelled": ("■", "!", ("yellow",)),
    "started": ("▸", ">", ("cyan",)),
    "retrying": ("↻", "~", ("yellow",)),
    "waiting": ("◦", ".", ("dim",)),
}
"""What stands for each status: the mark, its ASCII fallback and its style."""
LOG_TRUNCATED = "its log may be cut off, no space was left for it"
BAD = frozenset(["failed", "timeout", "lost"])
STYLES = {status: styles for status, (_, _, styles) in MARKS.items()} | {"cancelled": ("yellow",)}


class Voice:
    """Marks, colours and text fitted to one stream: its colour setting and its encoding decide."""

    def __init__(self, console: Console, stream: TextIO | None) -> None:
        self.encoding = getattr(stream, "encoding", None) or "utf-8"
        self.unicode = _can_show("✓✗↷▸↻■│…━·", self.encoding)
        self.coloured = stream is not None and wants_color(console.color, stream)
        self._console = console
        self._stream = stream

    def style(self, text: str, *styles: str) -> str:
        """``text`` in these styles if the stream is coloured."""
        return self._console.style(text, *styles, stream=self._stream) if self.coloured else text

    def mark(self, status: str) -> str:
        """The one-column mark of a status."""
        fine, plain, styles = MARKS[status]
        return self.style(fine if self.unicode else plain, *styles)

    def pick(self, fine: str, plain: str) -> str:
        """``fine`` where the encoding has it, ``plain`` elsewhere."""
        return fine if self.unicode else plain

    def plain(self, text: str) -> str:
        """``text`` without control characters, and without what the encoding cannot show."""
        shown = printable(text)
        if shown.isascii():
            return shown
        return shown.encode(self.encoding, "backslashreplace").decode(self.encoding)


def failure(event: JobFinished, voice: Voice) -> str:
    """One line on a job that did not succeed: ``✗ load failed after 1.4s: exit code 3``; no time if it never began."""
    tries = f" and {event.attempts} attempts" if event.attempts > 1 else ""
    head = f"{voice.mark(event.status)} {voice.style(voice.plain(event.job), 'bold')}"
    word = {"timeout": "timed out", "lost": "was lost"}.get(event.status, event.status)
    took = "" if event.started is None else f" after {span(event.duration)}{tries}"
    return f"{head} {word}{took}: {voice.plain(cause(event))}"


def cause(event: JobFinished | AttemptFinished) -> str:
    """Why a job or attempt ended as it did, from the most telling thing that is known."""
    if event.reason:
        return event.reason
    if event.signal:
        return f"ended by {event.signal}"
    if event.exit_code is not None:
        return f"exit code {event.exit_code}"
    return "no reason is known"


def span(seconds: float) -> str:
    """Seconds for a person, about three digits: ``0.42s``, ``12.3s``, ``1m 23s``, ``2h 05m``, ``3d 04h``."""
    if seconds < 0.995:
        return f"{max(seconds, 0):.2f}s"
    if seconds < 59.95:
        return f"{seconds:.1f}s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60}m {whole % 60:02d}s"
    minutes = round(seconds / 60)
    if minutes < 1440:
        return f"{minutes // 60}h {minutes % 60:02d}m"
    hours = round(seconds / 3600)
    return f"{hours // 24}d {hours % 24:02d}h"


def width(text: str) -> int:
    """Columns that printable text takes on a terminal."""
    if text.isascii():
        return len(text)
    return sum(_columns(c) for c in text)


def pad(text: str, columns: int) -> str:
    """``text`` filled up with spaces to at least so many columns."""
    return text + " " * (columns - width(text))


def cut(text: str, columns: int, sign: str = "…") -> str:
    """``text`` in at most so many columns, ``sign`` standing for what was cut off."""
    if width(text) <= columns:
        return text
    room = columns - width(sign)
    kept, used = [], 0
    for c in text:
        used += _columns(c)
        if used > room:
            break
        kept.append(c)
    return "".join(kept) + sign if room >= 0 else ""


def _columns(c: str) -> int:
    if unicodedata.combining(c):
        return 0
    return 2 if unicodedata.east_asian_width(c) in "WF" else 1


def _can_show(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def names(listed: Sequence[str], total: int, columns: int = 60) -> str:
    """``a, b, c and 9 more``: as many of the listed names as fit, at least one."""
    shown: list[str] = []
    for name in listed:
        columns -= width(name) + 2
        if shown and columns < 0:
            break
        shown.append(name)
    rest = total - len(shown)
    return ", ".join(shown) + (f" and {rest} more" if rest else "")
