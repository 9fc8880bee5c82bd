"""Bytes to lines to records: what the reader of every line-wise source does."""

from __future__ import annotations

from abc import ABC, abstractmethod

from exlib.logs.reading.lines import Damages, Lines


class LineReader(ABC):
    """Cuts what is fed into lines and has ``take`` take each; ``finish`` when nothing more comes."""

    def __init__(self, damages: Damages) -> None:
        self.damages = damages
        self._lines = Lines(damages)

    def feed(self, data: bytes) -> None:
        """Take the next bytes."""
        take = self.take
        for number, line in self._lines.feed(data):
            take(number, line)

    def finish(self) -> None:
        """Nothing more comes."""
        self.cut()

    def cut(self) -> None:
        """What comes next does not go on from here: the last line has no end, and may be cut off."""
        last = self._lines.finish()
        if last is not None:
            self.take(*last, cut=True)

    @abstractmethod
    def take(self, number: int, line: str, *, cut: bool = False) -> None:
        """Take a line; ``cut`` if it may not be whole."""
