"""A fake executor and a fake clock: schedules are tested without processes and without time passing."""

from __future__ import annotations

import heapq
import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from exlib.engine.attempt import Place
from exlib.engine.executor import Ended, Task, TryLater
from exlib.engine.interrupts import Interrupts
from exlib.engine.journal import Journal
from exlib.engine.outcome import Options, Outcome
from exlib.engine.plan import Plan
from exlib.engine.progress import finished
from exlib.engine.scheduler import Scheduler
from exlib.engine.states import State
from exlib.events import JobReused
from exlib.graph import Graph
from exlib.workflow import Check, Job, Retry, Wait
from tests.engine.tape import Listener, Recorder, Signalled, Spawned, Tape, Waited, WatchedStates

NO_RETRY = Retry(0, 30.0, 1.5, 0.0, 0.0, frozenset({"ERROR", "FAILED", "TIMEOUT"}), frozenset())


def job(index: int, name: str, needs: Iterable[str] = (), **changes: object) -> Job:
    """A job of one second that succeeds, unless its ``command`` says otherwise (see FakeExecutor)."""
    plain = Job(
        id=name,
        description="",
        command="1 0",
        dependencies=tuple(needs),
        waits=(),
        timeout=None,
        retry=NO_RETRY,
        env={},
        working_dir=None,
        shell=None,
        tags=(),
        priority=0,
        pre_checks=(),
        post_checks=(),
        continue_on_error=False,
        detach=False,
    )
    return plain._replace(**changes)  # type: ignore[arg-type]


def hosted(seconds: int, *passes: bool) -> dict[str, object]:
    """Parameters of a check or wait in a process of its own: how long it takes, what its successive tries find."""
    return {"seconds": seconds, "passes": list(passes)}


def check(seconds: int, *passes: bool) -> Check:
    """A hosted check; see ``hosted``."""
    return Check("fake", hosted(seconds, *passes))


PRESENT = Check("check_file_exists", {"path": __file__})
ABSENT = Check("check_file_exists", {"path": "/no/such/file"})


def gate(seconds: int, passes: bool, timeout: float | None = None, lingers: float = 0.0) -> Wait:
    """A hosted wait; see ``hosted``. Its process is still there for some seconds after it was killed."""
    return Wait("fake", {**hosted(seconds, passes), "lingers": lingers}, timeout)


