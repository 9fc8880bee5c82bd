"""The laws of every schedule, read off the tape of a run. A law that is broken raises AssertionError."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from exlib.engine.outcome import Outcome
from exlib.engine.scheduler import END_GRACE
from exlib.engine.states import FAILURES, FINAL, State, check_move
from exlib.errors import Exit, StorageError
from exlib.events import (
    AttemptFinished,
    AttemptStarted,
    Event,
    JobFinished,
    JobRetrying,
    JobReused,
    JobWaiting,
)
from exlib.report.summary import Collector
from tests.engine import laws_of_tries
from tests.engine.fakes import Fake
from tests.engine.laws_of_tries import HELD
from tests.engine.naive import Naive
from tests.engine.tape import Recorded, Refused, Signalled, Spawned, Told, Waited, emitted


def keeps_every_law(fake: Fake, outcome: Outcome) -> None:
    told = [event for _, events in emitted(fake.tape) for event in events]
    every_job_ends_once_in_a_final_state(fake, told, outcome)
    moves_are_of_the_table(fake, told)
    no_more_than_the_workers_at_once(fake, told)
    nothing_begins_before_its_dependencies_or_out_of_turn(fake, told)
    nothing_runs_that_is_not_on_record(fake)
    no_worker_is_idle_while_something_is_ready(fake)
    laws_of_tries.tries_are_numbered_and_end_once(told)
    laws_of_tries.retries_keep_their_limits(fake, told)
    laws_of_tries.timeouts_are_kept(fake, told)
    laws_of_tries.a_failed_check_is_a_failure(fake, told)
    a_stop_is_a_stop(fake, told)
    the_history_comes_first(fake)
    the_exit_code_is_honest(fake, outcome)


def every_job_ends_once_in_a_final_state(fake: Fake, told: list[Event], outcome: Outcome) -> None:
    assert not fake.executor.running
    assert set(fake.plan.states) <= FINAL
    assert fake.plan.unfinished == 0
    ends = [(event.job, _end(event)) for event in told if isinstance(event, (JobFinished, JobReused))]
    assert sorted(ends) == sorted((job.id, str(state)) for job, state in zip(fake.jobs, fake.plan.states, strict=True))
    assert outcome.counts == Counter(end for _, end in ends)
    summary = Collector()
    summary.read(told)
    assert summary.counts == outcome.counts
    assert summary.failed == sum(state in FAILURES for state in fake.plan.states)


def moves_are_of_the_table(fake: Fake, told: list[Event]) -> None:
    """Both what the plan did and what the events tell of it."""
    states = dict.fromkeys(range(len(fake.jobs)), State.PENDING)
    for node, old, new in fake.states.moves:
        assert states[node] is old
        check_move(old, new)
        states[node] = new
    seen = {job.id: State.PENDING for job in fake.jobs}
    for event in told:
        for new in _moves(event, seen):
            check_move(seen[event.job], new)  # type: ignore[union-attr]
            seen[event.job] = new  # type: ignore[union-attr]


def _moves(event: Event, seen: dict[str, State]) -> Iterator[State]:
    """The states that an event tells of."""
    if isinstance(event, JobWaiting):
        yield State.QUEUED
    elif isinstance(event, AttemptStarted):
        if seen[event.job] is State.PENDING:
            yield State.QUEUED
        yield State.RUNNING
    elif isinstance(event, JobRetrying):
        yield State.RETRYING
    elif isinstance(event, (JobFinished, JobReused)):
        yield State(_end(event))


def no_more_than_the_workers_at_once(fake: Fake, told: list[Event]) -> None:
    assert fake.executor.most <= fake.workers
    going: set[str] = set()
    for event in told:
        if isinstance(event, AttemptStarted):
            assert event.job not in going, "a job runs once at a time"
            going.add(event.job)
            assert len(going) <= fake.workers
        elif isinstance(event, AttemptFinished):
            going.remove(event.job)


def nothing_begins_before_its_dependencies_or_out_of_turn(fake: Fake, told: list[Event]) -> None:
    naive = Naive(fake.jobs, fake.settled)
    for event in told:
        if isinstance(event, AttemptStarted) and event.number == 1:
            ready = naive.ready()
            assert event.job in ready
            before = ready[: ready.index(event.job)]
            assert all(naive.jobs[name].waits for name in before), "higher priority first, then document order"
            assert all(wait.params["passes"] == [True] for wait in naive.jobs[event.job].waits)
        naive.hear(event)
    doomed = {name for name in naive.jobs if naive.is_doomed(name)}
    left_out = {fake.jobs[node].id for node, state in fake.settled.items() if state is State.SKIPPED}
    for event in told:
        if isinstance(event, JobFinished) and event.job not in left_out:
            assert (event.status == "skipped") <= (event.job in doomed), "nothing is skipped without a reason"


def nothing_runs_that_is_not_on_record(fake: Fake) -> None:
    """When a process is made its try is on record, and so are the ends of what the job depends on."""
    naive = Naive(fake.jobs, fake.settled)
    open_tries: set[str] = set()
    for entry in fake.tape:
        if isinstance(entry, Recorded):
            for event in entry.events:
                naive.hear(event)
                if isinstance(event, AttemptStarted):
                    open_tries.add(event.job)
                elif isinstance(event, AttemptFinished):
                    open_tries.discard(event.job)
        elif isinstance(entry, Spawned) and entry.task.key < len(fake.jobs):
            name = fake.jobs[entry.task.key].id
            assert name in open_tries
            assert all(map(naive.is_satisfied, naive.jobs[name].dependencies))


def no_worker_is_idle_while_something_is_ready(fake: Fake) -> None:
    """Whenever the scheduler waits with a worker free, the naive one would have nothing to start either."""
    naive = Naive(fake.jobs, fake.settled)
    due: dict[str, float] = {}
    for entry, events in emitted(fake.tape):
        if isinstance(entry, Refused):
            return  # what is stopped then is offered with the next turn
        for event in events:
            naive.hear(event)
            if isinstance(event, JobRetrying):
                due[event.job] = event.time + event.delay
            elif isinstance(event, (AttemptStarted, JobFinished)):
                due.pop(event.job, None)
        if isinstance(entry, Waited) and entry.room and (entry.until is None or entry.until > entry.now):
            if any(fake.jobs[node].id in naive.going for node in entry.held):
                continue
            assert all(naive.jobs[name].waits for name in naive.ready())
            assert all(when > entry.now for when in due.values())


def a_stop_is_a_stop(fake: Fake, told: list[Event]) -> None:
    """Nothing begins after a failure that stops the run, a signal, the run's timeout or a history that refuses."""
    goes_on = {job.id: job.continue_on_error or fake.options.continue_on_error for job in fake.jobs}
    bad = {str(state) for state in FAILURES}
    slack = END_GRACE + (HELD if fake.busy else 0.0)
    latest = 1000.0 + fake.options.timeout if fake.options.timeout is not None else float("inf")
    stopped = ended = False
    for entry, events in emitted(fake.tape):
        if isinstance(entry, Signalled):
            stopped, ended = True, ended or entry.level > 1
            latest = min(latest, entry.now) if entry.level > 1 else latest
        assert not (ended and isinstance(entry, Spawned)), "nothing is made once the jobs are being ended"
        for event in events:
            if isinstance(event, AttemptStarted):
                assert not stopped
                assert event.time <= latest
            elif isinstance(event, AttemptFinished):
                assert event.time <= latest + slack
            elif isinstance(event, JobFinished) and event.status in bad and not goes_on[event.job]:
                stopped = True
        stopped |= isinstance(entry, Refused)


