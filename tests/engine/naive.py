"""The simplest scheduler that could be right: it looks at every job anew each time. The engine's is held to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from exlib.engine.states import State
from exlib.events import AttemptFinished, AttemptStarted, Event, JobFinished, JobReused
from exlib.workflow import Job


class Naive:
    """What is known of each job of a run, and what could start now."""

    def __init__(self, jobs: Sequence[Job], settled: Mapping[int, State]) -> None:
        self.jobs = {job.id: job for job in jobs}
        self.going: set[str] = set()
        self._rank = {job.id: (-job.priority, place) for place, job in enumerate(jobs)}
        self._left_out = {jobs[node].id for node, state in settled.items() if state is not State.SUCCESS}
        self._begun: set[str] = set()
        self._end: dict[str, str] = {}

    def hear(self, event: Event) -> None:
        """Take note of an event."""
        if isinstance(event, AttemptStarted):
            self.begin(event.job)
        elif isinstance(event, AttemptFinished):
            self.going.discard(event.job)
        elif isinstance(event, JobReused):
            self.end(event.job, "success")
        elif isinstance(event, JobFinished):
            self.end(event.job, event.status)

    def begin(self, name: str) -> None:
        """A try of a job begins."""
        self._begun.add(name)
        self.going.add(name)

    def end(self, name: str, status: str) -> None:
        """A job has its final status."""
        self.going.discard(name)
        self._end[name] = status

    def is_open(self, name: str) -> bool:
        """Whether a job is to be run and has neither begun nor ended."""
        return name not in self._begun and name not in self._end and name not in self._left_out

    def is_satisfied(self, name: str) -> bool:
        """Whether a job that depends on this one need not wait for it (any more)."""
        if name in self._left_out:
            return all(map(self.is_satisfied, self.jobs[name].dependencies))
        return self._end.get(name) == "success"

    def is_doomed(self, name: str) -> bool:
        """Whether something that this job depends on, through left out ones too, ended without success."""
        return any(
            self.is_doomed(other) if other in self._left_out else self._end.get(other, "success") != "success"
            for other in self.jobs[name].dependencies
        )

    def is_cut_off(self, name: str) -> bool:
        """The same, or something that it depends on cannot end well any more for that reason."""
        return self.is_doomed(name) or any(
            (other in self._left_out or self.is_open(other)) and self.is_cut_off(other)
            for other in self.jobs[name].dependencies
        )

    def ready(self) -> list[str]:
        """Jobs that could start now for the first time, in the order in which they have to."""
        found = [
            name
            for name, job in self.jobs.items()
            if self.is_open(name) and all(map(self.is_satisfied, job.dependencies))
        ]
        return sorted(found, key=self._rank.__getitem__)
