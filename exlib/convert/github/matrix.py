"""The combinations of a matrix, as GitHub makes them: all of its lists, less ``exclude``, then ``include``."""

from __future__ import annotations

from itertools import product
from typing import Any

from exlib.convert.github.evaluator import Contexts
from exlib.convert.github.templates import value_of
from exlib.convert.github.values import Unknown, equal, text
from exlib.convert.yaml.tree import Node

MOST = 256
Combination = dict[str, Any]


def combinations(node: Node, contexts: Contexts) -> list[Combination] | Unknown:
    """The combinations in GitHub's order, or what they depend on. Raises InputError for what is no matrix."""
    value = value_of(node, contexts)
    if unknown := _unknown(value, ("include", "exclude")):
        return unknown
    if not isinstance(value, dict):
        raise node.refuse("a matrix is a map of lists", None)
    vectors = {key: item for key, item in value.items() if key not in ("include", "exclude")}
    count = 1
    for key, items in vectors.items():
        if not isinstance(items, list) or not items:
            raise (node.get(key) or node).refuse("a list of at least one value is needed", f"write {key}: [...]")
        count *= len(items)
    lists = [_filters(node, key, value.get(key)) for key in ("exclude", "include")]
    if count > MOST * MOST or len(lists[1]) > MOST:
        raise _too_many(node, count)
    made: list[Combination] = [dict(zip(vectors, values, strict=True)) for values in product(*vectors.values())]
    made = [one for one in made if not any(wanted and _matches(one, wanted) for wanted in lists[0])] if vectors else []
    made = _included(made, list(vectors), lists[1])
    if len(made) > MOST:
        raise _too_many(node, len(made))
    return made


def name(combination: Combination) -> str:
    """What GitHub calls it: its values in parentheses, those of a map or a list one by one."""
    return ", ".join(leaf for value in combination.values() for leaf in _leaves(value))


def _leaves(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [leaf for item in value.values() for leaf in _leaves(item)]
    if isinstance(value, list):
        return [leaf for item in value for leaf in _leaves(item)]
    return [text(value)] if text(value) else []


def _too_many(node: Node, count: int) -> Exception:
    return node.refuse(f"{count:,} combinations are more than GitHub makes of a matrix: {MOST}", "split the job")


def _filters(node: Node, key: str, value: Any) -> list[Combination]:
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise (node.get(key) or node).refuse("a list of maps is needed")
    return value


def _included(made: list[Combination], own: list[str], include: list[Combination]) -> list[Combination]:
    """Each entry is added to every combination whose own values it does not change; else it is one of its own."""
    originals = [(one, {key: one[key] for key in own}) for one in made]
    added: list[Combination] = []
    for entry in include:
        shared = {key: value for key, value in entry.items() if key in own}
        fitting = [one for one, first in originals if _matches(first, shared)]
        for one in fitting:
            one.update({key: value for key, value in entry.items() if key not in own})
        if not fitting:
            added.append(dict(entry))
    return made + added


def _matches(one: Combination, wanted: Combination) -> bool:
    return all(key in one and _same(one[key], value) for key, value in wanted.items())


def _same(left: Any, right: Any) -> bool:
    if isinstance(left, dict) and isinstance(right, dict):
        return all(key in left and _same(left[key], value) for key, value in right.items())
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(_same, left, right))
    return equal(left, right)


def _unknown(value: Any, lists: tuple[str, ...]) -> Unknown | None:
    """What decides how many combinations there are, or what they are, if it is unknown."""
    if isinstance(value, Unknown):
        return value
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for item in items:
        if found := _unknown(item, lists):
            return found
    return None
