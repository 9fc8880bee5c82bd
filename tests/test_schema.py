"""The workflow schema, and that the quick test of ``exlib.schema`` never says yes where ``jsonschema`` says no."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exlib import schema, workflow
from exlib.document import Document

ROOT = Path(__file__).resolve().parents[1]
WORKFLOW = schema.load("workflow")
QUICK = schema.compiled(WORKFLOW, WORKFLOW)
FULL = jsonschema.Draft202012Validator(WORKFLOW)
CORPUS = ROOT.parent / "shared" / "corpus" / "executioner"

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-2, 300)
    | st.floats(-2, 3)
    | st.sampled_from(["", " ", "a", "default", "FAILED"])
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from("job plugin name params timeout a".split()), inner, max_size=3)
    ),
)
jobs = st.dictionaries(st.sampled_from(sorted(WORKFLOW["$defs"]["job"]["properties"])), values, max_size=6) | values
documents = st.dictionaries(st.sampled_from(sorted(WORKFLOW["properties"])), values, max_size=6).flatmap(
    lambda top: st.lists(jobs, max_size=2).map(lambda listed: {**top, "jobs": listed})
)


@given(documents)
def test_the_quick_test_and_jsonschema_agree(document: Any) -> None:
    assert QUICK(document) == FULL.is_valid(document)


@given(st.sampled_from(sorted(WORKFLOW["$defs"]["job"]["properties"])), values)
def test_they_agree_on_each_property(key: str, value: Any) -> None:
    job = {"id": "a", "command": "true", key: value}
    assert QUICK({"jobs": [job]}) == FULL.is_valid({"jobs": [job]})


@pytest.mark.skipif(not CORPUS.is_dir(), reason="needs ../shared/corpus/executioner")
def test_they_agree_on_real_documents() -> None:
    files = sorted(CORPUS.glob("*.json"))
    assert files
    for path in files:
        data = json.loads(path.read_bytes())
        assert QUICK(data) == FULL.is_valid(data) == (path.stem != "invalid_config_bad_types")


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(WORKFLOW)


def test_an_unsupported_keyword_is_refused() -> None:
    with pytest.raises(ValueError, match="uniqueItems"):
        schema.compiled({"uniqueItems": True}, {})


def test_an_unknown_schema_is_named() -> None:
    with pytest.raises(FileNotFoundError, match="nonsense"):
        schema.path("nonsense")


def described(node: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    found = []
    for key, below in node.get("properties", {}).items():
        found += [(key, below), *described(below)]
    for word in ("items", "additionalProperties"):
        if word in node:
            found += described(node[word])
    return found


@pytest.mark.parametrize("node", [WORKFLOW, *WORKFLOW["$defs"].values()], ids=["workflow", *WORKFLOW["$defs"]])
def test_every_key_says_what_it_is_for(node: dict[str, Any]) -> None:
    assert not [key for key, below in described(node) if not below.get("description", "").endswith((".", ")"))]


def test_examples_and_defaults_are_valid() -> None:
    for node in (WORKFLOW, *WORKFLOW["$defs"].values()):
        for key, below in [("", node), *described(node)]:
            for example in [*below.get("examples", []), *([below["default"]] if "default" in below else [])]:
                assert schema.compiled(below, WORKFLOW)(example), (key, example)


def test_defaults_are_those_of_the_typed_view() -> None:
    defaults = WORKFLOW["$defs"]
    assert defaults["retry_delay"]["default"] == workflow.DEFAULT_RETRY_DELAY
    assert defaults["retry_backoff"]["default"] == workflow.DEFAULT_RETRY_BACKOFF
    assert defaults["retry_jitter"]["default"] == workflow.DEFAULT_RETRY_JITTER
    assert defaults["max_retry_time"]["default"] == workflow.DEFAULT_MAX_RETRY_TIME
    assert WORKFLOW["properties"]["default_timeout"]["default"] == workflow.DEFAULT_TIMEOUT


def test_old_spellings_are_the_deprecated_keys() -> None:
    def old(node: dict[str, Any]) -> set[str]:
        return {key for key, below in node["properties"].items() if below.get("deprecated")}

    assert old(WORKFLOW) == workflow.LEGACY_TOP_KEYS.keys()
    assert old(WORKFLOW["$defs"]["job"]) == workflow.LEGACY_JOB_KEYS.keys()


@given(documents)
def test_the_typed_view_takes_what_the_schema_takes(data: Any) -> None:
    if QUICK(data):
        typed = workflow.Workflow.from_document(Document(json.dumps(data).encode()))
        assert len(typed.jobs) == len(data["jobs"])
