"""A run without its jobs: the scheduler itself on a virtual clock, and the schedule that it makes."""

from collections.abc import Sequence
from typing import NamedTuple

from exlib.engine.attempt import Place
from exlib.engine.command import DEFAULT_SHELL
from exlib.engine.executors.virtual import VirtualClock, VirtualExecutor
from exlib.engine.journal import Journal
from exlib.engine.plan import Plan
from exlib.engine.scheduler import Scheduler
from exlib.events import AttemptFinished, AttemptSpawned, AttemptStarted, Event, Reader
from exlib.graph import Graph
from exlib.workflow import Job


class Schedule(NamedTuple):
    """By node: when each job starts and ends, and on which worker, from 1 (0: it has nothing to run).

    ``order`` are the nodes as they start, ``peak`` is how many workers were busy at most.
    """

    workers: int
    start: list[float]
    end: list[float]
    lane: list[int]
    order: list[int]
    makespan: float
    peak: int


class _Watcher(Reader):
    """Writes down what the events tell: when each job began and ended, and who had it."""

    def __init__(self, graph: Graph) -> None:
        self._index = graph.index
        self.start = [0.0] * len(graph)
        self.end = [0.0] * len(graph)
        self.lane = [0] * len(graph)
        self.order: list[int] = []

    def read(self, events: Sequence[Event]) -> None:
        for event in events:
            if isinstance(event, AttemptSpawned):
                self.lane[self._index[event.job]] = event.pid
            elif isinstance(event, AttemptStarted):
                node = self._index[event.job]
                self.start[node] = event.time
                self.order.append(node)
            elif isinstance(event, AttemptFinished):
                self.end[self._index[event.job]] = event.time


class Simulator:
    """Runs the same jobs again and again, with other workers or other durations."""

    def __init__(self, jobs: Sequence[Job], graph: Graph) -> None:
        # What a job would do does not matter here; a job without a command and without checks takes no worker.
        self._jobs = [
            job._replace(
                command=":;" if runs_something(job) else "",
                shell=DEFAULT_SHELL,
                pre_checks=(),
                post_checks=(),
                waits=(),
                timeout=None,
            )
            for job in jobs
        ]
        self._graph = graph
        self._priority = [job.priority for job in jobs]

    def run(self, seconds: Sequence[float], workers: int) -> Schedule:
        """The schedule of jobs that take so many seconds each, if none fails."""
        clock = VirtualClock()
        plan = Plan(self._graph, self._priority)
        plan.start()
        seen = _Watcher(self._graph)
        Scheduler(
            self._jobs, plan, VirtualExecutor(workers, seconds, clock), lambda _job, _number: _NOWHERE,
            Journal(None, [seen], clock=clock, wall=clock), clock=clock, wall=clock,
        ).run()  # fmt: skip
        makespan = max(seen.end, default=0.0)
        return Schedule(workers, seen.start, seen.end, seen.lane, seen.order, makespan, max(seen.lane, default=0))


_NOWHERE = Place({}, {}, "/", "")


def runs_something(job: Job) -> bool:
    """Whether a job needs a worker at all."""
    return bool(job.command.strip() or job.pre_checks or job.post_checks)


def in_order(jobs: Sequence[Job]) -> list[int]:
    """Nodes in the order in which a single worker takes them."""
    graph = Graph([job.id for job in jobs], [job.dependencies for job in jobs])
    return Simulator(jobs, graph).run([1.0] * len(jobs), 1).order
