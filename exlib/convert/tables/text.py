"""The rows of a CSV file; its separator is told by its first lines."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator

from exlib.convert.source import Source
from exlib.convert.tables.columns import is_header
from exlib.convert.tables.table import MOST, Aside, Cell, Row, Table
from exlib.errors import InputError

_SEPARATORS = (",", ";", "\t", "|")
_NAMED = re.compile(r"sep=(.)\n", re.IGNORECASE)
_LOOKED_AT = 20  # rows that may stand above the header


def table_of(source: Source) -> Table:
    """The table. Raises InputError if a quote is never closed, or if it is too large."""
    try:
        text = source.text.replace("\r", "\n")
    except InputError as error:
        error.mend = 'save the table as "CSV UTF-8"'
        raise
    asides, skipped = [], 0
    named = _NAMED.match(text)
    if named:
        asides.append(Aside("separator", named[0].strip(), "it says what parts the cells"))
        text, skipped = text[named.end() :], 1
    separator = named[1] if named else _separator(text)
    return Table(list(_rows(source, text, separator, skipped)), asides)


def _separator(text: str) -> str:
    """The one that makes a header of one of the first lines; of several that which makes the most columns."""
    found: dict[str, int] = {}
    for separator in _SEPARATORS:
        try:
            rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
            widths = [len(row) for _, row in zip(range(_LOOKED_AT), rows, strict=False) if is_header(row)]
        except csv.Error:
            continue
        if widths:
            found[separator] = widths[0]
    return max(found, key=lambda separator: found[separator], default=",")


def _rows(source: Source, text: str, separator: str, skipped: int) -> Iterator[Row]:
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    first, cells, number = 1 + skipped, 0, skipped
    while True:
        try:
            row = next(rows, None)
        except csv.Error as error:
            said = str(error)
            if "end of data" in said:
                said = "a quote is opened and never closed"
            raise source.refuse(
                first, f"this row cannot be read: {said}", 'a quote within quotes is doubled: ""'
            ) from None
        if row is None:
            return
        number += 1
        cells += len(row)
        if cells > MOST:
            raise source.refuse(first, f"more than {MOST} cells are no table of jobs", "convert the part that you need")
        if any(text.strip() for text in row):
            yield Row(number, first, tuple(Cell(text, first, "", text) for text in row))
        first = rows.line_num + 1 + skipped
