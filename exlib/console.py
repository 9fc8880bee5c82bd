"""Standard error and colour: the one place that decides how a person is spoken to."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
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