def the_history_comes_first(fake: Fake) -> None:
    """Others are told what the history has, unless it refused; and what it refused it has later, in order, once."""
    recorded: list[Event] = []
    told: list[Event] = []
    refused = False
    for entry in fake.tape:
        if isinstance(entry, Recorded):
            recorded += entry.events
        elif isinstance(entry, Refused):
            refused = True
        elif isinstance(entry, Told):
            told += entry.events
            assert refused or recorded[: len(told)] == told
    assert fake.listener.heard == [event for _, events in emitted(fake.tape) for event in events]
    assert recorded == told[: len(recorded)]
    if not (fake.tape and isinstance(_last_of_history(fake), Refused)):
        assert recorded == told


def _last_of_history(fake: Fake) -> object:
    return next((entry for entry in reversed(fake.tape) if isinstance(entry, (Recorded, Refused))), None)


def the_exit_code_is_honest(fake: Fake, outcome: Outcome) -> None:
    states = Counter(fake.plan.states)
    left_out = sum(state is State.SKIPPED for state in fake.settled.values())
    all_good = states[State.SUCCESS] + left_out == len(fake.jobs)
    full = any(isinstance(entry, Refused) for entry in fake.tape) or any(
        isinstance(error, StorageError) and node not in fake.executor.unbroken for node, error in fake.broken.items()
    )
    assert (outcome.exit_code is Exit.STORAGE) == full
    assert (outcome.exit_code is Exit.OK) == (all_good and not full)
    assert (outcome.status == "success") == (outcome.exit_code is Exit.OK)
    if outcome.exit_code is Exit.NO:
        assert FAILURES & set(states)
    if outcome.exit_code is Exit.RUN_TIMEOUT:
        assert fake.options.timeout is not None
        assert outcome.duration >= fake.options.timeout
    if outcome.exit_code in (Exit.INTERRUPTED, Exit.TERMINATED):
        assert any(isinstance(entry, Signalled) for entry in fake.tape)


def _end(event: JobFinished | JobReused) -> str:
    return event.status if isinstance(event, JobFinished) else "success"
