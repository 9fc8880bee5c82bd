"""What differs between the documents of two runs, in words; values of variables are never told."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from exlib.console import cut, plural
from exlib.delta import ABSENT, Change, Delta
from exlib.report.sheet import Cell, Code, Line, Listing, Loud, Part, Piece, Points, Words

_SHOWN = 40
_LINES = 120
_VALUE = 200
_AROUND = 24


def delta_parts(found: Delta | None, mask: Callable[[str], str]) -> Iterator[Part]:
    """What was added, removed and changed; ``mask`` hides secrets in values."""
    if found is None:
        yield Words("One of the documents cannot be read, so that nothing is known of what changed in it.")
        return
    if not found:
        yield Words("The documents are the same as workflows.")
        return
    items: list[Cell] = []
    for jobs, word in ((found.added, "added"), (found.removed, "removed")):
        if jobs:
            items.append(Line((Loud(f"{plural(len(jobs), 'job')} {word}"), ": ", *_listed(jobs))))
    if found.changed:
        items.append(Line((Loud(f"{plural(len(found.changed), 'job')} changed"), ": ", *_keys(found))))
    if found.settings:
        keys = [change.key for change in found.settings]
        items.append(Line((Loud("settings of the document"), ": ", *_listed(keys))))
    yield Points(items)
    lines = [line for change in found.settings for line in _told(change, mask)]
    for one in found.changed:
        lines += [f"@@ {one.job}", *(line for change in one.changes for line in _told(change, mask))]
    if lines:
        kept = lines[:_LINES]
        more = [f"@@ and {plural(len(lines) - len(kept), 'more line')}"] if len(lines) > len(kept) else []
        yield Listing("\n".join([*kept, *more]), language="diff")


def _keys(found: Delta) -> Iterator[Piece]:
    for number, one in enumerate(found.changed[:_SHOWN]):
        keys = ", ".join(dict.fromkeys(change.key.partition(".")[0] for change in one.changes))
        yield from (", " if number else "", Code(one.job), f" ({keys})")
    if len(found.changed) > _SHOWN:
        yield f" and {len(found.changed) - _SHOWN:,} more"


def _listed(jobs: Sequence[str]) -> Iterator[Piece]:
    for number, job in enumerate(jobs[:_SHOWN]):
        yield from (", " if number else "", Code(job))
    if len(jobs) > _SHOWN:
        yield f" and {len(jobs) - _SHOWN:,} more"


def _told(change: Change, mask: Callable[[str], str]) -> Iterator[str]:
    """The lines of a difference, values of one line cut down to where they differ."""
    before, after = (_value(change.key, value, mask) for value in (change.before, change.after))
    if before is not None and after is not None and "\n" in before + after:
        yield f"  {change.key}:"
        yield from _lines(before.split("\n"), after.split("\n"))
        return
    if before is not None and after is not None:
        before, after = _around_difference(before, after)
    if before is not None:
        yield f"- {change.key}: {before}"
    if after is not None:
        yield f"+ {change.key}: {after}"


def _lines(before: list[str], after: list[str]) -> Iterator[str]:
    from difflib import unified_diff

    for line in list(unified_diff(before, after, n=1, lineterm=""))[2:]:
        yield "  …" if line.startswith("@@") else f"{line[:1]}   {line[1:]}"


def _around_difference(before: str, after: str) -> tuple[str, str]:
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


def _value(key: str, value: Any, mask: Callable[[str], str]) -> str | None:
    if value is ABSENT:
        return None
    if key.startswith("env_variables") or key == "smtp_password":
        return "(its value is not shown)"
    return mask(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
