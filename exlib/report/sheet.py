"""A report before it is written: the same parts become text for a terminal, Markdown, or an HTML page.

Strings are plain text as they stand in a document or a log; each writer makes them fit for what it writes. What holds
secrets has gone through a mask before.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple


class Status(NamedTuple):
    """How something ended, shown with its mark and colour."""

    status: str


class Code(NamedTuple):
    """A command, a job's id or a path: what one might type."""

    text: str


class Number(NamedTuple):
    """A number as it is shown, and what it is sorted by."""

    text: str
    value: float


class Loud(NamedTuple):
    """Words that matter more; ``tone`` is good or bad where that can be said."""

    text: str
    tone: str = ""


class Series(NamedTuple):
    """Values in order of time, drawn small; ``bad`` are places of what failed."""

    values: Sequence[float | None]
    bad: Sequence[int] = ()
    name: str = ""


class Bars(NamedTuple):
    """Spans of time in a row, from 0 to ``end``: (start, end, status) each."""

    spans: Sequence[tuple[float, float, str]]
    end: float


Piece = str | Status | Code | Number | Loud | Series | Bars


class Line(NamedTuple):
    """Several pieces in a row."""

    pieces: Sequence[Piece]


Cell = Piece | Line


class Words(NamedTuple):
    """A paragraph."""

    text: Cell


class Points(NamedTuple):
    """A list of short lines."""

    items: Sequence[Cell]


class Facts(NamedTuple):
    """Names with what belongs to them."""

    items: Sequence[tuple[str, Cell]]


class Table(NamedTuple):
    """Rows below headings; ``right`` are columns of numbers, ``most`` how many rows a terminal is shown (0: all).

    Of more than MOST_ROWS the first are written, and how many there are besides.
    """

    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    right: Sequence[int] = ()
    most: int = 0


MOST_ROWS = 2000
"""Rows that a page or a Markdown text holds; nobody scrolls through more."""


class Listing(NamedTuple):
    """Lines as they are, of a log for example; those in ``lit`` (places) are the ones that matter."""

    text: str
    lit: Sequence[int] = ()
    caption: str = ""
    language: str = ""


class Commands(NamedTuple):
    """Commands that could be typed next, and what each does."""

    items: Sequence[tuple[str, str]]


class Figure(NamedTuple):
    """A drawing as SVG for pages, a caption, and what says the same in Markdown and in text, if anything does.

    Where there is no Markdown of its own, it is what stands in the text. ``bars`` are details of a Gantt chart's bars
    by their keys, which a page shows of the one that is pointed at or reached by the arrow keys.
    """

    svg: str
    caption: str = ""
    markdown: str = ""
    text: "Sequence[Words | Table]" = ()
    bars: Mapping[str, Any] = {}


Part = Words | Points | Facts | Table | Listing | Commands | Figure


class Section(NamedTuple):
    """Parts under a heading, with a line of explanation; ``level`` 3 is a part of the section before it."""

    heading: str
    parts: Sequence[Part]
    note: str = ""
    level: int = 2


class Sheet(NamedTuple):
    """A whole report. ``figures`` are the few numbers that matter most, as (value, what it is)."""

    title: str
    subtitle: str
    sections: Sequence[Section]
    figures: Sequence[tuple[str, str]] = ()
    lead: Cell = ""
    footer: str = ""
