"""Hiding the values of secrets wherever they may appear: in what jobs print, in commands, in what is kept."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from exlib.environment import MASK

_HARMLESS = frozenset(["", "true", "false", "none", "null"])
_MIN_SECRET = 4


class Mask:
    """Replaces secret values in what jobs wrote; a secret of several lines is known by each of its lines."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        parts = {line.strip() for secret in secrets for line in secret.splitlines()}
        # Shorter values (1, on, yes) are no secrets, and masking them would spoil every line.
        found = {part for part in parts if len(part) >= _MIN_SECRET and part.lower() not in _HARMLESS}
        # As it is, and as a JSON document writes it.
        forms = found | {json.dumps(part, ensure_ascii=False)[1:-1] for part in found}
        known = sorted((form.encode("utf-8", "surrogateescape") for form in forms), key=len, reverse=True)
        self._pattern = re.compile(b"|".join(map(re.escape, known))) if known else None
        self.longest = max(map(len, known), default=0)

    @property
    def active(self) -> bool:
        """Whether there is anything to hide."""
        return self._pattern is not None

    def __call__(self, data: bytes) -> bytes:
        """``data`` with every secret value replaced."""
        return self._pattern.sub(MASK.encode(), data) if self._pattern else data

    def text(self, text: str) -> str:
        """The same for text."""
        if self._pattern is None:
            return text
        return self(text.encode("utf-8", "surrogateescape")).decode("utf-8", "surrogateescape")

    def split(self, data: bytes) -> tuple[bytes, bytes]:
        """The masked beginning of unfinished data, and its end that may turn out to be part of a secret."""
        cut = max(len(data) - self.longest, 0)
        for found in self._pattern.finditer(data) if self._pattern else ():
            if found.start() < cut < found.end():
                cut = found.start()
        return self(data[:cut]), data[cut:]


UNMASKED = Mask()
