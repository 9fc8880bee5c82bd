"""Over many runs: which jobs became slower or quicker, fail more or less often, or fail now and then for no reason.

The rules, which docs/ex-analyze-logs.md states too:

* Durations are those of the try that succeeded, so that waiting for retries makes no job slower; a run's are those of
  first attempts that succeeded. A change is told if its p-value, corrected for the number of places looked at and for
  the number of series judged, is below ``LEVEL``, and the medians differ by at least ``RATIO`` times and ``SECONDS``.
* Of several changes the latest is told, against what was usual between it and the one before.
* Failures are judged likewise, by Fisher's exact test, and told from a difference of ``SHARE`` on.
* A job is flaky if it failed and then succeeded, with nothing of it changed, at least ``RECOVERIES`` times: a block of
  failures counts once. Unchanged means the same fingerprint (command, environment, dependencies), or the same run.
"""

from __future__ import annotations

import time
from collections.abc import Hashable, Sequence
from typing import NamedTuple

from exlib.analysis.quantiles import quantile
from exlib.analysis.series import LEAST, LEVEL, corrected, shifted, tried, turned
from exlib.analysis.statistics import median, wilson
from exlib.logs.model import FAILURES, Job, Run
from exlib.logs.tally import run_key

_OWN_ENDS = ("success", "failed", "timeout")


class Sample(NamedTuple):
    """A job in one attempt of a run, or that attempt of the run as a whole; ``when`` is when the run began.

    ``seconds`` is how long it took if it succeeded. ``tries`` says of each whether it failed; none for what did not
    come to an end of its own: it was skipped, cancelled or lost. Attempts of one run have one ``key``; of these the
    latest counts, the others are ``superseded``.
    """

    run: str
    when: float | None
    status: str
    seconds: float | None
    tries: tuple[bool, ...]
    fingerprint: str | None = None
    key: Hashable | None = None
    superseded: bool = False

    @property
    def counts(self) -> bool:
        """Whether it is what became of a run that came to an end of its own."""
        return bool(self.tries) and not self.superseded

    @property
    def failed(self) -> bool:
        """Whether it failed in the end."""
        return bool(self.tries) and self.tries[-1]


class Shift(NamedTuple):
    """Durations changed with ``samples[at]``: their medians before and after, and over how many of them."""

    at: int
    since: str
    before: float
    after: float
    runs_before: int
    runs_after: int
    p: float

    @property
    def ratio(self) -> float:
        """How many times as long it takes."""
        return self.after / self.before if self.before else float("inf")


class Turn(NamedTuple):
    """Failures became more or less frequent with ``samples[at]``: how many of how many before and after."""

    at: int
    since: str
    failed_before: int
    runs_before: int
    failed_after: int
    runs_after: int
    p: float

    @property
    def rose(self) -> bool:
        """Whether it fails more often."""
        return self.failed_after * self.runs_before > self.failed_before * self.runs_after


class Flaky(NamedTuple):
    """Tries that failed, and how often one succeeded after that unchanged; the true share of failures with 95 %."""

    failed: int
    tries: int
    recoveries: int
    low: float
    high: float


class Trend(NamedTuple):
    """One job over the runs, or the run as a whole (``job`` None); what was not found is None.

    ``judged`` is whether there were durations enough to tell a change.
    """

    job: str | None
    samples: tuple[Sample, ...]
    shift: Shift | None
    turn: Turn | None
    flaky: Flaky | None
    judged: bool

    @property
    def ended(self) -> list[Sample]:
        """Those that came to an end of their own, one a run."""
        return [sample for sample in self.samples if sample.counts]

    @property
    def runs(self) -> list[Sample]:
        """The latest attempts of runs."""
        return [sample for sample in self.samples if not sample.superseded]

    @property
    def failures(self) -> int:
        """How often it failed in the end."""
        return sum(sample.failed for sample in self.ended)

    def quantile(self, share: float) -> float | None:
        """Of its durations since they changed last; None if it never succeeded."""
        recent = self.samples[self.shift.at :] if self.shift else self.samples
        seconds = [sample.seconds for sample in recent if sample.seconds is not None]
        return quantile(sorted(seconds), share) if seconds else None

    @property
    def notable(self) -> bool:
        """Whether anything is to be said of it."""
        return bool(self.shift or self.turn or self.flaky)


class ApplicationTrend(NamedTuple):
    """All runs of one application, oldest first, and each of its jobs in the order in which they were first seen."""

    application: str
    run: Trend
    jobs: tuple[Trend, ...]


class Trends:
    """A Sink that keeps of each run what its trend needs."""

    def __init__(self) -> None:
        self._runs: dict[str, list[Sample]] = {}
        self._jobs: dict[str, dict[str, list[Sample]]] = {}

    def begin(self, run: Run) -> None:
        """A run begins."""

    def job(self, run: Run, job: Job) -> None:
        """A job of it ended, or not."""
        if not job.reused:
            series = self._jobs.setdefault(run.application, {})
            series.setdefault(job.record.job, []).append(_job_sample(job, run))

    def end(self, run: Run) -> None:
        """It ended, or not."""
        self._runs.setdefault(run.application, []).append(_run_sample(run))

    def judged(self) -> list[ApplicationTrend]:
        """Each application by itself, in the order of first sight."""
        return [_application(name, samples, self._jobs.get(name, {})) for name, samples in self._runs.items()]


