"""A run as it was, from whatever source: the records that every view of ``ex-analyze-logs`` works on.

What a source does not know is None, or empty: an event stream has no dependencies, a job log of GNU parallel no
retries. Times are seconds since the epoch, durations seconds, memory KiB.
"""

from typing import NamedTuple

from exlib.history.store import AttemptRecord, JobRecord

FAILURES = frozenset(["failed", "timeout", "lost"])
"""Statuses of a job that went wrong by itself."""
UNDERWAY = frozenset(["running", "retrying", "pending", "queued", "unfinished"])
"""Statuses that are no end. ``unfinished``: the source ends before the run does, which goes on or was killed."""


class Source(NamedTuple):
    """Where a run was read: ``kind`` is history, events, run log, joblog or original log; ``name`` a file's."""

    kind: str
    name: str


class Job(NamedTuple):
    """One job in one attempt of a run.

    ``record.status`` is how the job itself ended, whatever a person marked since; ``record.mark`` tells of that.
    ``tries`` are those of this attempt of the run, oldest first. ``ready`` is when its last dependency had ended, or
    the run began, and ``needs`` are its dependencies; None where that is not known. A ``reused`` job did not run: an
    earlier attempt had finished it, and the times in its record, if any, are of that attempt.
    """

    record: JobRecord
    tries: tuple[AttemptRecord, ...] = ()
    ready: float | None = None
    reused: bool = False
    needs: tuple[str, ...] | None = None

    @property
    def ran(self) -> bool:
        """Whether it began in this attempt of the run."""
        return self.record.started is not None and not self.reused


class Run(NamedTuple):
    """One attempt of a run, without its jobs. ``run`` is None where the source gives runs no numbers.

    ``ended`` and ``duration`` are None for a run that is not known to have ended; ``document`` is the name of its
    file, ``messages`` what it said to a person, as (time, level, message).
    """

    source: Source
    run: int | None
    attempt: int
    application: str
    status: str
    started: float | None
    ended: float | None
    duration: float | None
    exit_code: int | None
    reason: str | None
    workers: int | None
    total: int | None
    document: str | None
    working_dir: str | None
    log_dir: str | None
    messages: tuple[tuple[float, str, str], ...] = ()


class Execution(NamedTuple):
    """A run with its jobs, in the order in which they ended."""

    run: Run
    jobs: tuple[Job, ...]


class Damage(NamedTuple):
    """A line of a source that could not be read, or not be understood, and why."""

    source: Source
    line: int
    why: str


class Reading(NamedTuple):
    """What was read, in its order; the first damaged lines, and how many there are of each kind of damage."""

    executions: tuple[Execution, ...]
    damages: tuple[Damage, ...]
    damaged: dict[str, int]
