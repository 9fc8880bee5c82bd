"""Schedules on a fake machine: order, limits, failures, retries, timeouts, interrupts."""

from __future__ import annotations

import signal

import pytest

from exlib.engine.executor import Ended, Task, TryLater
from exlib.engine.interrupts import Interrupts
from exlib.engine.outcome import Options
from exlib.engine.states import MOVES, IllegalMove, State, check_move
from exlib.errors import Exit, StorageError
from exlib.events import AttemptFinished, AttemptStarted, Event, JobFinished, Notice
from tests.engine.fakes import NO_RETRY, Fake, check, gate, job

CONTINUE = Options(continue_on_error=True)


def test_jobs_run_in_dependency_order_and_document_order() -> None:
    fake = Fake([job(0, "c", ["a"]), job(1, "a"), job(2, "b")])
    outcome = fake.run()
    assert fake.recorder.starts() == ["a", "c", "b"]
    assert outcome.status == "success"
    assert outcome.exit_code == Exit.OK
    assert outcome.duration == 3


def test_higher_priority_first_among_the_ready() -> None:
    fake = Fake([job(0, "low"), job(1, "high", priority=5), job(2, "also low")])
    fake.run()
    assert fake.recorder.starts() == ["high", "low", "also low"]


def test_workers_limit_what_runs_at_once() -> None:
    fake = Fake([job(n, f"j{n}") for n in range(10)], workers=3)
    assert fake.run().duration == 4
    assert fake.executor.most == 3


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


def test_continue_on_error_skips_dependents_only() -> None:
    jobs = [job(0, "fails", command="1 7"), job(1, "child", ["fails"]), job(2, "grandchild", ["child"]), job(3, "free")]
    fake = Fake(jobs, options=CONTINUE)
    outcome = fake.run()
    assert fake.recorder.status() == {
        "fails": "failed", "child": "skipped", "grandchild": "skipped", "free": "success"
    }  # fmt: skip
    assert fake.recorder.reasons()["grandchild"] == 'its dependency "child" was skipped'
    assert outcome.exit_code == Exit.NO


def test_a_job_may_continue_on_error_alone() -> None:
    fake = Fake([job(0, "fails", command="1 7", continue_on_error=True), job(1, "next")])
    assert fake.run().exit_code == Exit.NO
    assert fake.recorder.status() == {"fails": "failed", "next": "success"}


def test_retries_until_success_with_growing_delay() -> None:
    retry = NO_RETRY._replace(limit=3, delay=10.0, backoff=2.0)
    fake = Fake([job(0, "flaky", command="1 5 5 0", retry=retry)])
    outcome = fake.run()
    assert [one.exit_code for one in fake.recorder.tries("flaky")] == [5, 5, 0]
    assert outcome.duration == 1 + 10 + 1 + 20 + 1
    assert outcome.exit_code == Exit.OK
    final = next(event for event in fake.recorder.events if isinstance(event, JobFinished))
    assert (final.status, final.attempts, final.duration) == ("success", 3, 33)


def test_retries_stop_at_the_limit_and_at_the_total_time() -> None:
    always = Fake([job(0, "bad", command="1 5", retry=NO_RETRY._replace(limit=2, delay=0.0))])
    always.run()
    assert len(always.recorder.tries("bad")) == 3
    capped = Fake([job(0, "bad", command="1 5", retry=NO_RETRY._replace(limit=9, delay=10.0, max_time=25.0))])
    capped.run()
    assert len(capped.recorder.tries("bad")) == 2


@pytest.mark.parametrize(
    ("statuses", "codes", "tries"),
    [
        ({"FAILED"}, set(), 2),
        ({"TIMEOUT"}, set(), 1),
        ({"TIMEOUT"}, {5}, 2),
        ({"TIMEOUT"}, {6}, 1),
    ],
)
def test_retry_conditions(statuses: set[str], codes: set[int], tries: int) -> None:
    retry = NO_RETRY._replace(limit=1, delay=0.0, on_status=frozenset(statuses), on_exit_codes=frozenset(codes))
    fake = Fake([job(0, "bad", command="1 5", retry=retry)])
    fake.run()
    assert len(fake.recorder.tries("bad")) == tries


