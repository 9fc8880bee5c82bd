"""The conditions of ``when``, decided as far as they can be: true, false, or not here."""

from __future__ import annotations

import fnmatch
from collections.abc import Sequence

from exlib.convert.jenkins.scope import UNKNOWN, Scope, matched, static, truth
from exlib.convert.jenkins.syntax import Call, Closure, Literal, Node, Return

SETTINGS = frozenset(["beforeAgent", "beforeInput", "beforeOptions"])
_NAMED_BY = {"branch": "BRANCH_NAME", "tag": "TAG_NAME", "changeRequest": "CHANGE_ID", "buildingTag": "TAG_NAME"}


def decided(node: Node, scope: Scope) -> bool | None:
    """Whether a condition holds; None if that is not known here."""
    if not isinstance(node, Call) or node.of is not None:
        return None
    if node.name in ("allOf", "anyOf", "not"):
        return _combined(node, scope)
    if node.name == "expression":
        return _expression(node.body, scope)
    if node.name == "environment":
        return _environment(node, scope)
    if node.name == "equals":
        return _equals(node, scope)
    if node.name in ("branch", "tag"):
        return _pattern(node, scope.value(_NAMED_BY[node.name]), scope)
    if node.name == "buildingTag":
        value = scope.value("TAG_NAME")
        return truth(value)
    if node.name == "changeRequest" and not node.args and not node.named:
        return truth(scope.value("CHANGE_ID"))
    return None


def all_of(values: Sequence[bool | None]) -> bool | None:
    """True if all are, false if one is."""
    return False if False in values else None if None in values else True


def _combined(node: Call, scope: Scope) -> bool | None:
    inner = [decided(each, scope) for each in node.body.statements] if node.body else [None]
    if node.name == "not":
        return None if len(inner) != 1 or inner[0] is None else not inner[0]
    if node.name == "allOf":
        return all_of(inner)
    return True if True in inner else None if None in inner else False


def _expression(body: Closure | None, scope: Scope) -> bool | None:
    """The last statement counts; anything but one expression is a program."""
    if body is None or body.head or len(body.statements) != 1:
        return None
    statement = body.statements[0]
    if isinstance(statement, Return):
        return None if statement.value is None else truth(static(statement.value, scope))
    return truth(static(statement, scope))


def _environment(node: Call, scope: Scope) -> bool | None:
    name, wanted = (static(each, scope) if (each := node.argument(key)) else UNKNOWN for key in ("name", "value"))
    value = scope.value(name) if isinstance(name, str) else UNKNOWN
    if value is UNKNOWN or not isinstance(wanted, str):
        return None
    ignore = node.argument("ignoreCase")
    if ignore is not None and not isinstance(ignore, Literal):
        return None
    if isinstance(ignore, Literal) and ignore.value is True:
        return bool(str(value).lower() == wanted.lower())
    return bool(value == wanted)


def _equals(node: Call, scope: Scope) -> bool | None:
    values = [static(each, scope) if (each := node.argument(key)) else UNKNOWN for key in ("expected", "actual")]
    if UNKNOWN in values or type(values[0]) is not type(values[1]):
        return None
    return bool(values[0] == values[1])


def _pattern(node: Call, value: object, scope: Scope) -> bool | None:
    named = node.argument("pattern")
    wanted = static(node.args[0], scope) if node.args else static(named, scope) if named else UNKNOWN
    how = node.argument("comparator")
    comparator = how.value if isinstance(how, Literal) else "GLOB" if how is None else None
    if not isinstance(value, str) or not isinstance(wanted, str):
        return None
    if comparator == "EQUALS":
        return value == wanted
    if comparator == "REGEXP":
        return matched(wanted, value)
    if comparator != "GLOB":
        return None
    exact, loose = glob(wanted, value), glob(wanted.lower(), value.lower())
    return exact if exact == loose else None


def glob(pattern: str, text: str) -> bool | None:
    """Ant's patterns of paths: ``*`` stays within a part, ``**`` does not; None for a puzzling one."""
    wanted, given = pattern.split("/"), text.split("/")
    if wanted[-1] == "" and len(wanted) > 1:
        wanted[-1] = "**"
    if len(wanted) > 30 or len(given) > 30:
        return None
    reached = {0}
    for part in wanted:
        after: set[int] = set()
        for at in reached:
            if part == "**":
                after.update(range(at, len(given) + 1))
            elif at < len(given) and fnmatch.fnmatchcase(given[at], part.replace("[", "[[]")):
                after.add(at + 1)
        reached = after
    return len(given) in reached
