"""Which jobs of several documents are one job, and which only have the same id.

Two jobs are the same if they mean the same and wait for the same jobs. Where a dependency turns out to be two
jobs, all that wait for it are looked at again, so that what is one job never waits for two different ones by one id.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from exlib.merge.parts import Part


class Variants:
    """For each id the number of the variant that each document has; an id with more than one is a conflict."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self.parts = parts
        self.holders: dict[str, list[int]] = {}
        self._waiting: dict[str, list[str]] = {}
        for number, part in enumerate(parts):
            for job in part.ids:
                self.holders.setdefault(job, []).append(number)
                for target in part.wanted[job]:
                    self._waiting.setdefault(target, []).append(job)
        self._variant: dict[tuple[int, str], int] = {}
        self.split: set[str] = set()
        queue = deque(job for job, held in self.holders.items() if len(held) > 1)
        queued = set(queue)
        while queue:
            job = queue.popleft()
            queued.remove(job)
            for other in self._waiting.get(job, ()) if self._refine(job) else ():
                if other not in queued and len(self.holders[other]) > 1:
                    queued.add(other)
                    queue.append(other)

    @property
    def conflicts(self) -> list[str]:
        """The ids that mean different jobs, in the order in which they first appear."""
        return [job for job in self.holders if job in self.split]

    def groups(self, job: str) -> list[list[int]]:
        """The documents that have the id, those with the same job together."""
        found: dict[int, list[int]] = {}
        for number in self.holders[job]:
            found.setdefault(self._variant.get((number, job), 0), []).append(number)
        return list(found.values())

    def _refine(self, job: str) -> bool:
        """Tell the variants of an id apart; whether there are more than before."""
        known: dict[object, int] = {}
        before = len(self.groups(job))
        for number in self.holders[job]:
            part = self.parts[number]
            resolved = tuple(
                (target, self._variant.get((number, target)) if target in part.roster.index else -1)
                for target in sorted(part.wanted[job])
                if target in self.split
            )
            key = (self._variant.get((number, job), 0), part.meanings[job], resolved)
            self._variant[number, job] = known.setdefault(key, len(known))
        if len(known) > 1:
            self.split.add(job)
        return len(known) > before
