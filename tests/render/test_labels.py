"""Text fitted into boxes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from exlib.console import width
from exlib.render.labels import ems, shortened, wrapped

TEXT = st.text(st.characters(exclude_categories=["C", "Z", "M"]) | st.sampled_from(" _-."), max_size=200)


@given(TEXT, st.integers(4, 60), st.integers(1, 4))
def test_lines_are_no_wider_and_no_more_than_asked(text: str, columns: int, lines: int) -> None:
    found = wrapped(text, columns, lines)
    assert 1 <= len(found) <= lines
    assert all(width(line) <= columns for line in found)


@given(TEXT)
def test_what_fits_is_only_broken(text: str) -> None:
    assert "".join("".join(wrapped(text, 40, 300)).split()) == "".join(text.split())


def test_both_ends_of_an_id_stay() -> None:
    short = shortened("individuals_" + "x" * 100 + "_ID0000001", 30)
    assert width(short) == 30
    assert short.startswith("individuals_")
    assert short.endswith("_ID0000001")


def test_lines_are_of_like_length() -> None:
    assert wrapped("one_two_three_four_five_six_7", 28, 3) == ["one_two_three_", "four_five_six_7"]


def test_wide_letters_are_measured_as_such() -> None:
    assert ems("iiii") < ems("nnnn") < ems("WWWW") < ems("日本語語")
