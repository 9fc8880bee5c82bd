"""How long a run will still take, from what its jobs took in earlier runs."""

from __future__ import annotations

from collections.abc import Mapping

from exlib.graph import Graph

ENOUGH = 0.5
"""Share of the unfinished jobs whose usual duration must be known before a run's end is guessed."""


class Estimate:
    """Two bounds that no schedule beats, the larger of which is the guess, in seconds.

    The work left divided by the workers, and the longest chain of jobs left. Both are kept up to date in constant
    time a job, unless jobs end out of order. A job without a usual duration counts as the mean of those that have
    one; a running job counts with what is left of its usual time, and with nothing once that has passed.
    """

    def __init__(self, graph: Graph, typical: Mapping[str, float], workers: int = 1) -> None:
        self.typical = typical
        self.workers = max(workers, 1)
        self._graph = graph
        known = [typical[job] for job in graph.ids if job in typical]
        mean = sum(known) / len(known) if known else 0.0
        self._cost = [typical.get(job, mean) for job in graph.ids]
        self._known = len(known)
        self._left = len(graph)
        self._work = sum(self._cost)
        self._begun = [False] * len(graph)
        self._done = [False] * len(graph)
        self._running: dict[int, float] = {}
        self._measure_chains()

    def start(self, job: str, at: float) -> None:
        """An attempt of a job begins."""
        node = self._graph.index.get(job)
        if node is not None and not self._done[node]:
            self._begun[node] = True
            self._running[node] = at

    def finish(self, job: str) -> None:
        """A job is over, or will never run."""
        node = self._graph.index.get(job)
        if node is None or self._done[node]:
            return
        self._begun[node] = self._done[node] = True
        self._running.pop(node, None)
        self._work -= self._cost[node]
        self._left -= 1
        self._known -= job in self.typical
        if not all(self._done[other] for other in self._graph.dependencies[node]):
            self._outdated = True  # left out by --skip: the chains through it are shorter now

    def remaining(self, now: float) -> float | None:
        """Seconds until the run is over, None when too little is known to say."""
        if not self._left:
            return 0.0
        if self._known < ENOUGH * self._left or not self.typical:
            return None
        if self._outdated:
            self._measure_chains()
        gone = {node: min(max(now - at, 0.0), self._cost[node]) for node, at in self._running.items()}
        work = self._work - sum(gone.values())
        chain = max((self._chain[node] - spent for node, spent in gone.items()), default=0.0)
        return max(work / self.workers, chain, self._longest_waiting())

    def _longest_waiting(self) -> float:
        """The longest chain that begins with a job not yet begun."""
        order = self._longest_first
        while self._next < len(order) and self._begun[order[self._next]]:
            self._next += 1
        return self._chain[order[self._next]] if self._next < len(order) else 0.0

    def _measure_chains(self) -> None:
        self._chain = [0.0 if done else cost for cost, done in zip(self._cost, self._done, strict=True)]
        for node in reversed(self._graph.order()):
            self._chain[node] += max((self._chain[other] for other in self._graph.dependents[node]), default=0.0)
        self._longest_first = sorted(range(len(self._graph)), key=self._chain.__getitem__, reverse=True)
        self._next = 0
        self._outdated = False
