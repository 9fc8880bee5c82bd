"""A fresh history for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from exlib.history.sqlite import SqliteStore, open_store


@pytest.fixture
def db(tmp_path: Path) -> str:
    return str(tmp_path / "state" / "history.db")


@pytest.fixture
def store(db: str) -> Iterator[SqliteStore]:
    opened = open_store(db)
    yield opened
    opened.close()
