"""Timeouts and retries that recent runs speak for, by rules that are stated."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from exlib.analysis.quantiles import quantile
from exlib.simulation.past import Past
from exlib.workflow import Job

FEWEST = 5
"""Successes of a job below which no timeout is suggested, and tries below which no retries are."""
LEAST = 60.0
OVER_P99 = 2.0
OVER_LONGEST = 1.5
TIGHT = 1.2
"""A stated timeout below so many times the longest success is too short."""
LOOSE = 10.0
"""A stated timeout above so many times the suggested one is too long."""
RISK = 0.01
"""So many tries are suggested that all fail with at most this probability, if failures are by chance."""
MOST_RETRIES = 3
TIMEOUT_RULE = (
    f"twice the 99th percentile of the successes or {OVER_LONGEST:g} times the longest, whichever is more, at least "
    f"{LEAST:g}s, rounded up; from {FEWEST} successes on"
)
RETRY_RULE = (
    f"as many as bring the chance that all tries fail to {RISK:.0%} or below, at most {MOST_RETRIES}; "
    f"from {FEWEST} tries on"
)
_ROUND = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0)


class Timeout(NamedTuple):
    """``why``: none (there is none), default (none is stated), short or long; ``now`` is what counts at present."""

    node: int
    seconds: int
    now: float | None
    why: str
    runs: int
    p99: float
    longest: float


class Retries(NamedTuple):
    """``failures`` of ``tries`` in recent runs failed."""

    node: int
    retries: int
    failures: int
    tries: int


def timeouts(jobs: Sequence[Job], past: Mapping[str, Past], stated: frozenset[int]) -> Iterator[Timeout]:
    """A timeout for jobs that have none of their own, or one that does not fit how long they take.

    A success's duration includes its retries and the delays before them, so that the limit is rather too long.
    """
    for node, job in enumerate(jobs):
        known = past.get(job.id)
        if known is None or len(known.durations) < FEWEST:
            continue
        ordered = sorted(known.durations)
        p99, longest = quantile(ordered, 0.99), ordered[-1]
        seconds = rounded(max(OVER_P99 * p99, OVER_LONGEST * longest, LEAST))
        why = _why(job.timeout, seconds, longest, node in stated)
        if why:
            yield Timeout(node, seconds, job.timeout, why, len(ordered), p99, longest)


def retries(jobs: Sequence[Job], past: Mapping[str, Past]) -> Iterator[Retries]:
    """Retries for jobs without any that fail now and then, and succeed at other times."""
    for node, job in enumerate(jobs):
        known = past.get(job.id)
        if known is None or job.retry.limit or known.tries < FEWEST or not known.flaky:
            continue
        share = known.failures / known.tries
        enough = next((count for count in range(1, MOST_RETRIES) if share ** (count + 1) <= RISK), MOST_RETRIES)
        yield Retries(node, enough, known.failures, known.tries)


def rounded(seconds: float) -> int:
    """The next number up that a person would write: 60, 80, 100, 120, 150 …; hours and minutes are not looked at."""
    scale = 1.0
    while scale * 10 <= seconds:
        scale *= 10
    return round(next((step * scale for step in _ROUND if step * scale >= seconds), 10 * scale))


def _why(now: float | None, seconds: int, longest: float, stated: bool) -> str:
    if now is None:
        return "none"
    if now < TIGHT * longest:
        return "short"
    if not stated:
        return "default"
    return "long" if now > LOOSE * seconds else ""
