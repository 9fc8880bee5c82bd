"""What no number of workers can beat, and what any number of them is sure to reach."""

from collections.abc import Sequence
from typing import NamedTuple

from exlib.analysis.bottlenecks import gates
from exlib.graph import Graph


class Limits(NamedTuple):
    """Seconds: ``work`` of all jobs, ``span`` of a critical path, ``serial`` of jobs beside which nothing can run."""

    work: float
    span: float
    serial: float

    def floor(self, workers: int) -> float:
        """No schedule ends sooner: not before the critical path, nor by Amdahl's law for what must run alone.

        Amdahl, "Validity of the Single Processor Approach", 1967.
        """
        return max(self.span, self.serial + (self.work - self.serial) / workers)

    def ceiling(self, workers: int) -> float:
        """No schedule that leaves no worker idle while a job is ready ends later.

        Graham, "Bounds on Multiprocessing Timing Anomalies", 1969; Brent, 1974.
        """
        return self.work / workers + self.span * (1 - 1 / workers)

    @property
    def speedup(self) -> float:
        """By how much any number of workers can be quicker than one."""
        return self.work / self.span if self.span else 1.0


def limits(graph: Graph, seconds: Sequence[float], span: float) -> Limits:
    """The limits of jobs that take so many seconds each and whose critical path takes ``span``."""
    return Limits(sum(seconds), span, sum(seconds[node] for node in gates(graph)))
