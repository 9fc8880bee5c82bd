"""An executor on a clock of its own: each task takes the seconds that are predicted for it, and none of ours.

The scheduler that is given this clock runs a whole workflow in the time that its bookkeeping takes. Nothing is started.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence

from exlib.engine.executor import Ended, Task


class VirtualClock:
    """Time that passes only while the executor waits."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """Seconds since the run began."""
        return self.now


class VirtualExecutor:
    """``seconds`` are by the tasks' keys. The process id of a task is the number of the worker that has it, from 1.

    A task gets the free worker of the lowest number.
    """

    def __init__(self, workers: int, seconds: Sequence[float], clock: VirtualClock) -> None:
        self._workers = workers
        self._seconds = seconds
        self._clock = clock
        self._running: list[tuple[float, int, int]] = []
        self._started = 0
        self._worker: dict[int, int] = {}
        self._free: list[int] = []

    def can_start(self, chosen: int = 0) -> bool:
        """Whether a counted task may start besides ``chosen`` ones that are about to."""
        return len(self._running) + chosen < self._workers

    def start(self, task: Task) -> int:
        """Give the task to a worker, whose number is returned."""
        worker = heapq.heappop(self._free) if self._free else len(self._running) + 1
        self._worker[task.key] = worker
        self._started += 1
        heapq.heappush(self._running, (self._clock.now + self._seconds[task.key], self._started, task.key))
        return worker

    def wait(self, until: float | None) -> list[Ended]:
        """Let time pass until a task ends, or to ``until``; what ends in one moment ends together."""
        running = self._running
        if not running or (until is not None and until < running[0][0]):
            self._clock.now = max(self._clock.now, until or 0.0)
            return []
        now = self._clock.now = running[0][0]
        ended = []
        while running and running[0][0] == now:
            key = heapq.heappop(running)[2]
            heapq.heappush(self._free, self._worker.pop(key))
            ended.append(Ended(key, 0, None))
        return ended

    def abort(self, key: int | None = None, *, grace: float = 0.0) -> None:
        """A task that is ended ends now."""
        now = self._clock.now
        self._running = [(now if key in (None, task) else end, n, task) for end, n, task in self._running]
        heapq.heapify(self._running)
