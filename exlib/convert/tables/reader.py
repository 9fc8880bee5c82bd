"""A table becomes a document, a row a job; what no key of a job can hold is kept beside it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import Any

from exlib.convert.account import Account, Place
from exlib.convert.draft import Draft, clean, guard
from exlib.convert.source import Source
from exlib.convert.tables import cells
from exlib.convert.tables.columns import Column, column, is_header
from exlib.convert.tables.limits import Limit, holds, limit_of, runs
from exlib.convert.tables.order import check_order
from exlib.convert.tables.table import Cell, Row, Table
from exlib.convert.wishes import Wishes
from exlib.document import STDIN_NAME
from exlib.environment import MASK, NAME, is_secret
from exlib.errors import InputError

_ESSENTIAL = frozenset(["id", "command", "dependencies", "pre_checks", "post_checks"])
"""Keys without which a job would run otherwise than it is meant to."""
_LIMITS: dict[Limit, str] = {
    "condition": "it may say whether a job runs: one of which it does not plainly say so waits for EX_ALLOW",
    "time": "it may say when a job runs, and ex-run has no clock: its jobs wait for EX_ALLOW",
    "place": "it may say where a job runs, and jobs run here: those of another place wait for EX_ALLOW",
    "user": "it may say as whom a job runs, and jobs run as who starts ex-run: its jobs wait for EX_ALLOW",
    "failure": "it may say that a job runs after a failure, which none does here by itself: its jobs wait for EX_ALLOW",
}
_LONGEST = 200  # bytes of an id
_TITLES = 20  # rows above the header


def read(source: Source, wishes: Wishes, account: Account) -> list[Draft]:
    """The table, which is XLSX if it is an archive, else CSV. Raises InputError."""
    if source.raw[:2] == b"PK":
        from exlib.convert.tables.book import table_of as book

        return _Reader(source, account, book(source, wishes.sheet), "xlsx").drafts()
    from exlib.convert.tables.text import table_of as text

    return _Reader(source, account, text(source), "csv").drafts()


class _Reader:
    def __init__(self, source: Source, account: Account, table: Table, form: str) -> None:
        self.source = source
        self.account = account
        self.table = table
        self.form = form
        self.known: frozenset[str] = frozenset()

    def drafts(self) -> list[Draft]:
        """One document; none if no row has a job."""
        for aside in self.table.asides:
            place = Place(self.source.name, 0, 0, "", aside.text)
            tell = self.account.exact if aside.construct == "separator" else self.account.dropped
            tell(place, aside.construct, aside.reason)
        rows = self._below_header()
        if not rows:
            return []
        draft = Draft(self._name(), self.form)
        self.known = frozenset(self._ids(rows))
        places: dict[str, Row] = {}
        for row in rows:
            job = self._job(draft, row)
            if job is None:
                continue
            if job["id"] in places:
                first = places[job["id"]].number
                raise self._refused(
                    self._cell(row, "id"), row, f'row {first} has the id "{job["id"]}" too', "give each its own"
                )
            places[job["id"]] = row
        check_order(draft.jobs, lambda name, message, mend: self._refused(
            self._cell(places[name], "dependencies"), places[name], message, mend
        ))  # fmt: skip
        return [draft] if draft.jobs else []

    def _name(self) -> str:
        if self.source.name == STDIN_NAME:
            return "jobs"
        return os.path.splitext(os.path.basename(self.source.name))[0]

    # The header

    def _below_header(self) -> list[Row]:
        """The rows of jobs; the columns are settled on the way."""
        rows = self.table.rows
        if not rows:
            return []
        at = next((at for at, row in enumerate(rows[:_TITLES]) if is_header(cell.value for cell in row.cells)), None)
        if at is None:
            mend = "the first row names the columns: id, command, dependencies, …"
            raise self.source.refuse(rows[0].line, "no column is called command", mend)
        for row in rows[:at]:
            for cell, path in self._numbered(row):
                self.account.dropped(self._place(cell, row, path), "cell", "it stands above the names of the columns")
        header = rows[at]
        self.columns = [column(cell.value) if isinstance(cell.value, str) else None for cell in header.cells]
        self._tell_header(header)
        return rows[at + 1 :]

    def _tell_header(self, header: Row) -> None:
        seen: dict[Column, str] = {}
        for place, (cell, found) in enumerate(zip(header.cells, self.columns, strict=True)):
            if cell.empty:
                self.columns[place] = None
                continue
            if found is None:
                found = self.columns[place] = Column(cells.text_of(cell.value) or "?", "other")
            titled = f'column "{_one_line(cell.text)}"'
            at = self._place(cell, header, titled)._replace(path=f"{cell.path} {titled}".strip())
            if found in seen and found.kind != "other":
                raise self._refused(
                    cell, header, f"two columns are the {found.key}: {seen[found]} and {cell.text}", "remove one"
                )
            seen[found] = cell.text
            if found.kind == "other":
                self.account.dropped(at, "column", "no key of a job is called so: its cells are kept in x-source")
            elif found.kind == "gate":
                limit = limit_of(found.key)
                assert limit is not None
                self.account.exact(at, "column", _LIMITS[limit])
            else:
                self.account.exact(at, "column", "" if found.key == cell.text.strip() else f"it is {found.key}")

    # The rows

    def _ids(self, rows: Sequence[Row]) -> Iterator[str]:
        for row in rows:
            cell = self._cell(row, "id")
            if cell is not None and not cell.empty:
                yield cells.text_of(cell.value).strip()

    def _job(self, draft: Draft, row: Row) -> dict[str, Any] | None:
        told = {found.key: cell for cell, found in self._pairs(row) if found.kind != "other"}
        command = told.get("command")
        if command is None and "id" in told:
            raise self._refused(told["id"], row, "this job has no command", 'write one; "true" does nothing')
        if command is None:
            for cell, found in self._pairs(row):
                path = f"row {row.number}.{found.key}"
                self.account.dropped(self._place(cell, row, path), "cell", "its row has neither an id nor a command")
            return None
        keys: dict[str, Any] = {}
        variables: dict[str, str] = {}
        kept: dict[str, Any] = {}
        reasons: list[str] = []
        name = cells.text_of(told["id"].value).strip() if "id" in told else None
        if name is not None and (name != clean(name) or len(name.encode()) > _LONGEST):
            raise self._refused(
                told["id"], row, f"an id is one line of at most {_LONGEST} bytes that can be seen", None
            )
        wanted = name or self._made_up(draft, row)
        for cell, found in self._pairs(row):
            self._take(cell, found, row, wanted, (keys, variables, kept, reasons))
        table = keys.get("env_variables")
        if variables:
            keys["env_variables"] = {**(table if isinstance(table, dict) else {}), **variables}
        text = str(keys.pop("command"))
        job: dict[str, Any] = {"id": wanted, "command": text}
        keys.pop("id", None)
        job |= keys
        if kept:
            job["x-source"] = {"columns": kept}
        draft.jobs.append(job)
        if row.hidden:
            reasons.append("its row is hidden in the table")
            place = Place(self.source.name, row.line, row.line, f"row {row.number}")
            self.account.manual(
                place, "hidden row", "the job waits for EX_ALLOW: show the row, or remove it", job=wanted
            )
        for reason in reasons:
            guard(job, reason)
        return job

    def _made_up(self, draft: Draft, row: Row) -> str:
        """An id for a row without one."""
        name = draft.new_id(f"job{row.number}")
        while name in self.known:
            name = draft.new_id(name)
        place = Place(self.source.name, row.line, row.line, f"row {row.number}")
        self.account.approximated(place, "id", f"no id stands there: it is called {name}", job=name)
        return name

    def _take(
        self, cell: Cell, found: Column, row: Row, job: str,
        into: tuple[dict[str, Any], dict[str, str], dict[str, Any], list[str]],
    ) -> None:  # fmt: skip
        """Take one cell that is not empty."""
        keys, variables, kept, reasons = into
        place = self._place(cell, row, f"row {row.number}.{found.key}", secret=found)
        if cell.path:
            place = place._replace(path=f"{cell.path} {found.key}")
        if cell.fault:
            if found.key in _ESSENTIAL or found.kind == "gate":
                raise self._refused(cell, row, f"the {found.key}: {cell.fault}", None)
            self.account.manual(place, found.key, cell.fault, job=job)
            return
        if found.kind == "variable":
            variables[found.key] = cells.text_of(cell.value)
        elif found.kind in ("gate", "other"):
            kept[found.key] = (
                cell.value if isinstance(cell.value, (str, int, float, bool)) else cells.text_of(cell.value)
            )
            if self._limited(cell, found, place, job, reasons):
                return
        else:
            keys[found.key] = self._read(cell, found, row)
        if found.kind == "other":
            self.account.dropped(place, found.key, "kept in x-source", job=job)
        elif cell.note:
            self.account.approximated(place, found.key, cell.note, job=job)
        else:
            self.account.exact(place, found.key, job=job)

    def _limited(self, cell: Cell, found: Column, place: Place, job: str, reasons: list[str]) -> bool:
        """Take a cell that may keep the job from running, unless it plainly says that the job runs."""
        text = cells.text_of(cell.value).strip()
        limit = limit_of(found.key) if found.kind == "gate" else None
        if limit is not None and runs(found.key, limit, text):
            self.account.exact(place, found.key, "so it runs", job=job)
            return True
        if limit is None and not holds(text):
            return False
        reasons.append(f"the table says {found.key}: {text}")
        said = f'"{cut}"' if (cut := _one_line(text)) else "so"
        self.account.manual(place, found.key, f"it says {said}: the job waits for EX_ALLOW", job=job)
        return True

    def _read(self, cell: Cell, found: Column, row: Row) -> Any:
        try:
            value = cells.read(cell.value, found.kind, self.known)
        except cells.Unreadable as wanted:
            raise self._refused(cell, row, f'the {found.key} is {wanted}, got "{cell.text}"', None) from None
        if found.key == "env_variables" and not (isinstance(value, dict) and all(map(NAME.match, value))):
            raise self._refused(cell, row, "the variables are an object of JSON", 'for example {"NAME": "value"}')
        return value

    # Places

    def _pairs(self, row: Row) -> Iterator[tuple[Cell, Column]]:
        """The cells that are not empty, with their columns."""
        for place, cell in enumerate(row.cells):
            if cell.empty:
                continue
            found = self.columns[place] if place < len(self.columns) else None
            yield cell, found or Column(f"column {place + 1}", "other")

    def _numbered(self, row: Row) -> Iterator[tuple[Cell, str]]:
        """The cells of a row above the names of the columns."""
        cells_of_it = ((cell, at) for at, cell in enumerate(row.cells, 1) if not cell.empty)
        return ((cell, f"row {row.number}, column {at}") for cell, at in cells_of_it)

    def _cell(self, row: Row, key: str) -> Cell | None:
        return next((cell for cell, found in self._pairs(row) if found.key == key and found.kind != "other"), None)

    def _place(self, cell: Cell, row: Row, path: str, secret: Column | None = None) -> Place:
        hidden = secret is not None and secret.kind == "variable" and is_secret(secret.key)
        text = MASK if hidden else cell.text
        return Place(self.source.name, cell.line, cell.line, cell.path or path, text, True)

    def _refused(self, cell: Cell | None, row: Row, message: str, mend: str | None) -> InputError:
        where = cell.path if cell is not None and cell.path else str(row.line)
        return InputError(message, place=f"{self.source.name}:{where}", mend=mend)


def _one_line(text: str) -> str:
    first = " ".join(text.split())
    return first if len(first) <= 40 else f"{first[:39]}…"
