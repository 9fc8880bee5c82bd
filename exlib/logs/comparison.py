"""Two runs beside each other: how their jobs ended, how long they took, and what their documents say differently."""

from collections.abc import Iterator
from typing import NamedTuple

from exlib.delta import Delta
from exlib.history.store import RunRecord
from exlib.logs.model import Execution, Job


class Pair(NamedTuple):
    """One job in both runs, None where it is not in one of them."""

    job: str
    before: Job | None
    after: Job | None

    @property
    def differs(self) -> bool:
        """Whether it ended otherwise, or is in one of the runs only; a reused success is a success."""
        if self.before is None or self.after is None:
            return True
        return self.before.record.status != self.after.record.status

    @property
    def seconds(self) -> tuple[float, float] | None:
        """How long it took in both, retries and waiting for them included; None if it did not run in both."""
        if self.before is None or self.after is None or not (self.before.ran and self.after.ran):
            return None
        one, other = self.before.record.duration, self.after.record.duration
        return None if one is None or other is None else (one, other)

    @property
    def longer(self) -> float:
        """By how many seconds it took longer in the second run."""
        return self.seconds[1] - self.seconds[0] if self.seconds else 0.0


class Side(NamedTuple):
    """One of the two runs."""

    record: RunRecord
    execution: Execution

    @property
    def retries(self) -> int:
        """Tries after the first, of all jobs that ran."""
        return sum(job.record.retries for job in self.execution.jobs if job.ran)


class Comparison(NamedTuple):
    """``delta`` is None where one of the documents cannot be read; ``pairs`` are in the order of the second run."""

    before: Side
    after: Side
    pairs: tuple[Pair, ...]
    delta: Delta | None

    @property
    def different(self) -> list[Pair]:
        """Jobs that ended otherwise."""
        return [pair for pair in self.pairs if pair.differs]

    @property
    def timed(self) -> list[Pair]:
        """Jobs that ran in both, those first that took most seconds more or less."""
        return sorted((pair for pair in self.pairs if pair.seconds), key=lambda pair: -abs(pair.longer))

    @property
    def equal(self) -> bool:
        """Whether all jobs and both runs ended alike; durations and documents do not count."""
        return self.before.record.status == self.after.record.status and not self.different


def compare(before: Side, after: Side, delta: Delta | None) -> Comparison:
    """Pair the jobs of two runs."""
    return Comparison(before, after, tuple(_pairs(before.execution, after.execution)), delta)


def _pairs(before: Execution, after: Execution) -> Iterator[Pair]:
    old = {job.record.job: job for job in before.jobs}
    new = {job.record.job: job for job in after.jobs}
    for name in dict.fromkeys([*new, *old]):
        yield Pair(name, old.get(name), new.get(name))
