"""Where the corpus of real documents is: beside the checkout, and no part of it."""

from __future__ import annotations

from pathlib import Path

import pytest

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus"


def paths(folder: str) -> list[Path]:
    """The JSON documents of the corpus in one folder, without schemas; none where it is absent."""
    return sorted(path for path in (CORPUS / folder).glob("*.json") if not path.name.endswith(".schema.json"))


def documents(folder: str) -> list[object]:
    """A test parameter a JSON document of the corpus; where it is absent one that is skipped, saying why."""
    found = paths(folder)
    if not found:
        absent = pytest.mark.skip(reason=f"the corpus ../shared/corpus/{folder} is absent")
        return [pytest.param(CORPUS / folder / "absent.json", marks=absent)]
    return [pytest.param(path, id=path.stem) for path in found]


def document(folder: str, name: str) -> Path:
    """One document of the corpus; skips the test that asks where it is absent."""
    path = CORPUS / folder / name
    if not path.exists():
        pytest.skip(f"the corpus ../shared/corpus/{folder} is absent")
    return path
