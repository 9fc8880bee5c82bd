"""What ends a run early: failures, signals, its timeout, a history or a disk that takes no more."""

from __future__ import annotations

import signal

from exlib.engine.executor import Ended, Task, TryLater
from exlib.engine.interrupts import Interrupts
from exlib.engine.outcome import Options
from exlib.errors import Exit, StorageError
from exlib.events import AttemptFinished, AttemptStarted, Event, JobFinished, LogTruncated
from tests.engine.fakes import NO_RETRY, Fake, check, job

CONTINUE = Options(continue_on_error=True)


def test_after_a_failure_nothing_new_starts_and_running_jobs_finish() -> None:
    jobs = [job(0, "fails", command="1 7"), job(1, "slow", command="5 0"), job(2, "next"), job(3, "child", ["fails"])]
    fake = Fake(jobs, workers=2)
    outcome = fake.run()
    assert fake.recorder.status() == {
        "fails": "failed", "child": "skipped", "next": "cancelled", "slow": "success"
    }  # fmt: skip
    assert fake.recorder.reasons() == {
        "fails": "exit code 7",
        "child": 'its dependency "fails" ended as failed',
        "next": 'not started: job "fails" ended as failed',
        "slow": None,
    }
    assert (outcome.status, outcome.exit_code) == ("failed", Exit.NO)


def test_run_timeout_cancels_what_is_left() -> None:
    fake = Fake([job(0, "long", command="100 0"), job(1, "next")], options=Options(timeout=30.0))
    outcome = fake.run()
    assert fake.recorder.status() == {"next": "cancelled", "long": "cancelled"}
    assert (outcome.status, outcome.exit_code, outcome.duration) == ("timeout", Exit.RUN_TIMEOUT, 30)


def _interrupted(*signals: tuple[float, signal.Signals]) -> Fake:
    interrupts = Interrupts()

    def send(number: signal.Signals) -> None:
        interrupts._last.clear()  # each one is a keystroke of its own, though no time passes here
        interrupts._note(number, None)

    jobs = [job(0, "a", command="10 0"), job(1, "b", command="10 0"), job(2, "c")]
    return Fake(
        jobs, workers=2, interrupts=interrupts,
        at=[(when, lambda number=number: send(number)) for when, number in signals],
    )  # fmt: skip


def test_one_interrupt_lets_running_jobs_finish() -> None:
    fake = _interrupted((3, signal.SIGINT))
    outcome = fake.run()
    assert fake.recorder.status() == {"c": "cancelled", "a": "success", "b": "success"}
    assert (outcome.status, outcome.exit_code, outcome.duration) == ("cancelled", Exit.INTERRUPTED, 10)


def test_a_second_interrupt_ends_them() -> None:
    fake = _interrupted((3, signal.SIGINT), (4, signal.SIGINT))
    outcome = fake.run()
    assert fake.recorder.status() == {"a": "cancelled", "b": "cancelled", "c": "cancelled"}
    assert (outcome.exit_code, outcome.duration) == (Exit.INTERRUPTED, 4)


def test_sigterm_ends_them_at_once() -> None:
    fake = _interrupted((3, signal.SIGTERM))
    outcome = fake.run()
    assert (outcome.status, outcome.exit_code, outcome.duration) == ("cancelled", Exit.TERMINATED, 3)


def test_a_signal_just_after_an_end_is_heeded_at_once() -> None:
    fake = Fake([job(0, "a", command="1 0"), job(1, "b", command="100 0")], workers=2, signals=[(1, signal.SIGTERM)])
    assert fake.run().duration == 1
    assert fake.recorder.status() == {"a": "success", "b": "cancelled"}


def test_an_interrupted_retry_is_not_made_and_keeps_its_failure() -> None:
    interrupts = Interrupts()
    retry = NO_RETRY._replace(limit=5, delay=100.0)
    fake = Fake(
        [job(0, "flaky", command="1 5", retry=retry)], interrupts=interrupts,
        at=[(10, lambda: interrupts._note(signal.SIGINT, None))],
    )  # fmt: skip
    outcome = fake.run()
    assert outcome.duration == 10
    assert fake.recorder.status() == {"flaky": "failed"}
    assert fake.recorder.reasons()["flaky"] == "exit code 5; not retried: the run was interrupted (SIGINT)"


def test_what_fails_after_an_interrupt_is_not_retried() -> None:
    retry = NO_RETRY._replace(limit=5, delay=0.0)
    fake = Fake([job(0, "flaky", command="4 5", retry=retry)], signals=[(1, signal.SIGINT)])
    assert fake.run().duration == 4
    assert fake.recorder.reasons() == {"flaky": "exit code 5; not retried: the run was interrupted (SIGINT)"}


