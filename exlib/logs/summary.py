"""What runs were like on the whole: a Sink that folds them. docs/ex-analyze-logs.md defines each figure."""

from __future__ import annotations

from collections import Counter

from exlib.history.store import AttemptRecord
from exlib.logs.model import FAILURES, UNDERWAY, Job, Run
from exlib.logs.sketch import Sketch
from exlib.logs.tally import Tally

MANY = 100_000
"""Jobs told one by one; those met after so many different ones count in the sums alone."""
_TRIED = FAILURES | {"success", "cancelled"}


class JobFigures:
    """One job of one application over all its runs. ``ran`` counts those in which it began and ended."""

    __slots__ = ("_first", "_spans", "ended", "failed", "ran", "retries", "succeeded", "wasted", "worst")

    def __init__(self) -> None:
        self.ran = self.failed = self.succeeded = self.retries = 0
        self.wasted = 0.0
        self.worst = 0.0
        self.ended: float | None = None
        self._first = 0.0
        self._spans: Sketch | None = None

    def add(self, job: Job, wasted: float) -> None:
        """Take one run of it."""
        record = job.record
        duration = record.duration or 0.0
        if not self.ran:
            self._first = duration
        else:
            if self._spans is None:  # most jobs of a large run are met once, and need no sketch
                self._spans = Sketch()
                self._spans.add(self._first)
            self._spans.add(duration)
        self.ran += 1
        self.wasted += wasted
        self.worst = max(self.worst, duration)
        self.retries += record.retries
        if record.status == "success":
            self.succeeded += 1
            if record.ended is not None:
                self.ended = max(self.ended or 0.0, record.ended)
        elif record.status in FAILURES:
            self.failed += 1

    def quantile(self, share: float) -> float:
        """Of its durations."""
        return self._first if self._spans is None else self._spans.quantile(share) or 0.0

    @property
    def total(self) -> float:
        """Seconds over all its runs."""
        return self._first if self._spans is None else self._spans.total


class ApplicationFigures:
    """The runs of one application; ``last`` is its newest attempt of a run that ended."""

    __slots__ = ("last", "last_success", "spans", "tally")

    def __init__(self) -> None:
        self.tally = Tally()
        self.spans = Sketch()
        self.last: Run | None = None
        self.last_success: float | None = None

    def add(self, run: Run) -> None:
        """Take an attempt of a run."""
        self.tally.add(run, run.status)
        if run.duration is not None:
            self.spans.add(run.duration)
        if run.status not in UNDERWAY and (self.last is None or (run.ended or 0) >= (self.last.ended or 0)):
            self.last = run
        if run.status == "success" and run.ended is not None:
            self.last_success = max(self.last_success or 0.0, run.ended)


class Summary:
    """A Sink. Times are seconds since the epoch, spans seconds.

    ``statuses`` are of jobs that ran, ``idle`` those of jobs that did not.
    """

    def __init__(self) -> None:
        self.first: float | None = None
        self.last: float | None = None
        self.applications: dict[str, ApplicationFigures] = {}
        self.sources: Counter[str] = Counter()
        self.run_spans = Sketch()
        self.statuses: Counter[str] = Counter()
        self.idle: Counter[str] = Counter()
        self.job_spans = Sketch()
        self.jobs: dict[tuple[str, str], JobFigures] = {}
        self.untold = 0
        self.retries = self.retried = self.saved = 0
        self.by_retries = self.by_failures = 0.0
        self.busy = 0.0
        self.waits = Sketch()
        self.waited_busy = 0.0
        self.capacity = self.used = 0.0
        self._since = 0.0
        self._known = True

    def begin(self, run: Run) -> None:
        """A run begins."""
        self._since = self.busy
        self._known = True

    def job(self, run: Run, job: Job) -> None:
        """A job of it ended, or not."""
        record = job.record
        if not job.ran:
            self.idle["reused" if job.reused else record.status] += 1
            return
        self.statuses[record.status] += 1
        busy, wasted = spent(job)
        self.busy += busy
        if record.status == "success":
            self.by_retries += wasted
            self.saved += record.retries > 0
        else:
            self.by_failures += wasted
        if record.retries:
            self.retries += record.retries
            self.retried += 1
        if job.ready is not None and record.started is not None:
            self.waits.add(record.started - job.ready)
            self.waited_busy += busy
        if record.duration is not None and record.status in _TRIED:
            self.job_spans.add(record.duration)
            self._figures(run, job, wasted)

    def end(self, run: Run) -> None:
        """It ended, or not."""
        application = self.applications.setdefault(run.application, ApplicationFigures())
        application.add(run)
        self.sources[run.source.kind] += 1
        for at in (run.started, run.ended):
            if at is not None:
                self.first = at if self.first is None else min(self.first, at)
                self.last = at if self.last is None else max(self.last, at)
        if run.duration is not None:
            self.run_spans.add(run.duration)
            if run.workers:
                self.capacity += run.workers * run.duration
                self.used += self.busy - self._since

    def _figures(self, run: Run, job: Job, wasted: float) -> None:
        key = run.application, job.record.job
        figures = self.jobs.get(key)
        if figures is None:
            if len(self.jobs) >= MANY:
                self.untold += 1
                return
            figures = self.jobs[key] = JobFigures()
        figures.add(job, wasted)

    # -- what follows from that ------------------------------------------------------------------------------------

    @property
    def attempts(self) -> int:
        """Attempts of runs: a resumed run has several."""
        return sum(application.tally.attempts for application in self.applications.values())

    @property
    def runs(self) -> Counter[str]:
        """Runs by what became of them in their latest attempt."""
        return sum((one.tally.words for one in self.applications.values()), Counter())

    @property
    def success_rate(self) -> float | None:
        """The share of successes among the runs that ended; None if none did."""
        return _rate(self.runs)

    @property
    def wasted(self) -> float:
        """Seconds spent in tries that did not count."""
        return self.by_retries + self.by_failures

    @property
    def utilisation(self) -> float | None:
        """The share of the workers' time in which they worked; None where workers or spans are not known."""
        return self.used / self.capacity if self.capacity else None

    def slowest(self, count: int) -> list[tuple[str, str, JobFigures]]:
        """The jobs with the longest medians, as (application, job, figures)."""
        ranked = sorted(self.jobs.items(), key=lambda item: (-item[1].quantile(0.5), item[0]))
        return [(application, job, figures) for (application, job), figures in ranked[:count]]


def spent(job: Job) -> tuple[float, float]:
    """Seconds that a job's tries took, and those of them that came to nothing."""
    if not job.tries:
        took = job.record.duration or 0.0
        return took, 0.0 if job.record.status == "success" else took
    if len(job.tries) == 1:
        return _of_try(job.tries[0])
    both = [_of_try(one) for one in job.tries]
    return sum(busy for busy, _ in both), sum(wasted for _, wasted in both)


def _of_try(one: AttemptRecord) -> tuple[float, float]:
    took = one.duration or 0.0
    return took, 0.0 if one.status == "success" else took


def _rate(statuses: Counter[str]) -> float | None:
    ended = sum(number for status, number in statuses.items() if status not in UNDERWAY)
    return statuses["success"] / ended if ended else None
