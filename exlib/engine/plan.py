"""What is ready, running and done. No clock, no process, no database.

Invariants, which the property tests hold the engine to:

* a job is offered by ``next`` only when each of its dependencies is satisfied, and at most once;
* a dependency is satisfied when its job succeeded or was reused; one on a job that is left out on request, when all
  that this job depends on is satisfied: leaving a job out takes no order from those around it;
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
        self._left_out: set[int] = set()

    def start(self, settled: Iterable[tuple[int, State]] = ()) -> None:
        """Settle jobs that need no run (reused: SUCCESS, left out on request: SKIPPED) and queue the first ones."""
        done: list[int] = []
        for node, state in settled:
            if state is State.SUCCESS:
                done.append(node)
            else:
                self._left_out.add(node)
        for node in done:
            self.move(node, State.SUCCESS)
        for node in done:
            self._release(node)
        for node, count in enumerate(self._waiting):
            if not count and self.states[node] is State.PENDING:
                self._reach(node)

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
                    stack.append(other)
                    if other not in self._left_out:
                        skipped.append((other, cause))
        return skipped

    def give_up(self) -> list[int]:
        """The run stops: everything not yet started is cancelled. Returns those jobs in document order."""
        dropped = [node for node, state in enumerate(self.states) if state in (State.PENDING, State.QUEUED)]
        for node in dropped:
            self.move(node, State.SKIPPED if node in self._left_out else State.CANCELLED)
        self._ready.clear()
        return [node for node in dropped if node not in self._left_out]

    def _reach(self, node: int) -> None:
        """All that a job depends on is satisfied: it is queued, or passed over if it is left out."""
        if node in self._left_out:
            self.move(node, State.SKIPPED)
            self._release(node)
        else:
            self.move(node, State.QUEUED)
            heapq.heappush(self._ready, (self._rank[node], node))

    def _release(self, node: int) -> None:
        """A job is done with: those that waited for it alone are reached, through any number of left out ones."""
        stack = [node]
        while stack:
            for other in self.graph.dependents[stack.pop()]:
                self._waiting[other] -= 1
                if self._waiting[other] or self.states[other] is not State.PENDING:
                    continue
                if other in self._left_out:
                    self.move(other, State.SKIPPED)
                    stack.append(other)
                else:
                    self._reach(other)
