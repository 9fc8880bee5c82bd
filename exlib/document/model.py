"""A workflow document: the JSON as it came, with names and places for messages."""

from __future__ import annotations

import os
from functools import cached_property
from typing import Any

from exlib.document.decode import Refused, to_data, to_text
from exlib.document.flaws import Flaw
from exlib.document.positions import Positions
from exlib.findings import DocumentRefused, Finding, Pointer, Severity

STDIN_NAME = "<stdin>"


class Document:
    """The bytes as they came (``raw``), their text without a BOM, and the parsed object (``data``).

    ``data`` is for reading: a change goes through ``document.edit`` so that everything
    else in the text stays as it was.
    """

    def __init__(self, raw: bytes, name: str = STDIN_NAME) -> None:
        """Parse ``raw``. Raises DocumentRefused, which names every flaw and its place."""
        self.raw = raw
        self.name = name
        try:
            self.text = to_text(raw)
            self.data: dict[str, Any] = to_data(self.text)
        except Refused as refused:
            places = Positions(refused.text)
            raise DocumentRefused([_from_flaw(flaw, name, places) for flaw in refused.flaws]) from None

    @cached_property
    def positions(self) -> Positions:
        """Where each value stands in ``text``."""
        return Positions(self.text)

    @property
    def jobs(self) -> list[Any]:
        """The raw list of jobs, empty when the document has none that can be read."""
        jobs = self.data.get("jobs")
        return jobs if isinstance(jobs, list) else []

    @property
    def directory(self) -> str:
        """The directory that relative paths in the document start from."""
        if self.name == STDIN_NAME:
            return os.getcwd()
        return os.path.dirname(os.path.abspath(self.name))

    def origin(self, pointer: Pointer) -> tuple[Document, Pointer]:
        """The document that the value at ``pointer`` was read from, and where it stands there."""
        return self, pointer

    def line(self, pointer: Pointer) -> int:
        """The line of the value at ``pointer`` in the file that it was read from."""
        source, at = self.origin(pointer)
        return source.positions.line_column(source.positions.span(at).start)[0]

    def place(self, pointer: Pointer) -> str:
        """``file:line:column`` of the value at ``pointer`` in the file that it was read from."""
        source, at = self.origin(pointer)
        line, column = source.positions.line_column(source.positions.span(at).start)
        return f"{source.name}:{line}:{column}"

    def finding(
        self,
        code: str,
        severity: Severity,
        message: str,
        pointer: Pointer = (),
        *,
        mend: str | None = None,
        job: str | None = None,
        at_key: bool = False,
    ) -> Finding:
        """A finding at ``pointer``: at the value there, or at its key with ``at_key``."""
        source, place = self.origin(pointer)
        positions = source.positions
        span = positions.span(place)
        key_wanted = at_key and span.key_start >= 0
        start, end = (span.key_start, span.key_end) if key_wanted else (span.start, span.end)
        line, column = positions.line_column(start)
        text = positions.line_text(line)
        end_column = min(column + (end - start), len(text) + 1)
        return Finding(code, severity, message, source.name, line, column, end_column, text, mend, job, pointer)


def _from_flaw(flaw: Flaw, name: str, places: Positions) -> Finding:
    line, column = places.line_column(flaw.offset)
    return Finding(flaw.code, "error", flaw.message, name, line, column, column + 1, places.line_text(line), flaw.mend)
