"""What recent runs tell of a job, judged as ``ex-analyze-logs --trends`` judges it: the definitions are shared."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from exlib.analysis.series import AFTER, LEAST, LEVEL, corrected, shifted, tried
from exlib.history.store import JobSample

KEPT = 20
"""Successes whose durations a plan reckons with: the newest of those since the durations last changed."""


class Past(NamedTuple):
    """``durations`` are of successes, newest first; ``since`` is the run with which they changed, None if they did not.

    A job that is ``flaky`` fails now and then for no reason. ``streak`` is how many of its newest runs failed, with
    none between that did not; the first was ``failing``, None where these are too few to tell.
    """

    durations: tuple[float, ...]
    since: int | None
    tries: int
    failures: int
    flaky: bool
    streak: int = 0
    failing: int | None = None


def judged(samples: Mapping[str, Sequence[JobSample]]) -> dict[str, Past]:
    """The past of each job by its id, from what all jobs of an application did in each run, oldest first."""
    successes = {job: [one for one in found if not one.failed] for job, found in samples.items()}
    changes = {job: shifted([one.seconds for one in found]) for job, found in successes.items()}
    chances = [
        None if len(found) < LEAST else change.p if (change := changes[job]) else 1.0
        for job, found in successes.items()
    ]
    sure = dict(zip(successes, corrected(chances), strict=True))
    past = {}
    for job, found in samples.items():
        change = changes[job] if sure[job] < LEVEL else None
        recent = successes[job][change.at :] if change else successes[job]
        since = recent[0].run if change else None
        past[job] = _past(found, tuple(one.seconds for one in recent[: -KEPT - 1 : -1]), since)
    return past


def _past(samples: Sequence[JobSample], durations: tuple[float, ...], since: int | None) -> Past:
    count = tried(([True] * one.retries + [one.failed], one.fingerprint) for one in samples)
    streak = next((n for n, one in enumerate(reversed(samples)) if not one.failed), len(samples))
    failing = samples[-streak].run if streak >= AFTER else None
    flaky = count.flaky and failing is None
    return Past(durations, since, count.tries, count.failed, flaky, streak, failing)
