"""What the jobs of a stream depend on and when they were ready, told by a document: a Sink before a Sink."""

from __future__ import annotations

from exlib.logs.model import Job, Run
from exlib.logs.reading.history import Edges, with_its_needs
from exlib.logs.sink import Sink


class Readied:
    """Passes on what it takes, jobs with what they need and when they could have run; keeps the ends of one run."""

    def __init__(self, sink: Sink, edges: Edges) -> None:
        self._sink = sink
        self._edges = edges
        self._ends: dict[str, float | None] = {}

    def begin(self, run: Run) -> None:
        """A run begins."""
        self._ends = {}
        self._sink.begin(run)

    def job(self, run: Run, job: Job) -> None:
        """A job ends after all that it needs."""
        job = with_its_needs(run, job, self._edges, self._ends)
        self._ends[job.record.job] = job.record.ended
        self._sink.job(run, job)

    def end(self, run: Run) -> None:
        """It ended."""
        self._sink.end(run)
