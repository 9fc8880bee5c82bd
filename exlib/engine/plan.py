"""What is ready, running and done. No clock, no process, no database.

Invariants, which the property tests hold the engine to:

* a job is offered by ``next`` only when each of its dependencies is satisfied, and at most once;
* a dependency is satisfied when its job succeeded, was reused, or was skipped on request;
* a job whose dependency failed or was given up never starts: it is skipped with the cause;
* ``unfinished`` falls to zero exactly when every job is in a final state.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence

from exlib.engine.states import FINAL, State, check_move
from exlib.graph import Graph


class Plan:
    """The bookkeeping of one attempt of a run over a graph without cycles.

    Among the ready jobs the one of higher priority comes first, ties go in document order.
    """

    def __init__(self, graph: Graph, priority: Sequence[int]) -> None:
        self.graph = graph
        self.states = [State.PENDING] * len(graph)
        self.unfinished = len(graph)
        self._waiting = [len(wanted) for wanted in graph.dependencies]
        self._rank = [-number for number in priority]
        self._ready: list[tuple[int, int]] = []

    def start(self, settled: Iterable[tuple[int, State]] = ()) -> None:
        """Settle jobs that need no run (reused: SUCCESS, left out on request: SKIPPED) and queue the first ones."""
        done = list(settled)
        for node, state in done:
            self.move(node, state)
        for node, _ in done:
            self._release(node)
        for node, count in enumerate(self._waiting):
            if not count and self.states[node] is State.PENDING:
                self._queue(node)

    def next(self) -> int | None:
        """Take the best ready job out of the queue, None if there is none."""
        while self._ready:
            node = heapq.heappop(self._ready)[1]
            if self.states[node] is State.QUEUED:
                return node
        return None

    def put_back(self, node: int) -> None:
        """Return a job that ``next`` gave and that cannot start at the moment."""
        heapq.heappush(self._ready, (self._rank[node], node))

    def peek(self) -> int | None:
        """The job that ``next`` would give now."""
        while self._ready and self.states[self._ready[0][1]] is not State.QUEUED:
            heapq.heappop(self._ready)
        return self._ready[0][1] if self._ready else None

    def move(self, node: int, state: State) -> None:
        """Bring a job into another state. Raises IllegalMove when the table lacks the move."""
        check_move(self.states[node], state)
        self.states[node] = state
        if state in FINAL:
            self.unfinished -= 1

    def succeed(self, node: int) -> None:
        """A running job succeeded: those that waited for it alone are queued."""
        self.move(node, State.SUCCESS)
        self._release(node)

    def fail(self, node: int, state: State) -> list[tuple[int, int]]:
        """A job ended badly: everything that depends on it is skipped. Returns (skipped job, its failed dependency)."""
        self.move(node, state)
        skipped: list[tuple[int, int]] = []
        stack = [node]
        while stack:
            cause = stack.pop()
            for other in self.graph.dependents[cause]:
                if self.states[other] is State.PENDING:
                    self.move(other, State.SKIPPED)
                    skipped.append((other, cause))
                    stack.append(other)
        return skipped

    def give_up(self) -> list[int]:
        """The run stops: everything not yet started is cancelled. Returns those jobs in document order."""
        dropped = [node for node, state in enumerate(self.states) if state in (State.PENDING, State.QUEUED)]
        for node in dropped:
            self.move(node, State.CANCELLED)
        self._ready.clear()
        return dropped

    def _queue(self, node: int) -> None:
        self.move(node, State.QUEUED)
        heapq.heappush(self._ready, (self._rank[node], node))

    def _release(self, node: int) -> None:
        for other in self.graph.dependents[node]:
            self._waiting[other] -= 1
            if not self._waiting[other] and self.states[other] is State.PENDING:
                self._queue(other)
