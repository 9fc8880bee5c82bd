"""The minimal document means the same run, and says nothing that need not be said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exlib.document import Document
from exlib.select import Roster, cut, rewire
from exlib.select.minimal import TOP_DEFAULTS
from exlib.workflow import Workflow

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus" / "executioner"
NUMBERS = st.sampled_from([0, 1, 2, 30, 30.0, 1.5, 0.1, 587, 1800, 10800, 10800.0])
FLAGS = st.booleans()
ENV = st.sampled_from([{}, {"A": "1"}])
CHECKS = st.sampled_from([[], [{"name": "check_command", "params": {"command": "true"}}]])
RETRIES = ["max_retries", "retry_delay", "retry_backoff", "retry_jitter", "max_retry_time"]
CODES = st.sampled_from([[], [1], [1, 75]])
TOP = st.fixed_dictionaries(
    {},
    optional={
        "application_name": st.just("n"),
        "description": st.text("ab", max_size=2),
        "_note": st.just(1),
        "x-note": st.just([]),
        "parallel": FLAGS,
        "max_workers": NUMBERS,
        "default_timeout": NUMBERS | st.none(),
        **{f"default_{key}": NUMBERS for key in RETRIES},
        "default_retry_on_exit_codes": CODES,
        "env_variables": ENV,
        "inherit_shell_env": FLAGS | st.sampled_from(["default", ["PATH"]]),
        "continue_on_error": FLAGS,
        "allow_shell": FLAGS,
        "security_policy": st.sampled_from(["warn", "strict", "off"]),
        "dependency_plugins": st.sampled_from([[], ["plugins.py"]]),
        "secrets": st.sampled_from([[], ["A"]]),
        "mask_logs": st.booleans(),
        "email_address": st.sampled_from(["", "a@b.c"]),
        "email_on_success": FLAGS,
        "email_on_failure": FLAGS,
        "smtp_server": st.sampled_from(["", "mail"]),
        "smtp_port": NUMBERS.map(int),
        "smtp_security": st.sampled_from(["auto", "tls"]),
    },
)
JOB = st.fixed_dictionaries(
    {"command": st.just("true")},
    optional={
        "description": st.text("ab", max_size=2),
        "job_description": st.just("old"),
        "tags": st.lists(st.sampled_from("ab"), max_size=2),
        "_note": st.just("x"),
        "timeout": NUMBERS | st.none(),
        **dict.fromkeys(RETRIES, NUMBERS),
        "retry_on_exit_codes": CODES,
        "env_variables": ENV,
        "pre_checks": CHECKS,
        "post_checks": CHECKS,
        "continue_on_error": FLAGS,
        "priority": st.integers(-1, 1),
        "shell": FLAGS | st.just("/bin/bash"),
        "detach": FLAGS,
    },
)


def minimal(document: Document, kept: list[int] | None = None) -> Document:
    flow = Roster(document)
    nodes = list(range(len(flow))) if kept is None else kept
    return Document(cut(flow, nodes, rewire(flow, nodes), minimal=True), document.name)


def meaning(document: Document) -> Workflow:
    """All that the engine knows of a document: the typed view without prose."""
    flow = Workflow.from_document(document)
    return flow._replace(description="", jobs=tuple(job._replace(description="", tags=()) for job in flow.jobs))


@given(TOP, st.lists(JOB, min_size=1, max_size=3))
def test_it_means_the_same_run(top: dict[str, Any], jobs: list[dict[str, Any]]) -> None:
    named = [{"id": f"j{n}", "dependencies": [f"j{n - 1}"] if n else [], **raw} for n, raw in enumerate(jobs)]
    document = Document(json.dumps({**top, "jobs": named}).encode())
    small = minimal(document)
    assert meaning(small) == meaning(document)
    assert minimal(small).raw == small.raw


def test_each_default_is_the_one_of_the_typed_view() -> None:
    bare = Document(b'{"jobs": []}')
    full = Document(json.dumps({**TOP_DEFAULTS, "jobs": []}).encode())
    assert meaning(full) == meaning(bare)


def test_what_goes_and_what_stays() -> None:
    text = """{
  "$schema": "workflow.schema.json",
  "application_name": "nightly",
  "_note": "made by hand",
  "default_timeout": 60,
  "max_workers": 1,
  "future_key": true,
  "jobs": [
    {
      "id": "a",
      "description": "first",
      "command": "true",
      "dependencies": [],
      "tags": ["x"],
      "timeout": 60
    },
    {
      "job_id": "b",
      "command": "true",
      "dependencies": ["a"],
      "timeout": 10800,
      "priority": false
    }
  ]
}
"""
    expected = """{
  "application_name": "nightly",
  "default_timeout": 60,
  "future_key": true,
  "jobs": [
    {
      "id": "a",
      "command": "true"
    },
    {
      "job_id": "b",
      "command": "true",
      "dependencies": ["a"],
      "timeout": 10800,
      "priority": false
    }
  ]
}
"""
    assert minimal(Document(text.encode())).text == expected


def test_dependencies_that_become_empty_go_too() -> None:
    document = Document(
        b'{"jobs": [{"id": "a"}, {"id": "b", "dependencies": ["a"]}, {"id": "c", "dependencies": "b"}]}'
    )
    assert minimal(document, [1, 2]).text == '{"jobs": [{"id": "b"}, {"id": "c", "dependencies": "b"}]}'


@pytest.mark.skipif(not CORPUS.is_dir(), reason="../shared/corpus is absent")
@pytest.mark.parametrize("name", ["96.0", "prconfig.minimal", "parallel_test", "retry_test_config", "test_env"])
def test_real_documents_mean_the_same(name: str) -> None:
    path = CORPUS / f"{name}.json"
    document = Document(path.read_bytes(), str(path))
    small = minimal(document)
    assert len(small.raw) < len(document.raw)
    assert meaning(small) == meaning(document)
