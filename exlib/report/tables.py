"""Plain aligned tables for a terminal or a pipe: columns as wide as their widest cell, no lines drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from exlib.console import width
from exlib.report.wording import Voice

GAP = "  "


@dataclass(frozen=True, slots=True)
class Cell:
    """Text and its styles."""

    text: str
    styles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """A heading; numbers are set ``right``."""

    heading: str
    right: bool = False


def table(columns: Sequence[Column], rows: Sequence[Sequence[Cell]], voice: Voice, indent: str = "") -> list[str]:
    """The lines of a table with its heading; no rows, no lines. The last column is never filled up."""
    if not rows:
        return []
    heading = [Cell(column.heading, ("dim",)) for column in columns]
    shown = [[(voice.plain(cell.text), cell.styles) for cell in row] for row in (heading, *rows)]
    widths = [max(width(row[at][0]) for row in shown) for at in range(len(columns))]
    lines = []
    for row in shown:
        cells = [
            _set(text, styles, widths[at], columns[at].right, at == len(columns) - 1, voice)
            for at, (text, styles) in enumerate(row)
        ]
        lines.append((indent + GAP.join(cells)).rstrip())
    return lines


def _set(text: str, styles: tuple[str, ...], columns: int, right: bool, last: bool, voice: Voice) -> str:
    shown = voice.style(text, *styles) if text and styles else text
    room = " " * (columns - width(text))
    if right:
        return room + shown
    return shown if last else shown + room
