"""A JSON text in which every value knows its line and its path."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from exlib.convert.account import UNREAD, Account, Place
from exlib.convert.source import Source
from exlib.document import Document
from exlib.errors import InputError
from exlib.findings import Pointer

_PLAIN_KEY = re.compile(r"[^\s.\[\]\"]+")
_SHOWN = 20
"""Lines of a value that an entry shows."""


class Record:
    """The parsed text. Values are asked for by their pointer."""

    def __init__(self, source: Source) -> None:
        """Parse it. Raises DocumentRefused for what is no JSON object."""
        self.source = source
        self._document = Document(source.raw, source.name)
        self.data: dict[str, Any] = self._document.data

    def place(self, pointer: Pointer, *, whole: bool = True) -> Place:
        """Where a value stands, with its key."""
        span = self._document.positions.span(pointer)
        start = span.key_start if span.key_start >= 0 else span.start
        first = self._document.positions.line_column(start)[0]
        last = self._document.positions.line_column(max(span.end - 1, start))[0]
        text = self._document.text[start : span.end] if whole else self._document.positions.line_text(first).strip()
        lines = text.split("\n", _SHOWN)
        if len(lines) > _SHOWN:
            text = "\n".join([*lines[:_SHOWN], "…"])
        return Place(self.source.name, first, last if whole else first, path_of(pointer), text, whole)

    def refuse(self, pointer: Pointer, message: str, mend: str | None = None) -> InputError:
        """The error to raise about a value."""
        place = self.place(pointer, whole=False)
        return self.source.refuse(place.line, f"{place.path}: {message}" if place.path else message, mend)

    def objects(self, pointer: Pointer) -> list[dict[str, Any]]:
        """The list of objects at a pointer; empty if it is absent. Raises InputError for another type."""
        found = self.at(pointer)
        if found is None:
            return []
        if not isinstance(found, list):
            raise self.refuse(pointer, "this must be a list")
        for number, one in enumerate(found):
            if not isinstance(one, dict):
                raise self.refuse((*pointer, number), "this must be an object")
        return found

    def object(self, pointer: Pointer) -> dict[str, Any]:
        """The object at a pointer; empty if it is absent. Raises InputError for another type."""
        found = self.at(pointer)
        if found is None:
            return {}
        if not isinstance(found, dict):
            raise self.refuse(pointer, "this must be an object")
        return found

    def at(self, pointer: Pointer) -> Any:
        """The value at a pointer; None if it is absent."""
        value: Any = self.data
        for step in pointer:
            if isinstance(value, dict):
                value = value.get(str(step))
            elif isinstance(value, list) and isinstance(step, int) and step < len(value):
                value = value[step]
            else:
                return None
        return value

    def settle(self, account: Account) -> None:
        """Say of every value that nothing was said of that it is dropped."""
        whole = {entry.place.path for entry in account.entries if entry.place.whole}
        for pointer in self._unsaid((), self.data, whole):
            account.dropped(self.place(pointer), str(pointer[-1]) if pointer else "document", UNREAD)

    def _unsaid(self, pointer: Pointer, value: Any, whole: set[str]) -> Iterator[Pointer]:
        if path_of(pointer) in whole:
            return
        below: Any = ()
        if isinstance(value, dict):
            below = value.items()
        elif isinstance(value, list):
            below = enumerate(value)
        if not value or not below:
            yield pointer
        for step, one in below:
            yield from self._unsaid((*pointer, step), one, whole)


def path_of(pointer: Pointer) -> str:
    """The place in the structure as a text."""
    steps = [
        f"[{step}]" if isinstance(step, int) else f".{step}" if _PLAIN_KEY.fullmatch(step) else f'["{step}"]'
        for step in pointer
    ]
    return "".join(steps).removeprefix(".")
