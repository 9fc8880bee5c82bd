"""Patterns of RE2: those that are read mean what they mean there, and nothing is said of the others."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exlib.convert.gitlab.patterns import Pattern, Unread


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("^[[:alnum:]]+$", "main", True),
        ("^[[:alnum:]]+$", "ma_in", False),
        ("^[[:^digit:]]+$", "main", True),
        ("^[[:alpha:].-]+$", "v-a.b", True),
        (r"^v\d+(?:\.\d+){2}(-rc\d?)?$", "v1.20.3-rc1", True),
        (r"^v\d+(?:\.\d+){2}(-rc\d?)?$", "v1.20", False),
        ("^(?P<kind>feature|fix)/", "fix/x", True),
        ("a$", "a\n", False),
        ("(?m)a$", "a\nb", True),
        ("a.b", "a\nb", False),
        ("(?s)a.b", "a\nb", True),
        (r"^\d$", "\u0664", False),
        (r"^\w$", "ä", False),
        (r"^\s$", "\v", False),
        (r"\bmain\b", "x-main-y", True),
        (r"\bmain\b", "maine", False),
        ("(?i)^MAIN", "main", True),
        ("x(?i:Y)z", "xyz", True),
        ("x(?i:Y)z", "xyZ", False),
        ("(?i)^[^a]$", "A", False),
        ("^[+--]$", ",", True),
        (r"^[\w.-]+$", "a-b.c", True),
        ("^a{2,3}$", "aa", True),
        ("^a{2,3}$", "aaaa", False),
        ("^a{2,}$", "aaaa", True),
        ("^(?:|a)b??$", "ab", True),
        (r"\Aa\z", "a", True),
    ],
)
def test_a_pattern_is_read_as_there(pattern: str, text: str, expected: bool) -> None:
    assert Pattern(pattern).search(text) is expected


@pytest.mark.parametrize(
    "pattern",
    [
        "(?!a)", "(?=a)", "(?<!a)", "(?<=a)", "(?>a)", "(?#a)", "a++", "a*+", "a**", "a{,2}", "a{2", "a{1001}",
        r"(a)\1", r"a\Z",
        r"\pL", "[]a]", "[a", "[[:none:]]", "[b-a]", "(a", "a)", "*a", "^*", "a{2}{3}", "(a{40}){40}", r"\Qa\E", "a\\",
        "(?i)[[:^upper:]]", "(?P=a)",
    ],
)  # fmt: skip
def test_of_any_other_pattern_nothing_is_known(pattern: str) -> None:
    with pytest.raises(Unread):
        Pattern(pattern)


@pytest.mark.parametrize("pattern", ["x.*x.*x.*x.*x.*x.*y", "^a*a*a*a*a*a*b$", r"^\w*\w*\w*!$", "(a+)+$", "(a|a)*c"])
def test_no_pattern_tries_for_ever(pattern: str) -> None:
    assert Pattern(pattern).search("a" * 900 + "!x") is False


def test_letters_beyond_ascii_are_alike_in_ways_that_are_not_known() -> None:
    assert Pattern("k", "i").search("\u212a") is None
    assert Pattern("ä", "i").search("a") is None
    assert Pattern("ä").search("bär") is True


def test_a_long_text_is_not_tried() -> None:
    assert Pattern("a").search("a" * 1001) is None


pieces = st.sampled_from(["a", "b", "[ab]", "[^a]", "(", "(?:", ")", "|", "*", "+", "?", "{2}", "^", "$", ".", "\\b"])


@given(st.lists(pieces, max_size=12).map("".join), st.text(alphabet="abc", max_size=8))
def test_plain_patterns_mean_the_same_to_python(pattern: str, text: str) -> None:
    try:
        found = Pattern(pattern).search(text)
    except Unread:
        return
    assert found is (re.search(pattern, text) is not None)


@given(st.text(alphabet="ab()[]{}?*+|^$\\.-:i<>P1,", max_size=30), st.text(max_size=20))
def test_any_text_is_read_or_not(pattern: str, text: str) -> None:
    try:
        found = Pattern(pattern).search(text)
    except Unread:
        return
    assert found in (True, False, None)
