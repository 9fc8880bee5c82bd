"""What stands in another order: jobs, keys, dependencies."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence

from exlib.delta.model import Delta, Order
from exlib.delta.reading import entries_of, jobs_of, settings_of
from exlib.document import Document


def order(before: Document, after: Document, found: Delta) -> Order:
    """The fewest jobs that must have moved, and the jobs of both documents whose keys or dependencies did."""
    names = {one.before: one.after for one in found.renamed}
    old = {names.get(job, job): raw for job, raw in jobs_of(before).items()}
    new = jobs_of(after)
    place = {job: number for number, job in enumerate(old)}
    common = [job for job in new if job in old]
    still = {common[at] for at in rising([place[job] for job in common])}
    return Order(
        jobs=tuple(job for job in common if job not in still),
        keys=tuple(job for job in common if _swapped(old[job], new[job])),
        dependencies=tuple(job for job in common if _swapped(entries_of(old[job], names), entries_of(new[job], {}))),
        settings=_swapped(settings_of(before), settings_of(after)),
    )


def rising(values: Sequence[int]) -> list[int]:
    """The places of a longest rising subsequence of different values (Fredman, 1975)."""
    tails: list[int] = []
    places: list[int] = []
    came_from = [-1] * len(values)
    for at, value in enumerate(values):
        length = bisect_left(tails, value)
        tails[length : length + 1] = [value]
        places[length : length + 1] = [at]
        came_from[at] = places[length - 1] if length else -1
    found: list[int] = []
    at = places[-1] if places else -1
    while at >= 0:
        found.append(at)
        at = came_from[at]
    return found[::-1]


def _swapped(one: Iterable[str], other: Iterable[str]) -> bool:
    """Whether what is in both stands in another order."""
    first, second = list(one), list(other)
    if first == second:
        return False
    known, kept = set(second), set(first)
    return [key for key in first if key in known] != [key for key in second if key in kept]
