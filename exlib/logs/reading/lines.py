"""Lines out of bytes that come in pieces: numbered, bounded, whatever the bytes; and what is damaged, counted."""

from __future__ import annotations

from collections.abc import Iterator

from exlib.logs.model import Damage, Source

LONGEST = 16 << 20
"""Bytes of a line beyond which it is no line of ours, and is passed over."""
_NAMED = 20


class Damages:
    """Counts what cannot be read by its kind; the first few are kept by line."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.first: list[Damage] = []
        self.counts: dict[str, int] = {}

    def add(self, line: int, why: str, detail: str = "") -> None:
        """A line is damaged; ``why`` is the kind, ``detail`` what is particular to this one."""
        self.counts[why] = self.counts.get(why, 0) + 1
        if len(self.first) < _NAMED:
            self.first.append(Damage(self.source, line, f"{why}: {detail}" if detail else why))


class Lines:
    """Cuts what is fed into lines, without their ends, each with its number from 1; empty ones are counted only."""

    def __init__(self, damages: Damages) -> None:
        self.number = 0
        self._damages = damages
        self._pending: list[bytes] = []
        self._held = 0
        self._too_long = False

    def feed(self, data: bytes) -> Iterator[tuple[int, str]]:
        """The lines that are whole now. Bytes that are not UTF-8 become replacement characters."""
        *lines, rest = data.split(b"\n")
        if lines:
            lines[0] = b"".join([*self._pending, lines[0]])
            self._pending, self._held = [], 0
        number = self.number
        for line in lines:
            number += 1
            if self._too_long:
                self._too_long = False
            elif line and not line.isspace():
                self.number = number
                yield number, line.decode("utf-8", "replace")
        self.number = number
        if rest:
            self._hold(rest)

    def finish(self) -> tuple[int, str] | None:
        """The last line if it has no end; it may have been cut off."""
        rest = b"".join(self._pending)
        self._pending, self._held = [], 0
        if not rest.strip():
            return None
        self.number += 1
        return self.number, rest.decode("utf-8", "replace")

    def _hold(self, rest: bytes) -> None:
        self._pending.append(rest)
        self._held += len(rest)
        if self._held > LONGEST:
            if not self._too_long:
                self._damages.add(self.number + 1, "a line is longer than 16 MiB")
            self._too_long, self._pending, self._held = True, [], 0
