"""Signals that a person or a system sends to the engine, as a level that the scheduler heeds.

SIGINT: start nothing new, let running jobs finish; the second one ends the jobs, the third kills them at once.
SIGTERM and SIGHUP: end the jobs. What was ignored when the engine started (nohup, background jobs) stays ignored.
"""

from __future__ import annotations

import signal
import time
from enum import IntEnum
from types import FrameType

_SAME_KEYSTROKE = 0.2
"""Seconds within which the same signal again is the same request, sent to the process and to its group."""


class Level(IntEnum):
    """How urgently the run is to stop."""

    NONE = 0
    DRAIN = 1
    END = 2
    KILL = 3


class Interrupts:
    """Counts signals; ``level`` only rises."""

    def __init__(self) -> None:
        self.level = Level.NONE
        self.signal: signal.Signals | None = None
        self._last: dict[int, float] = {}
        self._replaced: dict[int, object] = {}

    def listen(self) -> None:
        """Take over SIGINT, SIGTERM and SIGHUP from here on."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is not signal.SIG_IGN:
                self._replaced[number] = signal.signal(number, self._note)

    def leave(self) -> None:
        """The run is over and on record: a signal that comes now ends what is still being said about it."""
        for number in self._replaced:
            signal.signal(number, signal.default_int_handler if number == signal.SIGINT else _leave)

    def _note(self, number: int, _frame: FrameType | None) -> None:
        now = time.monotonic()
        again = now - self._last.get(number, -1.0) < _SAME_KEYSTROKE
        self._last[number] = now
        if again:
            return
        if number == signal.SIGINT:
            self.level = Level(min(self.level + 1, Level.KILL))
        else:
            self.level = Level.KILL if self.level >= Level.END else Level.END
        if self.signal is None or number != signal.SIGINT:
            self.signal = signal.Signals(number)


def _leave(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + number)
