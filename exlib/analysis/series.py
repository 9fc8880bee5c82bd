"""What a series of a job's runs tells: durations or failures that changed, and failures that come and go.

This is the one definition of a change and of flaky; docs/ex-analyze-logs.md states it. All series are oldest first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from exlib.analysis.statistics import adjusted, changed, fisher, median, rank_sum

LEVEL = 0.01
RATIO = 1.25
SECONDS = 0.1
SHARE = 0.1
RECOVERIES = 2
BEFORE, AFTER = 5, 3
"""Values that must stand before a change and from it on."""
LEAST = BEFORE + AFTER
"""Fewer values are not judged."""


class Change(NamedTuple):
    """The latest change of a series: it came with place ``at``, against what was usual from ``start`` until then."""

    start: int
    at: int
    p: float


class Tried(NamedTuple):
    """Tries that failed, of how many, and how often one succeeded after that with nothing changed."""

    failed: int
    tries: int
    recoveries: int

    @property
    def flaky(self) -> bool:
        """Whether it fails now and then for no reason; one that fails ever since some run does not."""
        return self.recoveries >= RECOVERIES


def shifted(seconds: Sequence[float]) -> Change | None:
    """The latest change of durations that is large enough and sure by itself."""

    def test(late: Sequence[float], early: Sequence[float]) -> float:
        one, other = median(early), median(late)
        ratio = max(one, other) / max(min(one, other), 1e-9)
        return 1.0 if ratio < RATIO or abs(other - one) < SECONDS else rank_sum(late, early)

    return _latest(seconds, test)


def turned(outcomes: Sequence[float]) -> Change | None:
    """The latest change of the share of failures (1.0 each, a success 0.0) that is large enough and sure by itself."""

    def test(late: Sequence[float], early: Sequence[float]) -> float:
        if abs(sum(late) / len(late) - sum(early) / len(early)) < SHARE:
            return 1.0
        return fisher(int(sum(late)), len(late), int(sum(early)), len(early))

    return _latest(outcomes, test)


def tried(runs: Iterable[tuple[Sequence[bool], str | None]]) -> Tried:
    """Count over runs, each with whether its tries failed and the fingerprint of what was run."""
    tries = failed = recoveries = 0
    failing, last = False, None
    for outcomes, fingerprint in runs:
        if outcomes:
            if fingerprint is None or fingerprint != last:
                failing = False  # it was changed, or nobody knows whether it was
            last = fingerprint
        for one in outcomes:
            tries, failed = tries + 1, failed + one
            recoveries += failing and not one
            failing = one
    return Tried(failed, tries, recoveries)


def corrected(found: Sequence[float | None]) -> list[float]:
    """p-values corrected for their number; None is of a series that was not judged, and stays out of it."""
    sure = iter(adjusted([p for p in found if p is not None]))
    return [1.0 if p is None else next(sure) for p in found]


def _latest(series: Sequence[float], test: Callable[[Sequence[float], Sequence[float]], float]) -> Change | None:
    found, start = None, 0
    while (split := changed(series[start:], BEFORE, AFTER, test)) is not None and split.p < LEVEL:
        found = Change(start, start + split.at, split.p)
        start += split.at
    return found