def test_a_history_that_cannot_be_written_stops_the_run() -> None:
    fake = Fake([job(0, "a", command="5 0"), job(1, "b"), job(2, "c", ["a"])], workers=1)
    told: list[Event] = []
    refused: list[bool] = []

    def read(events: object) -> None:
        assert isinstance(events, list)
        if any(isinstance(event, AttemptFinished) for event in events) and not refused:
            refused.append(True)
            raise StorageError("no space left on device")
        told.extend(events)

    fake.recorder.keep = read  # type: ignore[method-assign,assignment]
    fake.recorder.read = lambda events: told.extend(one for one in events if one not in told)  # type: ignore[method-assign]
    outcome = fake.run()
    assert outcome.exit_code == Exit.STORAGE
    assert outcome.status == "failed"
    started = [event.job for event in told if isinstance(event, AttemptStarted)]
    assert started[:1] == ["a"]
    assert fake.executor.tries == {0: 1}, "nothing starts that is not on record"
    assert {event.job: event.status for event in told if isinstance(event, JobFinished)}["a"] == "success"


def test_an_interrupt_that_keeps_no_job_from_its_end_changes_nothing() -> None:
    interrupts = Interrupts()
    fake = Fake(
        [job(0, "a", command="10 0")],
        interrupts=interrupts,
        at=[(3, lambda: interrupts._note(signal.SIGINT, None))],
    )
    outcome = fake.run()
    assert (outcome.status, outcome.exit_code, outcome.reason) == ("success", Exit.OK, None)


def test_what_is_held_back_is_not_started_after_an_interrupt() -> None:
    interrupts = Interrupts()
    fake = Fake([job(0, "a"), job(1, "b")], workers=2, interrupts=interrupts,
                at=[(5, lambda: interrupts._note(signal.SIGINT, None))])  # fmt: skip

    def refusing(_task: Task) -> int:
        raise TryLater("resource temporarily unavailable")

    fake.executor.start = refusing  # type: ignore[method-assign]
    outcome = fake.run()
    assert outcome.exit_code == Exit.INTERRUPTED
    assert fake.recorder.status() == {"a": "cancelled", "b": "cancelled"}


def test_a_job_whose_check_is_held_back_has_started_and_goes_on_after_a_stop() -> None:
    jobs = [job(0, "checked", post_checks=(check(1, True),)), job(1, "bad", command="2 7")]
    fake = Fake(jobs, workers=2, busy=[(0.5, 3.0)])
    assert fake.run().exit_code == Exit.NO
    assert fake.recorder.status() == {"checked": "success", "bad": "failed"}


def test_a_log_that_may_be_cut_off_is_marked_and_so_are_those_that_ran_beside_it() -> None:
    fake = Fake([job(0, "first"), job(1, "beside", command="5 3"), job(2, "later")], workers=2)
    wait = fake.executor.wait

    def full(until: float | None) -> list[Ended]:
        return [ended._replace(log_full=ended.key == 0) for ended in wait(until)]

    fake.executor.wait = full  # type: ignore[method-assign]
    fake.run()
    marked = [(event.job, event.number) for event in fake.recorder.events if isinstance(event, LogTruncated)]
    assert marked == [("first", 1), ("beside", 1)]
    assert fake.recorder.status() == {"first": "success", "beside": "failed", "later": "cancelled"}
    kinds = [type(event) for event in fake.recorder.events if getattr(event, "job", "") == "first"]
    assert kinds[-3:] == [LogTruncated, AttemptFinished, JobFinished]


def test_what_has_not_begun_has_no_log_to_be_cut_off() -> None:
    fake = Fake([job(0, "a"), job(1, "held")], workers=2)
    start, wait = fake.executor.start, fake.executor.wait

    def refusing(task: Task) -> int:
        if task.key == 1:
            raise TryLater("resource temporarily unavailable")
        return start(task)

    def full(until: float | None) -> list[Ended]:
        return [ended._replace(log_full=True) for ended in wait(until)]

    fake.executor.start = refusing  # type: ignore[method-assign]
    fake.executor.wait = full  # type: ignore[method-assign]
    fake.run()
    assert [event.job for event in fake.recorder.events if isinstance(event, LogTruncated)] == ["a"]


def test_a_log_that_may_be_cut_off_stops_the_run_and_is_told() -> None:
    fake = Fake([job(0, "a"), job(1, "b", ["a"])])
    wait = fake.executor.wait

    def full(until: float | None) -> list[Ended]:
        return [ended._replace(log_full=True) for ended in wait(until)]

    fake.executor.wait = full  # type: ignore[method-assign]
    outcome = fake.run()
    assert outcome.exit_code == Exit.STORAGE
    assert fake.recorder.status() == {"b": "cancelled", "a": "success"}
    assert fake.recorder.reasons()["a"] == "no space was left for its log"
