"""``--chain``: each document waits for the one before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from exlib.merge.parts import Part


def chained(parts: Sequence[Part], owners: Mapping[str, tuple[int, str]]) -> dict[str, list[str]]:
    """What the first jobs of each document wait for besides: the last jobs of the one before.

    A job that an earlier document has too belongs to that one. A document that brings no job of its own adds its
    last jobs to those of the one before, so that what follows waits for both.
    """
    waits: dict[str, list[str]] = {}
    known: set[str] = set()
    last: list[str] = []
    for part in parts:
        own = [job for job in part.ids if part.names[job] not in known]
        fresh = set(own)
        for job in own:
            if last and not fresh.intersection(part.wanted[job]):
                waits[part.names[job]] = last
        wanted = {target for job in part.ids for target in part.wanted[job]}
        ends = [part.names[job] for job in part.ids if job not in wanted]
        last = ends if own else list(dict.fromkeys([*last, *ends]))
        known.update(part.names.values())
    return {name: targets for name, targets in waits.items() if name in owners}
