"""Variables of a document as GitHub says them: their references resolved, secrets asked of GitHub and never written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from exlib.convert.shellwords import word
from exlib.environment import REFERENCE, is_secret

_DEEPEST = 20


class Variables(NamedTuple):
    """What becomes of variables: ``exports`` are lines of a shell, for what refers to the runner's environment."""

    env: Mapping[str, str]
    exports: tuple[str, ...]
    asked: tuple[str, ...]
    """Secrets that somebody has to give to GitHub."""


def escaped(text: str) -> str:
    """A text in which GitHub finds no expression."""
    return text.replace("${{", "${{ '${{' }}")


def variables(values: Mapping[str, str], below: Mapping[str, str], named: frozenset[str]) -> Variables:
    """The variables ``values``, over those ``below`` that they may refer to; ``named`` are the document's secrets."""
    env: dict[str, str] = {}
    exports: list[str] = []
    asked: dict[str, None] = {}
    for name, value in values.items():
        made = _asked(name) if _is_own(name, value, named) else _resolved(value, (below, values), named, (name,))
        if made is None:
            exports.append(f"export {name}={word(value)}")
            continue
        env[name] = made
        asked.update(dict.fromkeys(other for other in (name, *REFERENCE.findall(value)) if _asked(other) in made))
    return Variables(env, tuple(exports), tuple(asked))


def _is_own(name: str, value: str, named: frozenset[str]) -> bool:
    """Whether the variable is a secret of that name; one that refers to another secret is that one."""
    refers = any(is_secret(other, named) for other in REFERENCE.findall(value) if other != name)
    return is_secret(name, named) and not refers


def _asked(name: str) -> str:
    return f"${{{{ secrets.{name} }}}}"


def _resolved(
    value: str, layers: tuple[Mapping[str, str], Mapping[str, str]], named: frozenset[str], within: tuple[str, ...]
) -> str | None:
    """The value with what it refers to in its place; None if that is in the environment of the runner alone."""
    made = []
    for at, part in enumerate(REFERENCE.split(value)):
        if at % 2 == 0:
            made.append(escaped(part))
            continue
        if is_secret(part, named) and part not in within:
            made.append(_asked(part))
            continue
        own = part == within[-1] and part in layers[0]
        found = layers[0].get(part) if own else layers[1].get(part, layers[0].get(part))
        if found is None or len(within) > _DEEPEST or (part in within and not own):
            return None
        inner = _resolved(found, (layers[0], layers[0]) if own else layers, named, (*within, "" if own else part))
        if inner is None:
            return None
        made.append(inner)
    return "".join(made)