def test_a_retrying_job_frees_its_worker() -> None:
    retry = NO_RETRY._replace(limit=1, delay=100.0)
    fake = Fake([job(0, "flaky", command="1 5 0", retry=retry), job(1, "other", command="10 0")])
    assert fake.run().duration == 102


def test_timeout_ends_the_job_and_may_be_retried() -> None:
    retry = NO_RETRY._replace(limit=1, delay=0.0, on_status=frozenset({"TIMEOUT"}))
    fake = Fake([job(0, "stuck", command="100 0", timeout=5.0, retry=retry)])
    outcome = fake.run()
    assert [one.status for one in fake.recorder.tries("stuck")] == ["timeout", "timeout"]
    assert fake.recorder.reasons()["stuck"] == "ran longer than its timeout of 5 s"
    assert outcome.duration == 10
    assert outcome.exit_code == Exit.NO


def test_the_timeout_of_one_try_does_not_end_the_next() -> None:
    retry = NO_RETRY._replace(limit=1, delay=0.0)
    fake = Fake([job(0, "slow", command="3 5 0", timeout=5.0, retry=retry)])
    assert fake.run().exit_code == Exit.OK
    assert [one.duration for one in fake.recorder.tries("slow")] == [3, 3]


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

    fake.recorder.read = read  # type: ignore[method-assign,assignment]
    outcome = fake.run()
    assert outcome.exit_code == Exit.STORAGE
    assert outcome.status == "failed"
    started = [event.job for event in told if isinstance(event, AttemptStarted)]
    assert started[:1] == ["a"]
    assert fake.executor.tries == {0: 1}, "nothing starts that is not on record"
    assert {event.job: event.status for event in told if isinstance(event, JobFinished)}["a"] == "success"


def test_an_end_is_on_record_before_a_dependent_is_spawned() -> None:
    fake = Fake([job(0, "a"), job(1, "b", ["a"])])
    seen: list[str] = []
    start = fake.executor.start

    def spying(task: object) -> int:
        seen.append(",".join(sorted(fake.recorder.status())))
        return start(task)  # type: ignore[arg-type]

    fake.executor.start = spying  # type: ignore[method-assign,assignment]
    fake.run()
    assert seen == ["", "a"]


@pytest.mark.parametrize("old", list(State))
def test_only_moves_of_the_table_are_legal(old: State) -> None:
    for new in State:
        if new in MOVES[old]:
            check_move(old, new)
        else:
            with pytest.raises(IllegalMove):
                check_move(old, new)


def test_an_interrupt_that_keeps_no_job_from_its_end_changes_nothing() -> None:
    interrupts = Interrupts()
    fake = Fake(
        [job(0, "a", command="10 0")],
        interrupts=interrupts,
        at=[(3, lambda: interrupts._note(signal.SIGINT, None))],
    )
    outcome = fake.run()
    assert (outcome.status, outcome.exit_code, outcome.reason) == ("success", Exit.OK, None)


def test_a_wait_that_is_given_up_ends_before_the_run_does() -> None:
    fake = Fake([job(0, "late", waits=(gate(9, True, timeout=3.0),))])
    outcome = fake.run()
    assert (outcome.exit_code, outcome.duration) == (Exit.NO, 3)
    assert fake.recorder.reasons() == {"late": 'dependency: waited longer than 3 s for "fake"'}
    assert not fake.executor.running


def test_a_machine_without_processes_is_waited_for() -> None:
    fake = Fake([job(n, f"j{n}", command="10 0") for n in range(12)], workers=4)
    start = fake.executor.start

    def refusing(task: Task) -> int:
        if fake.clock.now < 1030 and len(fake.executor.running) >= 2:
            raise TryLater("resource temporarily unavailable")
        return start(task)

    fake.executor.start = refusing  # type: ignore[method-assign]
    outcome = fake.run()
    assert outcome.exit_code == Exit.OK
    assert fake.executor.most == 4
    started = fake.recorder.starts()
    assert len(started) == 12
    warnings = [event for event in fake.recorder.events if isinstance(event, Notice)]
    assert 1 <= len(warnings) <= 4


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
