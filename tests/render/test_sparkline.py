"""Rows of numbers as a line of text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from exlib.render.sparkline import BLOCKS, PLAIN, buckets, sparkline


def test_heights_go_from_zero_to_the_largest() -> None:
    assert sparkline([0, 1, 2, 4, 8]) == "▁▂▃▅█"
    assert sparkline([8, 8]) == "██"


def test_what_is_bad_is_crossed_and_what_is_missing_leaves_a_gap() -> None:
    assert sparkline([4, 100, None, 4], bad=[1]) == "█✗·█"
    assert sparkline([4, 100, None, 1], bad=[1], fine=False) == "@x -".replace("-", PLAIN[2])


def test_a_crowd_shows_its_middle_and_hides_nothing_bad() -> None:
    values = [1.0] * 50 + [2.0] * 50
    assert sparkline(values, 10) == "▅▅▅▅▅█████"
    assert sparkline(values, 10, bad=[99]) == "▅▅▅▅▅████✗"


def test_nothing_is_nothing() -> None:
    assert sparkline([]) == ""
    assert sparkline([None, 0.0]) == "·▁"


@given(st.lists(st.one_of(st.none(), st.floats(0, 1e9)), max_size=90), st.integers(1, 80), st.booleans())
def test_it_fits_its_columns(values: list[float | None], columns: int, fine: bool) -> None:
    shown = sparkline(values, columns, fine=fine)
    assert len(shown) == min(len(values), columns)
    assert set(shown) <= set(f"{BLOCKS}·" if fine else f"{PLAIN} ")


@given(st.integers(0, 500), st.integers(1, 80))
def test_groups_hold_every_place_once_and_are_alike(number: int, columns: int) -> None:
    groups = buckets(number, columns)
    assert [place for group in groups for place in group] == list(range(number))
    assert not groups or max(map(len, groups)) - min(map(len, groups)) <= 1
