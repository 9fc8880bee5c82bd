"""The word that a misspelt one means, among many."""

from __future__ import annotations

from collections.abc import Iterable

_SCAN_BUDGET = 200_000
"""Comparisons spent on looking through all words; one slip of the pen is found without them."""


class Nearest:
    """Finds near words: case and separators apart, one slip (a letter more, less, other or swapped), or similar."""

    def __init__(self, words: Iterable[str]) -> None:
        self._words = list(dict.fromkeys(words))
        self._bare: dict[str, str] = {}
        for word in self._words:
            self._bare.setdefault(_bare(word), word)
        self._letters = sorted({letter for bare in self._bare for letter in bare})
        self._budget = _SCAN_BUDGET
        self._known: dict[str, str | None] = {}

    def to(self, word: str) -> str | None:
        """The nearest word, None when none is near."""
        if word not in self._known:
            self._known[word] = self._find(word)
        return self._known[word]

    def _find(self, word: str) -> str | None:
        bare = _bare(word)
        if bare in self._bare:
            return self._bare[bare]
        if len(bare) > 2 and (slip := next((v for v in self._slips(bare) if v in self._bare), None)):
            return self._bare[slip]
        if len(self._words) > self._budget:
            return None
        self._budget -= len(self._words)
        import difflib

        close = difflib.get_close_matches(bare, self._bare, n=1, cutoff=0.75)
        return self._bare[close[0]] if close else None

    def _slips(self, word: str) -> Iterable[str]:
        for n in range(len(word)):
            yield word[:n] + word[n + 1 :]
            yield word[:n] + word[n + 1 : n + 2] + word[n] + word[n + 2 :]
        for n in range(len(word) + 1):
            for letter in self._letters:
                yield word[:n] + letter + word[n + 1 :]
                yield word[:n] + letter + word[n:]


def _bare(word: str) -> str:
    return word.casefold().replace("-", "").replace("_", "").replace(".", "").replace(" ", "")
