"""What the order costs in time: predicted by the scheduler itself, with the limits that no number of workers beats."""

from collections.abc import Sequence
from typing import NamedTuple

from exlib.analysis.bottlenecks import width
from exlib.analysis.limits import Limits, limits
from exlib.analysis.timing import timing
from exlib.graph import Graph
from exlib.simulation.durations import Durations
from exlib.simulation.simulate import Simulator, runs_something
from exlib.simulation.sweep import Sweep, sweep
from exlib.workflow import Job

SWEEP_UP_TO = 1_000
"""Jobs up to which numbers of workers are tried, each of them being a simulation."""
_MOST_WORKERS = 64


class Prediction(NamedTuple):
    """With so many workers all is done after ``makespan``; ``limits`` hold for any number of them."""

    makespan: float
    limits: Limits
    sweep: Sweep
    earliest: list[float]


class Sooner(NamedTuple):
    """A job that could start at ``then`` instead of ``now``, if there were workers enough for all that is ready."""

    node: int
    now: float
    then: float


class Forecast(NamedTuple):
    """``now`` is with the order that the document has, ``then`` with what its data justifies, if that is less."""

    workers: int
    durations: Durations
    now: Prediction
    then: Prediction | None
    sooner: list[Sooner]


def forecast(jobs: Sequence[Job], now: Graph, then: Graph | None, durations: Durations, workers: int) -> Forecast:
    """Predict a run with each order of the same jobs."""
    seconds = durations.seconds
    present = _predicted(jobs, now, seconds, workers)
    loose = None if then is None else _predicted(jobs, then, seconds, workers)
    sooner = []
    if loose is not None:
        starts = zip(present.earliest, loose.earliest, strict=True)
        sooner = [Sooner(node, one, other) for node, (one, other) in enumerate(starts) if other < one - 1e-9]
        sooner.sort(key=lambda found: found.then - found.now)
    return Forecast(workers, durations, present, loose, sooner)


def _predicted(jobs: Sequence[Job], graph: Graph, seconds: Sequence[float], workers: int) -> Prediction:
    simulator = Simulator(jobs, graph)
    times = timing(graph, seconds)
    bounds = limits(graph, seconds, times.makespan)
    makespan = simulator.run(seconds, workers).makespan
    return Prediction(makespan, bounds, sweep(simulator, seconds, _counts(jobs, graph, workers), bounds), times.start)


def _counts(jobs: Sequence[Job], graph: Graph, workers: int) -> Sequence[int]:
    """Up to eight workers and powers of two that can all be busy."""
    if not 1 < len(jobs) <= SWEEP_UP_TO:
        return ()
    most = width(graph, [node for node, job in enumerate(jobs) if runs_something(job)]).jobs
    useful = min(max(most, 1), _MOST_WORKERS)
    return sorted({*range(1, min(useful, 8) + 1), *(2**n for n in range(useful.bit_length())), useful, workers})
