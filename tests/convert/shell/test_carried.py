"""What a text stands for comes back as long as the text is the one that was written."""

from __future__ import annotations

from typing import Any

import pytest

from exlib.convert.shell.carried import digest, meaning, restore_meaning
from exlib.convert.shell.job import script
from tests.convert.converting import exported, imported
from tests.convert.shelling import outgoing

CHECKS = [{"name": "check_file_exists", "params": {"path": "a"}}]
ALLOWED = {"name": "check_allowed", "params": {"reason": "who knows"}}
FORMS = ("make", "ninja", "github", "gitlab", "jenkins", "dagu")


def test_a_command_alone_stands_for_itself() -> None:
    job = outgoing({"jobs": [{"id": "a", "command": "x"}]}).jobs[0]
    assert meaning(job, script(job)) == {}


def test_what_is_meant_comes_back() -> None:
    document = {"default_max_retries": 2, "jobs": [{"id": "a", "command": "x", "post_checks": CHECKS, "shell": False}]}
    job = outgoing(document).jobs[0]
    text = script(job)
    read: dict[str, Any] = {"id": "a", "command": text, "shell": "sh -e", "pre_checks": [ALLOWED]}
    restore_meaning(read, meaning(job, text), f"{text}\n")
    wanted = {"id": "a", "command": "x", "post_checks": CHECKS, "max_retries": 2, "shell": False}
    assert read == {**wanted, "pre_checks": [ALLOWED]}


def test_a_text_that_was_edited_is_believed() -> None:
    job = outgoing({"jobs": [{"id": "a", "command": "x", "post_checks": CHECKS}]}).jobs[0]
    text = script(job)
    read = {"id": "a", "command": f"{text}; more"}
    restore_meaning(read, meaning(job, text), read["command"])
    assert read == {"id": "a", "command": f"{text}; more"}


@pytest.mark.parametrize("value", [5, "x", None, [5], [{}], {"a": 1}, [{"name": 3, "params": {}}]])
@pytest.mark.parametrize("key", ["pre_checks", "post_checks", "env_variables"])
def test_a_note_that_somebody_wrote_takes_no_guard_away(key: str, value: Any) -> None:
    guarded = {"id": "a", "command": "x", "pre_checks": [ALLOWED], "env_variables": {"A": "1"}}
    restore_meaning(read := dict(guarded), {"run": {"text": digest("x"), "command": "y", key: value}}, "x")
    if key == "env_variables" and value == {"a": 1}:
        guarded["env_variables"] = {"A": "1", "a": 1}
    assert read == {**guarded, "command": "y"}


def test_values_of_secrets_are_in_no_note() -> None:
    document = {"jobs": [{"id": "a", "command": "x $EX_JOB_ID", "env_variables": {"API_TOKEN": "hunter2"}}]}
    job = outgoing(document).jobs[0]
    assert "hunter2" not in str(meaning(job, script(job), beyond={"API_TOKEN": "hunter2"}))


@pytest.mark.parametrize("form", FORMS)
def test_a_check_that_is_taken_out_of_a_file_is_gone(form: str) -> None:
    job = {"id": "a", "command": "echo one two", "post_checks": CHECKS}
    text = str(exported({"jobs": [job]}, form)[0][0].content)
    edited = text.replace("check_file_exists did not", "the file did not")
    assert edited != text
    again = imported(edited, form, name="Jenkinsfile" if form == "jenkins" else "source")[0][0]["jobs"][0]
    assert "post_checks" not in again
    assert "the file did not" in again["command"]


@pytest.mark.parametrize("form", ["make", "ninja", "jenkins"])
@pytest.mark.parametrize("stated", [{}, {"default_timeout": 10800}, {"default_timeout": None}])
def test_a_limit_is_stated_where_it_was(form: str, stated: dict[str, Any]) -> None:
    document = {**stated, "jobs": [{"id": "a", "command": "x"}]}
    text = exported(document, form)[0][0].content
    again = imported(text, form, name="Jenkinsfile" if form == "jenkins" else "source")[0][0]
    assert {key: again[key] for key in again if key == "default_timeout"} == stated
