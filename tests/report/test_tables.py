from __future__ import annotations

import io
import re

from hypothesis import given
from hypothesis import strategies as st

from exlib.console import Console, width
from exlib.report.tables import Cell, Column, table
from exlib.report.wording import Voice

COLUMNS = (Column("NAME"), Column("N", right=True), Column("WHY"))


def voice(color: str = "never") -> Voice:
    console = Console()
    console.color = color
    return Voice(console, io.TextIOWrapper(io.BytesIO(), encoding="utf-8"))


def test_columns_are_as_wide_as_their_widest_cell() -> None:
    rows = [[Cell("load"), Cell("7"), Cell("exit")], [Cell("日本"), Cell("1234"), Cell("")]]
    assert table(COLUMNS, rows, voice()) == [
        "NAME     N  WHY",
        "load     7  exit",
        "日本  1234",
    ]


def test_no_rows_are_no_lines() -> None:
    assert table(COLUMNS, [], voice()) == []


@given(st.lists(st.tuples(st.text(), st.text(), st.text()), min_size=1))
def test_whatever_the_cells_hold_a_row_is_a_line_and_columns_align(rows: list[tuple[str, str, str]]) -> None:
    cells = [[Cell(text) for text in row] for row in rows]
    coloured = [[Cell(text, ("red",)) for text in row] for row in rows]
    lines = table((*COLUMNS[:2], Column("LAST")), [[*row[:2], Cell("|")] for row in cells], voice())
    assert len(lines) == len(rows) + 1
    assert len({width(line) for line in lines[1:]}) == 1
    assert all(line.isprintable() for line in lines)
    shown = [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in table(COLUMNS, coloured, voice("always"))]
    assert [line.rstrip() for line in shown] == [line.rstrip() for line in table(COLUMNS, cells, voice())]
