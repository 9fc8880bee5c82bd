"""Variables: what GitLab expands in their values, in the words of a document, and back."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable

from exlib.environment import REFERENCE

_EXPANDED = re.compile(r"\$\$|\$\{([A-Za-z_]\w*)\}|\$([A-Za-z_]\w*)|%([A-Za-z_]\w*)%", re.ASCII)
_USED = re.compile(r"\$\{?[#!]?([A-Za-z_]\w*)", re.ASCII)
NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_PREDEFINED = re.compile(r"(?:CI|GITLAB|CHAT|FF)_\w+|TRIGGER_PAYLOAD|CI")


def incoming(value: str) -> str | None:
    """The value for a document, in which ``${NAME}`` alone is expanded; None if it holds one that must not be."""
    pieces, at = [], 0
    for match in _EXPANDED.finditer(value):
        pieces.append(value[at : match.start()])
        name = match[1] or match[2] or match[3]
        pieces.append(f"${{{name}}}" if name else "$")
        at = match.end()
    result = "".join([*pieces, value[at:]])
    meant = [match[1] or match[2] or match[3] for match in _EXPANDED.finditer(value) if match[0] != "$$"]
    return result if REFERENCE.findall(result) == meant else None


def in_shell(value: str, *, expand: bool) -> str:
    """The value as a word of a shell."""
    if not expand:
        return shlex.quote(value)
    pieces, at = [], 0
    for match in _EXPANDED.finditer(value):
        name = match[1] or match[2] or match[3]
        pieces += [shlex.quote(value[at : match.start()]), f'"${{{name}-}}"' if name else "'$'"]
        at = match.end()
    return "".join(piece for piece in [*pieces, shlex.quote(value[at:])] if piece != "''") or "''"


def outgoing(value: str) -> str:
    """The value for GitLab: ``$`` doubled but for references; ``%NAME%`` cannot be kept from it."""
    return "".join(
        f"${{{part}}}" if at % 2 else part.replace("$", "$$") for at, part in enumerate(REFERENCE.split(value))
    )


def is_literal(value: str) -> bool:
    """Whether a document takes the value as it stands."""
    return not REFERENCE.search(value)


def used(texts: Iterable[str]) -> list[str]:
    """The names of the variables that texts of a shell refer to, each once."""
    return list(dict.fromkeys(match[1] for text in texts for match in _USED.finditer(text)))


def is_predefined(name: str) -> bool:
    """Whether a runner of GitLab sets the variable."""
    return _PREDEFINED.fullmatch(name) is not None
