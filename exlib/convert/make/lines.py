"""The lines of a makefile: joined where a backslash continues them, without their comments."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from exlib.convert.source import Source

_CONTINUED = re.compile(r"(\\*)\n[ \t]*")
_OPENS = {"(": ")", "{": "}"}


class Line(NamedTuple):
    """A line from ``first`` to ``last``; ``raw`` keeps its continuations, ``text`` does not."""

    source: Source
    first: int
    last: int
    raw: str

    @property
    def text(self) -> str:
        """The line with what continues it, and with its comment."""
        return joined(self.raw)


def lines_of(source: Source, texts: list[str], first: int = 1, fixed: bool = False) -> Iterator[Line]:
    """The lines; ``fixed`` ones all stand where a text that make was given stands."""
    at = 0
    while at < len(texts):
        start = at
        while _goes_on(texts[at]) and at + 1 < len(texts):
            at += 1
        at += 1
        place = (first, first) if fixed else (first + start, first + at - 1)
        yield Line(source, *place, "\n".join(texts[start:at]))


def _goes_on(text: str) -> bool:
    return (len(text) - len(text.rstrip("\\"))) % 2 == 1


def joined(raw: str) -> str:
    """The lines as one: a backslash at an end and the blanks around it become one blank."""
    pieces = raw.split("\n")
    whole = pieces[0]
    for piece in pieces[1:]:
        count = len(whole) - len(whole.rstrip("\\"))
        body = whole[: len(whole) - count]
        kept = "\\" * (count // 2)
        whole = (body if kept else body.rstrip(" \t")) + kept + " " + piece.lstrip(" \t")
    return whole


def without_comment(text: str) -> tuple[str, str | None]:
    """The text before its comment, with ``\\#`` as a plain sign, and the comment."""
    pieces: list[str] = []
    at = 0
    while at < len(text):
        char = text[at]
        if char == "#":
            return "".join(pieces), text[at + 1 :]
        if char == "$" and at + 1 < len(text):
            end = reference_end(text, at)
            pieces.append(text[at:end])
            at = end
            continue
        if char == "\\":
            count = len(text[at:]) - len(text[at:].lstrip("\\"))
            if text[at + count : at + count + 1] == "#":
                pieces.append("\\" * (count // 2))
                at += count
                if count % 2:
                    pieces.append("#")
                    at += 1
                continue
            pieces.append("\\" * count)
            at += count
            continue
        pieces.append(char)
        at += 1
    return "".join(pieces), None


def reference_end(text: str, at: int) -> int:
    """Where the reference that begins at a ``$`` ends; behind the text if it is never closed."""
    opening = text[at + 1 : at + 2]
    if opening not in _OPENS:
        return min(at + 2, len(text))
    closing, depth = _OPENS[opening], 0
    for index in range(at + 1, len(text)):
        if text[index] == opening:
            depth += 1
        elif text[index] == closing:
            depth -= 1
            if depth == 0:
                return index + 1
    return len(text)


def find_outside(text: str, characters: str, start: int = 0) -> int:
    """Where one of the characters stands outside of references, -1 if nowhere; one behind a backslash is none."""
    at = start
    while at < len(text):
        char = text[at]
        if char in characters:
            return at
        if char == "$":
            at = reference_end(text, at)
        elif char == "\\" and at + 1 < len(text):
            at += 2
        else:
            at += 1
    return -1
