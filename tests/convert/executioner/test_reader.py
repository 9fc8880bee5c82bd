from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from exlib.convert.account import Account
from exlib.convert.conversion import convert
from exlib.convert.executioner.reader import read
from exlib.convert.source import Source
from exlib.convert.wishes import Wishes
from exlib.errors import ExecutionerError
from exlib.findings import DocumentRefused
from tests.convert.converting import fates
from tests.corpus.place import CORPUS

UPGRADE = Wishes(upgrade=True)
OLD = b"""{
  "name" : "old",   "security_level": "high",
  "database": {"host": "x"},
  "x-database": 1,
  "jobs": [
    {"job_id": "a", "job_description": "first",\t"command": "true"},
    {"id": "b", "job_id": "was_b", "command": "true", "dependencies": "a, a", "timeout": "60", "whatever": [1]}
  ]
}
"""
REFUSED = {"circular_deps_test": "E304", "invalid_config_bad_types": "E203", "missing_deps_test": "E302"}


def keys_of(data: dict[str, Any]) -> Iterator[str]:
    """Every key of a document and its jobs, walked without the reader."""
    yield from (key for key in data if key != "jobs")
    for index, job in enumerate(data["jobs"]):
        yield from (f"jobs[{index}].{key}" for key in job)


def test_a_document_is_kept_byte_for_byte() -> None:
    account = Account()
    [made] = read(Source(OLD, "old.json"), Wishes(), account)
    assert made.raw == OLD
    assert [entry.fate for entry in account.entries] == ["exact"]


def test_upgrade_mends_old_spellings_and_leaves_the_rest_alone() -> None:
    account = Account()
    [made] = read(Source(OLD, "old.json"), UPGRADE, account)
    assert made.raw == (
        OLD.replace(b'"name"', b'"application_name"')
        .replace(b'"security_level"', b'"x-security_level"')
        .replace(b'"database": {', b'"x-database_": {')
        .replace(b'{"job_id"', b'{"id"')
        .replace(b'"job_description"', b'"description"')
        .replace(b'"job_id": "was_b"', b'"x-job_id": "was_b"')
        .replace(b'"a, a"', b'["a"]')
        .replace(b'"60"', b"60")
    )
    found = fates(account.entries)
    assert set(found) == set(keys_of(json.loads(OLD)))
    assert {path for path, fate in found.items() if fate == "dropped"} == {
        "security_level", "database", "jobs[1].job_id"
    }  # fmt: skip
    reasons = {entry.place.path: entry.reason for entry in account.entries}
    assert reasons["name"] == 'now "application_name" : "old"'
    assert reasons["jobs[1].dependencies"] == 'now "dependencies": ["a"]'
    assert "x-database_" in reasons["database"]


@pytest.mark.parametrize("path", sorted((CORPUS / "executioner").glob("*.json")), ids=lambda path: path.stem)
def test_the_corpus_is_brought_up_to_date_or_refused(path: Path) -> None:
    source = Source(path.read_bytes(), path.name)
    if path.stem in REFUSED:
        with pytest.raises(DocumentRefused) as caught:
            convert(source, "executioner", "executioner", UPGRADE)
        assert REFUSED[path.stem] in {finding.code for finding in caught.value.findings}
        return
    done = convert(source, "executioner", "executioner", UPGRADE)
    assert isinstance(done.files[0].content, bytes)
    new, old = json.loads(done.files[0].content), json.loads(path.read_bytes())
    assert {entry.place.path for entry in done.incoming} == set(keys_of(old))
    for raw in (new, *new["jobs"]):
        assert not {"name", "job_id", "job_description", "security_level"} & raw.keys()
    assert [job["command"] for job in new["jobs"]] == [job["command"] for job in old["jobs"]]
    again = convert(Source(done.files[0].content, "x"), "executioner", "executioner", UPGRADE)
    assert again.files[0].content == done.files[0].content
    assert again.lossless


def test_hostile_documents_are_errors_or_documents() -> None:
    chance = random.Random(3)
    for _ in range(400):
        raw = bytearray(OLD)
        for _ in range(chance.randrange(1, 8)):
            raw[chance.randrange(len(raw))] = chance.choice(b'{}[]",:x1 \xff')
        try:
            convert(Source(bytes(raw), "x"), "executioner", "executioner", UPGRADE)
        except ExecutionerError:
            continue
