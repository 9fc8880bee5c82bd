"""The JSON Schemas: where they are, a quick yes or no from them, and the full answer of ``jsonschema``.

``tests_of`` compiles a schema to plain Python closures, many times quicker than ``jsonschema`` and without
its import; what they refuse goes to ``errors_of``, which says why. Both read the one schema file.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jsonschema import ValidationError

Test = Callable[[Any], bool]

_HERE = os.path.dirname(os.path.abspath(__file__))
_FOLDERS = (os.path.join(_HERE, "schemas"), os.path.join(os.path.dirname(_HERE), "schemas"))
_ANNOTATIONS = frozenset(["$schema", "$id", "$defs", "title", "description", "default", "examples", "deprecated"])


def path(name: str) -> str:
    """The file of a schema: ``path("workflow")``. Raises FileNotFoundError for an unknown name."""
    for folder in _FOLDERS:
        file = os.path.join(folder, f"{name}.schema.json")
        if os.path.isfile(file):
            return file
    raise FileNotFoundError(f"no schema named {name} in {' or '.join(_FOLDERS)}")


@cache
def load(name: str) -> dict[str, Any]:
    """A schema by name, parsed. Shared by all callers: for reading only."""
    with open(path(name), encoding="utf-8") as stream:
        schema: dict[str, Any] = json.load(stream)
    return schema


def resolve(schema: Mapping[str, Any], root: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema with what its ``$ref`` into ``root`` brings, its own keywords going first."""
    if "$ref" not in schema:
        return schema
    target: Any = root
    for step in schema["$ref"].removeprefix("#/").split("/"):
        target = target[step]
    return {**resolve(target, root), **{key: value for key, value in schema.items() if key != "$ref"}}


def tests_of(schema: Mapping[str, Any], root: Mapping[str, Any]) -> dict[str, Test]:
    """For each property of an object schema a function that says whether a value fits it."""
    return {key: compiled(below, root) for key, below in resolve(schema, root).get("properties", {}).items()}


def compiled(schema: Mapping[str, Any], root: Mapping[str, Any]) -> Test:
    """One function that says whether a value fits. Raises ValueError for a keyword it does not know."""
    found = resolve(schema, root)
    tests = [_KEYWORDS[key](value, found, root) for key, value in found.items() if _is_keyword(key)]
    test = tests[0]
    for further in tests[1:]:
        test = _both(test, further)
    return test


def _both(one: Test, other: Test) -> Test:
    return lambda value: one(value) and other(value)


def errors_of(value: Any, schema: Mapping[str, Any], root: Mapping[str, Any]) -> Iterator[ValidationError]:
    """What ``jsonschema`` finds wrong with a value, by a part of ``root``."""
    from jsonschema import Draft202012Validator

    return Draft202012Validator(root).evolve(schema=schema).iter_errors(value)


def _is_keyword(key: str) -> bool:
    if key in _KEYWORDS:
        return True
    if key in _ANNOTATIONS:
        return False
    raise ValueError(f"the schema keyword {key} is not supported here")


def _integer(value: Any) -> bool:
    kind = type(value)
    return kind is int or (kind is float and value.is_integer())


_TYPES: dict[str, Test] = {
    "string": lambda value: type(value) is str,
    "number": lambda value: type(value) is int or type(value) is float,
    "integer": _integer,
    "boolean": lambda value: type(value) is bool,
    "array": lambda value: type(value) is list,
    "object": lambda value: type(value) is dict,
    "null": lambda value: value is None,
}
_CLASSES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
    "null": (type(None),),
}


def _type(names: str | list[str], _schema: Mapping[str, Any], _root: Mapping[str, Any]) -> Test:
    listed = [names] if isinstance(names, str) else names
    if listed == ["integer"]:
        return _integer
    if "integer" in listed:
        return lambda value: any(_TYPES[name](value) for name in listed)
    classes = frozenset(cls for name in listed for cls in _CLASSES[name])
    return lambda value: type(value) in classes


def _bound(within: Callable[[Any, Any], bool]) -> Callable[[Any, Mapping[str, Any], Mapping[str, Any]], Test]:
    def keyword(limit: Any, _schema: Mapping[str, Any], _root: Mapping[str, Any]) -> Test:
        return lambda value: type(value) not in (int, float) or within(value, limit)

    return keyword


def _enum(values: list[str], _schema: Mapping[str, Any], _root: Mapping[str, Any]) -> Test:
    if not all(isinstance(value, str) for value in values):
        raise ValueError("only strings are supported in enum")
    allowed = frozenset(values)
    return lambda value: type(value) is str and value in allowed


def _pattern(pattern: str, _schema: Mapping[str, Any], _root: Mapping[str, Any]) -> Test:
    search = re.compile(pattern).search
    return lambda value: type(value) is not str or search(value) is not None


def _min_length(limit: int, _schema: Mapping[str, Any], _root: Mapping[str, Any]) -> Test:
    return lambda value: type(value) is not str or len(value) >= limit


def _items(schema: Mapping[str, Any], _schema: Mapping[str, Any], root: Mapping[str, Any]) -> Test:
    test = compiled(schema, root)
    return lambda value: type(value) is not list or all(map(test, value))


def _required(names: list[str], _schema: Mapping[str, Any], _root: Mapping[str, Any]) -> Test:
    wanted = frozenset(names)
    return lambda value: type(value) is not dict or value.keys() >= wanted


def _any_of(schemas: list[Mapping[str, Any]], _schema: Mapping[str, Any], root: Mapping[str, Any]) -> Test:
    tests = [compiled(schema, root) for schema in schemas]
    return lambda value: any(test(value) for test in tests)


def _properties(below: Mapping[str, Any], _schema: Mapping[str, Any], root: Mapping[str, Any]) -> Test:
    tests = {key: compiled(schema, root) for key, schema in below.items()}

    def test(value: Any) -> bool:
        if type(value) is not dict:
            return True
        return all(tests[key](item) for key, item in value.items() if key in tests)

    return test


def _additional(schema: Mapping[str, Any], beside: Mapping[str, Any], root: Mapping[str, Any]) -> Test:
    test, known = compiled(schema, root), frozenset(beside.get("properties", ()))
    if not known:
        return lambda value: type(value) is not dict or all(map(test, value.values()))
    return lambda value: type(value) is not dict or all(key in known or test(item) for key, item in value.items())


_KEYWORDS: dict[str, Callable[[Any, Mapping[str, Any], Mapping[str, Any]], Test]] = {
    "type": _type,
    "enum": _enum,
    "pattern": _pattern,
    "minLength": _min_length,
    "minimum": _bound(lambda value, limit: bool(value >= limit)),
    "maximum": _bound(lambda value, limit: bool(value <= limit)),
    "exclusiveMinimum": _bound(lambda value, limit: bool(value > limit)),
    "items": _items,
    "required": _required,
    "anyOf": _any_of,
    "properties": _properties,
    "additionalProperties": _additional,
}
