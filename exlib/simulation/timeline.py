"""What a schedule says over time: how many jobs run, how busy each worker is, what the end waits for."""

from typing import NamedTuple

from exlib.graph import Graph
from exlib.simulation.simulate import Schedule


class Link(NamedTuple):
    """A job of the chain that the end waits for; ``why`` it began when it did: start, dependency or worker."""

    node: int
    why: str


def running(schedule: Schedule) -> list[tuple[float, int]]:
    """From each moment on, how many workers are busy; jobs that take no time are not seen."""
    changes: dict[float, int] = {}
    for start, end, lane in zip(schedule.start, schedule.end, schedule.lane, strict=True):
        if lane and end > start:
            changes[start] = changes.get(start, 0) + 1
            changes[end] = changes.get(end, 0) - 1
    busy, steps = 0, []
    for at in sorted(changes):
        if changes[at]:
            busy += changes[at]
            steps.append((at, busy))
    return steps


def utilisation(schedule: Schedule) -> list[float]:
    """Each worker's share of the makespan in which it is busy."""
    busy = [0.0] * schedule.workers
    for start, end, lane in zip(schedule.start, schedule.end, schedule.lane, strict=True):
        if lane:
            busy[lane - 1] += end - start
    return [seconds / schedule.makespan if schedule.makespan else 0.0 for seconds in busy]


def profile(schedule: Schedule, columns: int) -> list[float]:
    """How many workers are busy on average in each of so many equal parts of the makespan."""
    parts = [0.0] * columns
    if not schedule.makespan:
        return parts
    scale = columns / schedule.makespan
    steps = running(schedule)
    for (at, busy), (until, _) in zip(steps, [*steps[1:], (schedule.makespan, 0)], strict=True):
        left, right = at * scale, until * scale
        first, last = int(left), min(int(right), columns - 1)
        for part in range(first, last + 1):
            parts[part] += busy * max(min(right, part + 1) - max(left, part), 0.0)
    return parts


def slack(graph: Graph, schedule: Schedule) -> list[float]:
    """Seconds by which each job can be late before the end is, if every worker keeps its jobs and their order."""
    after = _after_on_worker(schedule)
    latest = [schedule.makespan] * len(graph)
    for node in reversed(schedule.order):  # whatever must follow a job starts after it
        follower = after.get(node)
        for other in graph.dependents[node] if follower is None else [*graph.dependents[node], follower]:
            latest[node] = min(latest[node], latest[other] - (schedule.end[other] - schedule.start[other]))
    return [max(latest[node] - schedule.end[node], 0.0) for node in range(len(graph))]


def chain(graph: Graph, schedule: Schedule) -> list[Link]:
    """Back from the job that ends last, always to what kept a job from starting sooner; in order of time."""
    if not len(graph):
        return []
    before = {other: node for node, other in _after_on_worker(schedule).items()}
    node = schedule.end.index(schedule.makespan)
    links: list[Link] = []
    while True:
        wanted = max(graph.dependencies[node], key=schedule.end.__getitem__, default=None)
        neighbour = before.get(node, _freed(schedule, node) if not schedule.lane[node] else None)
        if wanted is not None and schedule.end[wanted] >= schedule.start[node]:
            links.append(Link(node, "dependency"))
            node = wanted
        elif neighbour is not None and schedule.end[neighbour] >= schedule.start[node] > 0:
            links.append(Link(node, "worker"))
            node = neighbour
        else:
            links.append(Link(node, "start"))
            return links[::-1]


def _freed(schedule: Schedule, node: int) -> int | None:
    """The job whose end let one begin that takes no worker, though it waited until one was free."""
    moment, earlier = schedule.start[node], schedule.order[: schedule.order.index(node)]
    return next((other for other in reversed(earlier) if schedule.lane[other] and schedule.end[other] == moment), None)


def _after_on_worker(schedule: Schedule) -> dict[int, int]:
    """The job that a job's worker takes next."""
    after: dict[int, int] = {}
    last: dict[int, int] = {}
    for node in schedule.order:
        lane = schedule.lane[node]
        if lane:
            if lane in last:
                after[last[lane]] = node
            last[lane] = node
    return after
