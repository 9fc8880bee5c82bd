"""One try of a job: pre-checks, command, post-checks; and the policy that decides whether another follows."""

import json
import os
import signal
from collections.abc import Generator, Mapping, Sequence
from typing import NamedTuple

from exlib.engine.command import argv_for
from exlib.engine.executor import CannotStart, Ended, Task
from exlib.engine.states import State
from exlib.workflow import Check, Job, PluginSource, Retry


class Place(NamedTuple):
    """What one attempt of a job sees: its environment (as text and encoded), directory, log file and plugins.

    The ``EX_`` variables stand in ``encoded`` alone; ``fingerprint`` is of the job itself.
    """

    env: Mapping[str, str]
    encoded: Mapping[bytes, bytes]
    cwd: str
    log: str
    fingerprint: str = ""
    sources: Sequence[PluginSource] = ()
    allow_shell: bool = True

    @property
    def whole_env(self) -> Mapping[str, str]:
        """The job's variables with the ``EX_`` ones among them."""
        return {os.fsdecode(name): os.fsdecode(value) for name, value in self.encoded.items()}

    @property
    def check_log(self) -> str:
        """Where hosted checks write, so that the job's own log holds the job's bytes alone."""
        return self.log.removesuffix(".log") + ".checks.log"


class Result(NamedTuple):
    """How an attempt ended. ``word`` is what ``retry_on_status`` calls it: SUCCESS, ERROR, FAILED or TIMEOUT."""

    state: State
    word: str
    reason: str | None = None
    exit_code: int | None = None
    signal: str | None = None


class Attempt:
    """The life of one try: ``begin`` and then ``proceed`` give the next task, or the result when it is over."""

    __slots__ = ("_life", "begun", "cpu", "ending", "job", "key", "log_full", "memory", "number", "place", "since")

    def __init__(self, key: int, job: Job, number: int, place: Place, since: float) -> None:
        self.key = key
        self.job = job
        self.number = number
        self.place = place
        self.since = since  # on the monotonic clock
        self.cpu = 0.0
        self.memory = 0
        self.log_full = False
        self.begun = False  # whether a process of it has run
        self.ending: Result | None = None
        self._life = self._live()

    def begin(self) -> Task | Result:
        """The first task, or the result if there is nothing to run."""
        return self._step(None)

    def proceed(self, ended: Ended) -> Task | Result:
        """What follows the end of the task before; a result once the attempt is being ended."""
        self.begun = True
        self.cpu += ended.cpu
        self.memory = max(self.memory, ended.memory)
        self.log_full |= ended.log_full
        if self.ending is not None:
            code, name = exit_status(ended)
            return Result(self.ending.state, self.ending.word, self.ending.reason, code, name)
        return self._step(ended)

    def _step(self, ended: Ended | None) -> Task | Result:
        try:
            return self._life.send(ended) if ended is not None else next(self._life)
        except StopIteration as stop:
            result: Result = stop.value
            return result
        except CannotStart as error:
            return Result(State.FAILED, "ERROR", str(error))

    def _live(self) -> Generator[Task, Ended, Result]:
        job = self.job
        for check in job.pre_checks:
            refusal = yield from self._check(check, "pre-check")
            if refusal is not None:
                return refusal
        code, name = None, None
        if job.command.strip():
            ended = yield self._task(argv_for(job.command, job.shell, self.place.env, self.place.cwd))
            code, name = exit_status(ended)
            if name is not None:
                return Result(State.FAILED, "FAILED", f"killed by {name}", code, name)
            if code:
                return Result(State.FAILED, "FAILED", f"exit code {code}{_meaning(code)}", code)
        for check in job.post_checks:
            refusal = yield from self._check(check, "post-check", code)
            if refusal is not None:
                return refusal
        return Result(State.SUCCESS, "SUCCESS", "no space was left for its log" if self.log_full else None, code)

    def _check(self, check: Check, phase: str, code: int | None = None) -> Generator[Task, Ended, Result | None]:
        from exlib.plugins import catalog, hosting

        kind = catalog.check_kind(check.name)
        if kind is not None and kind.instant:
            verdict = hosting.run_instantly(check, env=self.place.whole_env, cwd=self.place.cwd)
        else:
            place = self.place
            argv = hosting.host_argv(
                "check",
                check.name,
                json.dumps(dict(check.params)),
                sources=place.sources,
                allow_shell=place.allow_shell,
            )
            ended = yield self._task(tuple(argv), hosted=True)
            verdict = hosting.read_verdict(ended.verdict, exit_status(ended)[0])
        if verdict.passed:
            return None
        return Result(State.FAILED, "FAILED", f"{phase} {check.name}: {verdict.message}", code)

    def _task(self, argv: tuple[str, ...], *, hosted: bool = False) -> Task:
        return Task(
            key=self.key,
            argv=argv,
            env=self.place.encoded,
            cwd=self.place.cwd,
            log=self.place.check_log if hosted else self.place.log,
            fresh=not hosted,
            verdict=hosted,
            detach=self.job.detach and not hosted,
        )


def exit_status(ended: Ended) -> tuple[int | None, str | None]:
    """Exit code and signal name; a signal counts as 128 plus its number, as shells have it."""
    if ended.signal is None:
        return ended.exit_code, None
    try:
        name = signal.Signals(ended.signal).name
    except ValueError:
        name = f"signal {ended.signal}"
    return 128 + ended.signal, name


def _meaning(code: int) -> str:
    """What a shell means by an exit code, where it means something of its own."""
    if code in (126, 127):
        return " (cannot be executed)" if code == 126 else " (command not found)"
    if code > 128:
        _, name = exit_status(Ended(0, None, code - 128))
        return f" (as if killed by {name})" if name and name.startswith("SIG") else ""
    return ""


def retry_after(retry: Retry, number: int, result: Result, elapsed: float) -> float | None:
    """Seconds until attempt ``number + 1``, None if there is to be none.

    The delay grows by ``backoff`` with each attempt and is spread by ``jitter``; an attempt that would start later
    than ``max_time`` after the first one is not made. ``elapsed`` is the time since the first attempt began.
    """
    if result.state is State.SUCCESS or result.state is State.CANCELLED or number > retry.limit:
        return None
    if result.word not in retry.on_status and result.exit_code not in retry.on_exit_codes:
        return None
    try:
        delay = retry.delay * retry.backoff ** (number - 1)
    except OverflowError:
        return None
    if retry.jitter:
        import random  # few workflows need it, and it is not small

        delay *= 1 + random.uniform(-retry.jitter, retry.jitter)
    if retry.max_time and elapsed + delay > retry.max_time:
        return None
    return max(delay, 0.0)
