"""A document from pieces of several: what is the model's keeps its text, the rest takes its style and loses nothing."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exlib.document import Document
from exlib.document.patchwork import Listing, Made, Piece, Table, Taken, on_one_line, value, write

words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=4)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=12,
)
objects = st.dictionaries(words, values, max_size=4)
layouts = st.sampled_from([None, 1, 2, 4, "\t"])


@st.composite
def documents(draw: st.DrawFn) -> Document:
    text = json.dumps(draw(objects), indent=draw(layouts), ensure_ascii=draw(st.booleans()))
    return Document(draw(st.sampled_from(["", "\n", " "])).encode() + text.encode())


def whole(document: Document) -> Piece:
    """The same document in pieces, down to every value."""

    def pieces(at: Taken) -> Piece:
        found = at.value
        if isinstance(found, dict):
            return Table({key: pieces(at.below(key)) for key in found}, at)
        if isinstance(found, list):
            return Listing([pieces(at.below(place)) for place in range(len(found))], at)
        return at

    return pieces(Taken(document))


@given(documents())
def test_all_pieces_of_a_document_are_its_bytes(document: Document) -> None:
    assert write(whole(document), document) == document.raw
    assert value(whole(document)) == document.data


@given(documents(), documents())
def test_a_document_in_the_style_of_another_says_the_same(model: Document, other: Document) -> None:
    for piece in (whole(other), Taken(other), Made(other.data)):
        members: dict[str, Piece] = {
            "a": piece,
            "b": Listing([piece, Made(1), piece]),
            **{key: Taken(model, (key,)) for key in model.data},
        }
        made = Document(write(Table(members, Taken(model)), model))
        assert made.data == {"a": other.data, "b": [other.data, 1, other.data], **model.data}


@given(documents())
def test_one_line_is_one_line(document: Document) -> None:
    made = on_one_line(document.raw)
    assert made.count(b"\n") == 1
    assert json.loads(made) == document.data


def test_numbers_and_strings_stay_as_they_were_written() -> None:
    model = Document(b'{\n  "jobs": []\n}\n')
    other = Document(rb'{"jobs": [{"id": "\u0061\/b", "n": [1.50, 1e5, 10000000000000000000000.0]}]}')
    made = write(Table({"jobs": Listing([Taken(other, ("jobs", 0))], Taken(model, ("jobs",)))}, Taken(model)), model)
    item = rb'{"id": "\u0061\/b", "n": [1.50, 1e5, 10000000000000000000000.0]}'
    assert made == b'{\n  "jobs": [\n    ' + item + b"\n  ]\n}\n"


@pytest.mark.parametrize(
    ("model", "made"),
    [
        ('{"a": [{"x": 1}]}', '{"a": [{"x": 1}, {"y": [1, 2]}], "z": {"q": 1}}'),
        ('{"a":[{"x":1}]}', '{"a":[{"x":1},{"y":[1,2]}],"z":{"q":1}}'),
        (
            '{\n  "a": [\n    {"x": 1}\n  ]\n}',
            '{\n  "a": [\n    {"x": 1},\n    {"y": [1, 2]}\n  ],\n  "z": {\n    "q": 1\n  }\n}',
        ),
        (
            '{\n\t"a": [\n\t\t{\n\t\t\t"x": 1\n\t\t}\n\t]\n}',
            '{\n\t"a": [\n\t\t{\n\t\t\t"x": 1\n\t\t},'
            '\n\t\t{\n\t\t\t"y": [1, 2]\n\t\t}\n\t],\n\t"z": {\n\t\t"q": 1\n\t}\n}',
        ),
        ('{\r\n "a": []\r\n}', '{\r\n "a": [\r\n  {\r\n   "y": [1, 2]\r\n  }\r\n ],\r\n "z": {\r\n  "q": 1\r\n }\r\n}'),
    ],
    ids=["one line", "compact", "an item a line", "tabs", "CR LF and no item"],
)
def test_what_comes_from_elsewhere_takes_the_models_style(model: str, made: str) -> None:
    one = Document(model.encode())
    other = Document(b'{"a": [{\n"y": [1, 2]}], "z": {\n"q": 1}}')
    items: list[Piece] = [Taken(one, ("a", place)) for place in range(len(one.data["a"]))]
    listed = Listing([*items, Taken(other, ("a", 0))], Taken(one, ("a",)))
    assert write(Table({"a": listed, "z": Taken(other, ("z",))}, Taken(one)), one).decode() == made
