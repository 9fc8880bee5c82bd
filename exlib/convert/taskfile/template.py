"""Go templates, as far as variables and a few functions of text go."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from typing import Any

_ACTION = re.compile(r"(\s*)\{\{(-\s)?(.*?)(\s-)?\}\}", re.DOTALL)
_TOKEN = re.compile(
    r"""\s*(?:(?P<text>"(?:[^"\\\n]|\\.)*")|(?P<raw>`[^`]*`)|(?P<number>-?\d+)|(?P<variable>(?:\.\w+)+)|(?P<dot>\.)"""
    r"""|(?P<word>\w+)|(?P<sign>[|()]))"""
)
_ESCAPE = re.compile(r"\\(.)")
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r"}


ASSUMED = "\0assumed"
"""Where values keep the names of variables that are taken not to be in the environment of the run."""
_ALWAYS = frozenset(["HOME", "LOGNAME", "PATH", "PWD", "SHELL", "USER"])
"""What every environment has."""


class Unknown(Exception):
    """What only a run can tell; the message says what that is."""


def render(text: str, values: Mapping[str, Any]) -> str:
    """The text with its actions carried out. Raises Unknown for what cannot be known here."""
    if "{{" not in text:
        return text
    pieces, at, trim = [], 0, False
    for found in _ACTION.finditer(text):
        before = text[at : found.start()] + ("" if found[2] else found[1])
        pieces.append(before.lstrip() if trim else before)
        if found[2] and not trim:
            pieces[-1] = pieces[-1].rstrip()
        pieces.append(_shown(_value(found[3], values)))
        at, trim = found.end(), found[4] is not None
    rest = text[at:]
    return "".join([*pieces, rest.lstrip() if trim else rest])


def value_of(expression: str, values: Mapping[str, Any]) -> Any:
    """The value of an expression as it is, a list too. Raises Unknown for what cannot be known here."""
    return _value(expression, values)


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | dict):
        raise Unknown("a list or a map is written as a text")
    return str(value)


def _value(expression: str, values: Mapping[str, Any]) -> Any:
    if expression.strip().startswith("/*"):
        return ""
    tokens = list(_tokens(expression))
    if not tokens:
        raise Unknown("an empty template")
    value, missing, first = None, False, True
    for part in _parted(tokens):
        value, missing = _call(part, values, None if first else (value, missing))
        first = False
    if missing:
        name = next((text.lstrip(".") for kind, text in tokens if kind == "variable"), "?")
        raise Unknown(f"the value of {name} is not known here: give it with --var {name}=…")
    if ("word", "default") in tokens:
        _assume([text.split(".")[1] for kind, text in tokens if kind == "variable"], values)
    return value


def _assume(names: list[str], values: Mapping[str, Any]) -> None:
    """Note what a default stands for: it counts where the environment does not have the variable."""
    for name in names:
        if name in values:
            continue
        if name in _ALWAYS or ASSUMED not in values:
            raise Unknown(f"the environment tells {name}: give it with --var {name}=…")
        values[ASSUMED].add(name)


def _tokens(expression: str) -> Iterator[tuple[str, str]]:
    at = 0
    text = expression.strip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise Unknown(f"the template {{{{{text}}}}} is not understood")
        kind = str(found.lastgroup)
        yield kind, found[kind]
        at = found.end()


def _parted(tokens: list[tuple[str, str]]) -> Iterator[list[tuple[str, str]]]:
    part: list[tuple[str, str]] = []
    for token in tokens:
        if token == ("sign", "|"):
            yield part
            part = []
        else:
            part.append(token)
    yield part


def _call(part: list[tuple[str, str]], values: Mapping[str, Any], given: tuple[Any, bool] | None) -> tuple[Any, bool]:
    """The value of one part of a pipe, and whether it is one that nothing tells."""
    if not part or any(kind == "sign" for kind, _ in part):
        raise Unknown("a template with parentheses is not read")
    kind, text = part[0]
    if kind != "word":
        if len(part) > 1 or given is not None:
            raise Unknown("a template of this form is not read")
        return _operand(kind, text, values)
    arguments = [_operand(*token, values) for token in part[1:]] + ([given] if given is not None else [])
    if text == "default" and len(arguments) == 2:
        fallback, wanted = arguments
        return fallback if wanted[1] or wanted[0] in (None, "", 0, False) else wanted
    if any(missing for _, missing in arguments):
        return None, True
    if text not in _FUNCTIONS:
        raise Unknown(f"the function {text} of a template is not read")
    count, function = _FUNCTIONS[text]
    if len(arguments) != count:
        raise Unknown(f"the function {text} of a template takes {count} values")
    return function(*[_shown(one) for one, _ in arguments]), False


def _operand(kind: str, text: str, values: Mapping[str, Any]) -> tuple[Any, bool]:
    if kind == "text":
        return _ESCAPE.sub(lambda found: _ESCAPED.get(found[1], found[1]), text[1:-1]), False
    if kind == "raw":
        return text[1:-1], False
    if kind == "number":
        return int(text), False
    if kind == "word" and text in ("true", "false"):
        return text == "true", False
    if kind != "variable":
        raise Unknown("a template of this form is not read")
    value: Any = values
    for step in text[1:].split("."):
        if isinstance(value, Mapping) and step in value:
            value = value[step]
        else:
            return None, True
    if isinstance(value, Unknown):
        raise value
    return value, False


_FUNCTIONS: dict[str, tuple[int, Callable[..., Any]]] = {
    "upper": (1, str.upper),
    "lower": (1, str.lower),
    "trim": (1, str.strip),
    "trimPrefix": (2, lambda prefix, text: text.removeprefix(prefix)),
    "trimSuffix": (2, lambda suffix, text: text.removesuffix(suffix)),
    "replace": (3, lambda old, new, text: text.replace(old, new)),
    "shellQuote": (1, shlex.quote),
    "q": (1, shlex.quote),
    "toString": (1, str),
    "print": (1, str),
    "OS": (0, lambda: "linux"),
    "exeExt": (0, lambda: ""),
    "fromSlash": (1, str),
    "toSlash": (1, str),
    "splitList": (2, lambda sign, text: text.split(sign)),
    "splitLines": (1, lambda text: text.split("\n")),
}
