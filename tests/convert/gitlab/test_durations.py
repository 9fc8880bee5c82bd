"""Lengths of time in words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exlib.convert.gitlab.durations import seconds, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1h 30m", 5400),
        ("90 minutes", 5400),
        ("3 hours 30 minutes", 12600),
        ("1h30m", 5400),
        ("1 hour, 2 minutes and 3 seconds", 3723),
        ("3600", 3600),
        ("1 day", 86400),
        ("1.5 hours", 5400),
        ("one week", 604800),
        ("1:30:00", 5400),
        ("2:30", 150),
        ("2 months", 5184000),
    ],
)
def test_words_are_seconds(text: str, expected: float) -> None:
    assert seconds(text) == expected


@pytest.mark.parametrize("text", ["", "soon", "3 parsecs", "0", "-1h", "1h tomorrow", "h"])
def test_what_is_no_length_is_none(text: str) -> None:
    assert seconds(text) is None


@given(st.integers(1, 10**8))
def test_what_is_written_is_read_as_it_was(length: int) -> None:
    assert seconds(words(length)) == length


def test_parts_of_a_second_are_rounded_up() -> None:
    assert words(0.2) == "1 second"
