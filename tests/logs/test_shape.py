"""What stays of a message when all that differs is taken out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exlib.logs.shape import shape


@pytest.mark.parametrize(
    ("message", "form"),
    [
        ("user 12 not found", "user <n> not found"),
        ('relation "orders" does not exist', "relation <text> does not exist"),
        ("KeyError: 'a'", "KeyError: <text>"),
        ("can't open file", "can't open file"),
        ("ORA-01555: snapshot too old", "ORA-01555: snapshot too old"),
        ("exit code 7", "exit code 7"),
        ("ran longer than its timeout of 2.5 s", "ran longer than its timeout of <n> s"),
        ("at 2026-01-31T23:59:59.123Z it ended", "at <time> it ended"),
        ("2026-01-31 23:59:59,123 - ERROR - x", "<time> - ERROR - x"),
        ("cat: /tmp/a b: gone", "cat: <path> b: gone"),
        ("state/logs/run-12/load.1.log: nothing", "<path>: nothing"),
        ("and/or", "and/or"),
        ("at 0x7f3a and 9f2c6e1b5a", "at <id> and <id>"),
        ("id 6f1c2d3e-0000-4000-8000-123456789abc", "id <id>"),
        ("https://db1/x?y=1 says no", "<address> says no"),
        ("10.0.0.3:5432 refused", "<address> refused"),
        ("  much   room  ", "much room"),
        ("deadbeef and decade", "deadbeef and decade"),
        ("took 12.", "took <n>."),
        ("load_table_12 of sha256", "load_table_<n> of sha256"),
    ],
)
def test_the_shape_of(message: str, form: str) -> None:
    assert shape(message) == form


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_numbers_do_not_matter(one: int, other: int) -> None:
    assert shape(f"row {one} of 3 tables failed") == shape(f"row {other} of 3 tables failed")


@given(st.text(max_size=2000))
def test_any_message_has_a_shape_of_bounded_length(message: str) -> None:
    assert len(shape(message)) <= 300
