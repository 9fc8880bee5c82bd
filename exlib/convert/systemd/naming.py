"""Text as systemd reads it: in names of units, in quotes, in plain values."""

from __future__ import annotations

import re

from exlib.digest import sha256_hex

_PLAIN = re.compile(r"[A-Za-z0-9_.]")
_LONGEST = 120
"""Characters of one part of a name: a unit's name has at most 255 with its ending."""
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r", "%": "%%"}


def escaped(text: str) -> str:
    """A part of a unit's name, as systemd-escape makes it; a long one is cut, with a digest for its rest.

    A colon is escaped too, as no list of paths can hold one.
    """
    pieces = []
    for at, character in enumerate(text):
        if character == "/":
            pieces.append("-")
        elif _PLAIN.fullmatch(character) and not (at == 0 and character == "."):
            pieces.append(character)
        else:
            pieces += [f"\\x{byte:02x}" for byte in character.encode()]
    if sum(map(len, pieces)) <= _LONGEST:
        return "".join(pieces)
    name = ""
    for piece in pieces:
        if len(name) + len(piece) > _LONGEST - 17:
            break
        name += piece
    return f"{name}_{sha256_hex(text.encode())[:16]}"


def quoted(text: str) -> str:
    """A value in double quotes, specifiers of systemd being none."""
    return f'"{"".join(_character(one) for one in text)}"'


def argument(text: str) -> str:
    """A word of a command line, in which systemd expands no variable."""
    return quoted(text).replace("$", "$$")


def plain(text: str) -> str:
    """A value that is not quoted, on one line."""
    return " ".join(text.split()).replace("%", "%%")


def _character(one: str) -> str:
    if one in _ESCAPES:
        return _ESCAPES[one]
    return one if ord(one) >= 32 and ord(one) != 127 else f"\\x{ord(one):02x}"
