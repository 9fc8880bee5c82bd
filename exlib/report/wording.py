"""How a run is spoken of: marks, colours, causes, and text fitted to what a stream can show."""

from __future__ import annotations

from typing import TextIO

from exlib.console import Console, printable, span, wants_color
from exlib.events import AttemptFinished, JobFinished
from exlib.render.palette import LOOKS

_PLAIN = {
    "success": ("+", ("green",)),
    "reused": ("=", ("dim",)),
    "failed": ("x", ("red", "bold")),
    "timeout": ("T", ("red", "bold")),
    "lost": ("?", ("red", "bold")),
    "skipped": ("-", ("dim",)),
    "cancelled": ("!", ("yellow",)),
    "running": (">", ("cyan",)),
    "retrying": ("~", ("yellow",)),
    "waiting": (".", ("dim",)),
}
MARKS = {status: (LOOKS[status].mark, plain, styles) for status, (plain, styles) in _PLAIN.items()}
MARKS["started"] = MARKS["running"]
"""What stands for each status: the mark, as in pictures, its ASCII fallback and its style."""
LOG_TRUNCATED = "its log may be cut off, no space was left for it"
BAD = frozenset(["failed", "timeout", "lost"])
STYLES = {status: styles for status, (_, _, styles) in MARKS.items()} | {"cancelled": ("yellow",)}


class Voice:
    """Marks, colours and text fitted to one stream: its colour setting and its encoding decide."""

    def __init__(self, console: Console, stream: TextIO | None) -> None:
        self.encoding = getattr(stream, "encoding", None) or "utf-8"
        self.unicode = _can_show("✓✗◷↷▸↻■│…━·", self.encoding)
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


def _can_show(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True
