"""Another process keeps the history locked: nothing starts, and everything else goes on."""

from __future__ import annotations

import signal
from collections.abc import Sequence

import pytest

from exlib.engine.executor import Task
from exlib.engine.interrupts import Interrupts
from exlib.engine.outcome import Options
from exlib.errors import Busy, Exit
from exlib.events import AttemptStarted, Event, JobFinished, Notice
from tests.engine.fakes import Fake, job


def _locked(fake: Fake, since: float, until: float) -> list[Event]:
    """Another process keeps the history locked between these seconds of the run; returns what is told otherwise."""
    told: list[Event] = []

    def read(events: Sequence[Event]) -> None:
        if 1000 + since <= fake.clock.now < 1000 + until:
            raise Busy("the history is locked by another process", mend="wait")
        told.extend(events)

    fake.recorder.read = read  # type: ignore[method-assign]
    return told


def _starts(fake: Fake) -> dict[int, float]:
    """When each job's processes were started, filled as they are."""
    when: dict[int, float] = {}
    start = fake.executor.start

    def noting(task: Task) -> int:
        when[task.key] = fake.clock.now - 1000
        return start(task)

    fake.executor.start = noting  # type: ignore[method-assign]
    return when


def _ends(told: Sequence[Event]) -> dict[str, str]:
    return {event.job: event.status for event in told if isinstance(event, JobFinished)}


def test_nothing_starts_while_the_history_is_locked_and_timeouts_strike() -> None:
    fake = Fake(
        [job(0, "a", command="2 0"), job(1, "b", ["a"], timeout=5.0), job(2, "stuck", command="900 0", timeout=3.0),
         job(3, "d", priority=-1)],
        workers=2, options=Options(continue_on_error=True),
    )  # fmt: skip
    told = _locked(fake, 1, 20)
    when = _starts(fake)
    aborted: list[float] = []
    abort = fake.executor.abort

    def noting(key: int | None = None, *, grace: float = 0.0) -> None:
        aborted.append(fake.clock.now - 1000)
        abort(key, grace=grace)

    fake.executor.abort = noting  # type: ignore[method-assign]
    outcome = fake.run()
    assert aborted == [3]
    assert when[0] == when[2] == 0
    assert 20 <= when[1] < 21
    assert [event.time >= 1020 for event in told if isinstance(event, AttemptStarted) and event.job == "d"] == [True]
    assert outcome.exit_code == Exit.NO
    assert _ends(told) == {"a": "success", "b": "success", "stuck": "timeout", "d": "success"}
    assert sum(isinstance(event, Notice) for event in told) == 1


def test_what_became_ready_while_the_history_was_locked_starts_once_it_is_free() -> None:
    fake = Fake([job(0, "a", command="2 0"), job(1, "b", ["a"])])
    told = _locked(fake, 0.01, 20)  # before a's end, so that b is not chosen and put off, but not chosen at all
    when = _starts(fake)
    assert fake.run().exit_code == Exit.OK
    assert 20 <= when[1] < 21
    assert _ends(told) == {"a": "success", "b": "success"}


def test_an_attempt_that_was_put_off_has_its_whole_time() -> None:
    jobs = [job(0, "a", timeout=5.0, command="4 0"), job(1, "b", timeout=5.0, command="6 0")]
    fake = Fake(jobs, workers=2, options=Options(continue_on_error=True))
    told = _locked(fake, 0, 17)
    when = _starts(fake)
    outcome = fake.run()
    assert _ends(told) == {"a": "success", "b": "timeout"}
    assert outcome.duration == pytest.approx(when[1] + 5)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, Exit.TERMINATED), (signal.SIGINT, Exit.INTERRUPTED)])
def test_signals_are_heeded_while_the_history_is_locked(number: signal.Signals, code: Exit) -> None:
    interrupts = Interrupts()
    fake = Fake(
        [job(0, "a", command="6 0"), job(1, "b", command="2 0"), job(2, "c")], workers=2,
        interrupts=interrupts, at=[(5, lambda: interrupts._note(number, None))],
    )  # fmt: skip
    told = _locked(fake, 1, 20)
    when = _starts(fake)
    outcome = fake.run()
    ended = fake.executor.tries
    assert (outcome.status, outcome.exit_code) == ("cancelled", code)
    assert set(ended) == set(when) == {0, 1}, "c was chosen, but it was not on record"
    assert _ends(told) == {
        "a": "cancelled" if number == signal.SIGTERM else "success",
        "b": "success",
        "c": "cancelled",
    }


def test_a_history_that_stays_locked_stops_the_run() -> None:
    fake = Fake([job(0, "a", command="2 0"), job(1, "b", ["a"])])
    told = _locked(fake, 1, 9999)
    outcome = fake.run()
    assert outcome.exit_code == Exit.STORAGE
    assert outcome.reason == "the history is locked by another process, for 60 s already"
    assert fake.executor.tries == {0: 1}
    assert 61 <= outcome.duration < 65
    assert _ends(told) == {}


def test_one_who_insists_need_not_wait_for_a_locked_history() -> None:
    interrupts = Interrupts()

    def insist() -> None:
        interrupts._last.clear()
        interrupts._note(signal.SIGTERM, None)

    fake = Fake([job(0, "a", command="2 0")], interrupts=interrupts, at=[(5, insist), (6, insist)])
    _locked(fake, 1, 9999)
    assert fake.run().duration == 6
