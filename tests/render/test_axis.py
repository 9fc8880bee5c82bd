"""Round numbers along an axis."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exlib.render.axis import Unit, label, ticks

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
