from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from exlib.document.positions import Positions, Span
from exlib.findings import Pointer

SPACES = st.text(" \t\r\n", max_size=3)
TEXTS = st.text(
    st.characters(exclude_categories=["Cs"]) | st.sampled_from('"\\/\n\t{}[],:\U0001f600\u00e9'), max_size=6
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=15,
)


@st.composite
def layouts(draw: st.DrawFn) -> tuple[Any, str]:
    """A value, and its JSON with white space wherever the grammar has room for it."""
    value = draw(VALUES)

    def space() -> str:
        return draw(SPACES)

    def scalar(item: Any) -> str:
        return json.dumps(item, ensure_ascii=draw(st.booleans()))

    def layout(item: Any) -> str:
        if isinstance(item, dict):
            members = [f"{space()}{scalar(key)}{space()}:{layout(inner)}" for key, inner in item.items()]
            text = "{" + (",".join(members) if members else space()) + "}"
        elif isinstance(item, list):
            text = "[" + (",".join(map(layout, item)) if item else space()) + "]"
        else:
            text = scalar(item)
        return space() + text + space()

    return value, layout(value)


def walk(value: Any, pointer: Pointer = ()) -> Iterator[tuple[Pointer, Any]]:
    yield pointer, value
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from walk(inner, (*pointer, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from walk(inner, (*pointer, index))


@given(layouts())
def test_the_span_of_every_value_holds_exactly_that_value(layout: tuple[Any, str]) -> None:
    value, text = layout
    positions = Positions(text)
    for pointer, inner in walk(value):
        span = positions.span(pointer)
        piece = text[span.start : span.end]
        assert json.loads(piece) == inner
        assert piece == piece.strip(" \t\r\n")
        if pointer and isinstance(pointer[-1], str):
            assert json.loads(text[span.key_start : span.key_end]) == pointer[-1]
        else:
            assert (span.key_start, span.key_end) == (-1, -1)
        expected = len(inner) if isinstance(inner, (dict, list)) else 0
        assert len(positions.children(pointer)) == expected


@given(layouts(), st.data())
def test_what_is_absent_stands_where_its_nearest_ancestor_does(layout: tuple[Any, str], data: st.DataObject) -> None:
    value, text = layout
    positions = Positions(text)
    pointer = data.draw(st.sampled_from([pointer for pointer, _ in walk(value)]))
    absent = (*pointer, "not a key that is drawn", 7)
    assert positions.span(absent) == positions.span(pointer)
    assert positions.children(absent) == {}


@given(
    st.lists(st.tuples(st.text("ab\u00e9\U0001f600\u2028\x0b\x85", max_size=4), st.sampled_from(["\r\n", "\n", "\r"])))
)
def test_lines_and_columns_count_characters_whatever_ends_the_line(lines: list[tuple[str, str]]) -> None:
    # A CR and an LF that meet are one line end; keep the pieces as an editor would see them.
    lines = [(text or "x", end) for text, end in lines]
    whole = "".join(text + end for text, end in lines)
    positions = Positions(whole)
    offset = 0
    for number, (text, end) in enumerate(lines, 1):
        for column in range(len(text)):
            assert positions.line_column(offset + column) == (number, column + 1)
        assert positions.line_text(number) == text
        offset += len(text + end)
    assert positions.line_column(len(whole)) == (len(lines) + 1, 1)
    assert positions.line_text(0) == positions.line_text(len(lines) + 2) == ""


def test_a_deep_pointer_needs_no_deep_stack() -> None:
    levels = 490
    positions = Positions("[" * levels + "7" + "]" * levels)
    assert positions.span((0,) * levels) == Span(levels, levels + 1)


def test_a_literal_case_to_read() -> None:
    text = '{ "jobs" : [ {"id": "a"}, {"id":\t"\U0001f600"} ] }\n'
    positions = Positions(text)
    span = positions.span(("jobs", 1, "id"))
    assert (text[span.start : span.end], text[span.key_start : span.key_end]) == ('"\U0001f600"', '"id"')
    assert positions.line_column(span.start) == (1, 34)
    assert list(positions.children(("jobs",))) == [0, 1]


def test_a_line_is_held_once_however_often_it_is_shown() -> None:
    positions = Positions('{"a": 1}\n{"b": 2}\n')
    assert positions.line_text(1) is positions.line_text(1)
    assert positions.line_text(2) == '{"b": 2}'
