"""An executor that starts nothing: every task succeeds in its turn, so that the order of a run can be seen."""

from __future__ import annotations

from exlib.engine.executor import Ended, Task


class DryRunExecutor:
    """Ends tasks in the order in which they were started, all those of one wait together."""

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._started: list[Task] = []

    def can_start(self, chosen: int = 0) -> bool:
        """Whether a counted task may start besides ``chosen`` ones that are about to."""
        return len(self._started) + chosen < self._workers

    def start(self, task: Task) -> int:
        """Note the task; there is no process, so there is no process id."""
        self._started.append(task)
        return 0

    def wait(self, until: float | None) -> list[Ended]:
        """Everything that was started ended well."""
        ended, self._started = self._started, []
        return [Ended(task.key, 0, None) for task in ended]

    def abort(self, key: int | None = None, *, grace: float = 0.0) -> None:
        """Forget what was started."""
        self._started = [task for task in self._started if key is not None and task.key != key]
