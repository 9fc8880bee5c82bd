"""Documents that become something else and come back: what ex-run does with them is the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from exlib.convert.account import Entry
from exlib.document import Document
from exlib.workflow import Job, Workflow
from tests.convert.converting import exported, imported

NAMES = {
    "bash": "nightly.sh", "make": "Makefile", "ninja": "build.ninja", "github": "nightly.yml",
    "gitlab": ".gitlab-ci.yml", "jenkins": "Jenkinsfile", "dagu": "nightly.yaml",
}  # fmt: skip
EXAMPLES = sorted((Path(__file__).resolve().parents[2] / "examples").glob("*.json"))
MEANT = {
    "dependencies": "dependencies", "command": "command", "timeout": "timeout", "pre_checks": "pre_checks",
    "post_checks": "post_checks", "retry": "max_retries", "working_dir": "working_dir", "tags": "tags",
    "priority": "priority", "description": "description",
}  # fmt: skip
"""What of a job must come back, with the key of which the account tells."""
LOG = {"path": "${EX_LOG}", "pattern": "[0-9]+ rows"}
RICH: dict[str, Any] = {
    "application_name": "rich",
    "default_max_retries": 1,
    "default_retry_delay": 0,
    "env_variables": {"A": "x y"},
    "jobs": [
        {"id": "limits", "command": "true", "timeout": 90.5, "max_retries": 2, "retry_delay": 0.5},
        {"id": "codes", "command": "exit 3", "retry_on_exit_codes": [3, 4], "retry_backoff": 2, "max_retry_time": 60},
        {"id": "checked", "command": "# nothing", "shell": "bash -e", "dependencies": ["limits"],
         "pre_checks": [{"name": "check_file_exists", "params": {"path": "a b"}}],
         "post_checks": [{"name": "check_pattern", "params": LOG}]},
        {"id": "elsewhere", "command": "pwd; echo $EX_JOB_ID $B", "working_dir": "sub dir", "max_retries": 0,
         "env_variables": {"B": "${A}/${HOME}"}, "dependencies": ["codes", "checked"]},
        {"id": "no shell", "command": "echo 'a b' c", "shell": False, "dependencies": ["codes"]},
        {"id": "where", "command": "ls; ls", "working_dir": "${HOME}/x", "dependencies": ["no shell"]},
    ],
}  # fmt: skip
DOCUMENTS = {**{path.stem: json.loads(path.read_text()) for path in EXAMPLES}, "rich": RICH}


def jobs(document: dict[str, Any]) -> dict[str, Job]:
    whole = Workflow.from_document(Document(json.dumps(document).encode(), "nightly.json"))
    return {job.id: job for job in whole.jobs}


def told(entries: list[Entry], job: str, key: str) -> bool:
    """Whether the account says that something of a key of a job, or of its default, is not kept as it is."""
    keys = {key, f"default_{key}"}
    return any(one.fate != "exact" and one.construct in keys and one.job in (job, None) for one in entries)


@pytest.mark.parametrize("form", NAMES)
@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_comes_back(name: str, form: str) -> None:
    written, entries = exported(DOCUMENTS[name], form)
    (again,) = imported(written[0].content, form, name=NAMES[form])[0]
    before, after = jobs(DOCUMENTS[name]), jobs(again)
    assert set(before) == set(after)
    for each, job in before.items():
        for attribute, key in MEANT.items():
            found, wanted = getattr(after[each], attribute), getattr(job, attribute)
            if attribute == "dependencies":
                found, wanted = set(found), set(wanted)
            assert found == wanted or told(entries, each, key), f"{each}: {key}"
    assert exported(again, form)[0] == written
