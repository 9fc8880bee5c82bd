"""Changes to a document as splices of its text: what is not named stays byte for byte."""

from __future__ import annotations

import codecs
import json
from collections.abc import Collection, Iterator, Sequence
from functools import cached_property
from typing import Any

from exlib.document.model import Document
from exlib.document.positions import Span
from exlib.findings import Pointer

Splice = tuple[int, int, str]


class Editor:
    """Collects edits against one document; ``result()`` applies them all at once.

    Pointers always mean the document as it was; one that leads nowhere raises KeyError. Edits may nest
    inside an item that stays; an edit inside an item that is removed or replaced is dropped with it.
    Of two edits to one value the later counts.
    """

    def __init__(self, document: Document) -> None:
        self._document = document
        self._text = document.text
        self._splices: dict[tuple[int, int], str] = {}
        self._kept: dict[Pointer, set[str | int]] = {}

    def replace(self, pointer: Pointer, value: Any) -> None:
        """Put ``value`` in place of the value at ``pointer``."""
        span = self._span(pointer)
        self._splices[span.start, span.end] = self._dump(value)

    def rename_key(self, pointer: Pointer, name: str) -> None:
        """Give the member at ``pointer`` another key, keeping its place and value."""
        span = self._span(pointer)
        if span.key_start < 0:
            raise KeyError(pointer)
        self._splices[span.key_start, span.key_end] = self._dump(name)

    def keep_items(self, pointer: Pointer, kept: Collection[str | int]) -> None:
        """Of the array or object at ``pointer`` keep only the items named, with their own white space."""
        items = self._items(pointer)
        self._kept[pointer] = set(items.keys() & set(kept)) & self._kept.get(pointer, items.keys())

    def remove(self, pointer: Pointer) -> None:
        """Remove one item of an array or one member of an object."""
        self._span(pointer)
        container = pointer[:-1]
        if container not in self._kept:
            self._kept[container] = set(self._items(container))
        self._kept[container].discard(pointer[-1])

    def add(self, pointer: Pointer, key: str, value: Any) -> None:
        """Give the object at ``pointer`` a member that it lacks, behind the others and set apart as they are."""
        members = self._items(pointer)
        outer = self._span(pointer)
        if self._text[outer.start] != "{" or key in members:
            raise KeyError((*pointer, key))
        text = self._dump(key) + self._colon + self._dump(value)
        if not members:
            self._splices[outer.start + 1, outer.end - 1] = text
            return
        *_, before, last = [None, *members.values()]
        assert last is not None
        if before is not None:
            between = self._text[before.end : last.key_start]
        else:
            lead = self._text[outer.start + 1 : last.key_start]
            between = "," + (lead if "\n" in lead else self._space)
        self._splices[last.end, last.end] = self._splices.get((last.end, last.end), "") + between + text

    def replace_array(self, pointer: Pointer, values: Sequence[Any]) -> None:
        """Replace the items of an array; equal items keep their text, new ones follow its layout."""
        spans = list(self._items(pointer).values())
        outer = self._span(pointer)
        texts: dict[str, str] = {}
        for span in spans:
            piece = self._text[span.start : span.end]
            texts[dump(json.loads(piece))] = piece
        pieces = [texts.get(dump(value)) or self._dump(value) for value in values]
        self._splices[outer.start, outer.end] = self._array(outer, spans, pieces)

    @property
    def changed(self) -> bool:
        """Whether the result differs from the document as it came."""
        return any(self._text[start:end] != text for start, end, text in self._all_splices())

    def result(self) -> bytes:
        """The edited document as bytes, with the BOM it came with."""
        pieces: list[str] = []
        at = 0
        for start, end, text in self.splices():
            pieces += (self._text[at:start], text)
            at = end
        pieces.append(self._text[at:])
        bom = codecs.BOM_UTF8 if self._document.raw.startswith(codecs.BOM_UTF8) else b""
        return bom + "".join(pieces).encode("utf-8")

    def splices(self) -> list[Splice]:
        """What the edits come to: (start, end, new text) over the document's text, in order, none in another."""
        found: list[Splice] = []
        at = 0
        # At one start the widest first, so that an edit inside a removed item is passed over.
        for start, end, text in sorted(self._all_splices(), key=lambda splice: (splice[0], -splice[1])):
            if start >= at:
                found.append((start, end, text))
                at = end
        return found

    def _all_splices(self) -> Iterator[Splice]:
        for (start, end), text in self._splices.items():
            yield start, end, text
        for pointer in self._kept:
            yield from self._container(pointer)

    def _container(self, pointer: Pointer) -> Iterator[Splice]:
        """What removing items does to the text of one array or object."""
        items = self._items(pointer)
        spans = list(items.values())
        kept = sorted(_places(items, self._kept[pointer]))
        if not kept:
            outer = self._span(pointer)
            yield outer.start + 1, outer.end - 1, ""
            return
        if kept[0]:
            yield _start(spans[0]), _start(spans[kept[0]]), ""
        for place, following in zip(kept, [*kept[1:], len(spans)], strict=True):
            if following > place + 1:
                yield spans[place].end, spans[following - 1].end, ""

    def _array(self, outer: Span, spans: Sequence[Span], pieces: Sequence[str]) -> str:
        if not pieces:
            return "[]"
        if not spans:
            return "[" + f",{self._space}".join(pieces) + "]"
        lead = self._text[outer.start + 1 : spans[0].start]
        tail = self._text[spans[-1].end : outer.end - 1]
        if len(spans) > 1:
            between = self._text[spans[0].end : spans[1].start]
        else:
            between = "," + (lead if "\n" in lead else self._space)
        return "[" + lead + between.join(pieces) + tail + "]"

    def _span(self, pointer: Pointer) -> Span:
        if pointer and pointer[-1] not in self._document.positions.children(pointer[:-1]):
            raise KeyError(pointer)
        return self._document.positions.span(pointer)

    def _items(self, pointer: Pointer) -> dict[str | int, Span]:
        if self._text[self._span(pointer).start] not in "[{":
            raise KeyError(pointer)
        return self._document.positions.children(pointer)

    @cached_property
    def _colon(self) -> str:
        """How the document writes the colon of its first member: with a space behind it, or without."""
        first = next(iter(self._document.positions.children(()).values()), None)
        compact = first is not None and self._text[first.key_end : first.start] == ":"
        return ":" if compact else ": "

    @property
    def _space(self) -> str:
        return self._colon[1:]

    def _dump(self, value: Any) -> str:
        return json.dumps(value, ensure_ascii=False, separators=("," + self._space, self._colon))


def dump(value: Any) -> str:
    """One value as compact JSON text, characters written as themselves."""
    return json.dumps(value, ensure_ascii=False)


def _start(span: Span) -> int:
    return span.key_start if span.key_start >= 0 else span.start


def _places(items: dict[str | int, Span], kept: Collection[str | int]) -> list[int]:
    """The positions of the kept items among all; an array's keys are the positions themselves."""
    if len(kept) < len(items) and all(isinstance(key, int) for key in kept):
        return [key for key in kept if isinstance(key, int)]
    return [place for place, key in enumerate(items) if key in kept]
