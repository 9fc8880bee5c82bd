"""Variables of a document as GitHub says them: their references resolved, secrets asked of GitHub and never written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from exlib.convert.outgoing import Outgoing
from exlib.convert.shell.job import environment
from exlib.convert.shell.words import word
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


def hidden(outgoing: Outgoing) -> frozenset[str]:
    """Variables that are no secrets by their names, and whose values hold that of one."""
    found = {name for job in outgoing.jobs for name in environment(job)[1]}
    return frozenset(name for name in found if not is_secret(name, outgoing.workflow.secrets))


def variables(
    values: Mapping[str, str], below: Mapping[str, str], secrets: frozenset[str], hiding: frozenset[str]
) -> Variables:
    """The variables ``values``, over those ``below`` that they may refer to.

    ``secrets`` are those that the document names, ``hiding`` the variables whose values hold one.
    """
    named = secrets | hiding
    env: dict[str, str] = {}
    exports: list[str] = []
    asked: dict[str, None] = {}
    for name, value in values.items():
        own = name in hiding or _is_own(name, value, named)
        made = _asked(name) if own else _resolved(value, (below, values), named, (name,))
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
