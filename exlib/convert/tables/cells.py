"""What a cell says, as the value of a key: numbers, switches, lists, JSON; a text that is none of it is an error."""

from __future__ import annotations

import datetime
import json
import math
import re
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from exlib.convert.tables.table import Value

if TYPE_CHECKING:
    from exlib.convert.tables.columns import Kind

_YES = frozenset(["true", "yes", "y", "1", "x", "on"])
_NO = frozenset(["false", "no", "n", "0", "off", "-"])
_NONE = frozenset(["none", "null", "no limit", "unlimited"])


class Unreadable(Exception):
    """The cell does not say what its column wants; the message says what that is."""


def text_of(value: Value) -> str:
    """The value as text: a number without a needless fraction, a date as ISO writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    return "" if value is None else str(value)


def read(value: Value, kind: Kind, known: Collection[str] = ()) -> Any:
    """The value for a key. ``known`` are the ids of the jobs. Raises Unreadable."""
    text = text_of(value).strip()
    if kind in ("number", "whole"):
        return _number(value, text, whole=kind == "whole")
    if kind == "boolean":
        return _switch(text)
    if kind == "shell":
        return _switch(text) if text.lower() in ("true", "false") else text
    if kind == "ids":
        return _ids(text, known)
    if kind in ("words", "paths"):
        return _listed(text, r"[,;\n]" if kind == "paths" else r"[,;\s]")
    if kind == "codes":
        return [_number(None, part, whole=True) for part in map(str, _listed(text, r"[,;\s]"))]
    return _json(text) if kind == "json" else text


def is_no(text: str) -> bool:
    """Whether the text switches something off."""
    return text.strip().lower() in _NO


def is_yes(text: str) -> bool:
    """Whether the text switches something on."""
    return text.strip().lower() in _YES


def _number(value: Value, text: str, *, whole: bool) -> Any:
    if isinstance(value, datetime.timedelta):
        number: float = value.total_seconds()
    elif isinstance(value, datetime.time):
        number = value.hour * 3600 + value.minute * 60 + value.second
    elif text.lower() in _NONE and not whole:
        return None
    else:
        match = re.fullmatch(r"[+-]?\d{1,15}(?:[.,]\d{1,15})?", text, re.ASCII)
        if match is None:
            raise Unreadable("a number of seconds, or none" if not whole else "a whole number")
        number = float(text.replace(",", "."))
    if math.isinf(number) or (whole and not number.is_integer()):
        raise Unreadable("a whole number")
    return int(number) if float(number).is_integer() else number


def _switch(text: str) -> bool:
    if text.lower() in _YES | _NO:
        return text.lower() in _YES
    raise Unreadable("true or false")


def _listed(text: str, between: str) -> list[Any]:
    if text.startswith("["):
        found = _json(text)
        if isinstance(found, list):
            return found
        raise Unreadable("a list")
    return list(dict.fromkeys(part.strip() for part in re.split(between, text) if part.strip()))


def _ids(text: str, known: Collection[str]) -> list[Any]:
    """Ids between commas, semicolons, line feeds or blanks; an id with blanks in it is found as a whole."""
    if text in known:
        return [text]
    if text.startswith("["):
        return _listed(text, "")
    found: dict[str, None] = {}
    for part in _listed(text, r"[,;\n]"):
        found |= dict.fromkeys([part] if part in known else part.split())
    return list(found)


def _json(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise Unreadable("JSON") from None


def _refuse(_name: str) -> None:
    raise ValueError
