"""Workflows that nobody here wrote: each is converted, all of it is accounted for, and it comes back."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from exlib.convert.wishes import Wishes
from tests.convert.converting import assert_fixed_point, exported, imported
from tests.convert.github.test_writer import valid
from tests.corpus.place import CORPUS

FILES = sorted((CORPUS / "github").glob("*/*.y*ml"))
pytestmark = pytest.mark.skipif(not FILES, reason="the corpus ../shared/corpus/github is absent")
_INVALID = {"python-package-conda"}
"""What the schema has something against as it is: a strategy without a matrix."""


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_it_converts_and_comes_back(path: Path) -> None:
    for split in (False, True):
        assert_fixed_point(path.read_text(), "github", name=str(path), wishes=Wishes(split_steps=split))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_nothing_of_it_is_missing_in_the_account(path: Path) -> None:
    """A walk over the lines, without the reader's parser: each that says something is one that an entry speaks of."""
    _, entries = imported(path.read_text(), "github", name=str(path))
    told: set[int] = set()
    for entry in entries:
        told |= set(range(entry.place.line, max(entry.place.line, entry.place.end_line) + 1))
    assert not [entry for entry in entries if entry.reason == "nothing here reads it"]
    for number, line in enumerate(path.read_text().splitlines(), 1):
        # A key that only holds others has nothing of its own to be said.
        if line.strip(" #-") and not re.fullmatch(r"\s*(- )?[\w-]+:\s*", line):
            assert number in told, line


def test_what_is_written_of_them_is_valid(tmp_path: Path) -> None:
    made = []
    for path in FILES:
        document: dict[str, Any] = imported(path.read_text(), "github", name=str(path))[0][0]
        if path.stem not in _INVALID:
            made.append(str(exported(document, "github")[0][0].content))
        document["jobs"][0]["command"] += "\necho more"
        made.append(str(exported(document, "github")[0][0].content))
    valid(*made, folder=tmp_path)
