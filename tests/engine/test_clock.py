"""Somebody sets the clock of the wall back and forth by a day: no limit, delay or duration of a run follows it."""

from __future__ import annotations

import pytest

from exlib.engine.outcome import Options
from exlib.errors import Exit
from exlib.events import AttemptFinished, JobFinished, JobRetrying
from exlib.workflow import Wait
from tests.engine.fakes import NO_RETRY, Fake, job

DAY = 86_400.0
WAYS = {"back": (-DAY,), "forth": (DAY,), "back and forth": (-DAY, DAY, 0.0), "forth and back": (DAY, -DAY, 0.0)}


def run_while_the_clock_is_set(fake: Fake, offsets: tuple[float, ...]) -> int:
    """Run; with every second that passes the wall clock shows the next of these offsets, the last one for good."""

    def wall() -> float:
        passed = int(fake.clock.now - 1000.0)
        return 1_700_000_000.0 + fake.clock.now + (offsets[min(passed, len(offsets)) - 1] if passed else 0.0)

    fake.wall = wall
    return fake.run().exit_code


@pytest.mark.parametrize("offsets", WAYS.values(), ids=list(WAYS))
def test_timeouts_delays_and_durations(offsets: tuple[float, ...]) -> None:
    retry = NO_RETRY._replace(limit=1, delay=3.0, max_time=60.0)
    fake = Fake(
        [job(0, "flaky", command="2 1 0", retry=retry), job(1, "slow", command="100 0", timeout=10.0)],
        workers=2, options=Options(grace=0),
    )  # fmt: skip
    assert run_while_the_clock_is_set(fake, offsets) == Exit.NO
    assert fake.recorder.status() == {"flaky": "success", "slow": "timeout"}
    assert fake.clock.now == 1010.0
    took = {event.job: event.duration for event in fake.recorder.events if isinstance(event, JobFinished)}
    assert took == {"flaky": 7.0, "slow": 10.0}
    tries = [event.duration for event in fake.recorder.events if isinstance(event, AttemptFinished)]
    assert tries == [2.0, 2.0, 10.0]
    assert [event.delay for event in fake.recorder.events if isinstance(event, JobRetrying)] == [3.0]


@pytest.mark.parametrize("offsets", WAYS.values(), ids=list(WAYS))
def test_the_timeout_of_the_run(offsets: tuple[float, ...]) -> None:
    fake = Fake([job(0, "slow", command="100 0")], options=Options(timeout=20.0))
    assert run_while_the_clock_is_set(fake, offsets) == Exit.RUN_TIMEOUT
    assert fake.clock.now == 1020.0


@pytest.mark.parametrize("offsets", WAYS.values(), ids=list(WAYS))
def test_the_timeout_of_a_wait(offsets: tuple[float, ...]) -> None:
    wait = Wait("file", {"path": "/no/such/file"}, 5.0)
    fake = Fake(
        [job(0, "late", waits=(wait,)), job(1, "other", command="30 0")], options=Options(continue_on_error=True)
    )
    assert run_while_the_clock_is_set(fake, offsets) == Exit.NO
    [late] = [event for event in fake.recorder.events if isinstance(event, JobFinished) and event.job == "late"]
    assert late.reason == 'dependency: waited longer than 5 s for "file"'
    assert late.time == 1_700_001_005.0 + offsets[-1]
    assert fake.recorder.status() == {"late": "failed", "other": "success"}
    assert fake.clock.now == 1030.0
