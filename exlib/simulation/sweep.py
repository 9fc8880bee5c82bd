"""The same jobs with one worker, two, three …: how much sooner all is done, and from when on that stops."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from exlib.analysis.limits import Limits
from exlib.simulation.simulate import Schedule, Simulator

WORTH = 0.02
"""More workers that bring the end nearer by less than this share are not worth it."""


class Point(NamedTuple):
    """With so many ``workers``: seconds to the end, against one worker, a worker's share of it, and the least."""

    workers: int
    makespan: float
    speedup: float
    efficiency: float
    floor: float


class Sweep(NamedTuple):
    """``enough``: no larger number of workers in the sweep ends sooner by more than WORTH; None if that is not known.

    ``idle_from``: so many workers are never all busy, so any more change nothing; None if that was not reached.
    """

    points: list[Point]
    enough: int | None
    idle_from: int | None


def sweep(simulator: Simulator, seconds: Sequence[float], counts: Iterable[int], limits: Limits) -> Sweep:
    """Simulate each number of workers; once some are never needed, more of them give the same schedule."""
    points: list[Point] = []
    roomy: Schedule | None = None
    for workers in sorted(set(counts)):
        if roomy is None:
            schedule = simulator.run(seconds, workers)
            if schedule.peak < workers:
                roomy = schedule
        else:
            schedule = roomy
        gain = limits.work / schedule.makespan if schedule.makespan else 1.0
        points.append(Point(workers, schedule.makespan, gain, gain / workers, limits.floor(workers)))
    return Sweep(points, _enough(points, limits.span), None if roomy is None else roomy.peak)


def _enough(points: Sequence[Point], span: float) -> int | None:
    """The fewest workers after which the best of all larger numbers ends hardly sooner.

    The most workers that were tried are not known to be enough, unless they end with the critical path.
    """
    if len(points) < 2:
        return None
    best = [min(point.makespan for point in points[at:]) for at in range(len(points))]
    first = next(point for at, point in enumerate(points) if best[at] >= point.makespan * (1 - WORTH))
    known = first is not points[-1] or first.makespan <= span * (1 + WORTH)
    return first.workers if known else None
