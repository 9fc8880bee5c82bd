"""The rows of a sheet of an XLSX file, with a limit to what is unpacked."""

from __future__ import annotations

import datetime
import io
import re
import warnings
import zipfile
from collections.abc import Iterator
from typing import Any

from exlib.convert import extras
from exlib.convert.source import Source
from exlib.convert.tables.cells import text_of
from exlib.convert.tables.table import MOST, Aside, Cell, Row, Table
from exlib.errors import InputError, UsageError

_LARGEST = 32 << 20
"""Bytes that all parts of the file may come to when they are unpacked."""
_ROW = re.compile(rb"<(?:\w+:)?row\b[^>]*>")
_NUMBER = re.compile(rb'\sr="(\d+)(?:\.\d*)?"')
_ROWS, _COLUMNS = 100_000, 702
_FAR = re.compile(rb'<(?:\w+:)?c\b[^>]*\sr="(?:[A-Za-z]{3}|[A-Za-z]{1,2}\d{7})')
_HIDDEN = re.compile(rb'\shidden="(?:1|true)"')
_CELL = re.compile(rb"<(?:\w+:)?c[ />]")
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\b[^>]*\sref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')
_EMPTY_FORMULA = "a formula without a value: open the file and save it, so that its values are in it"
_OTHER_PARTS = {
    "comments": ("comments of cells", "put into a column what they say"),
    "vbaProject.bin": ("macros", "nothing here runs them"),
    "drawings/drawing": ("drawings", "only cells are read"),
}


def table_of(source: Source, wanted: str) -> Table:
    """The rows of the sheet of that name, else of the first. Raises InputError or UsageError."""
    extras.needed("openpyxl", "xlsx")
    parts = _unpacked_parts(source)
    values, formulas = (_opened(source, data_only=data_only) for data_only in (True, False))
    names = [str(name) for name in values.sheetnames]
    sheets = [str(sheet.title) for sheet in values.worksheets]
    if wanted and wanted not in sheets:
        raise UsageError(f"{source.name} has no sheet {wanted}", mend=f"it has {', '.join(sheets)}")
    if not sheets:
        raise source.refuse(0, "there is no sheet with cells in it")
    name = wanted or sheets[0]
    asides = [Aside("sheet", other, f"--sheet {other} reads it") for other in names if other != name]
    asides += [Aside(what, part, why) for part in parts for key, (what, why) in _OTHER_PARTS.items() if key in part]
    with zipfile.ZipFile(io.BytesIO(source.raw)) as archive:
        raw = archive.read(values[name]._worksheet_path)  # what openpyxl does not say of a sheet that it streams
    hidden = frozenset(
        int(number[1]) for tag in _ROW.findall(raw) if _HIDDEN.search(tag) and (number := _NUMBER.search(tag))
    )
    rows = _cells(source, values[name], formulas[name])
    _fill_merged(rows, raw)
    return Table([_row(number, cells, number in hidden) for number, cells in sorted(rows.items())], asides)


def _unpacked_parts(source: Source) -> list[str]:
    """The names of the parts. Raises InputError if it is no such file, or if it would fill the memory."""
    try:
        with zipfile.ZipFile(io.BytesIO(source.raw)) as archive:
            parts = archive.infolist()
            if sum(part.file_size for part in parts) > _LARGEST:
                raise source.refuse(0, f"unpacked it has more than {_LARGEST >> 20} MB: this is no table of jobs")
            cells = sum(_count(source, archive.read(part)) for part in parts if "worksheets/" in part.filename)
            if "xl/workbook.xml" not in archive.namelist():
                raise source.refuse(0, "it is an archive, and no XLSX file")
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, OSError, ValueError, EOFError):
        raise source.refuse(0, "this is no XLSX file, or a part of it is missing") from None
    except Exception as error:
        if isinstance(error, InputError):
            raise
        raise source.refuse(0, f"a part of it cannot be unpacked: {error}") from None
    if cells > MOST:
        raise source.refuse(0, f"{cells} cells are no table of jobs: up to {MOST} are read")
    return [part.filename for part in parts]


def _count(source: Source, raw: bytes) -> int:
    """How many cells a sheet has. Raises InputError for places that no sheet has, as rows between would be made up."""
    numbers = (int(found[1]) for tag in _ROW.findall(raw) if (found := _NUMBER.search(tag)))
    if max(numbers, default=0) > _ROWS or _FAR.search(raw):
        raise source.refuse(0, f"a sheet has more than {_ROWS} rows or {_COLUMNS} columns: this is no table of jobs")
    return len(_CELL.findall(raw))


def _opened(source: Source, *, data_only: bool) -> Any:
    import openpyxl

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of parts that openpyxl does not know: they are no cells
        try:
            return openpyxl.load_workbook(io.BytesIO(source.raw), read_only=True, data_only=data_only, keep_links=False)
        except Exception as error:  # whatever XML can be wrong with
            raise source.refuse(0, f"this XLSX file cannot be read: {type(error).__name__}") from None


def _cells(source: Source, values: Any, formulas: Any) -> dict[int, dict[int, Cell]]:
    """The cells of a sheet by row and column."""
    rows: dict[int, dict[int, Cell]] = {}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for value in _stored(values):
                rows.setdefault(value.row, {})[value.column] = _cell(value)
            for formula in _stored(formulas):
                if formula.data_type == "f":
                    row = rows.setdefault(formula.row, {})
                    row[formula.column] = _calculated(row.get(formula.column), formula)
    except Exception as error:  # whatever XML can be wrong with
        raise source.refuse(0, f"this sheet cannot be read: {type(error).__name__}") from None
    return rows


def _stored(sheet: Any) -> Iterator[Any]:
    sheet.reset_dimensions()  # what a file says of its size is not believed
    for row in sheet.iter_rows():
        yield from (cell for cell in row if hasattr(cell, "coordinate"))


def _cell(cell: Any) -> Cell:
    value = cell.value
    fault = f"it is in error: {value}" if cell.data_type == "e" else ""
    note = "a date, as ISO writes it" if isinstance(value, datetime.date) else ""
    return Cell(None if fault else value, cell.row, cell.coordinate, text_of(value), note, fault)


def _calculated(cached: Cell | None, formula: Any) -> Cell:
    """The cell with a formula: its value as it was last reckoned."""
    text = str(getattr(formula.value, "text", formula.value))
    if cached is not None and cached.fault:
        return cached._replace(text=text)
    if cached is None or cached.value is None:
        return Cell(None, formula.row, formula.coordinate, text, "", _EMPTY_FORMULA)
    return cached._replace(text=text, note=f"the value as it was last reckoned: {cached.text}")


def _fill_merged(rows: dict[int, dict[int, Cell]], raw: bytes) -> None:
    """Give the cells of a column that were merged the value of the first, which is what a reader of the sheet sees."""
    from openpyxl.utils import column_index_from_string, get_column_letter

    for left, top, _, bottom in _MERGED.findall(raw):
        column, first, last = column_index_from_string(left.decode()), int(top), int(bottom)
        value = rows.get(first, {}).get(column)
        if value is None or value.empty:
            continue
        for number in (number for number in rows if first < number <= last):
            path = f"{get_column_letter(column)}{number}"
            rows[number][column] = value._replace(
                line=number, path=path, note=f"merged with {value.path}, whose value it has"
            )


def _row(number: int, cells: dict[int, Cell], hidden: bool) -> Row:
    width = max(cells, default=0)
    return Row(number, number, tuple(cells.get(at, Cell(None, number, "", "")) for at in range(1, width + 1)), hidden)
