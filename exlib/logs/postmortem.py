"""One run after its end: what failed first, what that cost, and what had changed since the last run that went well."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from exlib.analysis.statistics import median
from exlib.delta import Delta, delta
from exlib.document import Document
from exlib.errors import ExecutionerError
from exlib.history.marks import known_jobs
from exlib.history.store import RunRecord, Store
from exlib.logs.failures import Failures, dragged_by, failures_of
from exlib.logs.model import Execution, Job
from exlib.logs.reading.history import read_run
from exlib.logs.trends import seconds_of

EARLIER = 20
"""Earlier runs that say what is usual."""
FEWEST = 5
"""Fewer of them say nothing."""
FAR, SECONDS = 1.5, 0.1


class Odd(NamedTuple):
    """A job that took longer or shorter than in any of the earlier runs, and how long it takes as a rule."""

    job: str
    seconds: float
    usual: float
    runs: int


class Good(NamedTuple):
    """The last run of the application before this one that went well; ``delta`` is None if a document is unreadable."""

    record: RunRecord
    delta: Delta | None


class PostMortem(NamedTuple):
    """One attempt of a run, ``record``, among all of its ``attempts``.

    ``causes`` has for a job that never ran the one because of which. ``wasted`` are seconds of tries that came to
    nothing, ``unreached`` the jobs that the run never came to, ``earlier`` the number of runs that ``odd`` rests on.
    """

    record: RunRecord
    attempts: tuple[RunRecord, ...]
    execution: Execution
    failures: Failures
    causes: Mapping[str, str]
    wasted: float
    unreached: tuple[str, ...]
    good: Good | None
    odd: tuple[Odd, ...]
    earlier: int

    def kept_from_running(self) -> dict[str, list[str]]:
        """The jobs that never ran because of failed ones, with all of these."""
        because: dict[str, list[str]] = {}
        for failure in self.failures.failures:
            for job in failure.dragged:
                because.setdefault(job, []).append(failure.job.record.job)
        return because

    def chain(self, job: str) -> list[str]:
        """The way from the failed job on record to one that never ran for it."""
        way = {job: None}  # keeps their order, and knows at once whether one is in it
        while (cause := self.causes.get(job)) is not None and cause not in way:
            way[cause] = None
            job = cause
        return list(way)[::-1]

    def depths(self) -> dict[str, int]:
        """How long that way is for each job that never ran."""
        found: dict[str, int] = {}
        for name in self.causes:
            way: dict[str, None] = {}
            while name in self.causes and name not in found and name not in way:
                way[name] = None
                name = self.causes[name]
            for number, one in enumerate(reversed(way), found.get(name, 0) + 1):
                found[one] = number
        return found


def post_mortem(store: Store, record: RunRecord, name: str) -> PostMortem:
    """Gather everything from a history; ``name`` is its database."""
    execution = next(iter(read_run(store, record.run, name, record.attempt)))
    attempts = tuple(store.attempts_of_run(record.run))
    known = known_jobs(store.jobs(record.run, record.attempt), store.document(record.run, record.attempt))
    met = {job.record.job for job in execution.jobs}
    before = [one for one in store.runs(application=record.application) if one.run < record.run]
    earlier = [next(iter(read_run(store, one.run, name, one.attempt))) for one in before[:EARLIER]]
    return PostMortem(
        record=record,
        attempts=attempts,
        execution=execution,
        failures=failures_of(execution),
        causes=causes_of(execution.jobs),
        wasted=sum(_wasted(job) for job in execution.jobs if job.ran),
        unreached=tuple(job for job in known if job not in met),
        good=_good(store, before, record),
        odd=tuple(odd(execution, earlier)),
        earlier=len(earlier),
    )


def document_delta(store: Store, before: RunRecord, after: RunRecord) -> Delta | None:
    """What differs between the documents of two runs; None if one of them cannot be read."""
    one, other = (store.document(record.run, record.attempt) for record in (before, after))
    if one is None or other is None:
        return None
    try:
        return delta(Document(one.raw, one.name), Document(other.raw, other.name))
    except ExecutionerError:
        return None


def causes_of(jobs: Iterable[Job]) -> dict[str, str]:
    """For each job that never ran because of another that other one."""
    return {job.record.job: cause for job in jobs if (cause := dragged_by(job)) is not None}


def odd(execution: Execution, earlier: Iterable[Execution]) -> list[Odd]:
    """Jobs that took longer or shorter than ever before, by ``FAR`` times the median and ``SECONDS`` at least.

    What failed can have taken too long, but not too short. The largest differences come first.
    """
    usual: dict[str, list[float]] = {}
    for one in earlier:
        for job in one.jobs:
            seconds = None if job.reused else seconds_of(job)
            if seconds is not None:
                usual.setdefault(job.record.job, []).append(seconds)
    found = []
    for job in execution.jobs:
        seconds = job.tries[-1].duration if job.ran and job.tries else None
        before = usual.get(job.record.job, [])
        if seconds is None or len(before) < FEWEST:
            continue
        middle = median(before)
        far = abs(seconds - middle) >= SECONDS
        longer = seconds > max(before) and seconds >= FAR * middle
        shorter = seconds < min(before) and FAR * seconds <= middle and job.record.status == "success"
        if far and (longer or shorter):
            found.append(Odd(job.record.job, seconds, middle, len(before)))
    return sorted(found, key=lambda one: -abs(one.seconds - one.usual))


def _good(store: Store, before: Iterable[RunRecord], record: RunRecord) -> Good | None:
    last = next((one for one in before if one.status == "success"), None)
    return None if last is None else Good(last, document_delta(store, last, record))


def _wasted(job: Job) -> float:
    return sum(one.duration or 0.0 for one in job.tries if one.status != "success")
