"""Changed values as lines of a difference: ``- key: old``, ``+ key: new``; what is hidden is named alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from exlib.console import cut
from exlib.delta import ABSENT, Change
from exlib.delta.hiding import Hiding

HIDDEN = "(its value is not shown)"
_VALUE = 200
_AROUND = 24


def change_lines(change: Change, hiding: Hiding, remark: str = "") -> Iterator[str]:
    """The lines of one change, values of one line cut down to where they differ; ``remark`` follows the last."""
    before, after = (value_text(change.key, value, hiding) for value in (change.before, change.after))
    said = f"  ({remark})" if remark else ""
    if before == after:
        where = "its value is not shown" if before == HIDDEN else "where it is not shown"
        yield f"~ {change.key}: changed, {where}{said}"
        return
    if before is not None and after is not None and "\n" in before + after:
        yield f"  {change.key}:{said}"
        yield from _lines(before.split("\n"), after.split("\n"))
        return
    if before is not None and after is not None:
        before, after = around_difference(before, after)
    if before is not None:
        yield f"- {change.key}: {before}{said if after is None else ''}"
    if after is not None:
        yield f"+ {change.key}: {after}{said}"


def value_text(key: str, value: Any, hiding: Hiding) -> str | None:
    """A value in words, None for one that is not there."""
    if value is ABSENT:
        return None
    if hiding.hides(key):
        return HIDDEN
    shown = hiding.scrubbed(value, key)
    return shown if isinstance(shown, str) else json.dumps(shown, ensure_ascii=False)


def around_difference(before: str, after: str) -> tuple[str, str]:
    """Both without most of what is the same at their beginnings and ends."""
    shorter = min(len(before), len(after))
    same = next((at for at in range(shorter) if before[at] != after[at]), shorter)
    first = max(same - _AROUND, 0)
    ends = next((at for at in range(shorter - same) if before[-1 - at] != after[-1 - at]), shorter - same)
    last = max(ends - _AROUND, 0)
    left, right = "…" * (first > 3), "…" * (last > 3)
    first, last = first * bool(left), last * bool(right)
    one, other = (f"{left}{text[first : len(text) - last]}{right}" for text in (before, after))
    return cut(one, _VALUE), cut(other, _VALUE)


def _lines(before: list[str], after: list[str]) -> Iterator[str]:
    from difflib import unified_diff

    for line in list(unified_diff(before, after, n=1, lineterm=""))[2:]:
        yield "  …" if line.startswith("@@") else f"{line[:1]}   {line[1:]}"
