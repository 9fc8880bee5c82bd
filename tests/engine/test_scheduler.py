"""Schedules on a fake machine: order, limits, failures, retries, timeouts, waits."""

from __future__ import annotations

import pytest

from exlib.engine.executor import Task, TryLater
from exlib.engine.outcome import Options
from exlib.engine.states import MOVES, IllegalMove, State, check_move
from exlib.errors import Exit
from exlib.events import JobFinished, Notice
from tests.engine.fakes import NO_RETRY, Fake, gate, job

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


def test_a_wait_that_is_given_up_ends_before_the_run_does() -> None:
    fake = Fake([job(0, "late", waits=(gate(9, True, timeout=3.0, lingers=0.5),))])
    outcome = fake.run()
    assert (outcome.exit_code, outcome.duration) == (Exit.NO, 3.5)
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
