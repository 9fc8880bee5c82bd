"""Search files of any size, with lines of any length, in bounded memory.

Literal text is looked for in raw bytes. A regular expression is tried on one line at a time, decoded as UTF-8 with
foreign bytes kept. Of a line longer than ``PIECE`` overlapping pieces are looked at: ``^`` and ``$`` still mean the
line's real ends, and the answer is exact for matches of up to ``OVERLAP`` characters.
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
_NEWLINE, _RETURN = 10, 13


class Hit(NamedTuple):
    """The line (from 1) where something was found, and the text around it."""

    line: int
    text: str


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
    search = pattern.search
    for number, raw in enumerate(iter(lambda: stream.readline(PIECE), b""), 1):
        if len(raw) == PIECE and raw[-1] != _NEWLINE:
            shown = _find_in_long_line(stream, raw, pattern)
        else:
            text = _decode(raw)
            match = search(text)
            shown = _shown(text, match.start()) if match else None
        if shown is not None:
            return Hit(number, shown)
    return None


def _find_in_long_line(stream: IO[bytes], raw: bytes, pattern: re.Pattern[str]) -> str | None:
    """Look at a line whose first piece is ``raw``, up to the line's end; returns the text around the first match."""
    pieces = _pieces(stream, raw)
    text, start = "", 0
    piece = next(pieces, None)
    while piece is not None:
        ahead = next(pieces, None)
        # One more character than is searched, so that ^ and \b see that the line began earlier.
        start = min(len(text), 1)
        text = text[-OVERLAP - 1 :] + piece
        match = pattern.search(text, start)
        if match and ahead is not None and match.end() == len(text):
            # Only the piece ends here, not the line: see whether it still matches with more of it.
            match = pattern.match(text + ahead, match.start())
        if match:
            return _shown(text, match.start())
        piece = ahead
    return None


def _pieces(stream: IO[bytes], raw: bytes) -> Iterator[str]:
    """The rest of a line, decoded, in pieces of which the last has no line end."""
    decode = codecs.getincrementaldecoder("utf-8")("surrogateescape").decode
    while raw:
        following = b"" if raw[-1] == _NEWLINE else stream.readline(PIECE)
        if following and raw[-1] == _RETURN:  # perhaps half of the line's end
            raw, following = raw[:-1], b"\r" + following
        yield decode(raw) if following else decode(raw, True).rstrip("\r\n")
        raw = following


def _decode(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape").rstrip("\r\n")


def _around(buffer: bytes, at: int) -> str:
    start = max(buffer.rfind(b"\n", 0, at) + 1, at - _AROUND)
    end = buffer.find(b"\n", at)
    stop = min(end if end >= 0 else len(buffer), at + _AROUND)
    return buffer[start:stop].decode("utf-8", "replace").strip()


def _shown(text: str, at: int) -> str:
    shown = text[max(0, at - _AROUND) : at + _AROUND]
    return shown.encode("utf-8", "surrogateescape").decode("utf-8", "replace").strip()
