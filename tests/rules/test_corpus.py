"""Workflows of the original program's users: each is accepted, or refused for the reason that its name states."""

from __future__ import annotations

from pathlib import Path

import pytest

from exlib import rules
from exlib.document import Document

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus" / "executioner"
REFUSED = {
    "circular_deps_test": ["E304"],
    "missing_deps_test": ["E302", "E302"],
    "invalid_config_bad_types": ["E203"],
}

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="needs ../shared/corpus/executioner")


@pytest.mark.parametrize("path", sorted(CORPUS.glob("*.json")), ids=lambda path: path.stem)
def test_errors_are_those_of_the_name(path: Path) -> None:
    document = Document(path.read_bytes(), str(path))
    found = [finding for finding in rules.check(document) if finding.severity == "error"]
    assert [finding.code for finding in found] == REFUSED.get(path.stem, [])
    assert rules.errors(document) == found


def test_the_corpus_is_whole() -> None:
    assert {path.stem for path in CORPUS.glob("*.json")} >= REFUSED.keys()


def test_circular_variables_are_a_warning() -> None:
    path = CORPUS / "test_env_interpolation.json"
    found = rules.check(Document(path.read_bytes(), str(path)), environ={"PATH": "/usr/bin:/bin"})
    assert "W403" in [finding.code for finding in found]
