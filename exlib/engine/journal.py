"""The events of one turn of the loop, and everyone who reads them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from exlib.errors import Busy, StorageError
from exlib.events import Event, Notice, Reader
from exlib.masking import UNMASKED, Mask

_CROWD = 64
"""Events; a job has about four."""
PATIENCE = 60.0
"""Seconds for which a history that another process keeps locked is waited for."""
_LOOK_AGAIN = 0.2
_WORTH_TELLING = 1.0


class Journal:
    """Collects events and hands them on together. The history is told first, and what it refuses is kept for it.

    A history that another process keeps locked is no refusal yet: ``locked`` says so, and ``record`` tries again, no
    more often than the loop has time for, until it is free or PATIENCE is over.
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
        self._told: list[Event] = []
        self._owed: list[Event] = []
        self.locked: Busy | None = None
        self._locked_since: float | None = None
        self._look_at = 0.0
        self._told_of_lock = False
        self._ticked: list[Reader] = [*([history] if history else []), *self._readers]
        self._last_tick = dict.fromkeys(self._ticked, 0.0)

    def emit(self, event: Event) -> None:
        """Add an event to this turn, the values of secrets hidden."""
        self._turn.append(_masked(event, self._mask) if self._mask.active else event)

    def notice(self, level: str, message: str) -> None:
        """Add a message for a person to this turn."""
        self.emit(Notice(self._wall(), level, message))

    def record(self) -> StorageError | None:
        """Tell the history; what happened is durable on return unless that is ``locked``, or refused it: the error."""
        turn = self._turn
        if not turn and not self._owed:
            return None
        self._turn = []
        self._told += turn
        return self._record(turn)

    def record_at_last(self, patient: Callable[[], bool]) -> StorageError | None:
        """Record, and do nothing else until a locked history is free, as long as the one who waits is ``patient``."""
        error = self.record()
        while self.locked is not None:
            if not patient():
                return self.locked
            time.sleep(max(0.0, self._look_at - self._clock()))
            error = self.record()
        return error

    def tell(self) -> StorageError | None:
        """Tell everybody else what was recorded since the last time; a file that is full is returned as an error."""
        turn, self._told = self._told, []
        error = None
        for reader in list(self._readers) if turn else ():
            try:
                reader.read(turn)
            except StorageError as refusal:
                self._readers.remove(reader)
                self._ticked.remove(reader)
                error = error or refusal
        return error

    def flush(self) -> StorageError | None:
        """Record and tell."""
        refused = self.record()
        return self.tell() or refused

    @property
    def crowded(self) -> bool:
        """Whether so much is on record that the readers should not wait any longer for a quiet moment."""
        return len(self._told) >= _CROWD

    @property
    def pending(self) -> bool:
        """Whether something happened that the readers do not know."""
        return bool(self._turn)

    def next_tick(self) -> float | None:
        """When the next reader wants to be ticked, on the monotonic clock; a reader's interval may change."""
        times = [self._last_tick[one] + one.interval for one in self._ticked if one.interval is not None]
        if self.locked is not None:
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

    def _record(self, turn: list[Event]) -> StorageError | None:
        if self._history is None:
            return None
        owed = self._owed + turn if self._owed else turn
        if self.locked is not None and self._clock() < self._look_at:
            self._owed = owed
            return None
        try:
            self._history.read(owed)
        except StorageError as error:
            self._owed = owed
            return self._refused(error)
        if owed is not turn:
            self._owed = []
            self.locked = self._locked_since = None
        return None

    def _refused(self, error: StorageError) -> StorageError | None:
        """What the history said, unless it is worth waiting for."""
        self.locked = None
        if not isinstance(error, Busy):
            return error
        now = self._clock()
        if self._locked_since is None:
            self._locked_since = now
        waited = now - self._locked_since
        if waited >= PATIENCE:
            return StorageError(f"{error.message}, for {PATIENCE:.0f} s already", mend=error.mend)
        if waited >= _WORTH_TELLING and not self._told_of_lock:
            self._told_of_lock = True
            self.notice("warning", f"{error.message}; nothing new starts until it is free ({error.mend})")
        self.locked = error
        self._look_at = now + _LOOK_AGAIN
        return None


_SPEAKING = ("command", "reason", "message")
"""Fields of events that may quote what a secret stands in."""


def _masked(event: Event, mask: Mask) -> Event:
    said = {name: value for name in _SPEAKING if (value := getattr(event, name, None))}
    hidden: dict[str, Any] = {name: mask.text(value) for name, value in said.items()}
    return event if hidden == said else event._replace(**hidden)
