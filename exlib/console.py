"""How a person is spoken to: standard error, colour, and text made fit for a line of a terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from typing import TextIO

_CODES = {"bold": 1, "dim": 2, "red": 31, "green": 32, "yellow": 33, "blue": 34, "magenta": 35, "cyan": 36}


def wants_color(choice: str, stream: TextIO, environ: Mapping[str, str] = os.environ) -> bool:
    """Whether to colour ``stream``: the flag decides, then NO_COLOR, then FORCE_COLOR, then the terminal."""
    if choice != "auto":
        return choice == "always"
    if environ.get("NO_COLOR"):
        return False
    if environ.get("FORCE_COLOR"):
        return True
    return is_terminal(stream) and environ.get("TERM") != "dumb"


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a stream is a terminal; a closed or absent one is not."""
    try:
        return stream is not None and stream.isatty()
    except ValueError:
        return False


class Console:
    """How one command speaks: ``-q``, ``-v`` and ``--color`` end up here, messages go to stderr."""

    def __init__(self) -> None:
        self.color = "auto"
        self.verbosity = 0

    @property
    def quiet(self) -> bool:
        """Whether only errors are to be said."""
        return self.verbosity < 0

    @property
    def verbose(self) -> bool:
        """Whether details are wanted."""
        return self.verbosity > 0

    def style(self, text: str, *styles: str, stream: TextIO | None = None) -> str:
        """``text`` in the given styles if the stream (stderr by default) is coloured."""
        if not styles or not wants_color(self.color, stream or sys.stderr):
            return text
        return f"\x1b[{';'.join(str(_CODES[style]) for style in styles)}m{text}\x1b[0m"

    def note(self, text: str) -> None:
        """Say something on stderr unless ``--quiet``."""
        if not self.quiet:
            self.say(text)

    def detail(self, text: str) -> None:
        """Say something on stderr with ``--verbose`` only."""
        if self.verbose:
            self.say(text)

    def warn(self, text: str) -> None:
        """Say on stderr what a person should know; not silenced by ``--quiet``."""
        self.say(f"{self.style('warning:', 'yellow', 'bold')} {text}")

    def say(self, text: str) -> None:
        """Write a line to stderr; a closed or broken stderr loses it and nothing else."""
        if sys.stderr is None:
            return
        try:
            sys.stderr.write(text + "\n")
            sys.stderr.flush()
        except (OSError, ValueError):
            sys.stderr = None  # else the interpreter's last flush fails again and makes the exit code 120


def printable(text: str) -> str:
    """``text`` with control characters made visible, so that a document cannot drive the terminal."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def plural(number: int, noun: str, nouns: str | None = None) -> str:
    """``1 job``, ``2 jobs``, ``100,000 dependencies``; ``nouns`` where an s is not enough."""
    return f"{number:,} {noun if number == 1 else nouns or noun + 's'}"


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


def read_span(text: str) -> float | None:
    """Seconds from a number, or numbers with units: 90, 1.5m, 1h30m, 1d; None for anything else."""
    import re  # not every tool reads a span

    if not re.fullmatch(r"\d+(?:\.\d+)?|(?:\d+(?:\.\d+)?[smhd])+", text):
        return None
    return sum(float(number) * _UNITS[unit] for number, unit in re.findall(r"([\d.]+)([smhd]?)", text))


_UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}


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
    import unicodedata  # a file of its own, and most text is ASCII

    if unicodedata.combining(c):
        return 0
    return 2 if unicodedata.east_asian_width(c) in "WF" else 1


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
