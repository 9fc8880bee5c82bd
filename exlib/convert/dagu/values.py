"""Variables and parameters: what is known of them without running anything."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from exlib.convert.yaml.tree import Node

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_REFERENCE = re.compile(r"\$(?:\{([^}]*)\}|([A-Za-z_][A-Za-z0-9_]*))")
_PAIR = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=(.*)", re.DOTALL)
POSITIONAL = re.compile(r"\$(?:[1-9@*#]|\{[1-9][0-9]*\})")
OF_DAGU = re.compile(r"DAG_(?:NAME|RUN_\w+|DOCS_DIR)|DAGU_\w+")
"""Variables that Dagu sets for its steps."""


class Variable(NamedTuple):
    """A variable; ``value`` is None if only a run can tell it."""

    name: str
    value: str | None
    at: Node


def variables(node: Node | None) -> Iterator[Variable]:
    """The variables of an ``env``: a map, a list of maps, or a list of ``NAME=value``. Raises InputError for others."""
    if node is None or (node.is_scalar and node.plain() is None):
        return
    if node.is_scalar:
        raise node.refuse("variables are a map, or a list")
    for one in node.items if node.is_list else [node]:
        if one.is_map:
            for name, value in one.members.items():
                if not _NAME.fullmatch(name):
                    raise value.refuse(f'"{name}" is no name of a variable')
                if not value.is_scalar:
                    raise value.refuse("a variable is a text")
                yield Variable(name, static(value.text if value.plain() is not None else ""), value)
        elif pair := _PAIR.fullmatch(one.text):
            yield Variable(pair[1], static(pair[2]), one)
        else:
            raise one.refuse("a variable is NAME=value")


def static(text: str) -> str | None:
    """A value as env_variables can say it; None if a command or Dagu itself has to be asked."""
    if "`" in text:
        return None
    dynamic = False

    def braced(found: re.Match[str]) -> str:
        nonlocal dynamic
        name = found[1] if found[1] is not None else found[2]
        dynamic = dynamic or not _NAME.fullmatch(name) or OF_DAGU.fullmatch(name) is not None
        return f"${{{name}}}"

    value = _REFERENCE.sub(braced, text)
    return None if dynamic or POSITIONAL.search(text) else value


class Parameter(NamedTuple):
    """A parameter; without a name it is found by its place."""

    name: str
    value: str | None
    at: Node


def parameters(node: Node | None) -> list[Parameter]:
    """The defaults of ``params`` in their several forms. Raises InputError for others."""
    if node is None or (node.is_scalar and node.plain() is None):
        return []
    found: list[Parameter] = []
    for one in node.items if node.is_list else [node]:
        if one.is_scalar:
            found += _of_text(one)
        elif one.is_map and "name" in one.members and node.is_list:
            default = one.get("default")
            known = default is not None and default.is_scalar
            found.append(Parameter(one.members["name"].text, static(default.text) if default and known else None, one))
        elif one.is_map:
            found += [
                Parameter(name, static(value.text) if value.is_scalar else None, value)
                for name, value in one.members.items()
            ]
        else:
            raise one.refuse("a parameter is a text, NAME=value or a map")
    return found


def _of_text(node: Node) -> Iterator[Parameter]:
    text = node.text
    try:
        words = shlex.split(text)
    except ValueError:
        raise node.refuse("a quote is not closed in it") from None
    for word in [text] if "`" in text else words:
        pair = _PAIR.fullmatch(word)
        yield Parameter(pair[1] if pair else "", static(pair[2] if pair else word), node)


def names_in(texts: Iterable[str]) -> set[str]:
    """The names that texts refer to, with what follows a dot in braces."""
    return {found[1] if found[1] is not None else found[2] for text in texts for found in _REFERENCE.finditer(text)}
