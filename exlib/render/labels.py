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
    """At most so many lines, broken behind blanks and separators, in words that are too long anywhere."""
    found = [""]
    for piece in _BREAKS.split(shortened(text, columns * lines - lines)):
        while piece:
            if width(found[-1]) + width(piece.rstrip()) <= columns:
                found[-1] += piece
                break
            if found[-1].strip():
                found.append("")
                continue
            head = cut(piece, columns, "") or piece[0]
            found[-1], piece = head, piece[len(head) :]
            found.append("")
    kept = [line.strip() for line in found if line.strip()]
    if len(kept) > lines:
        kept[lines - 1] = (
            cut(kept[lines - 1] + "…", columns) if width(kept[lines - 1]) >= columns else kept[lines - 1] + "…"
        )
    return kept[:lines] or [""]


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
