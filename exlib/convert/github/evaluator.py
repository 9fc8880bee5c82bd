"""The value of an expression, as far as it can be told: what depends on something unknown is unknown, and no more.

``false && github.ref`` is false whatever the ref is. A condition is three-valued: true, false, or not to be told.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from typing import Any

from exlib.convert.github.expressions import (
    BadExpression,
    Call,
    Context,
    Index,
    Literal,
    Operation,
    Tree,
    path,
)
from exlib.convert.github.values import (
    Filtered,
    Partial,
    Unknown,
    as_json,
    equal,
    folded,
    greater,
    is_primitive,
    member,
    number,
    of_plain,
    text,
    truth,
)

Contexts = Mapping[str, Any]
LARGEST = 1 << 20
"""Characters that a text may get by format: a few lines of it can mean billions."""


def evaluate(tree: Tree, contexts: Contexts) -> Any:
    """The value; an Unknown if it cannot be told. Raises BadExpression for what fails whatever the unknown is."""
    if isinstance(tree, Literal):
        return tree.value
    if isinstance(tree, Context):
        return contexts.get(tree.name, Unknown((tree.name,)))
    if isinstance(tree, Index):
        return _indexed(tree, contexts)
    if isinstance(tree, Call):
        return _called(tree, contexts)
    return _operated(tree, contexts)


def whole(value: Any, tree: Tree) -> Any:
    """The value if all of it is known; the Unknown of the expression if parts of it are not."""
    if isinstance(value, Unknown) or not _has_unknown(value):
        return value
    return Unknown((path(tree) or "a context",))


def _has_unknown(value: Any) -> bool:
    if isinstance(value, Partial | Unknown):
        return True
    if isinstance(value, dict):
        return any(_has_unknown(item) for item in value.values())
    return isinstance(value, list) and any(_has_unknown(item) for item in value)


def _operated(tree: Operation, contexts: Contexts) -> Any:
    if tree.sign in ("&&", "||"):
        return _logical(tree, contexts)
    values = [evaluate(operand, contexts) for operand in tree.operands]
    if tree.sign == "!":
        known = truth(values[0])
        return not known if known is not None else values[0]
    if unknown := _unknown(values):
        return unknown
    left, right = values
    compared: Mapping[str, Callable[[], bool]] = {
        "==": lambda: equal(left, right),
        "!=": lambda: not equal(left, right),
        "<": lambda: greater(right, left),
        "<=": lambda: equal(left, right) or greater(right, left),
        ">": lambda: greater(left, right),
        ">=": lambda: equal(left, right) or greater(left, right),
    }
    return compared[tree.sign]()


def _logical(tree: Operation, contexts: Contexts) -> Any:
    """The first operand that decides, or the last. One that is unknown does not keep a later one from deciding."""
    ends = tree.sign == "||"
    paths: list[str] = []
    value: Any = None
    for operand in tree.operands:
        value = evaluate(operand, contexts)
        if truth(value) is ends:
            break
        if isinstance(value, Unknown) and value.truth is None:
            paths += value.paths
    if not paths:
        return value
    known = truth(value)
    paths += value.paths if isinstance(value, Unknown) else ()
    return Unknown(tuple(dict.fromkeys(paths)), known if known is ends else None)


def _unknown(values: list[Any]) -> Unknown | None:
    paths = tuple(dict.fromkeys(p for value in values if isinstance(value, Unknown) for p in value.paths))
    return Unknown(paths) if paths else None


def _indexed(tree: Index, contexts: Contexts) -> Any:
    of = evaluate(tree.of, contexts)
    key = None if tree.key is None else evaluate(tree.key, contexts)
    if isinstance(of, Unknown):
        return Unknown((path(tree) or of.paths[0],))
    if isinstance(key, Unknown):
        return Unknown(key.paths)
    if tree.key is None:
        return _starred(of, path(tree.of) or "")
    try:
        return _item(of, key)
    except KeyError:
        return Unknown((path(tree) or path(tree.of) or "",))


def _starred(of: Any, name: str) -> Any:
    if isinstance(of, Partial):
        return Unknown((name,))
    if isinstance(of, Filtered):
        below = [item.values() if isinstance(item, dict) else item for item in of if not is_primitive(item)]
        return Filtered(value for item in below for value in item)
    if isinstance(of, dict):
        return Filtered(of.values())
    return Filtered(of if isinstance(of, list) else ())


def _item(of: Any, key: Any) -> Any:
    if isinstance(of, Filtered):
        missing = object()
        found = [_single(item, key, missing) for item in of]
        return Filtered(item for item in found if item is not missing)
    return _single(of, key, None)


def _single(of: Any, key: Any, missing: Any) -> Any:
    if isinstance(of, dict) and is_primitive(key):
        found = member(of, text(key))
        return missing if found is None and not _holds(of, text(key)) else found
    at = number(key)
    if isinstance(of, list) and not math.isnan(at) and not math.isinf(at) and 0 <= at < len(of):
        return of[int(at)]
    return missing


def _holds(of: dict[str, Any], name: str) -> bool:
    return any(key.lower() == name.lower() for key in of)


def _called(tree: Call, contexts: Contexts) -> Any:
    if tree.name == "hashfiles":
        return Unknown(("hashFiles",))
    if tree.name in _STATUS:
        return contexts.get(f"{tree.name}()", Unknown((f"{tree.name}()",)))
    values = [whole(evaluate(argument, contexts), argument) for argument in tree.arguments]
    if tree.name == "case":
        return _case(values)
    if unknown := _unknown(values):
        return unknown
    return _FUNCTIONS[tree.name](*values)


def _case(values: list[Any]) -> Any:
    for condition, value in zip(values[:-1:2], values[1::2], strict=True):
        if isinstance(condition, Unknown):
            return Unknown(condition.paths)
        if not isinstance(condition, bool):
            raise BadExpression("a condition of case must be true or false")
        if condition:
            return value
    return values[-1]


def _contains(search: Any, item: Any) -> bool:
    if isinstance(search, list):
        return any(equal(item, one) for one in search)
    return is_primitive(search) and is_primitive(item) and folded(text(item)) in folded(text(search))


def _starts(search: Any, item: Any) -> bool:
    return is_primitive(search) and is_primitive(item) and folded(text(search)).startswith(folded(text(item)))


def _ends(search: Any, item: Any) -> bool:
    return is_primitive(search) and is_primitive(item) and folded(text(search)).endswith(folded(text(item)))


def _format(template: Any, *values: Any) -> str:
    wanted = text(template)
    made: list[str] = []
    at = size = 0
    while at < len(wanted):
        sign = wanted[at]
        if sign in "{}" and wanted[at + 1 : at + 2] == sign:
            made.append(sign)
            at += 2
        elif sign == "{":
            end = wanted.find("}", at)
            index = wanted[at + 1 : end] if end > at else ""
            if not (index.isascii() and index.isdigit()):
                raise BadExpression(f"{wanted} is no format")
            if int(index[:4]) >= len(values):
                raise BadExpression(f"the format {wanted} names more values than there are")
            made.append(text(values[int(index)]))
            at = end + 1
            size += len(made[-1])
            if size > LARGEST:
                raise BadExpression("its value is too long")
        elif sign == "}":
            raise BadExpression(f"{wanted} is no format")
        else:
            made.append(sign)
            at += 1
    return "".join(made)


def _join(values: Any, separator: Any = ",") -> str:
    if is_primitive(values):
        return text(values)
    between = text(separator) if is_primitive(separator) else ","
    return between.join(text(value) for value in values) if isinstance(values, list) else ""


def _from_json(value: Any) -> Any:
    try:
        return of_plain(json.loads(text(value)))
    except (ValueError, RecursionError):
        raise BadExpression("fromJSON was given what is no JSON") from None


_STATUS = frozenset(["success", "always", "failure", "cancelled"])
_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "contains": _contains,
    "startswith": _starts,
    "endswith": _ends,
    "format": _format,
    "join": _join,
    "tojson": as_json,
    "fromjson": _from_json,
}