def seconds_of(job: Job) -> float | None:
    """How long the try of a job took that succeeded; None if none did."""
    if job.record.status != "success":
        return None
    last = job.tries[-1].duration if job.tries else None
    return job.record.duration if last is None else last


def run_label(run: Run) -> str:
    """What a run is called: ``41``, ``41.2`` for its second attempt; its start where runs have no numbers."""
    if run.run is None:
        return "?" if run.started is None else time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(run.started))
    return f"{run.run}.{run.attempt}" if run.attempt > 1 else str(run.run)


def _run_sample(run: Run) -> Sample:
    ended = run.status in ("success", *FAILURES)
    whole = run.status == "success" and run.attempt == 1
    tries = (run.status != "success",) if ended else ()
    return Sample(run_label(run), run.started, run.status, run.duration if whole else None, tries, None, run_key(run))


def _job_sample(job: Job, run: Run) -> Sample:
    record = job.record
    ended = [one.status for one in job.tries] or [record.status]
    tries = tuple(status != "success" for status in ended if status in _OWN_ENDS)
    if record.status not in _OWN_ENDS:
        tries = ()
    return Sample(run_label(run), run.started, record.status, seconds_of(job), tries, record.fingerprint, run_key(run))


def _application(name: str, runs: Sequence[Sample], jobs: dict[str, list[Sample]]) -> ApplicationTrend:
    found = [_trend(None, latest(in_time(runs)))]
    found += [_trend(job, latest(in_time(samples), ended=True)) for job, samples in jobs.items()]
    shifts = corrected([(trend.shift.p if trend.shift else 1.0) if trend.judged else None for trend in found])
    turns = corrected([(trend.turn.p if trend.turn else 1.0) if len(trend.ended) >= LEAST else None for trend in found])
    sure = [
        trend._replace(
            shift=trend.shift._replace(p=shift) if trend.shift and shift < LEVEL else None,
            turn=trend.turn._replace(p=turn) if trend.turn and turn < LEVEL else None,
        )
        for trend, shift, turn in zip(found, shifts, turns, strict=True)
    ]
    return ApplicationTrend(name, sure[0], tuple(sure[1:]))


def in_time(samples: Sequence[Sample]) -> list[Sample]:
    """In the order of time; what has no time stays behind what was told before it."""
    ordered, now = [], float("-inf")
    for place, sample in enumerate(samples):
        now = now if sample.when is None else sample.when
        ordered.append((now, place))
    return [samples[place] for _, place in sorted(ordered)]


def latest(samples: Sequence[Sample], *, ended: bool = False) -> list[Sample]:
    """The samples with those marked that a later attempt of the same run supersedes: any, or one that ``ended``."""
    met: set[Hashable] = set()
    marked = []
    for sample in reversed(samples):
        marked.append(sample._replace(superseded=sample.key in met))
        if sample.key is not None and (sample.tries or not ended):
            met.add(sample.key)
    return marked[::-1]


def _trend(job: str | None, samples: Sequence[Sample]) -> Trend:
    timed = [(at, sample.seconds) for at, sample in enumerate(samples) if sample.seconds is not None]
    seconds = [value for _, value in timed]
    shift = _shift(seconds)
    if shift is not None:
        at = timed[shift.at][0]
        shift = shift._replace(at=at, since=samples[at].run)
    return Trend(
        job,
        tuple(samples),
        shift,
        _turn(samples),
        _flaky(samples) if job is not None else None,
        len(seconds) >= LEAST,
    )


def _shift(seconds: Sequence[float]) -> Shift | None:
    """The latest change of durations that is large enough; ``at`` counts among these durations."""
    change = shifted(seconds)
    if change is None:
        return None
    before, after = seconds[change.start : change.at], seconds[change.at :]
    return Shift(change.at, "", median(before), median(after), len(before), len(after), change.p)


def _turn(samples: Sequence[Sample]) -> Turn | None:
    """The latest change of the share of failures that is large enough."""
    ended = [(at, float(sample.failed)) for at, sample in enumerate(samples) if sample.counts]
    outcomes = [failed for _, failed in ended]
    change = turned(outcomes)
    if change is None:
        return None
    before, after = outcomes[change.start : change.at], outcomes[change.at :]
    at = ended[change.at][0]
    return Turn(at, samples[at].run, int(sum(before)), len(before), int(sum(after)), len(after), change.p)


def _flaky(samples: Sequence[Sample]) -> Flaky | None:
    found = tried((sample.tries, sample.fingerprint) for sample in samples)
    return Flaky(*found, *wilson(found.failed, found.tries)) if found.flaky else None
