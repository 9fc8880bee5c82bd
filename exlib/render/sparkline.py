"""A row of numbers as one line of text, a column each: ``▂▂▃✗▂▅▆▅``."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import pairwise

BLOCKS = "▁▂▃▄▅▆▇█"
PLAIN = "_.-=+*#@"
"""The same where there are no blocks: each character has more ink than the one before."""


def sparkline(
    values: Sequence[float | None], columns: int = 60, *, bad: Collection[int] = (), fine: bool = True
) -> str:
    """Heights from zero to the largest value, so that twice as high is twice as much.

    ``bad`` are places marked by a cross (x) in place of a height; None is a gap. More values than columns are taken
    together: their middle value is shown, and a cross if one of them was bad.
    """
    levels, cross, gap = (BLOCKS, "✗", "·") if fine else (PLAIN, "x", " ")
    top = max((value for place, value in enumerate(values) if value is not None and place not in bad), default=0.0)
    shown = []
    for places in buckets(len(values), columns):
        known = sorted(value for place in places if (value := values[place]) is not None and place not in bad)
        if any(place in bad for place in places):
            shown.append(cross)
        elif not known:
            shown.append(gap)
        else:
            height = known[len(known) // 2] / top if top > 0 else 0.0
            shown.append(levels[min(int(height * len(levels)), len(levels) - 1)])
    return "".join(shown)


def buckets(number: int, columns: int) -> list[range]:
    """Places 0 to ``number`` in at most so many groups of nearly the same size, in order."""
    groups = min(number, max(columns, 1))
    edges = [group * number // groups for group in range(groups + 1)] if groups else [0]
    return [range(start, end) for start, end in pairwise(edges)]
