"""Actions that are due at a time of the monotonic clock."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from itertools import count


class Timers:
    """A heap of actions. An action that came too late to matter looks for itself and does nothing."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Callable[[], None]]] = []
        self._order = count()

    def at(self, when: float, action: Callable[[], None]) -> None:
        """Do ``action`` once the clock reads ``when``."""
        heapq.heappush(self._heap, (when, next(self._order), action))

    def next(self) -> float | None:
        """When the next action is due."""
        return self._heap[0][0] if self._heap else None

    def fire(self, now: float) -> None:
        """Do everything that is due."""
        while self._heap and self._heap[0][0] <= now:
            heapq.heappop(self._heap)[2]()
