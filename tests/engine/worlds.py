"""Random workflows on a random machine: failures, retries, timeouts, checks, waits, signals, and everything full."""

from __future__ import annotations

import signal

from hypothesis import strategies as st

from exlib.engine.executor import CannotStart
from exlib.engine.outcome import Options
from exlib.engine.states import State
from exlib.errors import StorageError
from exlib.workflow import Job, Retry, Wait
from tests.engine.fakes import ABSENT, NO_RETRY, PRESENT, Fake, check, gate, job

SIGNALS = (signal.SIGINT, signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
HALVES = st.integers(0, 24).map(lambda number: number / 2)

_GOOD_CHECKS = [PRESENT, PRESENT, PRESENT, check(0, True), check(1, True), check(4, True)]
_BAD_CHECKS = [ABSENT, check(1, False), check(0, False, True)]
_CHECKS = st.lists(st.sampled_from([*_GOOD_CHECKS, *_BAD_CHECKS]), max_size=2).map(tuple)
_SELDOM_CHECKS = st.one_of(st.just(()), st.just(()), _CHECKS)
_WAITS: st.SearchStrategy[tuple[Wait, ...]] = st.sampled_from(
    [()] * 8
    + [(gate(2, True),), (gate(1, False),), (gate(9, True, timeout=3.0, lingers=0.5),), (gate(1, True), gate(3, True))]
)


@st.composite
def retries(draw: st.DrawFn) -> Retry:
    return NO_RETRY._replace(
        limit=draw(st.integers(0, 3)),
        delay=draw(st.sampled_from([0.0, 1.0, 3.0])),
        backoff=draw(st.sampled_from([1.0, 1.5, 2.0])),
        jitter=draw(st.sampled_from([0.0, 0.0, 0.3])),
        max_time=draw(st.sampled_from([0.0, 0.0, 6.0])),
        on_status=draw(st.sampled_from([NO_RETRY.on_status, NO_RETRY.on_status, frozenset({"TIMEOUT"})])),
        on_exit_codes=draw(st.sampled_from([frozenset(), frozenset({2})])),
    )


@st.composite
def commands(draw: st.DrawFn) -> str:
    codes = draw(st.lists(st.sampled_from([0, 0, 0, 0, 1, 2]), min_size=1, max_size=3))
    stubborn = draw(st.sampled_from(["", "", "!"]))
    return " ".join([f"{draw(st.integers(0, 5))}{stubborn}", *map(str, codes)])


@st.composite
def one_job(draw: st.DrawFn, number: int) -> Job:
    needs = draw(st.lists(st.integers(0, number - 1), max_size=3, unique=True)) if number else []
    return job(
        number,
        f"j{number}",
        [f"j{other}" for other in needs],
        command=draw(st.one_of(*[commands()] * 5, st.just(""))),
        retry=draw(retries()),
        priority=draw(st.integers(-1, 1)),
        timeout=draw(st.sampled_from([None, None, None, 1.5, 2.5])),
        pre_checks=draw(_SELDOM_CHECKS),
        post_checks=draw(_SELDOM_CHECKS),
        waits=draw(_WAITS),
        shell=draw(st.sampled_from([*[None] * 9, ("/no/such/shell", "-c")])),
        continue_on_error=draw(st.booleans()),
    )


@st.composite
def jobs(draw: st.DrawFn, most: int = 12) -> list[Job]:
    """Jobs in a random order of the document, so that a dependency may stand after what depends on it."""
    made = [draw(one_job(number)) for number in range(draw(st.integers(1, most)))]
    return draw(st.permutations(made))


@st.composite
def settlements(draw: st.DrawFn, count: int) -> dict[int, State]:
    """Jobs that are reused or left out; most often none."""
    states = st.sampled_from([State.SUCCESS, State.SKIPPED, State.SKIPPED])
    some = st.dictionaries(st.integers(0, count - 1), states, max_size=count // 2 + 1)
    return draw(st.one_of(st.just({}), some))


@st.composite
def kind_worlds(draw: st.DrawFn) -> Fake:
    """A random workflow on a machine and a history without trouble, and nobody who interrupts."""
    made = draw(jobs())
    options = Options(
        continue_on_error=draw(st.booleans()),
        timeout=draw(st.sampled_from([None, None, 7.0])),
        grace=draw(st.sampled_from([0.0, 1.5])),
    )
    return Fake(made, workers=draw(st.integers(1, 4)), options=options, settled=draw(settlements(len(made))))


@st.composite
def rough_worlds(draw: st.DrawFn) -> Fake:
    """The same with signals at any moment, a history that refuses, a machine without processes, tasks that break."""
    fake = draw(kind_worlds())
    signals = st.lists(st.tuples(HALVES, st.sampled_from(SIGNALS)), max_size=3)
    spans = st.lists(st.tuples(HALVES, HALVES.map(lambda half: half / 2 + 0.1)), max_size=2)
    refusals = st.one_of(st.sets(st.integers(1, 15), max_size=3), st.integers(1, 15).map(lambda n: range(n, 9999)))
    errors = st.sampled_from([CannotStart("no such program"), StorageError("cannot create the log: no space")])
    nothing: st.SearchStrategy[tuple[()]] = st.just(())
    return Fake(
        fake.jobs,
        fake.workers,
        fake.options,
        settled=fake.settled,
        signals=draw(st.one_of(nothing, signals)),
        refusals=draw(st.one_of(nothing, refusals)),
        busy=[(begin, begin + length) for begin, length in draw(st.one_of(nothing, spans))],
        broken=draw(st.dictionaries(st.integers(0, len(fake.jobs) - 1), errors, max_size=2)),
    )
