"""Values as words of a POSIX shell."""

from __future__ import annotations

import re
import shlex

from exlib.environment import REFERENCE

_GLOB = re.compile(r"\*+|\?|\[(?P<not>!?)(?P<set>\]?[^\]/]*)\]")
_UNSAFE = re.compile(r"[^\w-]", re.ASCII)


def word(value: str) -> str:
    """A word for a value; what it refers to is looked up there, and stays as it is if that is not set."""
    pieces = []
    for at, part in enumerate(REFERENCE.split(value)):
        if at % 2:
            pieces.append(f'"${{{part}-\\${{{part}\\}}}}"')
        elif part:
            pieces.append(shlex.quote(part))
    return "".join(pieces) or "''"


def path_words(path: str) -> str:
    """Words for the files that a path means, where IFS is empty: ``*``, ``?`` and ``[…]`` are alive, in values too.

    A name that holds such characters itself is meant as well; words that name no file have to be passed over.
    """
    pieces, alive = [], False
    for at, part in enumerate(REFERENCE.split(path)):
        if at % 2:
            pieces.append(f"${{{part}-\\$\\{{{part}\\}}}}")
            alive = True
            continue
        begin = 0
        for found in _GLOB.finditer(part):
            pieces += [_plain(part[begin : found.start()]), _pattern(found)]
            begin, alive = found.end(), True
        pieces.append(_plain(part[begin:]))
    return f"{word(path)} {''.join(pieces)}" if alive else word(path)


def failing(why: str) -> str:
    """The command of what nobody can do here: it says why on stderr, and fails."""
    return f"printf '%s\\n' {shlex.quote(why)} >&2; exit 1"


def number(value: float) -> str:
    """A number as shells and their tools read it."""
    return str(int(value)) if value == int(value) else f"{value:.6f}".rstrip("0")


def _plain(text: str) -> str:
    return shlex.quote(text) if text else ""


def _pattern(found: re.Match[str]) -> str:
    """What is special in a set for us stays so; ``^`` and whatever else a shell sees there is a character."""
    if found["set"] is None:
        return found[0]
    inner = _UNSAFE.sub(lambda match: f"\\{match[0]}" if match[0].isascii() else match[0], found["set"])
    return f"[{found['not']}{inner}]"
