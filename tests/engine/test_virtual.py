"""The executor on a clock of its own: the four verbs, without the scheduler."""

from __future__ import annotations

from exlib.engine.executor import Ended, Task
from exlib.engine.executors.virtual import VirtualClock, VirtualExecutor


def task(key: int) -> Task:
    return Task(key, (":",), {}, "/", "")


def made(workers: int, *seconds: float) -> tuple[VirtualExecutor, VirtualClock]:
    clock = VirtualClock()
    return VirtualExecutor(workers, seconds, clock), clock


def ended(*keys: int) -> list[Ended]:
    return [Ended(key, 0, None) for key in keys]


def test_tasks_end_when_their_time_has_come_and_together_if_it_is_one_moment() -> None:
    executor, clock = made(3, 5.0, 2.0, 5.0)
    for key in range(3):
        executor.start(task(key))
    assert not executor.can_start()
    assert (executor.wait(None), clock()) == (ended(1), 2.0)
    assert executor.can_start()
    assert not executor.can_start(1)
    assert (executor.wait(None), clock()) == (ended(0, 2), 5.0)


def test_a_wait_ends_early_when_it_is_to() -> None:
    executor, clock = made(1, 5.0)
    executor.start(task(0))
    assert (executor.wait(3.0), clock()) == ([], 3.0)
    assert (executor.wait(9.0), clock()) == (ended(0), 5.0)
    assert (executor.wait(7.0), clock()) == ([], 7.0)


def test_time_never_goes_back() -> None:
    executor, clock = made(1, 5.0)
    executor.wait(4.0)
    assert (executor.wait(2.0), clock()) == ([], 4.0)


def test_a_task_has_the_free_worker_of_the_lowest_number() -> None:
    executor, _ = made(3, 1.0, 9.0, 2.0, 1.0, 1.0)
    assert [executor.start(task(key)) for key in range(3)] == [1, 2, 3]
    executor.wait(None)
    executor.wait(None)
    assert [executor.start(task(key)) for key in (3, 4)] == [1, 3]


def test_what_is_aborted_ends_now() -> None:
    executor, clock = made(2, 5.0, 7.0)
    executor.start(task(0))
    executor.start(task(1))
    executor.abort(1)
    assert (executor.wait(None), clock()) == (ended(1), 0.0)
    executor.abort()
    assert (executor.wait(None), clock()) == (ended(0), 0.0)
