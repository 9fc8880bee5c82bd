"""Changes to a document as splices of its text: what is not named stays byte for byte."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Collection, Sequence
from typing import Any

from exlib.document.model import Document
from exlib.findings import Pointer


class Editor:
    """Collects edits against one document; ``result()`` applies them all at once.

    Pointers always mean the document as it was. Edits may nest inside an item that stays; an edit
    inside an item that is removed is dropped with it.
    """

    def __init__(self, document: Document) -> None:
        self._document = document
        self._text = document.text
        self._edits: list[tuple[int, int, str]] = []

    def replace(self, pointer: Pointer, value: Any) -> None:
        """Put ``value`` in place of the value at ``pointer``."""
        span = self._document.positions.span(pointer)
        self._edits.append((span.start, span.end, dump(value)))

    def rename_key(self, pointer: Pointer, name: str) -> None:
        """Give the member at ``pointer`` another key, keeping its place and value."""
        span = self._document.positions.span(pointer)
        self._edits.append((span.key_start, span.key_end, dump(name)))

    def keep_items(self, pointer: Pointer, kept: Collection[str | int]) -> None:
        """Of the array or object at ``pointer`` keep only the items named, with their own white space."""
        items = self._document.positions.children(pointer)
        removed = [key for key in items if key not in kept]
        if not removed:
            return
        spans = [
            (span.key_start if span.key_start >= 0 else span.start, span.end, key in kept)
            for key, span in items.items()
        ]
        first_kept = next((n for n, (_, _, keep) in enumerate(spans) if keep), None)
        if first_kept is None:
            outer = self._document.positions.span(pointer)
            self._edits.append((outer.start + 1, outer.end - 1, ""))
            return
        if first_kept:
            self._edits.append((spans[0][0], spans[first_kept][0], ""))
        for n in range(first_kept + 1, len(spans)):
            if not spans[n][2]:
                self._edits.append((spans[n - 1][1], spans[n][1], ""))

    def remove(self, pointer: Pointer) -> None:
        """Remove one item of an array or one member of an object."""
        container = self._document.positions.children(pointer[:-1])
        self.keep_items(pointer[:-1], [key for key in container if key != pointer[-1]])

    def insert_member(self, pointer: Pointer, key: str, value: Any) -> None:
        """Add a member at the end of the object at ``pointer``, laid out as its neighbours are."""
        items = list(self._document.positions.children(pointer).values())
        member = f"{dump(key)}: {dump(value)}"
        if not items:
            outer = self._document.positions.span(pointer)
            self._edits.append((outer.start + 1, outer.end - 1, member))
            return
        previous_end = items[-2].end if len(items) > 1 else self._document.positions.span(pointer).start + 1
        gap = self._text[previous_end : items[-1].key_start].replace(",", "", 1)
        self._edits.append((items[-1].end, items[-1].end, f",{gap or ' '}{member}"))

    def replace_array(self, pointer: Pointer, values: Sequence[Any]) -> None:
        """Replace the items of an array; equal items keep their text, new ones follow its layout."""
        outer = self._document.positions.span(pointer)
        items = self._document.positions.children(pointer)
        old = self._text[outer.start : outer.end]
        texts = {}
        for span in items.values():
            piece = self._text[span.start : span.end]
            texts[dump(json.loads(piece))] = piece
        pieces = [texts.get(dump(value), dump(value)) for value in values]
        if not pieces:
            self._edits.append((outer.start, outer.end, "[]"))
        elif "\n" in old and items:
            lead = self._text[outer.start + 1 : items[0].start]
            tail = self._text[list(items.values())[-1].end : outer.end - 1]
            self._edits.append((outer.start, outer.end, "[" + lead + ("," + lead).join(pieces) + tail + "]"))
        else:
            comma = "," if re.search(r'["}],["{]', old) else ", "
            self._edits.append((outer.start, outer.end, "[" + comma.join(pieces) + "]"))

    @property
    def changed(self) -> bool:
        """Whether any edit was made."""
        return bool(self._edits)

    def result(self) -> bytes:
        """The edited document as bytes, with the BOM it came with."""
        pieces: list[str] = []
        at = 0
        # At one start: insertions first, then the widest, so that an edit inside a removed item is passed over.
        for start, end, text in sorted(self._edits, key=lambda edit: (edit[0], edit[1] > edit[0], -edit[1])):
            if start < at:
                continue
            pieces += (self._text[at:start], text)
            at = end
        pieces.append(self._text[at:])
        bom = codecs.BOM_UTF8 if self._document.raw.startswith(codecs.BOM_UTF8) else b""
        return bom + "".join(pieces).encode("utf-8")


def dump(value: Any) -> str:
    """One value as compact JSON text, characters written as themselves."""
    return json.dumps(value, ensure_ascii=False)
