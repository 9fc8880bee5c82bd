"""The events of one turn of the loop, and everyone who reads them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from exlib.errors import Busy, StorageError
from exlib.events import Event, Notice, Reader
from exlib.masking import UNMASKED, Mask

_CROWD = 256
"""Events that readers should not wait for any longer; a job has about four."""
PATIENCE = 60.0
"""Seconds for which the end of a run waits for a history that another process keeps locked."""
_LOOK_AGAIN = 0.2
_WORTH_TELLING = 1.0


class Journal:
    """Collects events and hands them on together.

    The history is told twice. ``record`` has it keep each turn, which is quick, before anything that depends on the
    turn happens. ``flush`` has it write up what it kept and tells everybody else, in a moment in which the loop has
    nothing better to do. What the history refuses is kept for it here. One that another process keeps locked holds
    nothing up: it is written up later.
    """

    def __init__(
        self,
        history: Reader | None,
        readers: Sequence[Reader] = (),
        mask: Mask = UNMASKED,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._history = history
        self._readers = list(readers)
        self._mask = mask
        self._clock = clock
        self._wall = wall
        self._turn: list[Event] = []
        self._unkept: list[Event] = []
        self._unwritten: list[Event] = []
        self._untold: list[Event] = []
        self._locked_since: float | None = None
        self._told_of_lock = False
        self._look_at = 0.0
        self._ticked: list[Reader] = [*([history] if history else []), *self._readers]
        self._last_tick = dict.fromkeys(self._ticked, 0.0)

    def emit(self, event: Event) -> None:
        """Add an event to this turn, the values of secrets hidden."""
        self._turn.append(_masked(event, self._mask) if self._mask.active else event)

    def notice(self, level: str, message: str) -> None:
        """Add a message for a person to this turn."""
        self.emit(Notice(self._wall(), level, message))

    def record(self) -> StorageError | None:
        """Have the history keep the turn; what happened is durable on return, unless an error is returned."""
        if self._turn:
            self._end_turn()
        if not self._unkept or self._history is None:
            return None
        try:
            self._history.keep(self._unkept)
        except StorageError as error:
            return error
        self._unkept = []
        return None

    def flush(self) -> StorageError | None:
        """Have the history write up what happened, and tell everybody else. An error is one that stops the run."""
        if self._turn:
            self._end_turn()
        refused = self._write_up()
        return self._tell() or refused

    def finish(self, patient: Callable[[], bool]) -> StorageError | None:
        """Flush, and wait for a history that is locked while the one who waits is ``patient``, up to PATIENCE.

        Busy is returned if it still is: nothing is lost, and whoever opens it next writes up what was kept.
        """
        error = self.flush()
        until = self._clock() + PATIENCE
        while self._locked_since is not None:
            if self._clock() >= until or not patient():
                return error or Busy("the history is locked by another process; it is written up when next opened")
            time.sleep(_LOOK_AGAIN)
            error = self.flush()
        return error

    @property
    def crowded(self) -> bool:
        """Whether so much happened that nobody should wait any longer for a quiet moment."""
        return len(self._untold) >= _CROWD

    @property
    def behind(self) -> bool:
        """Whether something happened that readers do not know."""
        return bool(self._untold or self._turn)

    def next_tick(self) -> float | None:
        """When the next reader wants to be ticked, on the monotonic clock; a reader's interval may change."""
        times = [self._last_tick[one] + one.interval for one in self._ticked if one.interval is not None]
        if self._locked_since is not None:
            times.append(self._look_at)
        return min(times, default=None)

    def tick(self) -> StorageError | None:
        """Tick the readers whose time has come; what one of them cannot write is returned."""
        error = None
        for reader in self._ticked:
            interval = reader.interval
            if interval is not None and self._last_tick[reader] + interval <= self._clock():
                try:
                    reader.tick()
                except StorageError as refusal:
                    error = error or refusal
                self._last_tick[reader] = self._clock()
        return error

    def close(self) -> None:
        """Let the readers write what is left; the history is closed by who opened it."""
        for reader in self._readers:
            reader.close()

    def _end_turn(self) -> None:
        turn, self._turn = self._turn, []
        self._unkept += turn
        self._unwritten += turn
        self._untold += turn

    def _write_up(self) -> StorageError | None:
        if self._history is None or not self._unwritten:
            return None
        if self._locked_since is not None and self._clock() < self._look_at:
            return self.record()
        try:
            self._history.read(self._unwritten)
        except Busy as error:
            self._wait_for(error)
            return self.record()
        except StorageError as error:
            return error
        self._unwritten = []
        self._unkept = []
        self._locked_since = None
        return None

    def _wait_for(self, busy: Busy) -> None:
        """Try again later; tell a person once if it lasts."""
        now = self._clock()
        if self._locked_since is None:
            self._locked_since = now
        elif now - self._locked_since >= _WORTH_TELLING and not self._told_of_lock:
            self._told_of_lock = True
            self.notice("warning", f"{busy.message}; it is written up when it is free ({busy.mend})")
        self._look_at = now + _LOOK_AGAIN

    def _tell(self) -> StorageError | None:
        """A file that takes no more is returned as an error, and not told again."""
        untold, self._untold = self._untold, []
        error = None
        for reader in list(self._readers) if untold else ():
            try:
                reader.read(untold)
            except StorageError as refusal:
                self._readers.remove(reader)
                self._ticked.remove(reader)
                error = error or refusal
        return error


_SPEAKING = ("command", "reason", "message")
"""Fields of events that may quote what a secret stands in."""


def _masked(event: Event, mask: Mask) -> Event:
    said = {name: value for name in _SPEAKING if (value := getattr(event, name, None))}
    hidden: dict[str, Any] = {name: mask.text(value) for name, value in said.items()}
    return event if hidden == said else event._replace(**hidden)
