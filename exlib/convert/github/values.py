"""Values of GitHub's expressions: their types, and how they become text, numbers and truth.

Null, booleans, numbers (all floats), strings, lists and maps. A value that nothing here can tell is an ``Unknown``.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

_DECIMAL = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_DOTLESS = "ı"  # upper-cased it would be equal to an i


class Unknown(NamedTuple):
    """What is not known: the ``paths`` that it depends on. ``truth`` is set where it is known to be true or false."""

    paths: tuple[str, ...]
    truth: bool | None = None


class Partial(dict[str, Any]):
    """A map of which some members are known; what is not in it may exist all the same."""


class Exact(dict[str, Any]):
    """A map whose keys are told apart by letter case, as variables of the environment are."""


class Open(Exact, Partial):
    """A map like the environment of a job whose steps may add to it."""


class Filtered(list[Any]):
    """What ``*`` yields: an index into it is one into each of its items."""


def truth(value: Any) -> bool | None:
    """Whether a value counts as true; None if it cannot be told."""
    if isinstance(value, Unknown):
        return value.truth
    if value is None or value is False or value == "":
        return False
    if isinstance(value, float):
        return not (value == 0 or math.isnan(value))
    return True


def text(value: Any) -> str:
    """The text of a value, as it stands where an expression stood."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return number_text(value)
    if isinstance(value, str):
        return value
    return "Array" if isinstance(value, list) else "Object"


def number_text(value: float) -> str:
    """A number with at most fifteen digits, without what is not needed."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if value == 0:
        return "0"
    if abs(value) < 1e-4 or abs(value) >= 1e15:
        digits, _, exponent = f"{value:.14E}".partition("E")
        digits = digits.rstrip("0").rstrip(".")
        return f"{digits}E{int(exponent):+03d}"
    return f"{value:.15g}"


def number(value: Any) -> float:
    """The number that a value is taken for; NaN if it is none."""
    if value is None:
        return 0.0
    if isinstance(value, bool):
        return float(value)
    if isinstance(value, float):
        return value
    return parse_number(value) if isinstance(value, str) else math.nan


def parse_number(written: str) -> float:
    """The number that a text says; NaN if it says none."""
    written = written.strip()
    if not written:
        return 0.0
    if re.fullmatch(r"0x[0-9A-Fa-f]+", written):
        return float(min(int(written[2:], 16), 1 << 1000))
    if re.fullmatch(r"0o[0-7]+", written):
        return float(min(int(written[2:], 8), 1 << 1000))
    if _DECIMAL.fullmatch(written):
        return float(written)
    return {"Infinity": math.inf, "+Infinity": math.inf, "-Infinity": -math.inf}.get(written, math.nan)


def is_primitive(value: Any) -> bool:
    """Whether it is neither a list nor a map."""
    return not isinstance(value, list | dict)


def folded(written: str) -> str:
    """A text for comparing without letter case."""
    return _DOTLESS.join(part.upper() for part in written.split(_DOTLESS))


def equal(left: Any, right: Any) -> bool:
    """Loose equality: values of two types are compared as numbers, texts without letter case."""
    left, right = _alike(left, right)
    if type(left) is not type(right):
        return False
    if isinstance(left, str):
        return folded(left) == folded(right)
    if isinstance(left, list | dict):
        return left is right
    return bool(left == right)


def greater(left: Any, right: Any) -> bool:
    """Loose order, as for equality; values that have none are not greater."""
    left, right = _alike(left, right)
    if type(left) is not type(right) or not isinstance(left, str | bool | float):
        return False
    return folded(left) > folded(right) if isinstance(left, str) else bool(left > right)


def _alike(left: Any, right: Any) -> tuple[Any, Any]:
    if type(left) is type(right):
        return left, right
    if left is None or isinstance(left, bool):
        return _alike(number(left), right)
    if right is None or isinstance(right, bool):
        return _alike(left, number(right))
    if isinstance(left, float) and isinstance(right, str):
        return left, number(right)
    if isinstance(left, str) and isinstance(right, float):
        return number(left), right
    return left, right


def of_plain(value: Any) -> Any:
    """A value of an expression for one of Python's own; JSON's and YAML's numbers are all floats here."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, int | float):
        return float(value) if abs(value) < 1 << 1000 else math.inf
    if isinstance(value, Mapping):
        made: dict[str, Any] = Exact() if isinstance(value, Exact) else {}
        made.update({str(key): of_plain(item) for key, item in value.items()})
        return made
    return [of_plain(item) for item in value]


def as_json(value: Any) -> str:
    """The JSON of a value, two blanks to a level."""
    return json.dumps(_json(value), indent=2, ensure_ascii=False)


def json_number(value: float) -> int | float | None:
    """A number as JSON has it, whole ones without a fraction."""
    if math.isnan(value) or math.isinf(value):
        return None
    return int(value) if value.is_integer() and abs(value) < 1 << 53 else value


def _json(value: Any) -> Any:
    if isinstance(value, float):
        return json_number(value)
    if isinstance(value, dict):
        return {key: _json(item) for key, item in value.items()}
    return [_json(item) for item in value] if isinstance(value, list) else value


def member(value: dict[str, Any], name: str) -> Any:
    """A member of a map by its name; None if there is none. Raises KeyError if it is not known."""
    if name in value:
        return value[name]
    if not isinstance(value, Exact):
        wanted = name.lower()
        for key, item in value.items():
            if key.lower() == wanted:
                return item
    if isinstance(value, Partial):
        raise KeyError(name)
    return None
