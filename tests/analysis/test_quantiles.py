"""Quantiles, against those of the standard library."""

from __future__ import annotations

from statistics import quantiles

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exlib.analysis.quantiles import quantile


@given(st.lists(st.floats(0, 1e6), min_size=2, max_size=30), st.integers(2, 20))
def test_it_is_the_inclusive_method(samples: list[float], parts: int) -> None:
    ordered = sorted(samples)
    found = [quantile(ordered, number / parts) for number in range(1, parts)]
    assert found == pytest.approx(quantiles(ordered, n=parts, method="inclusive"))


def test_the_ends_and_a_single_sample() -> None:
    assert [quantile([1.0, 2.0, 4.0], share) for share in (0, 1)] == [1.0, 4.0]
    assert quantile([3.0], 0.9) == 3.0
