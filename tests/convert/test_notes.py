"""Notes in comments: whatever they hold comes back, and nothing in them ends a comment."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exlib.convert.notes import note, read_note

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(), JSON, max_size=4), st.sampled_from(["", "# ", "## ", "// ", "--", "  #", "\t# "]))
def test_what_is_noted_comes_back(keys: dict[str, Any], sign: str) -> None:
    text = note(keys)
    assert read_note(sign + text) == keys
    assert text.isascii()
    assert text.isprintable()
    assert not set(text) & set("<>&*/$%`")


@given(st.dictionaries(st.text(), st.text()))
def test_a_note_to_the_end_of_its_line_comes_back_and_is_one_line_that_utf_8_holds(keys: dict[str, str]) -> None:
    written = note(keys, to_line_end=True)
    assert len(written.splitlines()) == 1
    assert read_note(f"# {written.encode().decode()}") == keys


def test_a_note_to_the_end_of_its_line_reads_as_it_is() -> None:
    assert note({"a": "ü <$b> & c`*/%"}, to_line_end=True) == 'executioner: {"a": "ü <$b> & c`*/%"}'


@pytest.mark.parametrize(
    "line",
    [
        "", "# a comment", "# executioner: x", "# executioner: [1]", "# executioner: {", "# executioner: {} and more",
        "# executioner {}", "# executioner: " + '{"a":' * 100_000 + "1" + "}" * 100_000,
    ],
)  # fmt: skip
def test_other_comments_are_none(line: str) -> None:
    assert read_note(line) is None
