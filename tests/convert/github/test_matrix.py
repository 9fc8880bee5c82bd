"""The combinations of a matrix: the examples of GitHub's own documentation, and its limits."""

from __future__ import annotations

import json
from typing import Any

import pytest

from exlib.convert.github.matrix import combinations, name
from exlib.convert.github.values import Partial, Unknown
from exlib.convert.source import Source
from exlib.convert.yaml.tree import Tree
from exlib.errors import InputError


def made(matrix: Any, **contexts: Any) -> Any:
    root = Tree(Source(json.dumps({"matrix": matrix}).encode(), "x.yml")).root
    node = root.get("matrix")
    assert node is not None
    return combinations(node, contexts)


def test_the_last_list_turns_first() -> None:
    assert [name(one) for one in made({"a": [1, 2], "b": ["x", "y"]})] == ["1, x", "1, y", "2, x", "2, y"]


def test_include_adds_to_what_it_does_not_change_and_is_one_of_its_own_else() -> None:
    include = [
        {"color": "green"},
        {"color": "pink", "animal": "cat"},
        {"fruit": "apple", "shape": "circle"},
        {"fruit": "banana"},
        {"fruit": "banana", "animal": "cat"},
    ]
    assert made({"fruit": ["apple", "pear"], "animal": ["cat", "dog"], "include": include}) == [
        {"fruit": "apple", "animal": "cat", "color": "pink", "shape": "circle"},
        {"fruit": "apple", "animal": "dog", "color": "green", "shape": "circle"},
        {"fruit": "pear", "animal": "cat", "color": "pink"},
        {"fruit": "pear", "animal": "dog", "color": "green"},
        {"fruit": "banana"},
        {"fruit": "banana", "animal": "cat"},
    ]


def test_exclude_needs_not_name_every_key() -> None:
    matrix = {
        "os": ["macos-latest", "windows-latest"],
        "version": [12, 14, 16],
        "environment": ["staging", "production"],
        "exclude": [
            {"os": "macos-latest", "version": 12, "environment": "production"},
            {"os": "windows-latest", "version": 16},
        ],
    }
    found = made(matrix)
    assert len(found) == 9
    assert not [one for one in found if one["os"] == "windows-latest" and one["version"] == 16]


def test_include_alone_is_a_list_of_combinations() -> None:
    assert made({"include": [{"a": 1}, {"a": 2, "b": 3}]}) == [{"a": 1.0}, {"a": 2.0, "b": 3.0}]


def test_include_comes_after_exclude() -> None:
    assert made({"a": [1, 2], "exclude": [{"a": 1}], "include": [{"a": 1, "x": 1}]}) == [
        {"a": 2.0},
        {"a": 1.0, "x": 1.0},
    ]


def test_an_exclude_of_nothing_or_of_another_key_excludes_nothing() -> None:
    assert len(made({"a": [1, 2], "exclude": [{}, {"b": 1}]})) == 2


def test_values_that_are_maps_are_compared_in_parts() -> None:
    node = [{"v": 14, "env": "a"}, {"v": 16}]
    assert made({"node": node, "exclude": [{"node": {"v": 14}}]}) == [{"node": {"v": 16.0}}]
    assert name(made({"node": node})[0]) == "14, a"


def test_a_list_may_be_an_expression() -> None:
    assert made({"a": "${{ fromJSON('[1, \"x\"]') }}"}) == [{"a": 1.0}, {"a": "x"}]
    assert made({"a": "${{ fromJSON(github.x) }}"}, github=Partial()) == Unknown(("github.x",))
    assert made({"a": [1], "include": "${{ fromJSON(github.x) }}"}, github=Partial()) == Unknown(("github.x",))


@pytest.mark.parametrize(
    ("matrix", "says"),
    [
        ([1], "a map of lists"),
        ({"a": []}, "at least one value"),
        ({"a": 5}, "at least one value"),
        ({"a": [1], "include": {"a": 1}}, "a list of maps"),
        ({"a": [1], "exclude": [5]}, "a list of maps"),
        ({"a": list(range(17)), "b": list(range(17))}, "289 combinations are more"),
        ({letter: list(range(50)) for letter in "abcdefgh"}, "more than GitHub makes"),
    ],
)
def test_what_is_no_matrix_is_refused(matrix: Any, says: str) -> None:
    with pytest.raises(InputError, match=says):
        made(matrix)
