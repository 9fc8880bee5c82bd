"""Timeouts and retries: from how many runs on, by which rule, and for which jobs none."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exlib.document import Document
from exlib.optimize.advice import Timeout, retries, rounded, timeouts
from exlib.simulation.past import Past
from exlib.workflow import Job, Workflow


def of_runs(durations: tuple[float, ...], tries: int, failures: int) -> Past:
    """The past of a job whose failures are by chance."""
    return Past(durations, None, tries, failures, flaky=bool(durations) and failures > 1)


def job(**keys: Any) -> tuple[Job, ...]:
    text = json.dumps({"jobs": [{"id": "a", "command": "true", **keys}]})
    return Workflow.from_document(Document(text.encode())).jobs


def timeout(durations: tuple[float, ...], **keys: Any) -> Timeout | None:
    stated = frozenset([0]) if "timeout" in keys else frozenset[int]()
    return next(timeouts(job(**keys), {"a": of_runs(durations, len(durations), 0)}, stated), None)


def test_a_few_runs_say_nothing() -> None:
    assert timeout((100.0,) * 4) is None
    assert timeout((100.0,) * 5) is not None


@pytest.mark.parametrize(
    ("stated", "why"),
    [({}, "default"), ({"timeout": None}, "none"), ({"timeout": 110}, "short"), ({"timeout": 9000}, "long"),
     ({"timeout": 120}, None), ({"timeout": 2000}, None)],
)  # fmt: skip
def test_why_a_timeout_does_not_fit(stated: dict[str, Any], why: str | None) -> None:
    found = timeout((100.0,) * 9, **stated)
    assert (found and found.why) == why
    if found:
        assert found.seconds == 200


@given(st.lists(st.floats(0, 1e6), min_size=5, max_size=20))
def test_no_run_that_is_known_would_be_ended(durations: list[float]) -> None:
    found = timeout(tuple(durations))
    assert found is not None
    assert found.seconds >= max(60, 1.5 * max(durations))
    assert found.seconds <= 1.34 * max(60, 2 * max(durations))


@pytest.mark.parametrize(("seconds", "up"), [(60, 60), (61, 80), (200, 200), (201, 250), (999, 1000), (8001, 10000)])
def test_numbers_that_a_person_would_write(seconds: float, up: int) -> None:
    assert rounded(seconds) == up


@pytest.mark.parametrize(
    ("past", "stated", "count"),
    [
        (of_runs((1.0,) * 19, 21, 2), 0, 1),
        (of_runs((1.0,) * 8, 10, 2), 0, 2),
        (of_runs((1.0,) * 5, 10, 5), 0, 3),
        (of_runs((1.0,) * 8, 10, 2), 1, None),
        (of_runs((1.0,) * 9, 10, 1), 0, None),
        (of_runs((1.0,) * 2, 4, 2), 0, None),
        (of_runs((), 9, 9), 0, None),
    ],
)
def test_jobs_that_fail_now_and_then_are_tried_again(past: Past, stated: int, count: int | None) -> None:
    found = list(retries(job(max_retries=stated), {"a": past}))
    assert [advice.retries for advice in found] == ([] if count is None else [count])
