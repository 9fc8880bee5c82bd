"""The tests on series, held to counting all arrangements by hand and to values of SciPy 1.17."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exlib.analysis.statistics import adjusted, changed, doubled_ranks, fisher, median, rank_sum, wilson

small = st.lists(st.integers(0, 4).map(float), min_size=1, max_size=5)


@given(small, small)
def test_the_rank_sum_counts_what_counting_by_hand_counts(one: list[float], other: list[float]) -> None:
    """Half the sum of signs of all pairs is the distance that the rank sum measures, ties and all."""

    def distance(first: list[float], second: list[float]) -> int:
        return abs(sum((a > b) - (a < b) for a in first for b in second))

    values, seen = [*one, *other], distance(one, other)
    ways = list(itertools.combinations(range(len(values)), len(one)))
    far = sum(
        distance([values[at] for at in way], [v for at, v in enumerate(values) if at not in way]) >= seen
        for way in ways
    )
    assert rank_sum(one, other) == pytest.approx(far / len(ways))


@given(st.integers(0, 6), st.integers(0, 6), st.integers(0, 6), st.integers(0, 6))
def test_fisher_sums_the_tables_that_are_no_likelier(a: int, b: int, c: int, d: int) -> None:
    def chance(k: int) -> Fraction:
        return Fraction(math.comb(a + b, k) * math.comb(c + d, a + c - k), math.comb(a + b + c + d, a + c))

    tables = [chance(k) for k in range(max(0, a - d), min(a + b, a + c) + 1)]
    expected = sum(p for p in tables if p <= chance(a))
    assert fisher(a, a + b, c, c + d) == pytest.approx(float(expected))


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_adjusted_values_say_how_many_false_ones_to_expect(values: list[float]) -> None:
    """The definition: the smallest level at which Benjamini and Hochberg's procedure rejects the hypothesis."""

    def rejected(level: float) -> set[int]:
        order = sorted(values)
        passing = [p for number, p in enumerate(order, 1) if p <= level * number / len(values) * (1 + 1e-12)]
        return {at for at, p in enumerate(values) if passing and p <= passing[-1]}

    for at, level in enumerate(adjusted(values)):
        assert level >= values[at] * (1 - 1e-12)
        assert at in rejected(level)
        assert level < 1e-6 or at not in rejected(level * 0.999)


@given(st.lists(st.integers(0, 9).map(float), min_size=1, max_size=12))
def test_doubled_ranks_are_places_below_and_up_to(values: list[float]) -> None:
    expected = [sum(v < value for v in values) + sum(v <= value for v in values) + 1 for value in values]
    assert doubled_ranks(values) == expected


@given(st.integers(0, 60), st.integers(0, 60))
def test_wilson_holds_the_shares_that_the_hits_do_not_contradict(hits: int, misses: int) -> None:
    """The definition: the shares from which the hits are at most 1.96 of the share's own deviations away."""
    size = hits + misses
    low, high = wilson(hits, size)
    assert 0 <= low <= high <= 1
    for share in (low, high):
        if size and 1e-9 < share < 1 - 1e-9:
            assert abs(hits / size - share) / math.sqrt(share * (1 - share) / size) == pytest.approx(1.959964, rel=1e-6)


def test_medians() -> None:
    assert median([3, 1, 2]) == 2
    assert median([4, 1, 2, 3]) == 2.5


def test_values_of_scipy() -> None:
    old, new = [12.1, 12.4, 11.9, 12.6, 12.3, 12.0, 12.5, 12.2], [12.45, 12.7, 12.9, 12.35, 13.1]
    assert rank_sum(new, old) == pytest.approx(0.029526029526029528)
    assert rank_sum(old, new) == pytest.approx(0.029526029526029528)
    many, others = [n * 37 % 101 / 7 for n in range(30)], [n * 53 % 101 / 7 + 3 for n in range(25)]
    assert rank_sum(many, others) == pytest.approx(0.03606697050932867)
    tied, too = [float(n * 37 % 11) for n in range(30)], [float(n * 53 % 11 + 2) for n in range(25)]
    assert rank_sum(tied, too) == pytest.approx(0.02059403320696529)
    assert fisher(7, 100, 1, 200) == pytest.approx(0.002287277302604547)
    assert fisher(3, 10, 0, 30) == pytest.approx(0.012145748987854251)
    assert adjusted([0.01, 0.04, 0.03, 0.2]) == pytest.approx([0.04, 0.16 / 3, 0.16 / 3, 0.2])
    assert wilson(3, 20) == pytest.approx((0.05236874589621662, 0.3604188647407569))


def test_equal_values_tell_nothing() -> None:
    assert rank_sum([1.0] * 5, [1.0] * 5) == 1
    assert rank_sum([1.0] * 50, [1.0] * 50) == 1
    assert rank_sum([], [1.0]) == 1
    found = changed([1.0] * 30, 5, 3)
    assert found is not None
    assert found.p == 1


@pytest.mark.parametrize("step", [5, 8, 13, 27])
def test_the_place_of_a_step_is_found(step: int) -> None:
    series = [1 + n % 4 / 10 for n in range(step)] + [2 + n % 4 / 10 for n in range(30 - step)]
    found = changed(series, 5, 3)
    assert found is not None
    assert found.at == step
    assert found.p < 0.03


def test_too_short_a_series_is_not_judged() -> None:
    assert changed([1.0] * 7, 5, 3) is None
    assert changed([], 5, 3) is None


@given(st.permutations(list(map(float, range(14)))))
def test_having_chosen_the_place_is_paid_for(series: list[float]) -> None:
    found = changed(series, 5, 3)
    assert found is not None
    assert found.p >= min(1, 7 * rank_sum(series[found.at :], series[: found.at])) - 1e-12


def test_a_series_of_chance_seldom_seems_changed() -> None:
    """Of 2,000 series without any change, no more than the level says are called changed."""
    state, false = 1, 0
    for _ in range(2000):
        series = []
        for _ in range(24):
            state = state * 6364136223846793005 + 1442695040888963407 & (1 << 64) - 1
            series.append(state / (1 << 64))
        found = changed(series, 5, 3)
        assert found is not None
        false += found.p <= 0.05
    assert 0 < false <= 100
