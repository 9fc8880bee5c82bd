"""Where a value stands in the text of a JSON document.

Positions are computed only when something is to be reported or edited. A container on the way is
walked item by item; everything else is stepped over at the speed of the C scanner. The text must
already have been parsed successfully.
"""

from __future__ import annotations

import bisect
import re
from dataclasses import dataclass
from functools import cached_property
from json import JSONDecoder
from json.decoder import scanstring  # type: ignore[attr-defined]

from exlib.findings import Pointer

_SPACE = re.compile(r"[ \t\n\r]*")
_decode = JSONDecoder().raw_decode


@dataclass(frozen=True, slots=True)
class Span:
    """Offsets of one value, and of its key when it is a member of an object (else -1)."""

    start: int
    end: int
    key_start: int = -1
    key_end: int = -1


class Positions:
    """Spans of values by pointer, cached per container; lines end with CR LF, LF or CR."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._children: dict[Pointer, dict[str | int, Span]] = {}
        # All findings of a document on one line of megabytes share that line.
        self._lines: dict[int, str] = {}

    def span(self, pointer: Pointer) -> Span:
        """The span of the value at ``pointer``; of the nearest existing ancestor if it is absent."""
        return self._find(pointer)[0]

    def children(self, pointer: Pointer) -> dict[str | int, Span]:
        """The spans of a container's items by key or index; empty for a scalar and for what is absent."""
        span, exists = self._find(pointer)
        return self._items(pointer, span) if exists else {}

    def _find(self, pointer: Pointer) -> tuple[Span, bool]:
        span = self._root
        for depth, step in enumerate(pointer):
            found = self._items(pointer[:depth], span).get(step)
            if found is None:
                return span, False
            span = found
        return span, True

    def line_column(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, both from 1, the column in characters."""
        starts = self._starts
        line = bisect.bisect_right(starts, offset)
        return line, offset - starts[line - 1] + 1

    def line_text(self, line: int) -> str:
        """The text of a line (from 1) without its line end."""
        starts = self._starts
        if not 1 <= line <= len(starts):
            return ""
        if line not in self._lines:
            end = starts[line] if line < len(starts) else len(self._text)
            self._lines[line] = self._text[starts[line - 1] : end].rstrip("\r\n")
        return self._lines[line]

    @cached_property
    def _root(self) -> Span:
        return Span(_skip(self._text, 0), len(self._text.rstrip(" \t\r\n")))

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer(r"\r\n|\n|\r", self._text))]

    def _items(self, pointer: Pointer, span: Span) -> dict[str | int, Span]:
        known = self._children.get(pointer)
        if known is None:
            known = self._children[pointer] = self._walk(span.start)
        return known

    def _walk(self, offset: int) -> dict[str | int, Span]:
        opener = self._text[offset : offset + 1]
        if opener == "{":
            return self._walk_object(offset + 1)
        if opener == "[":
            return self._walk_array(offset + 1)
        return {}

    def _walk_object(self, at: int) -> dict[str | int, Span]:
        text = self._text
        found: dict[str | int, Span] = {}
        at = _skip(text, at)
        while text[at] != "}":
            key, key_end = scanstring(text, at + 1)
            start = _skip(text, _skip(text, key_end) + 1)
            _, end = _decode(text, start)
            found[key] = Span(start, end, at, key_end)
            at = _skip(text, end)
            if text[at] == ",":
                at = _skip(text, at + 1)
        return found

    def _walk_array(self, at: int) -> dict[str | int, Span]:
        text = self._text
        found: dict[str | int, Span] = {}
        at = _skip(text, at)
        while text[at] != "]":
            _, end = _decode(text, at)
            found[len(found)] = Span(at, end)
            at = _skip(text, end)
            if text[at] == ",":
                at = _skip(text, at + 1)
        return found


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    assert match is not None
    return match.end()
