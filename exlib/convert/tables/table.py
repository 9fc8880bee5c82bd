"""A table in the making of either kind: its rows of cells, each with its place, and what else is to be told of it."""

import datetime
from typing import NamedTuple

Value = str | int | float | bool | datetime.date | datetime.time | datetime.timedelta | None
MOST = 200_000
"""Cells that are read; no table of jobs that a person keeps comes near."""


class Cell(NamedTuple):
    """A cell. ``path`` is its name there (``B3``), ``note`` is to be told of it, ``fault`` is why it has no value."""

    value: Value
    line: int
    path: str
    text: str
    note: str = ""
    fault: str = ""

    @property
    def empty(self) -> bool:
        """Whether nothing stands in it."""
        return not self.fault and (self.value is None or (isinstance(self.value, str) and not self.value.strip()))


class Row(NamedTuple):
    """A row; ``number`` counts as the program counts. ``hidden``: nobody sees it there."""

    number: int
    line: int
    cells: tuple[Cell, ...]
    hidden: bool = False


class Aside(NamedTuple):
    """What is there beside the rows: another sheet, macros. It is not read."""

    construct: str
    text: str
    reason: str


class Table(NamedTuple):
    """The rows that are not empty, in their order."""

    rows: list[Row]
    asides: list[Aside]
