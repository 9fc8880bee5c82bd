"""Round numbers along an axis."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exlib.render.axis import Unit, label, ticks, within

UNITS: tuple[Unit, ...] = ("seconds", "number")


@pytest.mark.parametrize(
    ("top", "unit", "expected"),
    [
        (0.0, "seconds", ["0", "0.5s"]),
        (0.9, "seconds", ["0", "0.5s", "1s"]),
        (28.9, "seconds", ["0", "10s", "20s", "30s"]),
        (200, "seconds", ["0", "1m", "2m", "3m", "4m"]),
        (5400, "seconds", ["0", "30m", "1h", "1h 30m"]),
        (400_000, "seconds", ["0", "2d", "4d", "6d"]),
        (3, "number", ["0", "1", "2", "3"]),
        (45_000, "number", ["0", "20,000", "40,000", "60,000"]),
        (0.3, "share", ["0%", "25%", "50%", "75%", "100%"]),
    ],
)
def test_ticks(top: float, unit: Unit, expected: list[str]) -> None:
    assert [label(value, unit) for value in ticks(top, unit)] == expected


@given(st.floats(0, 1e12), st.sampled_from(UNITS))
def test_ticks_hold_all_and_are_few_even_and_told_apart(top: float, unit: Unit) -> None:
    found = ticks(top, unit)
    steps = [other - one for one, other in pairwise(found)]
    assert found[0] == 0
    assert found[-1] >= top * (1 - 1e-6)
    assert 2 <= len(found) <= 5
    assert max(steps) == pytest.approx(min(steps))
    assert len({label(value, unit) for value in found}) == len(found)


@pytest.mark.parametrize(
    ("until", "labels"),
    [
        (0.7, ["0", "0.1s", "0.2s", "0.3s", "0.4s", "0.5s", "0.6s", "0.7s"]),
        (45, ["0", "5s", "10s", "15s", "20s", "25s", "30s", "35s", "40s", "45s"]),
        (200, ["0", "30s", "1m", "1m 30s", "2m", "2m 30s", "3m"]),
        (7200, ["0", "15m", "30m", "45m", "1h", "1h 15m", "1h 30m", "1h 45m", "2h"]),
        (86400 * 30, ["0", "5d", "10d", "15d", "20d", "25d", "30d"]),
        (86400 * 400, ["0", "50d", "100d", "150d", "200d", "250d", "300d", "350d", "400d"]),
    ],
)
def test_moments_on_an_axis_are_a_clock_s(until: float, labels: list[str]) -> None:
    assert [label(at, "seconds") for at in within(until, "seconds")] == labels


@given(st.floats(0, 1e9, exclude_min=True), st.sampled_from(["seconds", "number"]))
def test_what_is_within_an_axis_is_few_and_begins_it(until: float, unit: Unit) -> None:
    found = within(until, unit)
    assert 1 <= len(found) <= 10
    assert found[0] == 0
    assert found[-1] <= until * (1 + 1e-6)


def test_an_axis_without_time_counts() -> None:
    assert [label(at) for at in within(6)] == ["0", "1", "2", "3", "4", "5", "6"]
