"""The messages of failed tries of many runs, grouped by their shape: a Sink."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

from exlib.history.store import AttemptRecord, JobRecord
from exlib.logs.excerpt import excerpt
from exlib.logs.model import FAILURES, Job, Run
from exlib.logs.patterns import Pattern
from exlib.logs.shape import shape
from exlib.logs.tally import run_key
from exlib.masking import Mask

LOGS = 10_000
"""Logs that are read at the most; later failures count with the reason that is on record."""
SHAPES = 10_000
"""Groups at the most; what fits none of them then is only counted."""
_JOBS = 100


class Group:
    """Failed tries whose messages have one shape. Times are seconds since the epoch."""

    __slots__ = ("count", "example", "first", "jobs", "last", "pattern", "runs", "shape")

    def __init__(self, form: str, pattern: Pattern | None, example: str) -> None:
        self.shape = form
        self.pattern = pattern
        self.example = example
        self.count = 0
        self.first = self.last = 0.0
        self.jobs: dict[tuple[str, str], int] = {}
        self.runs: set[Hashable] = set()

    def add(self, run: Run, job: str, at: float) -> None:
        """Take a failed try."""
        self.count += 1
        if at:
            self.first = min(self.first or at, at)
            self.last = max(self.last, at)
        key = run.application, job
        if key in self.jobs or len(self.jobs) < _JOBS:
            self.jobs[key] = self.jobs.get(key, 0) + 1
        self.runs.add(run_key(run) or (run.source.name, run.started))


class Grouping:
    """A Sink. A try's message is the line of its log that tells the cause, else the reason on record."""

    def __init__(self, mask: Callable[[Run], Mask]) -> None:
        self.tries = self.unread = self.ungrouped = 0
        self._mask = mask
        self._logs = LOGS
        self._groups: dict[tuple[str, str], Group] = {}

    def begin(self, run: Run) -> None:
        """A run begins."""

    def job(self, run: Run, job: Job) -> None:
        """Take the tries of a job that failed."""
        if not job.ran:
            return
        tries: Sequence[AttemptRecord | JobRecord] = job.tries or (job.record,)
        for one in tries:
            if one.status in FAILURES:
                self._take(run, job.record.job, one)

    def end(self, run: Run) -> None:
        """It ended."""

    def groups(self) -> list[Group]:
        """The groups, the largest first, and of equal ones the latest."""
        return sorted(self._groups.values(), key=lambda group: (-group.count, -group.last, group.shape))

    def _take(self, run: Run, job: str, one: AttemptRecord | JobRecord) -> None:
        self.tries += 1
        found = None
        if one.log and self._logs > 0:
            self._logs -= 1
            found = excerpt(one.log, self._mask(run))
        message = found.message if found is not None else None
        self.unread += found is None
        pattern = found.pattern if found is not None and message else None
        message = message or one.reason or one.status
        form = shape(message)
        key = pattern.name if pattern else "", form
        group = self._groups.get(key)
        if group is None:
            if len(self._groups) >= SHAPES:
                self.ungrouped += 1
                return
            group = self._groups[key] = Group(form, pattern, message)
        group.add(run, job, (one.started or 0.0) + (one.duration or 0.0))
