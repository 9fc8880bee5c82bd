"""Values as words of a POSIX shell."""

from __future__ import annotations

import re
import shlex

from exlib.environment import REFERENCE

_GLOB = re.compile(r"([*?\[\]]+)")


def word(value: str) -> str:
    """A word for a value; what it refers to is looked up there, and stays as it is if that is not set."""
    pieces = []
    for at, part in enumerate(REFERENCE.split(value)):
        if at % 2:
            pieces.append(f'"${{{part}-\\${{{part}\\}}}}"')
        elif part:
            pieces.append(shlex.quote(part))
    return "".join(pieces) or "''"


def path_word(path: str) -> str:
    """A word for a path in which ``*``, ``?`` and ``[…]`` stay alive, and references are looked up."""
    pieces = []
    for at, part in enumerate(REFERENCE.split(path)):
        if at % 2:
            pieces.append(f'"${{{part}}}"')
            continue
        pieces += [
            shlex.quote(text) if number % 2 == 0 else text for number, text in enumerate(_GLOB.split(part)) if text
        ]
    return "".join(pieces) or "''"
