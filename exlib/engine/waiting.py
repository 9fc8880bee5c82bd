"""Jobs that wait for something outside the document: built-in waits are polled, those of others run hosted."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from exlib.engine.attempt import Place, exit_status
from exlib.engine.executor import CannotStart, Ended, Executor, Task, TryLater
from exlib.errors import Busy, ExecutionerError
from exlib.workflow import Job, Wait

if TYPE_CHECKING:
    from exlib.plugins.waits import Sighting


_CLOCK_WAS_SET = 1.0
"""Seconds by which the wall clock may run from the monotonic one during a wait before it is not believed."""


class Answer(NamedTuple):
    """Whether a job may start, or why it never will."""

    passed: bool
    message: str


@dataclass(slots=True)
class _Open:
    """The waits of one job that have not come yet. ``started`` is on the wall clock, ``since`` on the monotonic one."""

    started: float
    since: float
    polled: list[Wait] = field(default_factory=list)
    to_start: list[Wait] = field(default_factory=list)
    hosted: set[int] = field(default_factory=set)
    refusal: str | None = None
    limits: list[tuple[float, str]] = field(default_factory=list)
    seen: dict[str, Sighting] = field(default_factory=dict)
    clock_was_set: bool = False


class Waiting:
    """Keeps track of the waits of all jobs; ``last_job`` looks up a job of another workflow in the history."""

    def __init__(
        self,
        jobs: Sequence[Job],
        place: Callable[[Job, int], Place],
        last_job: Callable[[str, str | None], Any] | None = None,
    ) -> None:
        self._jobs = jobs
        self._place = place
        self._last_job = last_job or (lambda _application, _job: None)
        self._open: dict[int, _Open] = {}
        self._done: set[int] = set()
        self._hosted: dict[int, int] = {}
        self._next_key = len(jobs)

    @property
    def hosted(self) -> bool:
        """Whether processes of hosted waits are running."""
        return bool(self._hosted)

    def needs(self, node: int) -> bool:
        """Whether a job has waits that have not all come."""
        return node not in self._done

    def begin(self, node: int, wall: float, clock: float) -> str:
        """Note what a job waits for from now on (epoch seconds, monotonic seconds), and say it in words."""
        from exlib.plugins import catalog

        job, state = self._jobs[node], _Open(wall, clock)
        self._open[node] = state
        for wait in job.waits:
            if wait.timeout is not None:
                state.limits.append(
                    (clock + wait.timeout, f'waited longer than {wait.timeout:g} s for "{wait.plugin}"')
                )
            kind = catalog.wait_kind(wait.plugin)
            if kind is not None and kind.instant:
                state.polled.append(wait)
            else:
                state.to_start.append(wait)
        return ", ".join(" ".join([wait.plugin, *map("=".join, _words(wait))]) for wait in job.waits)

    def _start(self, node: int, wait: Wait, state: _Open, executor: Executor) -> None:
        from exlib.plugins import hosting

        place = self._place(self._jobs[node], 0)
        argv = hosting.host_argv("wait", wait.plugin, json.dumps(dict(wait.params)), sources=place.sources)
        key, self._next_key = self._next_key, self._next_key + 1
        log = place.log.removesuffix(".0.log") + ".wait.log"
        task = Task(key, tuple(argv), place.encoded, place.cwd, log, fresh=False, verdict=True, counted=False)
        try:
            executor.start(task)
        except TryLater:
            state.to_start.append(wait)  # with the next look
        except CannotStart as error:
            state.refusal = str(error)
        else:
            state.hosted.add(key)
            self._hosted[key] = node

    def ended(self, ended: Ended) -> int | None:
        """A hosted wait's process ended; returns its job if that job still waits."""
        from exlib.plugins import hosting

        node = self._hosted.pop(ended.key)
        state = self._open.get(node)
        if state is None:
            return None
        state.hosted.discard(ended.key)
        verdict = hosting.read_verdict(ended.verdict, exit_status(ended)[0])
        if not verdict.passed:
            state.refusal = verdict.message
        return node

    def look(self, node: int, wall: float, clock: float, executor: Executor) -> Answer | None:
        """Whether all has come (passed), will not come (not passed), or None: not yet. May raise StorageError."""
        state = self._open[node]
        waits, state.to_start = state.to_start, []
        for wait in waits:
            self._start(node, wait, state, executor)
        try:
            state.polled = [wait for wait in state.polled if not self._has_come(node, wait, state, wall, clock)]
        except Busy:
            pass  # the history is not to be looked at just now; with the next look
        except ExecutionerError as error:
            state.refusal = error.message
        if state.refusal is not None:
            return Answer(False, f"dependency: {state.refusal}")
        if not (state.polled or state.hosted or state.to_start):
            del self._open[node]
            self._done.add(node)
            return Answer(True, "")
        late = next((message for limit, message in state.limits if limit <= clock), None)
        return None if late is None else Answer(False, f"dependency: {late}")

    def drop(self, node: int, executor: Executor) -> None:
        """A job does not wait any more: end what was looking for it."""
        state = self._open.pop(node, None)
        for key in state.hosted if state else ():
            executor.abort(key)

    def _has_come(self, node: int, wait: Wait, state: _Open, wall: float, clock: float) -> bool:
        from exlib.plugins import waits

        place = self._place(self._jobs[node], 0)
        env: Mapping[str, str] = place.env
        waited = clock - state.since
        if abs(wall - state.started - waited) > _CLOCK_WAS_SET:
            state.clock_was_set = True
        context = waits.WaitContext(
            now=wall,
            started=state.started,
            env=env,
            cwd=place.cwd,
            last_job=self._last_job,
            waited=waited,
            seen=state.seen,
            clock_was_set=state.clock_was_set,
        )
        return waits.poll_builtin(wait, context).passed


def _words(wait: Wait) -> Iterator[tuple[str, str]]:
    return ((name, str(value)) for name, value in wait.params.items())
