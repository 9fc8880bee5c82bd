"""Whether another try follows, and when."""

from __future__ import annotations

import pytest

from exlib.engine.attempt import Result, retry_after
from exlib.engine.states import State
from tests.engine.fakes import NO_RETRY

RETRY = NO_RETRY._replace(limit=2, delay=10.0, backoff=2.0, on_exit_codes=frozenset({2, 143}))
FAILED = Result(State.FAILED, "FAILED", "exit code 1", 1)


@pytest.mark.parametrize(
    ("result", "number", "delay"),
    [
        (FAILED, 1, 10.0),
        (FAILED, 2, 20.0),
        (FAILED, 3, None),
        (Result(State.TIMEOUT, "TIMEOUT", "", 143, "SIGTERM"), 1, 10.0),
        (Result(State.FAILED, "ERROR", "no such program"), 1, 10.0),
        (Result(State.SUCCESS, "SUCCESS", None, 0), 1, None),
        (Result(State.CANCELLED, "CANCELLED", "the run was interrupted", 143, "SIGTERM"), 1, None),
    ],
)
def test_what_is_retried(result: Result, number: int, delay: float | None) -> None:
    assert retry_after(RETRY, number, result, 0.0) == delay


def test_no_delay_ends_after_the_time_for_retries() -> None:
    capped = RETRY._replace(max_time=30.0)
    assert retry_after(capped, 1, FAILED, 20.0) == 10.0
    assert retry_after(capped, 1, FAILED, 20.5) is None
    assert retry_after(capped, 2, FAILED, 10.0) == 20.0


def test_a_delay_beyond_all_numbers_is_no_retry() -> None:
    assert retry_after(RETRY._replace(limit=5000, backoff=1e300), 4000, FAILED, 0.0) is None


def test_jitter_spreads_the_delay_and_no_further() -> None:
    spread = [retry_after(RETRY._replace(jitter=0.5), 1, FAILED, 0.0) or 0.0 for _ in range(200)]
    assert min(spread) >= 5.0
    assert max(spread) <= 15.0
    assert max(spread) - min(spread) > 1.0
