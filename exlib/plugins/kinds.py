"""What kinds of checks and waits are: their parameters, and what can be wrong with those that a document gives."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from exlib.environment import expand, references

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
    "list": (list,),
    "duration": (int, float, str),
}
_DURATION = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+)s)?")


class Parameter(NamedTuple):
    """One parameter; ``kind`` is string, number, integer, boolean, list, or duration (``15m``, or seconds)."""

    name: str
    kind: str
    required: bool
    summary: str
    default: Any = None


class Problem(NamedTuple):
    """Something wrong with given parameters; ``parameter`` is None when it concerns them together."""

    parameter: str | None
    message: str
    mend: str | None = None


class Kind(NamedTuple):
    """A check or wait by name. ``parameters`` None: a third-party one, which judges its own.

    ``instant``: it only asks the file system, so it may run in the engine's own process. ``run`` takes the bound
    parameters and a context. ``verify`` finds what types cannot tell; a value that is not known yet is None to it.
    ``raw`` are the parameters in which ``${NAME}`` is left to the shell.
    """

    name: str
    summary: str
    parameters: tuple[Parameter, ...] | None
    instant: bool
    run: Callable[..., Any] | None
    verify: Callable[[Mapping[str, Any]], Iterable[Problem]] | None = None
    raw: tuple[str, ...] = ()


def problems(kind: Kind, params: Mapping[str, Any], *, final: bool = False) -> list[Problem]:
    """Everything wrong with ``params`` for this kind; empty if all is well.

    Unless they are ``final``, the value of a text with ``${NAME}`` in it is not judged.
    """
    if kind.parameters is None:
        return []
    known = {parameter.name: parameter for parameter in kind.parameters}
    found = [_unknown(name, known) for name in params if name not in known]
    for parameter in kind.parameters:
        if parameter.name in params:
            found += _mistyped(parameter, params[parameter.name])
        elif parameter.required:
            found.append(Problem(None, f'parameter "{parameter.name}" is missing', f"add it: {parameter.summary}"))
    if not found and kind.verify is not None:
        found += kind.verify(params if final else {name: _known(value) for name, value in params.items()})
    return found


def bind(kind: Kind, params: Mapping[str, Any], env: Mapping[str, str]) -> dict[str, Any]:
    """The parameters with ``${NAME}`` expanded and defaults filled in; call ``problems`` first."""
    bound = {parameter.name: parameter.default for parameter in kind.parameters or ()}
    bound |= {name: value if name in kind.raw else expanded(value, env) for name, value in params.items()}
    return bound


def settled(kind: Kind, params: Mapping[str, Any], env: Mapping[str, str]) -> tuple[dict[str, Any], list[Problem]]:
    """The bound parameters, and everything wrong with them as they are in this environment."""
    found = problems(kind, params)
    if found:
        return {}, found
    bound = bind(kind, params, env)
    return bound, problems(kind, {name: bound[name] for name in params}, final=True)


def expanded(value: Any, env: Mapping[str, str]) -> Any:
    """The same value with ``${NAME}`` expanded in every string, however deep."""
    if isinstance(value, str):
        return expand(value, env)
    if isinstance(value, Mapping):
        return {key: expanded(inner, env) for key, inner in value.items()}
    if isinstance(value, list):
        return [expanded(inner, env) for inner in value]
    return value


def duration(text: str | float) -> float:
    """Seconds from a number, or from text such as ``90s``, ``15m``, ``24h``, ``7d``, ``1h30m``; ValueError else."""
    if isinstance(text, (int, float)) and not isinstance(text, bool):
        return float(text)
    match = _DURATION.fullmatch(str(text).replace(" ", ""))
    if match is None or not any(match.groups()):
        raise ValueError(f'"{text}" is no length of time')
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return float(((days * 24 + hours) * 60 + minutes) * 60 + seconds)


def verify_pattern(name: str, params: Mapping[str, Any]) -> Iterator[Problem]:
    """Refuse a regular expression that does not compile."""
    pattern = params.get(name)
    if pattern is None:
        return
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        yield Problem(name, f'parameter "{name}" is not a regular expression: {error}', "see docs/checks.md")


def _known(value: Any) -> Any:
    return None if isinstance(value, str) and references(value) else value


def _unknown(name: str, known: Mapping[str, Parameter]) -> Problem:
    from difflib import get_close_matches

    close = get_close_matches(name, known, n=1)
    mend = f'did you mean "{close[0]}"?' if close else f"it takes {_listed(known)}"
    return Problem(name, f'parameter "{name}" is unknown', mend)


def _mistyped(parameter: Parameter, value: Any) -> list[Problem]:
    wanted = _TYPES[parameter.kind]
    if isinstance(value, wanted) and (parameter.kind == "boolean" or not isinstance(value, bool)):
        return []
    article = "an" if parameter.kind == "integer" else "a"
    return [Problem(parameter.name, f'parameter "{parameter.name}" must be {article} {parameter.kind}, got {value!r}')]


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names) or "no parameters"
