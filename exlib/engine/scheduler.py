"""The loop: plan and executor in, events out.

One turn of the loop is: choose what starts, have the history keep all events of the turn, spawn, see what ended. So a
job's end is durable before anything that depends on it starts, and an attempt is on record before its process exists.
The history's tables are written and everybody else is told when nothing has ended for some milliseconds, or when that
much has happened that nobody should wait any longer: many short jobs are written up together.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence

from exlib.engine.attempt import Attempt, Place, Result, retry_after
from exlib.engine.executor import CannotStart, Ended, Executor, Task, TryLater
from exlib.engine.interrupts import Interrupts, Level
from exlib.engine.journal import Journal
from exlib.engine.outcome import Options, Outcome, outcome
from exlib.engine.plan import Plan
from exlib.engine.progress import Progress, finished
from exlib.engine.states import FAILURES, State
from exlib.engine.timers import Timers
from exlib.engine.waiting import Waiting
from exlib.errors import Exit, StorageError
from exlib.events import AttemptSpawned, AttemptStarted, JobRetrying, JobWaiting, LogTruncated
from exlib.workflow import Job

END_GRACE = 1.0
"""Seconds between TERM and KILL when the whole run is ended."""
_BACK_OFF = 0.05, 2.0
_POLL = 1.0
_LINGER = 0.005
"""Seconds in which nothing ends before the history's tables are written and readers are told."""


