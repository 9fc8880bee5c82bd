"""How long each job is expected to take, and from where that is known."""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from statistics import median
from typing import Any, NamedTuple

from exlib.analysis.quantiles import quantile
from exlib.console import plural, span
from exlib.errors import InputError
from exlib.simulation.past import Past
from exlib.simulation.simulate import runs_something
from exlib.workflow import DEFAULT_TIMEOUT, Job


class Guess(NamedTuple):
    """Seconds a job is expected to take; ``samples``, sorted, say how it varies, ``runs`` how many were measured,
    all of them since run ``since`` if its durations changed then.

    ``source`` is history, timeout, given, unit, set, typical (of the other jobs, as nothing is known of this one) or
    nothing (it has nothing to run).
    """

    seconds: float
    source: str
    samples: tuple[float, ...] = ()
    runs: int = 0
    since: int | None = None

    @property
    def spread(self) -> tuple[float, float]:
        """The 10th and the 90th percentile."""
        if not self.samples:
            return self.seconds, self.seconds
        return quantile(self.samples, 0.1), quantile(self.samples, 0.9)


class Durations(NamedTuple):
    """A guess for each job. ``said`` tells where they are from; not ``timed``, they count units, not seconds."""

    guesses: list[Guess]
    basis: str
    said: str
    timed: bool = True

    @property
    def seconds(self) -> list[float]:
        """What the plan reckons with, by node."""
        return [guess.seconds for guess in self.guesses]


_NOTHING = Guess(0.0, "nothing")


def from_past(jobs: Sequence[Job], past: Mapping[str, Past]) -> Durations | None:
    """The medians of past successes; a job without any counts as the median of the others. None if none has any."""
    known = {job.id: past[job.id] for job in jobs if runs_something(job) and job.id in past and past[job.id].durations}
    if not known:
        return None
    found = {
        name: Guess(median(one.durations), "history", tuple(sorted(one.durations)), len(one.durations), one.since)
        for name, one in known.items()
    }
    said = f"history, the median of {_range([guess.runs for guess in found.values()])} of each job"
    if changed := sum(guess.since is not None for guess in found.values()):
        said += f"; of {plural(changed, 'job')} those since it became slower or quicker"
    return Durations(*_filled(jobs, found, median(guess.seconds for guess in found.values()), "history", said))


def from_mapping(jobs: Sequence[Job], given: Mapping[str, Guess], name: str) -> Durations:
    """What a person says; a job of which nothing is said counts as the median of the others."""
    found = {job.id: given[job.id] for job in jobs if job.id in given}
    usual = median(guess.seconds for guess in found.values()) if found else 1.0
    return Durations(*_filled(jobs, found, usual, "given", name))


def from_timeouts(jobs: Sequence[Job]) -> Durations:
    """The longest that each job may take; one without a limit counts as the longest limit of the others."""
    stated = {job.id: Guess(job.timeout, "timeout") for job in jobs if job.timeout is not None}
    longest = max((guess.seconds for guess in stated.values()), default=DEFAULT_TIMEOUT)
    said = "timeouts, so the longest that it may take; retries are not counted"
    return Durations(*_filled(jobs, stated, longest, "timeout", said))


def of_one_unit(jobs: Sequence[Job], why: str) -> Durations:
    """One unit each: the shape of the plan without its times."""
    guesses = [Guess(1.0, "unit") if runs_something(job) else _NOTHING for job in jobs]
    return Durations(guesses, "unit", f"one unit for every job: {why}", timed=False)


def read_mapping(text: str, name: str) -> dict[str, Guess]:
    """Durations by job id from JSON: seconds, a list of samples, or quantiles as in {"p50": 60, "p90": 95}."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{name} is not JSON: {error}", mend=_FORM) from None
    if not isinstance(data, dict):
        raise InputError(f"{name} is no object", mend=_FORM)
    return {job: _guess(value, job, name) for job, value in data.items()}


_FORM = 'durations look like this: {"load": 60, "index": {"p50": 60, "p90": 95}, "report": [12.5, 13.1]}'


def _filled(
    jobs: Sequence[Job], found: Mapping[str, Guess], usual: float, basis: str, said: str
) -> tuple[list[Guess], str, str]:
    """A guess for every job, and what is said of those that are taken from the others."""
    guesses, unknown = [], 0
    for job in jobs:
        guess = found.get(job.id)
        if guess is None or not runs_something(job):
            needed = runs_something(job)
            unknown += needed
            guess = Guess(usual, "typical") if needed else _NOTHING
        guesses.append(guess)
    if unknown:
        how = "the longest limit" if basis == "timeout" else "the median of the others"
        none = "has none and counts" if unknown == 1 else "have none and count"
        said += f"; {unknown:,} of {plural(len(jobs), 'job')} {none} as {how}, {span(usual)}"
    return guesses, basis, said


def _guess(value: Any, job: str, name: str) -> Guess:
    if _is_time(value):
        return Guess(float(value), "given")
    if isinstance(value, list) and value and all(map(_is_time, value)):
        samples = tuple(sorted(map(float, value)))
        return Guess(median(samples), "given", samples, len(samples))
    if isinstance(value, dict) and value:
        points = sorted(_points(value, job, name))
        if all(one[1] <= other[1] for one, other in pairwise(points)):
            return Guess(_between(points, 0.5), "given", tuple(_between(points, (n + 0.5) / 20) for n in range(20)))
        raise InputError(f'{name}: the quantiles of job "{job}" do not grow', mend=_FORM)
    raise InputError(f'{name}: job "{job}" has no duration in seconds', mend=_FORM)


def _points(value: Mapping[str, Any], job: str, name: str) -> Iterator[tuple[float, float]]:
    for key, seconds in value.items():
        digits = key.removeprefix("p")
        if not (key.startswith("p") and digits.isdecimal() and int(digits) <= 100 and _is_time(seconds)):
            raise InputError(f'{name}: job "{job}": "{key}" is no quantile with seconds', mend=_FORM)
        yield int(digits) / 100, float(seconds)


def _between(points: Sequence[tuple[float, float]], share: float) -> float:
    """The value at a share, on straight lines between the quantiles that are known and level beyond them."""
    before = [point for point in points if point[0] <= share]
    after = [point for point in points if point[0] >= share]
    if not before or not after:
        return (before[-1] if before else after[0])[1]
    (low, one), (high, other) = before[-1], after[0]
    return one if high == low else one + (other - one) * (share - low) / (high - low)


def _is_time(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e12


def _range(numbers: Sequence[int]) -> str:
    low, high = min(numbers), max(numbers)
    return plural(low, "past run") if low == high else f"{low} to {high} past runs"
