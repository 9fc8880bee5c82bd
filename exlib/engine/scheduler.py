"""The loop: plan and executor in, events out.

One turn of the loop is: choose what starts, commit all events of the turn to the history, spawn, see what ended. So a
job's end is durable before anything that depends on it starts, and an attempt is on record before its process exists.
Everybody else is told in the first turn in which nothing ended yet, while the jobs run. While another process keeps the
history locked, nothing is chosen and nothing is spawned, and the rest of the turn goes on: ends are taken, timeouts and
signals heeded.
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
from exlib.events import AttemptSpawned, AttemptStarted, JobRetrying, JobWaiting
from exlib.workflow import Job

END_GRACE = 1.0
"""Seconds between TERM and KILL when the whole run is ended."""
_BACK_OFF = 0.05, 2.0
_POLL = 1.0
_SOON = 0.05


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
        self._prepared: dict[int, Place] = {}
        self._progress: dict[int, Progress] = {}
        self._to_spawn: list[tuple[Attempt, Task]] = []
        self._due: deque[int] = deque()
        self._back_off = 0.0
        self._held: list[tuple[Attempt, Task]] = []
        self._put_off: dict[int, float] = {}
        self._late: dict[int, float] = {}
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
            locked = self._journal.locked
            self._heed_storage(self._journal.record())
            at_once = self._spawn() or (locked is not None and self._journal.locked is None)
            if not self._plan.unfinished and not self._running and self._may_leave():
                break
            ended = self._executor.wait(self._clock())
            idle = not (ended or at_once)
            if idle or self._journal.crowded:
                self._heed_storage(self._journal.tell())
                self._heed_storage(self._journal.tick())
            if idle:
                self._prepare()
                ended = self._executor.wait(self._deadline())
            for one in ended:
                self._take(one)
            self._timers.fire(self._clock())
        self._heed_storage(self._journal.flush())
        return outcome(self._plan.states, self._exit, self._stop, self._clock() - began)

    def _may_leave(self) -> bool:
        """Whether nothing has to be waited for: no hosted wait, no locked history unless a person is tired of it."""
        on_record = self._journal.locked is None or self._interrupts.level is Level.KILL
        return on_record and not self._waiting.hosted

    # -- starting ---------------------------------------------------------------------------------

    def _launch(self) -> None:
        """Choose what starts this turn: retries that are due first, then the plan's best."""
        while not self._held and not self._journal.locked and self._executor.can_start(len(self._to_spawn)):
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
        place = self._prepared.pop(node, None) or self._place(job, progress.attempts)
        progress.log = place.log
        attempt = self._running[node] = Attempt(node, job, progress.attempts, place, now)
        self._journal.emit(AttemptStarted(wall, job.id, attempt.number, job.command, place.log, place.fingerprint))
        if job.timeout is not None:
            self._time(attempt)
        self._advance(attempt, attempt.begin())

    def _time(self, attempt: Attempt) -> None:
        """Look at an attempt again when its time is over."""
        node, number, timeout = attempt.key, attempt.number, attempt.job.timeout  # the attempt itself may go before
        if timeout is not None:
            due = attempt.since + timeout + self._late.get(node, 0.0)
            self._timers.at(due, lambda: self._timed_out(node, number, timeout))

    def _prepare(self) -> None:
        """Find out what the next job will see, so that it can start at once when its turn comes."""
        node = self._plan.peek()
        if node is not None and node not in self._prepared:
            self._prepared[node] = self._place(self._jobs[node], 1)

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
            if self._journal.locked:  # its begin is not on record
                self._to_spawn.append((attempt, task))
                self._put_off.setdefault(attempt.key, self._clock())
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
                if self._put_off:
                    self._catch_up(attempt)
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

    def _catch_up(self, attempt: Attempt) -> None:
        """The time for which an attempt was put off does not count towards its timeout."""
        since = self._put_off.pop(attempt.key, None)
        if since is not None:
            self._late[attempt.key] = self._late.get(attempt.key, 0.0) + self._clock() - since
            self._time(attempt)

    # -- waiting for the world outside ------------------------------------------------------------

    def _wait_for(self, node: int) -> None:
        reason = self._waiting.begin(node, self._wall())
        self._journal.emit(JobWaiting(self._wall(), self._jobs[node].id, reason))
        self._poll(node)

    def _poll(self, node: int) -> None:
        """Look whether what a job waits for has come; look again later if not."""
        if self._plan.states[node] is not State.QUEUED or not self._waiting.needs(node):
            return
        try:
            answer = self._waiting.look(node, self._wall(), self._executor)
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
                self._heed_storage(StorageError(f"no space left for logs: {attempt.place.log} may be cut off"))
            self._advance(attempt, attempt.proceed(ended))
        else:
            node = self._waiting.ended(ended)
            if node is not None:
                self._poll(node)

    def _conclude(self, attempt: Attempt, result: Result) -> None:
        """An attempt is over: record it, and retry or finish the job."""
        node, job, now, wall = attempt.key, attempt.job, self._clock(), self._wall()
        del self._running[node]
        if self._put_off or self._late:
            self._put_off.pop(node, None)
            self._late.pop(node, None)
        progress = self._progress[node]
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
        known = self._progress.get(node)
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
        put_off = [self._running[node] for node in self._put_off]
        for attempt in [*(attempt for attempt, _ in self._held), *put_off]:
            if not attempt.begun:  # though its begin may be on record
                attempt.ending = attempt.ending or Result(State.CANCELLED, "CANCELLED", f"not started: {why}")

    def _end_running(self, why: str, grace: float) -> None:
        for attempt in self._running.values():
            if attempt.ending is None:
                attempt.ending = Result(State.CANCELLED, "CANCELLED", why)
        self._executor.abort(grace=grace)

    def _timed_out(self, node: int, number: int, timeout: float) -> None:
        attempt = self._running.get(node)
        if attempt is None or attempt.number != number or node in self._put_off:
            return
        if attempt.ending is None and attempt.since + timeout + self._late.get(node, 0.0) <= self._clock():
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

    # -- the turn ---------------------------------------------------------------------------------

    def _deadline(self) -> float | None:
        times = [when for when in (self._timers.next(), self._journal.next_tick()) if when is not None]
        if self._journal.pending:
            # The pids of what was just started go on record with the next turn, or soon if that does not come.
            times.append(self._clock() + _SOON)
        if not times and not self._running and not self._waiting.hosted:
            raise RuntimeError(f"{self._plan.unfinished} jobs are unfinished and nothing can bring them on")
        return min(times, default=None)
