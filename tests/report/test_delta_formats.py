"""Every format of any two documents, however odd: nothing fails, JSON keeps its schema, pages hold no markup."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonpatch
import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exlib.console import Console
from exlib.delta.hiding import Hiding
from exlib.document import Document
from exlib.report.delta_formats import FORMATS
from exlib.report.delta_html import rows
from exlib.report.wording import Voice
from exlib.session.differing import difference, hiding
from tests.corpus import place

SCHEMA = json.loads((Path(__file__).resolve().parents[2] / "schemas" / "delta.schema.json").read_text())
CHECKED = jsonschema.Draft202012Validator(SCHEMA)
VOICE = Voice(Console(), None)
NAMES = st.sampled_from(["a", "b", "c", "<script>x</script>", "`|\n", "\x1b[31m"])
ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | NAMES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=2),
    max_leaves=5,
)
KEYS = st.sampled_from(
    ["id", "job_id", "command", "dependencies", "env_variables", "timeout", "shell", "post_checks", "tags", "x-y"]
)
JOBS = st.lists(
    st.dictionaries(KEYS, ODD, max_size=4).flatmap(lambda job: NAMES.map(lambda name: {**job, "id": name})) | ODD,
    max_size=5,
)
TOPS = st.dictionaries(
    st.sampled_from(["name", "default_timeout", "env_variables", "smtp_password", "secrets", "allow_shell"]), ODD
)
DOCUMENTS = st.tuples(TOPS, JOBS | ODD).map(lambda parts: {**parts[0], "jobs": parts[1]})


def every_format(one: Document, other: Document, hidden: Hiding) -> dict[str, str]:
    found = difference(one, other, ordered=True)
    return {form: write(found, hidden, VOICE, 80) for form, write in FORMATS.items()}


@settings(max_examples=150, deadline=None)
@given(DOCUMENTS, DOCUMENTS)
def test_odd_documents(one: Any, other: Any) -> None:
    before, after = (Document(json.dumps(data).encode(), "x.json") for data in (one, other))
    told = every_format(before, after, hiding((before, after)))
    CHECKED.validate(json.loads(told["json"]))
    applied = jsonpatch.JsonPatch(json.loads(told["json-patch"])).apply(before.data)
    assert json.dumps(applied, sort_keys=True) == json.dumps(after.data, sort_keys=True)
    assert "<script>x" not in told["html"]
    assert "\x1b" not in "".join(told.values())


@pytest.mark.parametrize("path", place.documents("executioner"))
def test_documents_of_the_corpus(path: Path) -> None:
    one = Document(path.read_bytes(), path.name)
    again = Document(json.dumps(one.data, indent=3).encode(), one.name)
    assert difference(one, again, ordered=True).equal
    for other in map(Document, (path.read_bytes() for path in place.paths("executioner"))):
        told = every_format(one, other, hiding((one, other)))
        CHECKED.validate(json.loads(told["json"]))
        applied = jsonpatch.JsonPatch(json.loads(told["json-patch"])).apply(one.data)
        assert json.dumps(applied, sort_keys=True) == json.dumps(other.data, sort_keys=True)


@given(st.lists(st.sampled_from("abc"), max_size=8), st.lists(st.sampled_from("abc"), max_size=8))
def test_all_lines_of_both_sides_are_there(one: list[str], other: list[str]) -> None:
    found = list(rows(one, other))
    assert [row.before for row in found if row.before is not None] == one
    assert [row.after for row in found if row.after is not None] == other
    assert all((row.kind == "same") == (row.before == row.after) for row in found)
