"""Values of variables, in the words of GitLab and in those of a document."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exlib.convert.gitlab.parts import resolved, written
from exlib.convert.gitlab.values import in_shell, incoming, outgoing


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("$A", "${A}"),
        ("${A}/b", "${A}/b"),
        ("a$$b", "a$b"),
        ("$$A", "$A"),
        ("%A%", "${A}"),
        ("100%", "100%"),
        ("$${A}", None),
        ("$", "$"),
        ("${A", "${A"),
    ],
)
def test_what_is_expanded_there_is_expanded_here(value: str, expected: str | None) -> None:
    assert incoming(value) == expected


@given(st.text(alphabet="$%{}AB_1 x", max_size=20))
def test_a_value_on_its_way_out_comes_back(value: str) -> None:
    if "%" not in value:
        assert incoming(outgoing(value)) == value


def test_a_value_in_a_script_is_what_it_was_meant_to_be() -> None:
    text = in_shell("$${A} it's $B", expand=True)
    done = subprocess.run(["bash", "-c", f"B=b; printf %s {text}"], capture_output=True, text=True, check=True)
    assert done.stdout == "${A} it's b"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("yes", True), ("On", True), ("no", False), ("y", "y"), ("1.10", 1.1), ("010", 8), ("0x1F", 31),
        ("1_000", 1000), ("12:30", 750), ("~", None), ("", None), ("1e3", 1000.0), ("1.2.3", "1.2.3"),
        ("v1", "v1"), ("09", "09"), (".", "."), ("0o17", "0o17"), ("0b11", 3),
    ],
)  # fmt: skip
def test_plain_words_mean_what_they_mean_to_ruby(text: str, expected: object) -> None:
    assert resolved(text) == expected
    assert type(resolved(text)) is type(expected)


def test_scalars_are_written_as_ruby_writes_them() -> None:
    assert [written(each) for each in (True, False, None, 1.1, 8)] == ["true", "false", "", "1.1", "8"]
