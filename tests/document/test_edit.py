"""Edits as splices: equal to the same edits of the parsed data, and nothing else in the text moves."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exlib.document import Document, Editor
from exlib.findings import Pointer

KEYS = st.sampled_from(["id", "a", "b", "jobs", "é", 'q"'])
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-9, 9),
    st.sampled_from([1.5, -0.25]),
    st.text(max_size=4).filter(lambda t: "\0" not in t),
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12
)
OBJECTS = st.dictionaries(KEYS, VALUES, max_size=5)
LAYOUTS: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
    [
        {},
        {"indent": 2},
        {"indent": "\t"},
        {"separators": (",", ":")},
        {"separators": (" ,\r\n ", " : ")},
        {"indent": 1, "ensure_ascii": False},
    ]
)


def edited(text: str) -> Editor:
    return Editor(Document(text.encode()))


def pointers(value: Any, at: Pointer = ()) -> list[Pointer]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at, *(p for key, item in items for p in pointers(item, (*at, key)))]


def value_at(data: Any, pointer: Pointer) -> Any:
    for key in pointer:
        data = data[key]
    return data


class Model:
    """The same edits on parsed data, by the rules that the Editor's docstring states."""

    def __init__(self) -> None:
        self.replaced: dict[Pointer, Any] = {}
        self.renamed: dict[Pointer, str] = {}
        self.gone: set[Pointer] = set()

    def of(self, value: Any, at: Pointer = ()) -> Any:
        if at in self.replaced:
            return self.replaced[at]
        if isinstance(value, list):
            return [self.of(item, (*at, n)) for n, item in enumerate(value) if (*at, n) not in self.gone]
        if isinstance(value, dict):
            return {
                self.renamed.get((*at, key), key): self.of(item, (*at, key))
                for key, item in value.items()
                if (*at, key) not in self.gone
            }
        return value


def draw_edit(draw: st.DrawFn, data: Any, editor: Editor, model: Model, number: int) -> None:
    """One random edit, made in the text and in the model."""
    at = draw(st.sampled_from(pointers(data)))
    here = value_at(data, at)
    parent = value_at(data, at[:-1])
    kinds = ["replace", *(["remove"] if at else []), *(["rename"] if at and isinstance(parent, dict) else [])]
    kinds += ["keep"] if isinstance(here, dict) else ["keep", "array"] if isinstance(here, list) else []
    kind = draw(st.sampled_from(kinds))
    if kind == "replace":
        model.replaced[at] = draw(VALUES)
        editor.replace(at, model.replaced[at])
    elif kind == "remove":
        editor.remove(at)
        model.gone.add(at)
    elif kind == "rename":
        model.renamed[at] = f"new{number}"
        editor.rename_key(at, f"new{number}")
    elif kind == "keep":
        keys: list[Any] = list(here) if isinstance(here, dict) else list(range(len(here)))
        kept = [key for key in keys if draw(st.booleans())]
        editor.keep_items(at, kept)
        model.gone.update((*at, key) for key in keys if key not in kept)
    else:
        model.replaced[at] = draw(st.lists(st.sampled_from(here) | VALUES if here else VALUES, max_size=5))
        editor.replace_array(at, model.replaced[at])


@st.composite
def edits(draw: st.DrawFn) -> tuple[Editor, Any]:
    data = draw(OBJECTS)
    editor, model = edited(json.dumps(data, **draw(LAYOUTS))), Model()
    for number in range(draw(st.integers(0, 6))):
        draw_edit(draw, data, editor, model, number)
    return editor, model.of(data)


@given(edits())
def test_edits_of_the_text_equal_edits_of_the_data(drawn: tuple[Editor, Any]) -> None:
    editor, expected = drawn
    result = json.loads(editor.result())
    assert result == expected
    assert json.dumps(result) == json.dumps(expected), "the order of the keys differs"


@given(OBJECTS, LAYOUTS, st.booleans())
def test_without_edits_the_bytes_are_the_same(data: Any, layout: dict[str, Any], bom: bool) -> None:
    raw = json.dumps(data, **layout).encode("utf-8-sig" if bom else "utf-8")
    editor = Editor(Document(raw))
    assert editor.result() == raw
    assert not editor.changed


JOBS = """{
  "_note": "kept",   "jobs": [
    {"id": "a"},

    { "id" : "b", "n": 1.50 },
    {"id": "c"}
  ],
  "x-end" : [ ]
}
"""


@pytest.mark.parametrize(
    ("kept", "expected"),
    [
        ([0, 1, 2], JOBS),
        ([1], JOBS.replace('{"id": "a"},\n\n    ', "").replace(',\n    {"id": "c"}', "")),
        ([0, 2], JOBS.replace(',\n\n    { "id" : "b", "n": 1.50 }', "")),
        ([0], JOBS.replace(',\n\n    { "id" : "b", "n": 1.50 },\n    {"id": "c"}', "")),
        ([], JOBS[: JOBS.index("[") + 1] + JOBS[JOBS.index("]") :]),
    ],
)
def test_items_that_stay_keep_their_white_space(kept: list[str | int], expected: str) -> None:
    editor = edited(JOBS)
    editor.keep_items(("jobs",), kept)
    assert editor.result().decode() == expected


