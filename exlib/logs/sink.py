"""What takes runs as they are read, whatever they are read from: a protocol, and the sink that keeps everything."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from exlib.logs.model import Execution, Job, Run


class Sink(Protocol):
    """What takes a stream as it is read: each job as it ends, between the beginning and the end of its run."""

    def begin(self, run: Run) -> None:
        """A run begins, or is first heard of; what is not known yet is None."""

    def job(self, run: Run, job: Job) -> None:
        """A job of it ended, or is left without an end as the source ends."""

    def end(self, run: Run) -> None:
        """It ended, or nothing more is heard of it (status unfinished)."""


class Collector:
    """A Sink that keeps everything."""

    def __init__(self) -> None:
        self.executions: list[Execution] = []
        self._jobs: list[Job] = []

    def begin(self, run: Run) -> None:
        """Begin anew."""
        self._jobs = []

    def job(self, run: Run, job: Job) -> None:
        """Keep it."""
        self._jobs.append(job)

    def end(self, run: Run) -> None:
        """Keep it with its jobs."""
        self.executions.append(Execution(run, tuple(self._jobs)))
        self._jobs = []


def pour(executions: Iterable[Execution], sink: Sink) -> None:
    """Hand executions to a Sink, as a stream would."""
    for execution in executions:
        sink.begin(execution.run)
        for job in execution.jobs:
            sink.job(execution.run, job)
        sink.end(execution.run)
