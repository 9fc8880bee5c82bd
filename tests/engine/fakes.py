"""A fake executor and a fake clock: schedules are tested without processes and without time passing."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from exlib.engine.attempt import Place
from exlib.engine.executor import Ended, Task
from exlib.engine.interrupts import Interrupts
from exlib.engine.journal import Journal
from exlib.engine.outcome import Options, Outcome
from exlib.engine.plan import Plan
from exlib.engine.scheduler import Scheduler
from exlib.events import AttemptFinished, AttemptStarted, Event, JobFinished, Reader
from exlib.graph import Graph
from exlib.workflow import Job, Retry

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


class Clock:
    """Time that passes only while the executor waits."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class FakeExecutor:
    """A command is ``SECONDS CODE [CODE…]``: how long each try takes and the exit codes of the successive tries."""

    def __init__(self, workers: int, clock: Clock, at: Sequence[tuple[float, Callable[[], None]]] = ()) -> None:
        self.workers = workers
        self.clock = clock
        self.running: dict[int, Task] = {}
        self.most = 0
        self.tries: dict[int, int] = {}
        self._ends: list[tuple[float, int, int | None, int | None]] = []
        self._at = sorted(at, key=lambda pair: pair[0])

    def can_start(self, chosen: int = 0) -> bool:
        return len(self.running) + chosen < self.workers

    def start(self, task: Task) -> int:
        assert task.key not in self.running, "a job runs once at a time"
        self.running[task.key] = task
        self.most = max(self.most, len(self.running))
        seconds, *codes = task.argv[-1].split()
        number = self.tries[task.key] = self.tries.get(task.key, 0) + 1
        code = int(codes[min(number, len(codes)) - 1])
        heapq.heappush(self._ends, (self.clock.now + float(seconds), task.key, code, None))
        return 10_000 + task.key

    def wait(self, until: float | None) -> list[Ended]:
        moments = [end[0] for end in self._ends[:1]] + [when for when, _ in self._at[:1]]
        if until is not None:
            moments.append(until)
        assert moments, "the scheduler waits for nothing"
        self.clock.now = max(self.clock.now, min(moments))
        while self._at and self._at[0][0] <= self.clock.now:
            self._at.pop(0)[1]()
        ended = []
        while self._ends and self._ends[0][0] <= self.clock.now:
            _, key, code, number = heapq.heappop(self._ends)
            del self.running[key]
            ended.append(Ended(key, code, number))
        return ended

    def abort(self, key: int | None = None, *, grace: float = 0.0) -> None:
        wanted = set(self.running) if key is None else {key}
        ends = [end for end in self._ends if end[1] not in wanted]
        ends += [(self.clock.now, other, None, 15) for other in wanted if other in self.running]
        heapq.heapify(ends)
        self._ends = ends


class Recorder(Reader):
    """Keeps every event, turn by turn."""

    def __init__(self) -> None:
        self.turns: list[list[Event]] = []

    def read(self, events: Sequence[Event]) -> None:
        self.turns.append(list(events))

    @property
    def events(self) -> list[Event]:
        return [event for turn in self.turns for event in turn]

    def status(self) -> dict[str, str]:
        return {event.job: event.status for event in self.events if isinstance(event, JobFinished)}

    def reasons(self) -> dict[str, str | None]:
        return {event.job: event.reason for event in self.events if isinstance(event, JobFinished)}

    def starts(self) -> list[str]:
        return [event.job for event in self.events if isinstance(event, AttemptStarted)]

    def tries(self, name: str) -> list[AttemptFinished]:
        return [event for event in self.events if isinstance(event, AttemptFinished) and event.job == name]


@dataclass
class Fake:
    """One scheduled run on a fake machine."""

    jobs: Sequence[Job]
    workers: int = 1
    options: Options = field(default_factory=Options)
    at: Sequence[tuple[float, Callable[[], None]]] = ()
    interrupts: Interrupts = field(default_factory=Interrupts)

    def __post_init__(self) -> None:
        self.clock = Clock()
        self.recorder = Recorder()
        self.executor = FakeExecutor(self.workers, self.clock, [(1000.0 + when, what) for when, what in self.at])
        self.plan = Plan(
            Graph([one.id for one in self.jobs], [one.dependencies for one in self.jobs]),
            [one.priority for one in self.jobs],
        )

    def run(self) -> Outcome:
        self.plan.start()
        jobs = [one._replace(shell=("/bin/sh", one.command)) for one in self.jobs]
        journal = Journal(self.recorder, (), clock=self.clock, wall=self.clock)
        place = Place({}, {}, "/", "/log")
        return Scheduler(
            jobs, self.plan, self.executor, lambda _job, _number: place, journal,
            options=self.options, interrupts=self.interrupts, clock=self.clock, wall=self.clock,
        ).run()  # fmt: skip
