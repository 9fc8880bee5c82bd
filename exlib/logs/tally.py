"""How runs are counted: a resumed run is one run, and its latest attempt says what became of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable

from exlib.logs.model import Run


def run_key(run: Run) -> Hashable | None:
    """What all attempts of one run have in common; None for a run without a number, which has one attempt."""
    if run.run is None:
        return None
    name = run.source.name if run.source.kind not in ("history", "events") else ""
    return run.application, name, run.run


class Tally:
    """Runs by one word each, that of the latest attempt; ``attempts`` are all of them."""

    __slots__ = ("_latest", "attempts")

    def __init__(self) -> None:
        self.attempts = 0
        self._latest: dict[Hashable, tuple[int, str]] = {}

    def add(self, run: Run, word: str) -> None:
        """Take an attempt of a run."""
        self.attempts += 1
        key = run_key(run)
        known = self._latest.get(key) if key is not None else None
        if known is None or run.attempt >= known[0]:
            self._latest[self.attempts if key is None else key] = run.attempt, word

    @property
    def runs(self) -> int:
        """How many there are."""
        return len(self._latest)

    @property
    def words(self) -> Counter[str]:
        """How many runs have each word."""
        return Counter(word for _, word in self._latest.values())
