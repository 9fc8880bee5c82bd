"""``spec: inputs``: what a file asks for, and ``$[[ inputs.name ]]`` where it is put in."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping
from typing import Any

from exlib.convert.gitlab.expressions import as_pattern
from exlib.convert.gitlab.parts import Part, resolved, written
from exlib.convert.yaml.tree import Node

_BLOCK = re.compile(r"\$\[\[(.*?)\]\]", re.DOTALL)
_ACCESS = re.compile(r"\s*inputs\.([\w-]+)((?:\s*\|[^|]*)*)\s*")
_TRUNCATE = re.compile(r"truncate\(\s*(\d{1,9})\s*,\s*(\d{1,9})\s*\)")
_MOST_FUNCTIONS = 3
_TYPES: dict[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "array": lambda value: isinstance(value, list),
}
Inputs = Mapping[str, Any]


def settled(asked: Part | None, given: Mapping[str, Any], at: Part | None) -> dict[str, Any]:
    """The values of the inputs that a header asks for. Raises InputError for one that is missing, unknown or wrong.

    ``at`` is the include that gives them; None if it is the file itself that is converted, by ``--var``.
    """
    names = asked.members if asked is not None and asked.is_map else {}
    values: dict[str, Any] = {}
    for name, spec in names.items():
        known = spec.get("default")
        if name in given:
            values[name] = _as_asked(name, given[name], spec, at)
        elif known is None:
            raise (at or spec).refuse(f"the input {name} is asked for", f"--var {name}=…" if at is None else "give it")
        else:
            values[name] = _as_asked(name, known.plain(), spec, None)
    for name in given:
        if at is not None and name not in names:
            raise at.refuse(f"the included file asks for no input {name}", "remove it")
    return values


def _as_asked(name: str, value: Any, spec: Part, at: Part | None) -> Any:
    """The value, of the type, of the pattern and of the choice that are asked for."""
    place = at or spec
    kind = spec.get("type")
    kind_name = kind.text if kind is not None else "string"
    if kind_name not in _TYPES:
        raise spec.refuse(f"the input {name} is of the unknown type {kind_name}", f"there are {', '.join(_TYPES)}")
    if isinstance(value, str) and kind_name in ("number", "boolean") and at is None:
        value = resolved(value)
    if not _TYPES[kind_name](value):
        raise place.refuse(f"the input {name} must be of type {kind_name}")
    options = spec.get("options")
    wanted = value if isinstance(value, list) else [value]
    if options is not None and options.is_list and not all(each in options.plain() for each in wanted):
        raise place.refuse(f"the input {name} is none of its options", f"there are {options.plain()}")
    pattern = spec.get("regex")
    if pattern is not None and isinstance(value, str):
        compiled = as_pattern(f"/{pattern.text.replace('/', chr(92) + '/')}/")
        found = compiled.search(value) if compiled is not None else None
        if found is None:
            raise spec.refuse(f"the pattern of the input {name} cannot be tried here", "leave it out")
        if not found:
            raise place.refuse(f"the input {name} does not match {pattern.text}")
    return value


def put_in(node: Node, inputs: Inputs, text: str, lookup: Callable[[str], str | None]) -> Any:
    """A scalar with its blocks replaced: one block alone keeps its type. Raises InputError for what is no block."""
    if (alone := _BLOCK.fullmatch(text)) and "]]" not in alone[1]:
        return _block(node, alone[1], inputs, lookup)
    return _BLOCK.sub(lambda match: _as_text(_block(node, match[1], inputs, lookup)), text)


def has_blocks(text: str) -> bool:
    """Whether there is a block for an input in a text; those for a matrix are settled elsewhere."""
    return any("matrix." not in match[1] for match in _BLOCK.finditer(text))


def _block(node: Node, inner: str, inputs: Inputs, lookup: Callable[[str], str | None]) -> Any:
    if "matrix." in inner:
        return f"$[[{inner}]]"
    match = _ACCESS.fullmatch(inner)
    if match is None:
        raise node.refuse(f"$[[{inner}]] is nothing that can be put in", "write $[[ inputs.NAME ]]")
    if match[1] not in inputs:
        raise node.refuse(f"there is no input {match[1]}", "ask for it below spec: inputs")
    value = inputs[match[1]]
    functions = [each.strip() for each in match[2].split("|")[1:]]
    if len(functions) > _MOST_FUNCTIONS:
        raise node.refuse(f"more than {_MOST_FUNCTIONS} functions in one block")
    for function in functions:
        value = _called(node, function, value, lookup)
    return value


def _called(node: Node, function: str, value: Any, lookup: Callable[[str], str | None]) -> Any:
    if cut := _TRUNCATE.fullmatch(function):
        return _as_text(value)[int(cut[1]) : int(cut[1]) + int(cut[2])]
    if function == "posix_escape":
        return shlex.quote(_as_text(value))
    if function == "expand_vars":
        return re.sub(
            r"\$(?:\{(\w+)\}|(\w+))",
            lambda match: found if (found := lookup(match[1] or match[2])) is not None else match[0],
            _as_text(value),
        )
    raise node.refuse(f"there is no function {function} for inputs", "there are truncate, expand_vars, posix_escape")


def _as_text(value: Any) -> str:
    if isinstance(value, list):
        import json

        return json.dumps(value)
    return written(value)
