"""Search files of any size, with lines of any length, in bounded memory.

Literal text is looked for in raw bytes. A regular expression is tried on one line at a time, decoded as UTF-8 with
foreign bytes kept. Of a line longer than ``PIECE`` overlapping pieces are looked at: ``^`` and ``$`` still mean the
line's real ends, and a match is found wherever it ends within ``OVERLAP`` characters of a piece's start.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Sequence
from typing import IO, NamedTuple

CHUNK = 1 << 20
PIECE = 1 << 20
OVERLAP = 1 << 16
_AROUND = 120
"""Bytes or characters of the line that are shown on each side of a match."""


class Hit(NamedTuple):
    """The line (from 1) where something was found, and the text around it."""

    line: int
    text: str


class _Piece(NamedTuple):
    line: int
    text: str
    first: bool
    last: bool


def find_literal(stream: IO[bytes], needles: Sequence[bytes]) -> Hit | None:
    """The first place where any of ``needles`` (short, without line ends) occurs."""
    line = 1
    kept = b""
    while chunk := stream.read(CHUNK):
        buffer = kept + chunk
        places = [at for at in map(buffer.find, needles) if at >= 0]
        if places:
            at = min(places)
            buffer += stream.read(_AROUND)
            return Hit(line + buffer.count(b"\n", 0, at), _around(buffer, at))
        kept = buffer[-2 * _AROUND :]
        line += buffer.count(b"\n", 0, len(buffer) - len(kept))
    return None


def find_pattern(stream: IO[bytes], pattern: re.Pattern[str]) -> Hit | None:
    """The first line where ``pattern`` matches; it never spans two lines."""
    open_match: int | None = None  # a match that reached the end of an unfinished line's piece
    before = ""
    for piece in _pieces(stream):
        if piece.first:
            text, skip = piece.text, 0
        else:
            # One more character than is searched, so that ^ and \b see that the line began earlier.
            skip = 1
            text = before[-OVERLAP - 1 :] + piece.text
            if open_match is not None and pattern.match(before + piece.text, open_match):
                return Hit(piece.line, _shown(before, open_match))
        open_match = None
        match = pattern.search(text, skip)
        if match and (piece.last or match.end() < len(text)):
            return Hit(piece.line, _shown(text, match.start()))
        open_match = match.start() if match else None
        before = text
    return None


def _pieces(stream: IO[bytes]) -> Iterator[_Piece]:
    """Lines without their ends; a long line in several pieces."""
    number = 1
    first = True
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    raw = stream.readline(PIECE)
    while raw:
        ended = raw.endswith(b"\n")
        following = stream.readline(PIECE) if not ended else b""
        last = ended or not following
        text = decoder.decode(raw, final=last)
        yield _Piece(number, text.removesuffix("\n").removesuffix("\r") if last else text, first, last)
        number += ended
        first = last
        raw = stream.readline(PIECE) if ended else following


def _around(buffer: bytes, at: int) -> str:
    start = max(buffer.rfind(b"\n", 0, at) + 1, at - _AROUND)
    end = buffer.find(b"\n", at)
    stop = min(end if end >= 0 else len(buffer), at + _AROUND)
    return buffer[start:stop].decode("utf-8", "replace").strip()


def _shown(text: str, at: int) -> str:
    shown = text[max(0, at - _AROUND) : at + _AROUND]
    return shown.encode("utf-8", "surrogateescape").decode("utf-8", "replace").strip()
