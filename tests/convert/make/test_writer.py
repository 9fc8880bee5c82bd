"""Documents that become makefiles: make runs them as ex-run does, and they come back."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.convert.converting import assert_fixed_point, exported, files_of, imported, run_document

HOSTILE = [
    "plain", "db/lo ad", "a:b", "50%", "$HOME", "#x", "all", "Makefile", "-n", "ünï", "x=y", "a'b\"c", "nightly.mk",
    ".PHONY", "a;b", "~", "*", "(a)", "a\\", "A|B", "&", "dir/", "a_b", "a b",
]  # fmt: skip
COMMANDS = [
    "echo one >> out", "- cat out || echo no >> out", "@echo at >> out", "  echo blanks >> out",
    "echo '$HOME $$ $(x)' >> out",
    "cat >> out <<'END'\n- item\n\ttab\n# no comment\n  $x `y` \\\\\nEND",
    "echo a; # done", "echo back\\\\slash >> out",
    "set -e\nx=1\necho $x >> out", "if true\nthen echo 'it'\\''s' >> out\nfi\n", "echo %s # ## >> out\necho ünï >> out",
    "(exit 0)\n\n\necho after >> out", "endef", "true || exit\nfalse || true\necho joined >> out",
]  # fmt: skip


def chain(ids: list[str], commands: list[str]) -> dict[str, Any]:
    jobs: list[dict[str, Any]] = []
    for number, one in enumerate(ids):
        command = commands[number % len(commands)]
        jobs.append({"id": one, "command": command, "dependencies": ids[max(0, number - 2) : number]})
    return {"jobs": [{key: value for key, value in job.items() if value} for job in jobs]}


COMMANDS_THAT_SUCCEED = [command for command in COMMANDS if command not in ("endef", *COMMANDS[1:3])]


@pytest.mark.parametrize("form", ["make", "ninja"])
def test_hostile_ids_and_commands_run_as_they_stand(form: str, tmp_path: Path) -> None:
    document = chain(HOSTILE, COMMANDS_THAT_SUCCEED)
    folders = [tmp_path / name for name in ("made", "run")]
    for folder in folders:
        folder.mkdir()
    (tmp_path / "build").write_text(str(exported(document, form)[0][0].content))
    for arguments in ([form, "-n", "-f", "../build"], [form, "-f", "../build"]):
        done = subprocess.run(arguments, cwd=folders[0], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    assert run_document(document, folders[1]).returncode == 0
    made = {name: text for name, text in files_of(folders[0]).items() if not name.startswith(".ninja")}
    assert made == files_of(folders[1])
    assert made["out"].count(b"\n") > 20


def comes_back(document: dict[str, Any], form: str) -> None:
    written = exported(document, form)[0][0].content
    again = imported(written, form)[0][0]
    kept = {key: value for key, value in again.items() if key != "x-source" or "x-source" in document}
    stated = dict(document)
    if "application_name" not in document:
        del kept["application_name"]
    for job in stated["jobs"]:
        if "dependencies" in job:
            job["dependencies"] = sorted(job["dependencies"], key=str)
    for job in kept["jobs"]:
        if "dependencies" in job:
            job["dependencies"] = sorted(job["dependencies"], key=str)
    for key in ("parallel", "max_workers"):
        if key not in stated:
            kept.pop(key, None)
    assert kept == stated
    assert_fixed_point(str(written), form)


@pytest.mark.parametrize("form", ["make", "ninja"])
def test_hostile_documents_come_back(form: str) -> None:
    comes_back(chain(HOSTILE, COMMANDS), form)


RICH: dict[str, Any] = {
    "application_name": "nightly load", "description": "what it is for", "parallel": True, "max_workers": 3,
    "continue_on_error": True, "working_dir": "sub", "env_variables": {"A": "x y # $z", "B": "${A}/b", "L": " lead\\"},
    "default_max_retries": 1, "email_address": "a@example.com",
    "jobs": [
        {"id": "one", "command": "echo 1", "tags": ["t"], "priority": 3, "timeout": 5,
         "description": "First\n\nof two"},
        {"id": "two", "command": "echo 2\necho 22", "dependencies": ["one"], "max_retries": 2, "retry_delay": 0,
         "env_variables": {"C": "c"}, "description": "Second: ## yes"},
        {"id": "three", "command": "echo 3", "dependencies": ["one", {"plugin": "file", "params": {"path": "x"}}],
         "pre_checks": [{"name": "check_file_exists", "params": {"path": "x"}}], "shell": "bash -eu"},
        {"id": "four", "command": "print(4)", "shell": "python3", "outputs": ["o"], "inputs": []},
        {"id": "five", "command": "x && y", "shell": "bash -o pipefail", "detach": True, "dependencies": ["two"]},
    ],
}  # fmt: skip


@pytest.mark.parametrize("form", ["make", "ninja"])
def test_a_rich_document_comes_back(form: str) -> None:
    comes_back(RICH, form)


def test_what_make_says_itself_is_written_in_its_own_words() -> None:
    document = {
        "env_variables": {"BASE": "/srv/#1"}, "parallel": True, "max_workers": 4, "continue_on_error": True,
        "jobs": [{"id": "a", "command": "echo $BASE", "description": "Say it"},
                 {"id": "b", "command": "[[ x ]]", "shell": "/bin/bash",
                  "dependencies": ["a"], "env_variables": {"X": "1"}}],
    }  # fmt: skip
    text = str(exported(document, "make")[0][0].content)
    for line in (
        "MAKEFLAGS += -j4 -k", "export BASE := /srv/\\#1", "a: ## Say it", "\techo $$BASE", "b: a",
        "b: private SHELL := /bin/bash", "b: private export X := 1", ".PHONY: all a b",
    ):  # fmt: skip
        assert line in text.splitlines(), text


ALIKE = {
    "env_variables": {"A": "x", "B": "${A}/b $c", "N": "two\nlines", "API_TOKEN": "hush-hush"},
    "jobs": [{"id": "a", "command": "echo a $A $B \"$N\" >> out"},
             {"id": "b", "command": "echo b $A $B >> out", "env_variables": {"C": "c"}},
             {"id": "c", "command": "echo c $A $B >> out\necho \"$N\" $C >> out", "env_variables": {"A": "own"}}],
}  # fmt: skip


@pytest.mark.parametrize(("form", "once"), [("make", "export A := x\n"), ("ninja", "export A=x; export B=")])
def test_variables_that_all_jobs_share_are_written_once(form: str, once: str, tmp_path: Path) -> None:
    written = str(exported(ALIKE, form)[0][0].content)
    assert written.count(once) == 1
    assert "/b" in written
    for folder in ("made", "run"):
        (tmp_path / folder).mkdir()
    (tmp_path / "build").write_text(written)
    environ = {**os.environ, "API_TOKEN": "x"}
    done = subprocess.run(
        [form, "-f", "../build"], cwd=tmp_path / "made", env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert run_document(ALIKE, tmp_path / "run").returncode == 0
    assert (tmp_path / "made/out").read_text() == (tmp_path / "run/out").read_text()
    again = imported(written, form)[0][0]
    assert again["env_variables"] == {"A": "x", "B": "${A}/b $c", "N": "two\nlines"}
    assert [job.get("env_variables") for job in again["jobs"]] == [None, {"C": "c"}, {"A": "own"}]
    assert [job["command"] for job in again["jobs"]] == [job["command"] for job in ALIKE["jobs"]]  # type: ignore[index]
    assert_fixed_point(written, form)


@pytest.mark.parametrize("form", ["make", "ninja"])
def test_secrets_of_the_workflow_are_left_to_a_person(form: str) -> None:
    entries = exported(ALIKE, form)[1]
    [entry] = [entry for entry in entries if entry.place.path == "env_variables"]
    assert (entry.fate, entry.reason) == ("manual", "the values of secrets are not written: set API_TOKEN")


def test_a_variable_of_all_that_was_edited_is_believed() -> None:
    document = {"env_variables": {"A": "old"}, "jobs": [{"id": "a", "command": "echo $A"}]}
    made = str(exported(document, "make")[0][0].content).replace("A := old", "A := new")
    assert imported(made, "make")[0][0]["env_variables"] == {"A": "new"}
    written = str(exported(document, "ninja")[0][0].content).replace("A=old", "A=new")
    assert imported(written, "ninja")[0][0]["jobs"][0]["command"] == "export A=new; echo $A"


@pytest.mark.parametrize("form", ["make", "ninja"])
def test_jobs_one_by_one_keep_their_order_and_end_at_the_first_that_fails(form: str, tmp_path: Path) -> None:
    document = {"parallel": False, "jobs": [
        {"id": "a", "command": "echo a >> out"}, {"id": "b", "command": "echo b >> out; false"},
        {"id": "c", "command": "echo c >> out", "dependencies": ["a"]},
    ]}  # fmt: skip
    for folder in ("made", "run"):
        (tmp_path / folder).mkdir()
    (tmp_path / "build").write_text(str(exported(document, form)[0][0].content))
    done = subprocess.run([form, "-f", "../build"], cwd=tmp_path / "made", capture_output=True, check=False)
    assert done.returncode != 0
    assert run_document(document, tmp_path / "run").returncode != 0
    assert (tmp_path / "made/out").read_text() == (tmp_path / "run/out").read_text() == "a\nb\n"
    comes_back({**document, "application_name": "n"}, form)


@pytest.mark.parametrize("form", ["make", "ninja"])
def test_a_limit_that_the_document_does_not_state_is_told_and_comes_back(form: str) -> None:
    def told(document: dict[str, Any]) -> list[str]:
        return [entry.fate for entry in exported(document, form)[1] if entry.construct == "time limit"]

    stated = {"id": "a", "command": "true", "timeout": 5}
    assert told({"jobs": [{"id": "a", "command": "true"}]}) == ["approximated"]
    assert told({"jobs": [stated]}) == told({"default_timeout": None, "jobs": [{"id": "a", "command": "true"}]}) == []
    comes_back({"application_name": "n", "jobs": [{"id": "a", "command": "true"}]}, form)
    comes_back({"application_name": "n", "default_timeout": None, "jobs": [stated]}, form)


@pytest.mark.parametrize("form", ["make", "ninja"])
def test_what_another_format_kept_comes_back_and_is_told(form: str) -> None:
    document = {
        "application_name": "n", "x-source": {"format": "github", "on": "push"},
        "jobs": [{"id": "a", "command": "true", "x-source": {"name": "A > b"}}],
    }  # fmt: skip
    found = {entry.place.path: entry.fate for entry in exported(document, form)[1]}
    assert found["x-source"] == found["jobs[0].x-source"] == "dropped"
    comes_back(document, form)


@pytest.mark.parametrize("form", ["make", "ninja"])
def test_a_secret_in_what_another_format_kept_is_not_written(form: str) -> None:
    document = {
        "secrets": ["KEY"], "env_variables": {"KEY": "hush-hush"}, "x-source": {"format": "github", "k": "hush-hush"},
        "jobs": [{"id": "a", "command": "true", "x-source": {"k": "hush-hush"}}],
    }  # fmt: skip
    assert "hush-hush" not in str(exported(document, form)[0][0].content)


@pytest.mark.parametrize("form", ["make", "ninja"])
def test_what_changes_a_run_is_told_otherwise_than_what_tells_something(form: str) -> None:
    document = {
        "inherit_shell_env": ["PATH"], "email_on_failure": True, "email_address": "a@example.com",
        "jobs": [{"id": "a", "command": "true", "tags": ["t"], "priority": 3, "continue_on_error": True}],
    }  # fmt: skip
    reasons = {entry.construct: entry.reason for entry in exported(document, form)[1] if entry.fate == "dropped"}
    assert reasons["tags"] == f"{form} has no word for it: a comment keeps it"
    assert reasons["continue_on_error"].startswith("a failure stops what has not started")
    assert reasons["priority"].startswith("jobs are taken in the order of the file")
    assert reasons["inherit_shell_env"].startswith("jobs see the whole environment")
    assert reasons["email_on_failure"].startswith("nothing is mailed")


@pytest.mark.parametrize("form", ["make", "ninja"])
def test_a_note_does_not_hold_the_command_a_second_time(form: str) -> None:
    document = {"jobs": [{"id": "a", "command": "echo it\'s <here>", "timeout": 5},
                         {"id": "b", "command": "run one\nrun two", "working_dir": "sub"}]}  # fmt: skip
    written = str(exported(document, form)[0][0].content)
    notes = [line for line in written.splitlines() if line.startswith("# executioner")]
    assert not any("here" in line or "run one" in line for line in notes)
    comes_back({**document, "application_name": "n"}, form)


@pytest.mark.parametrize("form", ["make", "ninja"])
def test_values_of_secrets_are_not_written(form: str) -> None:
    document = {"env_variables": {"API_TOKEN": "hush-hush", "A": "1"}, "smtp_password": "hush-hush",
                "jobs": [{"id": "a", "command": "true", "env_variables": {"DB_PASSWORD": "hush-hush"}}]}  # fmt: skip
    files, entries = exported(document, form)
    assert "hush-hush" not in str(files[0].content)
    assert "manual" in {entry.fate for entry in entries if entry.construct == "env_variables"}


@pytest.mark.parametrize("form", ["make", "ninja"])
def test_an_edited_command_is_believed(form: str) -> None:
    document = {"jobs": [{"id": "a", "command": "echo old", "timeout": 5, "tags": ["t"]}]}
    written = str(exported(document, form)[0][0].content)
    (job,) = imported(written.replace("-c 'echo old'", "-c 'echo new'"), form)[0][0]["jobs"]
    assert "echo new" in job["command"]
    assert job["tags"] == ["t"]
    assert "timeout" not in job


WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cf", "Zl", "Zp"]), min_size=1, max_size=12
)
LINES = st.lists(WORDS, min_size=1, max_size=4).map("\n".join)


@pytest.mark.parametrize("form", ["make", "ninja"])
@given(
    st.lists(
        st.tuples(WORDS.filter(lambda text: text == " ".join(text.split()) and text), LINES),
        min_size=1,
        max_size=5,
        unique_by=lambda pair: pair[0],
    )
)
def test_any_ids_and_commands_come_back(form: str, pairs: list[tuple[str, str]]) -> None:
    document = {"jobs": [{"id": one, "command": command} for one, command in pairs if command.strip()]}
    if not document["jobs"]:
        return
    written = exported(document, form)[0][0].content
    jobs = imported(written, form)[0][0]["jobs"]
    assert [(job["id"], job["command"]) for job in jobs] == [(job["id"], job["command"]) for job in document["jobs"]]