def test_items_removed_one_by_one_are_all_gone() -> None:
    editor = edited('{"a": [1, 2, 3, 4]}')
    for index in (0, 1, 3):
        editor.remove(("a", index))
    assert editor.result() == b'{"a": [3]}'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"d": ["a", "b"]}', '{"d": ["b", "z"]}'),
        ('{"d":["a","b"]}', '{"d":["b","z"]}'),
        ('{"d": [ "a", "b" ]}', '{"d": [ "b", "z" ]}'),
        ('{\n "d": [\n  "a",\n  "b"\n ]\n}', '{\n "d": [\n  "b",\n  "z"\n ]\n}'),
        ('{\n "d": [\n  "b"\n ]\n}', '{\n "d": [\n  "b",\n  "z"\n ]\n}'),
        ('{"d":["b"]}', '{"d":["b","z"]}'),
        ('{"d": ["b"]}', '{"d": ["b", "z"]}'),
        ('{"d": []}', '{"d": ["b", "z"]}'),
    ],
)
def test_an_array_keeps_its_layout(text: str, expected: str) -> None:
    editor = edited(text)
    editor.replace_array(("d",), ["b", "z"])
    assert editor.result().decode() == expected


def test_equal_items_of_an_array_keep_their_text() -> None:
    editor = edited('{"d": ["\\u0061", {"job":"b" , "n": 1.50}, "c"]}')
    editor.replace_array(("d",), [{"job": "b", "n": 1.5}, "a", {"job": "d", "n": 2}])
    assert editor.result().decode() == '{"d": [{"job":"b" , "n": 1.50}, "\\u0061", {"job": "d", "n": 2}]}'


def test_an_array_with_the_same_items_is_no_change() -> None:
    editor = edited('{"d": [ "a" ,"b", "c"]}')
    editor.replace_array(("d",), ["a", "b", "c"])
    assert json.loads(editor.result()) == {"d": ["a", "b", "c"]}
    editor = edited('{"d": [ "a", "b" ]}')
    editor.replace_array(("d",), ["a", "b"])
    assert not editor.changed


def test_of_two_values_for_one_place_the_later_counts() -> None:
    editor = edited('{"a": 1}')
    editor.replace(("a",), 2)
    editor.replace(("a",), 3)
    assert editor.result() == b'{"a": 3}'


@pytest.mark.parametrize("pointer", [("b",), ("l", 1), ("l", 0, "x"), ("a", "x")])
def test_a_pointer_that_leads_nowhere_is_refused(pointer: Pointer) -> None:
    editor = edited('{"a": 1, "l": [0]}')
    for edit in (
        lambda: editor.replace(pointer, 1),
        lambda: editor.remove(pointer),
        lambda: editor.rename_key(pointer, "n"),
        lambda: editor.keep_items(pointer, []),
        lambda: editor.replace_array(pointer, [1]),
    ):
        with pytest.raises(KeyError):
            edit()
    assert not editor.changed


def test_what_has_no_key_or_no_items_is_refused() -> None:
    editor = edited('{"a": 1, "l": [0]}')
    with pytest.raises(KeyError):
        editor.rename_key(("l", 0), "n")
    with pytest.raises(KeyError):
        editor.keep_items(("a",), [])
    with pytest.raises(KeyError):
        editor.replace_array(("a",), [])
    assert not editor.changed


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{}", '{"x-n": 1}'),
        ('{"a":2}', '{"a":2,"x-n":1}'),
        ('{"a": 2}', '{"a": 2, "x-n": 1}'),
        ('{\n  "a": 2\n}', '{\n  "a": 2,\n  "x-n": 1\n}'),
        ('{"a": 2,\n "b": [3]}', '{"a": 2,\n "b": [3],\n "x-n": 1}'),
    ],
)
def test_a_member_is_added_as_the_others_are_set(text: str, expected: str) -> None:
    editor = edited(text)
    editor.add((), "x-n", 1)
    assert editor.changed
    assert editor.result().decode() == expected


def test_members_are_added_in_turn_and_beside_other_edits() -> None:
    editor = edited('{"jobs": [{"id": "a", "tags": ["x", "y"]}]}')
    editor.add(("jobs", 0), "one", 1)
    editor.keep_items(("jobs", 0, "tags"), {1})
    editor.add(("jobs", 0), "two", {"é": []})
    assert editor.result().decode() == '{"jobs": [{"id": "a", "tags": ["y"], "one": 1, "two": {"é": []}}]}'


@pytest.mark.parametrize(("pointer", "key"), [((), "a"), (("a",), "b"), (("c",), "b")])
def test_a_member_that_is_there_cannot_be_added(pointer: Pointer, key: str) -> None:
    with pytest.raises(KeyError):
        edited('{"a": [1]}').add(pointer, key, 1)
