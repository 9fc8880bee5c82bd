"""Names of log files, and what makes a job another one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exlib.document import Document
from exlib.engine.site import Site, log_name
from exlib.workflow import Workflow


@given(st.text(min_size=1, max_size=300))
def test_a_log_name_is_one_safe_file_name(job: str) -> None:
    name = log_name(job)
    assert set(name) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-%~")
    assert not name.startswith(".")
    assert 0 < len(name) <= 200


@given(st.sets(st.text(min_size=1, max_size=220), min_size=2, max_size=8))
def test_different_jobs_have_different_logs(jobs: set[str]) -> None:
    assert len({log_name(job) for job in jobs}) == len(jobs)


def fingerprint(
    tmp_path: Path, env: dict[str, str] | None = None, top: dict[str, Any] | None = None, **job: Any
) -> str:
    raw = {"working_dir": str(tmp_path), **(top or {}), "jobs": [{"id": "a", "command": "true", **job}]}
    workflow = Workflow.from_document(Document(json.dumps(raw).encode()))
    return Site(workflow, {"INHERITED": "1"}, env or {}, None).fingerprint(workflow.jobs[0])


@pytest.mark.parametrize(
    "change",
    [
        {"command": "false"},
        {"env_variables": {"A": "1"}},
        {"dependencies": ["b"]},
        {"dependencies": [{"plugin": "file", "params": {"path": "x"}}]},
        {"working_dir": "sub"},
        {"shell": False},
        {"post_checks": [{"name": "check_file_exists", "params": {"path": "x"}}]},
        {"top": {"env_variables": {"A": "1"}}},
        {"env": {"A": "1"}},
    ],
)
def test_what_changes_a_job(tmp_path: Path, change: dict[str, Any]) -> None:
    assert fingerprint(tmp_path, **change) != fingerprint(tmp_path)


@pytest.mark.parametrize(
    "change", [{"description": "x"}, {"timeout": 5}, {"tags": ["t"]}, {"priority": 3}, {"max_retries": 2}]
)
def test_what_does_not(tmp_path: Path, change: dict[str, Any]) -> None:
    assert fingerprint(tmp_path, **change) == fingerprint(tmp_path)
