"""What differs between the documents of two runs, in words; values of variables are never told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from exlib.console import plural
from exlib.delta import Delta
from exlib.delta.hiding import Hiding
from exlib.report.delta_lines import change_lines
from exlib.report.sheet import Cell, Code, Line, Listing, Loud, Part, Piece, Points, Words

_SHOWN = 40
_LINES = 120


def delta_parts(found: Delta | None, mask: Callable[[str], str]) -> Iterator[Part]:
    """What was added, removed and changed; ``mask`` hides secrets in values."""
    if found is None:
        yield Words("One of the documents cannot be read, so that nothing is known of what changed in it.")
        return
    if not found:
        yield Words("The documents are the same as workflows.")
        return
    hiding = Hiding(mask)
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
    lines = [line for change in found.settings for line in change_lines(change, hiding)]
    for one in found.changed:
        lines += [f"@@ {one.job}", *(line for change in one.changes for line in change_lines(change, hiding))]
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
