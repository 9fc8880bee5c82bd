"""Quantiles out of buckets: never more than a hundredth away from the true ones."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from exlib.logs.sketch import ERROR, Sketch

SPANS = st.floats(0, 1e8, allow_nan=False)


def sketch_of(values: list[float]) -> Sketch:
    sketch = Sketch()
    for value in values:
        sketch.add(value)
    return sketch


@given(st.lists(SPANS, min_size=1), st.floats(0, 1))
def test_a_quantile_is_within_a_hundredth(values: list[float], share: float) -> None:
    ranked = sorted(values)
    true = ranked[max(math.ceil(share * len(values)), 1) - 1]
    told = sketch_of(values).quantile(share)
    assert told is not None
    assert abs(told - true) <= max(true * ERROR * 1.0001, 1e-6)


@given(st.lists(SPANS, min_size=1))
def test_number_sum_and_ends_are_exact(values: list[float]) -> None:
    sketch = sketch_of(values)
    assert (sketch.count, sketch.least, sketch.most) == (len(values), min(values), max(values))
    assert sketch.quantile(1.0) == max(values)
    assert math.isclose(sketch.total, math.fsum(values), abs_tol=1e-6)


def test_of_nothing_there_is_none() -> None:
    assert Sketch().quantile(0.5) is None
    assert Sketch().mean is None


def test_memory_does_not_grow_with_the_stream() -> None:
    sketch = sketch_of([1.02**step for step in range(-700, 1000)] * 10)
    assert len(sketch._buckets) <= 1_800
