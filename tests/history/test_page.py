"""docs/ex-history.md says what is so: its examples run as they stand, its tables are those of the database."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import pytest

from exlib.history.sqlite import open_store
from tests.test_readme import ROOT, prints_on_its_document

PAGE = ROOT / "docs" / "ex-history.md"
CHANGING = (
    (re.compile(r"engine  .*, pid \d+"), "engine WHO"),
    (re.compile(r"sha256 [0-9a-f]+"), "sha256 SHA"),
    (re.compile(r"(document|directory)  .*"), r"\1 PATH"),
    (re.compile(r"marked as success by .* at"), "marked as success by WHO at"),
    (re.compile(r"\d{10}\.\d{3}\t +\d+\.\d{3}"), "START\tSPAN"),
    (re.compile(r"-?\d+(\.\d+)?s\b"), "0s"),
)


def _anonymous(printed: str) -> str:
    """Who and where it was run is nobody's business."""
    printed = re.sub(r"engine     \S+ on [^,]+", "engine     ann on db1", printed)
    return re.sub(r"(marked as success by) \S+", r"\1 ann", printed)


def test_its_examples_are_so(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    repopulate = request.config.getoption("--repopulate")
    prints_on_its_document(PAGE, tmp_path, repopulate=repopulate, changing=CHANGING, anonymous=_anonymous)


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
