"""docs/ex-history.md says what is so: its examples run as they stand, its tables are those of the database."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import pytest

from exlib.history.sqlite import open_store
from tests.test_readme import ROOT, constant, session, steps

PAGE = ROOT / "docs" / "ex-history.md"
CHANGING = (
    (re.compile(r"engine  .*, pid \d+"), "engine WHO"),
    (re.compile(r"sha256 [0-9a-f]+"), "sha256 SHA"),
    (re.compile(r"(document|directory)  .*"), r"\1 PATH"),
    (re.compile(r"marked as success by .* at"), "marked as success by WHO at"),
    (re.compile(r"\d{10}\.\d{3}\t +\d+\.\d{3}"), "START\tSPAN"),
    (re.compile(r"-?\d+(\.\d+)?s\b"), "0s"),
)


def told(printed: str) -> list[str]:
    for pattern, replacement in CHANGING:
        printed = pattern.sub(replacement, printed)
    return constant(printed)


def test_its_examples_are_so(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    page = PAGE.read_text()
    document = re.search(r"^```json nightly\.json\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert document is not None
    (tmp_path / "nightly.json").write_text(document[1])
    written = steps(page)
    printed = session(tmp_path, [step.command for step in written])
    if request.config.getoption("--repopulate"):
        at = 0
        for step, now in zip(written, printed, strict=True):
            now = now.replace(str(tmp_path), "/srv/nightly")
            now = re.sub(r"engine     \S+ on [^,]+", "engine     ann on db1", now)
            now = re.sub(r"(marked as success by) \S+", r"\1 ann", now)
            at = page.index(f"$ {step.command}\n", at) + len(f"$ {step.command}\n")
            page = page[:at] + now + page[at + len(step.printed) :]
        PAGE.write_text(page)
        return
    for step, now in zip(written, printed, strict=True):
        assert told(now) == told(step.printed), step.command


def test_its_tables_are_those_of_the_database(tmp_path: Path) -> None:
    described = {
        match[1]: re.findall(r"`(\w+)`", match[2])
        for match in re.finditer(r"^\| `(\w+)` \| [^|]+ \| (.*) \|$", PAGE.read_text(), re.MULTILINE)
        if match[1] != "list"
    }
    path = str(tmp_path / "h.db")
    open_store(path).close()
    connection = sqlite3.connect(path)
    tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")]
    real = {table: [row[1] for row in connection.execute(f"PRAGMA table_info({table})")] for table in tables}
    assert described == {table: columns for table, columns in real.items() if table != "counter"}


def test_its_query_works(tmp_path: Path) -> None:
    query = re.search(r"^```sql\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    assert query is not None
    path = str(tmp_path / "h.db")
    open_store(path).close()
    assert sqlite3.connect(path).execute(query[1]).fetchall() == []