class Clock:
    """Time that passes only while the executor waits."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class _Running(NamedTuple):
    end: float
    key: int
    code: int | None
    signal: int | None
    verdict: bytes
    stubborn: bool
    lingers: float = 0.0


class FakeExecutor:
    """A command is ``SECONDS CODE [CODE…]``: how long each try takes and the exit codes of the successive tries.

    After ``SECONDS!`` it ignores TERM. A task that may answer has ``hosted`` parameters. ``busy`` are spans of time
    in which no process can be made; ``broken`` are errors to raise instead of the first start of a key.
    """

    def __init__(
        self,
        workers: int,
        clock: Clock,
        at: Sequence[tuple[float, Callable[[], None]]] = (),
        tape: Tape | None = None,
        busy: Collection[tuple[float, float]] = (),
        broken: Mapping[int, Exception] | None = None,
    ) -> None:
        self.workers = workers
        self.clock = clock
        self.running: dict[int, Task] = {}
        self.most = 0
        self.tries: dict[int, int] = {}
        self.waits = 0
        self._said: dict[tuple[int, str], int] = {}
        self._held: set[int] = set()
        self._ends: list[_Running] = []
        self._at = sorted(at, key=lambda pair: pair[0])
        self._tape: Tape = [] if tape is None else tape
        self._busy = busy
        self.unbroken = dict(broken or {})

    @property
    def counted(self) -> int:
        """How many tasks take a worker now."""
        return sum(task.counted for task in self.running.values())

    def can_start(self, chosen: int = 0) -> bool:
        return self.counted + chosen < self.workers

    def start(self, task: Task) -> int:
        assert task.key not in self.running, "a job runs once at a time"
        if any(begin <= self.clock.now < end for begin, end in self._busy):
            self._held |= {task.key} if task.counted else set()
            raise TryLater("resource temporarily unavailable")
        self._held.discard(task.key)
        if task.key in self.unbroken:
            raise self.unbroken.pop(task.key)
        self.running[task.key] = task
        self.most = max(self.most, self.counted)
        self._tape.append(Spawned(task))
        heapq.heappush(self._ends, self._answering(task) if task.verdict else self._command(task))
        return 10_000 + task.key

    def _command(self, task: Task) -> _Running:
        seconds, *codes = task.argv[-1].split()
        number = self.tries[task.key] = self.tries.get(task.key, 0) + 1
        code = int(codes[min(number, len(codes)) - 1])
        return _Running(self.clock.now + float(seconds.rstrip("!")), task.key, code, None, b"", seconds.endswith("!"))

    def _answering(self, task: Task) -> _Running:
        params = json.loads(task.argv[-2])
        number = self._said[task.key, task.argv[-2]] = self._said.get((task.key, task.argv[-2]), 0) + 1
        passed = params["passes"][min(number, len(params["passes"])) - 1]
        verdict = json.dumps({"passed": passed, "message": "so it is"}).encode()
        end, lingers = self.clock.now + params["seconds"], params.get("lingers", 0.0)
        return _Running(end, task.key, 0 if passed else 1, None, verdict, False, lingers)

    def wait(self, until: float | None) -> list[Ended]:
        self.waits += 1
        assert self.waits < 5000, "the run never ends"
        self._tape.append(Waited(self.clock.now, until, self.can_start(), frozenset(self._held)))
        if self._happens():
            return self._take_ended()
        moments = [end.end for end in self._ends[:1]] + [when for when, _ in self._at[:1]]
        if until is not None:
            moments.append(until)
        assert moments, "the scheduler waits for nothing"
        self.clock.now = max(self.clock.now, min(moments))
        ended = self._take_ended()
        if not ended:
            self._happens()
        return ended

    def _happens(self) -> bool:
        """What is due from outside; at the moment of an end it comes just after it, as the next wait begins."""
        due = [what for when, what in self._at if when <= self.clock.now]
        del self._at[: len(due)]
        for what in due:
            what()
        return bool(due)

    def _take_ended(self) -> list[Ended]:
        ended = []
        while self._ends and self._ends[0].end <= self.clock.now:
            end = heapq.heappop(self._ends)
            del self.running[end.key]
            ended.append(Ended(end.key, end.code, end.signal, verdict=end.verdict))
        return ended

    def abort(self, key: int | None = None, *, grace: float = 0.0) -> None:
        wanted = set(self.running) if key is None else {key}
        self._ends = [self._ended_early(end, grace) if end.key in wanted else end for end in self._ends]
        heapq.heapify(self._ends)

    def _ended_early(self, end: _Running, grace: float) -> _Running:
        if end.stubborn and end.end <= self.clock.now + grace:
            return end
        number = 9 if end.stubborn else 15
        when = self.clock.now + (grace if end.stubborn else 0.0) + end.lingers
        return end._replace(end=when, code=None, signal=number, verdict=b"")


@dataclass
class Fake:
    """One scheduled run on a fake machine.

    ``settled`` are jobs that are reused (SUCCESS) or left out (SKIPPED); ``signals`` come at their moments; the
    history refuses the calls in ``refusals``; for ``busy`` and ``broken`` see FakeExecutor. Moments count from 0.
    """

    jobs: Sequence[Job]
    workers: int = 1
    options: Options = field(default_factory=Options)
    at: Sequence[tuple[float, Callable[[], None]]] = ()
    interrupts: Interrupts = field(default_factory=Interrupts)
    settled: Mapping[int, State] = field(default_factory=dict)
    signals: Sequence[tuple[float, int]] = ()
    refusals: Collection[int] = ()
    busy: Sequence[tuple[float, float]] = ()
    broken: Mapping[int, Exception] = field(default_factory=dict)
    wall: Callable[[], float] | None = None

    def __post_init__(self) -> None:
        self.clock = Clock()
        self.tape: Tape = []
        self.recorder = Recorder(self.tape, self.refusals)
        self.listener = Listener(self.tape)
        at = [*self.at, *((when, lambda number=number: self._signal(number)) for when, number in self.signals)]
        self.executor = FakeExecutor(
            self.workers,
            self.clock,
            [(1000.0 + when, what) for when, what in at],
            self.tape,
            [(1000.0 + begin, 1000.0 + end) for begin, end in self.busy],
            self.broken,
        )
        self.plan = Plan(
            Graph([one.id for one in self.jobs], [one.dependencies for one in self.jobs]),
            [one.priority for one in self.jobs],
        )
        self.states = WatchedStates(self.plan.states)
        self.plan.states = self.states

    def run(self) -> Outcome:
        self.plan.start(self.settled.items())
        jobs = [one._replace(shell=one.shell or ("/bin/sh", one.command)) for one in self.jobs]
        wall = self.wall or self.clock
        journal = Journal(self.recorder, [self.listener], clock=self.clock, wall=wall)
        for node, state in self.settled.items():
            now, one = self.clock.now, self.jobs[node]
            reused = state is State.SUCCESS
            journal.emit(JobReused(now, one.id, "") if reused else finished(one, state, "left out", None, now, now))
        place = Place({}, {}, "/", "/log")
        return Scheduler(
            jobs, self.plan, self.executor, lambda _job, _number: place, journal,
            options=self.options, interrupts=self.interrupts, clock=self.clock, wall=wall,
        ).run()  # fmt: skip

    def _signal(self, number: int) -> None:
        self.interrupts._last.clear()  # each one is a keystroke of its own, though no time passes here
        self.interrupts._note(number, None)
        self.tape.append(Signalled(self.clock.now, int(self.interrupts.level)))