class Scheduler:
    """Drives one attempt of a run to its end."""

    def __init__(
        self,
        jobs: Sequence[Job],
        plan: Plan,
        executor: Executor,
        place: Callable[[Job, int], Place],
        journal: Journal,
        *,
        options: Options | None = None,
        interrupts: Interrupts | None = None,
        waiting: Waiting | None = None,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._jobs = jobs
        self._plan = plan
        self._executor = executor
        self._place = place
        self._journal = journal
        self._options = options or Options()
        self._interrupts = interrupts or Interrupts()
        self._waiting = waiting or Waiting(jobs, place)
        self._clock = clock
        self._wall = wall
        self._timers = Timers()
        self._running: dict[int, Attempt] = {}
        self._progress: dict[int, Progress] = {}
        self._to_spawn: list[tuple[Attempt, Task]] = []
        self._due: deque[int] = deque()
        self._back_off = 0.0
        self._held: list[tuple[Attempt, Task]] = []
        self._polled: set[int] = set()
        self._stop: str | None = None
        self._exit = Exit.OK
        self._heeded = Level.NONE

    def run(self) -> Outcome:
        """Run every job that is not settled, until the last one ended."""
        began = self._clock()
        if self._options.timeout is not None:
            self._timers.at(began + self._options.timeout, self._run_timed_out)
        while True:
            self._heed_interrupts()
            self._launch()
            self._heed_storage(self._journal.record())
            at_once = self._spawn()
            if not self._plan.unfinished and not self._running and not self._waiting.hosted:
                break
            ended = self._wait(at_once)
            for one in ended:  # before the history is written up: it looks at the processes that go on
                self._take(one)
            if self._journal.crowded or not ended:
                self._heed_storage(self._journal.flush())
                self._heed_storage(self._journal.tick())
            self._timers.fire(self._clock())
        self._heed_storage(self._journal.flush())
        return outcome(self._plan.states, self._exit, self._stop, self._clock() - began)

    # -- starting ---------------------------------------------------------------------------------

    def _launch(self) -> None:
        """Choose what starts this turn: retries that are due first, then the plan's best."""
        while not self._held and self._executor.can_start(len(self._to_spawn)):
            if self._due:
                self._begin(self._due.popleft())
                continue
            node = self._plan.next()
            if node is None:
                return
            if self._jobs[node].waits and self._waiting.needs(node):
                self._wait_for(node)
            else:
                self._begin(node)

    def _begin(self, node: int) -> None:
        job, now, wall = self._jobs[node], self._clock(), self._wall()
        self._plan.move(node, State.RUNNING)
        progress = self._progress.get(node)
        if progress is None:
            progress = self._progress[node] = Progress(wall, now)
        progress.attempts += 1
        place = self._place(job, progress.attempts)
        progress.log = place.log
        attempt = self._running[node] = Attempt(node, job, progress.attempts, place, now)
        self._journal.emit(AttemptStarted(wall, job.id, attempt.number, job.command, place.log, place.fingerprint))
        if job.timeout is not None:
            number, timeout = attempt.number, job.timeout  # not the attempt: that would keep it until then
            self._timers.at(now + timeout, lambda: self._timed_out(node, number, timeout))
        self._advance(attempt, attempt.begin())

    def _advance(self, attempt: Attempt, step: Task | Result) -> None:
        if isinstance(step, Result):
            self._conclude(attempt, step)
        else:
            self._to_spawn.append((attempt, step))

    def _spawn(self) -> bool:
        """Start what was chosen, now that it is on record. True if something ended without ever running."""
        chosen, self._to_spawn = self._to_spawn, []
        at_once = False
        for attempt, task in chosen:
            if attempt.ending is not None:
                self._conclude(attempt, attempt.ending)
                at_once = True
                continue
            try:
                pid = self._executor.start(task)
            except TryLater as busy:
                self._hold(attempt, task, str(busy))
            except (CannotStart, StorageError) as error:
                if isinstance(error, StorageError):
                    self._heed_storage(error)
                self._conclude(attempt, Result(State.FAILED, "ERROR", str(error)))
                at_once = True
            else:
                self._back_off = 0.0
                self._journal.emit(AttemptSpawned(self._wall(), attempt.job.id, attempt.number, pid))
        return at_once

    def _hold(self, attempt: Attempt, task: Task, reason: str) -> None:
        """No process can be made at the moment: start nothing for a while, then try the same again."""
        self._held.append((attempt, task))
        if len(self._held) > 1:
            return
        if not self._back_off:
            self._journal.notice("warning", f"cannot start a process: {reason}; waiting for the machine")
        self._back_off = min(max(self._back_off * 2, _BACK_OFF[0]), _BACK_OFF[1])
        self._timers.at(self._clock() + self._back_off, self._release_held)

    def _release_held(self) -> None:
        held, self._held = self._held, []
        self._to_spawn += held

    # -- waiting for the world outside ------------------------------------------------------------

    def _wait_for(self, node: int) -> None:
        reason = self._waiting.begin(node, self._wall(), self._clock())
        self._journal.emit(JobWaiting(self._wall(), self._jobs[node].id, reason))
        self._poll(node)

    def _poll(self, node: int) -> None:
        """Look whether what a job waits for has come; look again later if not."""
        if self._plan.states[node] is not State.QUEUED or not self._waiting.needs(node):
            return
        try:
            answer = self._waiting.look(node, self._wall(), self._clock(), self._executor)
        except StorageError as error:
            self._heed_storage(error)
            return
        if answer is None:
            if node not in self._polled:
                self._polled.add(node)
                self._timers.at(self._clock() + _POLL, lambda: self._poll_again(node))
        elif answer.passed:
            self._plan.put_back(node)
        else:
            self._waiting.drop(node, self._executor)
            self._finish(node, State.FAILED, answer.message)

    def _poll_again(self, node: int) -> None:
        self._polled.discard(node)
        self._poll(node)

    # -- ending -----------------------------------------------------------------------------------

    def _take(self, ended: Ended) -> None:
        attempt = self._running.get(ended.key)
        if attempt is not None:
            if ended.log_full:
                self._heed_full_logs(attempt)
            self._advance(attempt, attempt.proceed(ended))
        else:
            node = self._waiting.ended(ended)
            if node is not None:
                self._poll(node)

    def _conclude(self, attempt: Attempt, result: Result) -> None:
        """An attempt is over: record it, and retry or finish the job."""
        node, job, now, wall = attempt.key, attempt.job, self._clock(), self._wall()
        del self._running[node]
        progress = self._progress[node]
        if attempt.log_full:
            self._journal.emit(LogTruncated(wall, job.id, attempt.number, attempt.place.log))
        self._journal.emit(progress.conclude(attempt, result, wall, now))
        delay = retry_after(job.retry, attempt.number, result, now - progress.since) if job.retry.limit else None
        if delay is None:
            self._finish(node, result.state, result.reason)
        elif self._stop is not None:
            self._finish(node, result.state, f"{result.reason}; not retried: {self._stop}")
        else:
            self._plan.move(node, State.RETRYING)
            self._journal.emit(JobRetrying(wall, job.id, attempt.number + 1, delay, result.reason or ""))
            self._timers.at(now + delay, lambda: self._retry(node))

    def _retry(self, node: int) -> None:
        if self._plan.states[node] is State.RETRYING:
            self._due.append(node)

    def _finish(self, node: int, state: State, reason: str | None) -> None:
        """A job reached its final state: record it and what follows from it."""
        if state is State.SUCCESS:
            self._plan.succeed(node)
            self._record(node, state, reason)
            return
        skipped = self._plan.fail(node, state)
        self._record(node, state, reason)
        for other, cause in skipped:
            how = "was skipped" if self._plan.states[cause] is State.SKIPPED else f"ended as {state.value}"
            self._record(other, State.SKIPPED, f'its dependency "{self._jobs[cause].id}" {how}')
        job = self._jobs[node]
        if state in FAILURES and not (self._options.continue_on_error or job.continue_on_error):
            self._stop_launching(f'job "{job.id}" ended as {state.value}')

    def _record(self, node: int, state: State, reason: str | None) -> None:
        known = self._progress.pop(node, None)
        self._journal.emit(finished(self._jobs[node], state, reason, known, self._wall(), self._clock()))

    # -- stopping ---------------------------------------------------------------------------------

    def _stop_launching(self, why: str) -> None:
        """Nothing new starts from here on; what runs goes on."""
        if self._stop is not None:
            return
        self._stop = why
        for node in self._plan.give_up():
            self._waiting.drop(node, self._executor)
            self._record(node, State.CANCELLED, f"not started: {why}")
        for node, state in enumerate(self._plan.states):
            last = self._progress[node].last if state is State.RETRYING else None
            if last is not None:
                self._finish(node, last.state, f"{last.reason}; not retried: {why}")
        self._due.clear()
        for attempt, _ in self._held:
            if not attempt.begun:  # though its begin is on record
                attempt.ending = attempt.ending or Result(State.CANCELLED, "CANCELLED", f"not started: {why}")

    def _end_running(self, why: str, grace: float) -> None:
        for attempt in self._running.values():
            if attempt.ending is None:
                attempt.ending = Result(State.CANCELLED, "CANCELLED", why)
        self._executor.abort(grace=grace)

    def _timed_out(self, node: int, number: int, timeout: float) -> None:
        attempt = self._running.get(node)
        if attempt is not None and attempt.number == number and attempt.ending is None:
            attempt.ending = Result(State.TIMEOUT, "TIMEOUT", f"ran longer than its timeout of {timeout:g} s")
            self._executor.abort(node, grace=self._options.grace)

    def _run_timed_out(self) -> None:
        if not self._plan.unfinished:
            return  # it was reached in the moment in which the last job ended
        why = f"the run's timeout of {self._options.timeout:g} s was reached"
        if self._exit is Exit.OK:
            self._exit = Exit.RUN_TIMEOUT
        self._stop_launching(why)
        self._end_running(why, END_GRACE)

    def _heed_interrupts(self) -> None:
        level, number = self._interrupts.level, self._interrupts.signal
        if level is self._heeded or number is None or not self._plan.unfinished:
            return
        self._heeded = level
        if self._exit is not Exit.STORAGE:
            self._exit = Exit.INTERRUPTED if number.name == "SIGINT" else Exit.TERMINATED
        why = f"the run was interrupted ({number.name})"
        self._stop_launching(why)
        if level is not Level.DRAIN:
            self._end_running(why, END_GRACE if level is Level.END else 0.0)
        elif self._running:
            left = len(self._running)
            jobs = "the running job has" if left == 1 else f"the {left} running jobs have"
            self._journal.notice("warning", f"stopping once {jobs} finished; interrupt again to end at once")

    def _heed_storage(self, error: StorageError | None) -> None:
        """If what happens cannot be recorded, nothing may start that is not on record."""
        if error is None:
            return
        if self._exit is not Exit.STORAGE:
            self._exit = Exit.STORAGE
            self._journal.notice("error", error.message)
        self._stop_launching(error.message)
        for attempt, _ in self._to_spawn:
            attempt.ending = attempt.ending or Result(State.CANCELLED, "CANCELLED", error.message)

    def _heed_full_logs(self, seen_by: Attempt) -> None:
        """The disk of the logs was found full at the end of one attempt: it was so for all that ran meanwhile."""
        held = [attempt for attempt, _ in self._held]
        for attempt in self._running.values():
            attempt.log_full = attempt.log_full or attempt.begun or attempt not in held
        self._heed_storage(StorageError(f"no space left for logs: {seen_by.place.log} may be cut off"))

    # -- the turn ---------------------------------------------------------------------------------

    def _wait(self, at_once: bool) -> list[Ended]:
        """Wait for what ends, not long while there is something to tell."""
        now = self._clock()
        if at_once:
            return self._executor.wait(now)
        if self._journal.behind:
            due = self._timers.next()
            return self._executor.wait(now + _LINGER if due is None else min(due, now + _LINGER))
        times = [when for when in (self._timers.next(), self._journal.next_tick()) if when is not None]
        if not times and not self._running and not self._waiting.hosted:
            raise RuntimeError(f"{self._plan.unfinished} jobs are unfinished and nothing can bring them on")
        return self._executor.wait(min(times, default=None))
