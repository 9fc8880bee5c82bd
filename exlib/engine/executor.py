"""What an executor is: four verbs over tasks. Local processes, dry runs and the tests' fake are interchangeable."""

from collections.abc import Mapping
from typing import NamedTuple, Protocol


class Task(NamedTuple):
    """One command to run for a job: its own command, a check, or a wait that is hosted.

    ``key`` is the scheduler's handle. Output goes to the file ``log``, which is created with ``fresh`` and must not
    exist, else appended to. With ``verdict`` the command may write an answer to file descriptor 3. A task that is
    not ``counted`` takes no worker.
    """

    key: int
    argv: tuple[str, ...]
    env: Mapping[bytes, bytes]
    cwd: str
    log: str
    fresh: bool = True
    verdict: bool = False
    counted: bool = True
    detach: bool = False


class Ended(NamedTuple):
    """A task is over and nothing of it runs any more. ``memory`` is the peak in KiB, ``cpu`` in seconds.

    ``log_full``: no room was left where its log is when it ended, so that some of its output may be missing.
    """

    key: int
    exit_code: int | None
    signal: int | None
    cpu: float = 0.0
    memory: int = 0
    verdict: bytes = b""
    log_full: bool = False


class CannotStart(Exception):
    """A task that cannot be started, with the reason; the same would happen again at once."""


class TryLater(Exception):
    """The machine has no process or descriptor left for the moment."""


class Executor(Protocol):
    """Where commands run."""

    def can_start(self, chosen: int = 0) -> bool:
        """Whether a counted task may start besides ``chosen`` ones that are about to."""

    def start(self, task: Task) -> int:
        """Start a task and return its process id. Raises CannotStart, TryLater or errors.StorageError (its log)."""

    def wait(self, until: float | None) -> list[Ended]:
        """Wait until a task ends, a signal arrives or the clock reads ``until``; returns what ended, maybe nothing."""

    def abort(self, key: int | None = None, *, grace: float = 0.0) -> None:
        """Begin to end one task, or all: TERM, then KILL after ``grace`` seconds. ``wait`` still reports each end."""
