"""Random jobs with durations, in whole seconds so that sums are exact."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from hypothesis import strategies as st

from exlib.graph import Graph
from exlib.simulation.durations import Durations, Guess
from exlib.simulation.simulate import Simulator
from exlib.workflow import Job
from tests.engine.fakes import job
from tests.graphs import acyclic


def jobs_of(graph: Graph, priority: Mapping[int, int] | None = None, empty: Iterable[int] = ()) -> list[Job]:
    bare = set(empty)
    return [
        job(
            node,
            name,
            [graph.ids[other] for other in graph.dependencies[node]],
            command="" if node in bare else "run",
            priority=(priority or {}).get(node, 0),
        )
        for node, name in enumerate(graph.ids)
    ]


class Case:
    """Jobs, their seconds and a number of workers."""

    def __init__(self, jobs: list[Job], seconds: list[float], workers: int) -> None:
        self.jobs = jobs
        self.seconds = seconds
        self.workers = workers
        self.graph = Graph([one.id for one in jobs], [one.dependencies for one in jobs])
        self.simulator = Simulator(jobs, self.graph)

    def __repr__(self) -> str:
        edges = {one.id: one.dependencies for one in self.jobs}
        return f"Case({edges}, {self.seconds}, {self.workers})"


@st.composite
def cases(draw: st.DrawFn, most: int = 14) -> Case:
    graph = draw(acyclic(most))
    count = len(graph)
    priority = draw(st.dictionaries(st.integers(0, max(count - 1, 0)), st.integers(-2, 2), max_size=4))
    seconds = draw(st.lists(st.integers(0, 9), min_size=count, max_size=count))
    empty = [node for node, one in enumerate(seconds) if one == 0 and draw(st.booleans())]
    return Case(jobs_of(graph, priority, empty), [float(one) for one in seconds], draw(st.integers(1, 6)))


def known(jobs: Iterable[Job], seconds: Iterable[float], **more: tuple[float, ...]) -> Durations:
    """Durations that were given, with samples for some."""
    guesses = [
        Guess(one, "given", tuple(sorted(more.get(job.id, ()))), len(more.get(job.id, ())))
        for job, one in zip(jobs, seconds, strict=True)
    ]
    return Durations(guesses, "given", "as given")
