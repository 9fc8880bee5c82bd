"""Text fitted into boxes: cut in the middle, wrapped where ids and prose can be, measured generously."""

from __future__ import annotations

import re

from exlib.console import cut, width

_BREAKS = re.compile(r"(?<=[_\-./: ,;|@])")
_NARROW, _WIDE = frozenset("iljtfrI.,:;'|!()[]{}/\\ `\""), frozenset("mwMWGOQ@%&+=<>~#✗✓◷↷■▸↻")


def shortened(text: str, columns: int) -> str:
    """``text`` in so many columns; the middle is left out, as ids differ at their ends."""
    if width(text) <= columns:
        return text
    head = cut(text, columns // 2, "")
    tail = cut(text[::-1], columns - width(head) - 1, "")[::-1]
    return f"{head}…{tail}"


def wrapped(text: str, columns: int, lines: int) -> list[str]:
    """At most so many lines of like length, broken behind blanks and separators, in words too long anywhere."""
    fitted = shortened(text, columns * lines)
    found = _broken(fitted, columns)
    if len(found) > lines:  # the breaks took more room than the cut left
        return wrapped(shortened(text, width(fitted) - 4), columns, lines)
    narrow = columns - 1
    while len(closer := _broken(fitted, narrow)) == len(found) > 1:
        found, narrow = closer, narrow - 1
    return found


def _broken(text: str, columns: int) -> list[str]:
    found = [""]
    for word in _BREAKS.split(text):
        piece = word
        while piece:
            if width(found[-1]) + width(piece.rstrip()) <= columns:
                found[-1] += piece
                break
            if found[-1]:
                found.append("")
                continue
            head = cut(piece, columns, "") or piece[0]
            found[-1], piece = head, piece[len(head) :]
            found.append("")
    return [line.strip() for line in found if line.strip()] or [""]


def ems(text: str, *, bold: bool = False) -> float:
    """How wide text can become in a common sans-serif font, in units of its size: DejaVu Sans is the widest."""
    total = 0.0
    for c in text:
        if c in _NARROW:
            total += 0.40
        elif c in _WIDE:
            total += 0.98
        elif c.isupper() or c.isdigit():
            total += 0.70
        else:
            total += 0.63 * width(c)
    return total * (1.1 if bold else 1.0)
