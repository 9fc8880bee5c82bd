"""Documents as workflows: valid ones, that mean the same, and that come back."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exlib.convert.draft import guard_of
from exlib.convert.wishes import Wishes
from tests.convert.converting import assert_fixed_point, exported, fates, imported

SCHEMA = ["check-jsonschema", "--builtin-schema", "vendor.github-workflows"]
RICH = """\
# What it is
# in two lines

name: Rich # beside it
run-name: by @${{ github.actor }}
on:
  # when
  push: {branches: [main, 'releases/**'], tags: ["v*"]}
  schedule:
    - cron: '30 5 * * 1,3' # Mondays
  workflow_dispatch:
    inputs:
      level: {description: how loud, default: info, type: choice, options: [info, debug]}
permissions: read-all
concurrency: {group: "ci-${{ github.ref }}", cancel-in-progress: true}
env: {A: 1.10, B: "${{ secrets.B }}", FLAG: true, LITERAL: "${HOME}"}
defaults:
  run: {shell: bash, working-directory: ./src}
jobs:
  # builds
  build: # it
    name: Build ${{ matrix.os }}
    runs-on: ${{ matrix.os }}
    strategy:
      fail-fast: false
      matrix:
        os: [ubuntu-22.04, windows-2022]
        v: [1.10, "1.10", 3]
        exclude: [{os: windows-2022, v: 3}]
    outputs: {tag: "${{ steps.t.outputs.tag }}"}
    timeout-minutes: 5
    steps:
      - uses: actions/checkout@v4
        with: {fetch-depth: 0}
      # the tag
      - id: t
        name: Tag it
        run: |
          echo "tag=1" >> $GITHUB_OUTPUT   # no comment

          echo 'x: ${{ matrix.v }}'
      -
        # odd place
        run: echo ${{ steps.t.outputs.tag }}
        if: always()
  lint: &lint
    runs-on: [self-hosted, linux]
    environment: prod
    permissions: {contents: read}
    steps: [{run: ruff check}, {run: "  indented\\n\\ttabs \\x85 and ends\\n\\n"}, {run: 'one: # "two"'}]
  again: *lint
  last:
    needs: [build, lint]
    if: ${{ !cancelled() && github.ref == 'x' }}
    runs-on: ubuntu-latest
    steps: [{run: 'yes'}, {run: '1.0', env: {E: "", T: " x ", Y: "on"}}]
# the end
"""


def written(document: dict[str, Any]) -> str:
    content = exported(document, "github")[0][0].content
    assert isinstance(content, str)
    return content


def valid(*texts: str, folder: Path) -> None:
    """Whether GitHub's schema has anything against workflows."""
    program = shutil.which(SCHEMA[0], path=str(Path(sys.executable).parent))
    if program is None:
        pytest.skip("check-jsonschema is not installed")
    paths = []
    for number, text in enumerate(texts):
        paths.append(folder / f"{number}.yml")
        paths[-1].write_text(text)
    done = subprocess.run([program, *SCHEMA[1:], *paths], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("split", [False, True])
def test_what_was_not_changed_is_as_it_was(split: bool, tmp_path: Path) -> None:
    wishes = Wishes(split_steps=split, variables={"github.ref": "x"})
    assert_fixed_point(RICH, "github", wishes=wishes)
    document = imported(RICH, "github", wishes=wishes)[0][0]
    text = written(document)
    for comment in (
        "# What it is",
        "# beside it",
        "# when",
        "# Mondays",
        "# builds",
        "# it",
        "# the tag",
        "# odd place",
        "# the end",
    ):
        assert comment in text
    assert "permissions: read-all" in text
    valid(text, folder=tmp_path)


def test_an_edited_job_is_made_anew_and_the_others_are_as_they_were(tmp_path: Path) -> None:
    document = imported(RICH, "github")[0][0]
    job = next(job for job in document["jobs"] if job["id"] == "lint")
    job["command"] = "echo mine"
    text = written(document)
    assert "echo mine" in text
    assert "name: Build ${{ matrix.os }}" in text
    assert "environment: prod" in text
    assert "cron: 30 5 * * 1,3" in text
    valid(text, folder=tmp_path)
    again = imported(text, "github")[0][0]
    assert [one["id"] for one in again["jobs"]] == [one["id"] for one in document["jobs"]]
    assert next(one for one in again["jobs"] if one["id"] == "lint")["command"].endswith("'echo mine'")
    others = ("last", "build-ubuntu-22.04-3")
    assert [one["command"] for one in again["jobs"] if one["id"] in others] == [
        one["command"] for one in document["jobs"] if one["id"] in others
    ]
    assert guard_of(next(one for one in again["jobs"] if one["id"] == "lint"))


def test_a_job_that_was_taken_away_is_not_written_again() -> None:
    document = imported(RICH, "github")[0][0]
    document["jobs"] = [job for job in document["jobs"] if job["id"] not in ("last", "again")]
    text = written(document)
    assert "\n  last:" not in text
    assert "\n  again:" not in text
    assert "name: Build ${{ matrix.os }}" in text


def test_what_somebody_spoiled_in_x_source_is_not_believed() -> None:
    document = imported(RICH, "github")[0][0]
    for spoiled in (
        {"jobs": 5},
        {"jobs": {"build": 5}},
        {"comments": {"a": 1}},
        {"workflow": []},
        {"variables": 5},
        {"jobs": {}},
    ):
        spoiled_document = {**document, "x-source": {**document["x-source"], **spoiled}}
        assert "x: 1.1" in written(spoiled_document)


def test_a_document_comes_back(tmp_path: Path) -> None:
    document = {
        "application_name": "nightly",
        "description": "All of it\n\nand more",
        "version": 3,
        "parallel": False,
        "env_variables": {"BASE": "/srv", "OUT": "${BASE}/out"},
        "email_address": "a@b.c",
        "jobs": [
            {"id": "a b/'c'", "command": "echo $OUT", "tags": ["x"], "timeout": 90, "description": "First\nof all"},
            {"id": "1", "command": "x", "dependencies": ["a b/'c'"], "shell": "bash -e", "priority": 3},
            {"id": "é*", "command": "y\n\n  z", "dependencies": ["1"], "timeout": None, "shell": "bash -u"},
            {
                "id": "É*",
                "command": "${{ z }}",
                "pre_checks": [{"name": "check_allowed", "params": {"reason": "look"}}],
            },
        ],
    }
    text = written(document)
    valid(text, folder=tmp_path)
    back = imported(text, "github")[0][0]
    for key in ("application_name", "description", "parallel", "email_address"):
        assert back[key] == document[key]
    jobs: Any = document["jobs"]
    for job, came in zip(jobs, back["jobs"], strict=True):
        same = {
            "id",
            "command",
            "tags",
            "description",
            "dependencies",
            "priority",
            "pre_checks",
            *(["timeout"] if "timeout" in job else []),
        }
        assert {key: came.get(key) for key in same} == {key: job.get(key) for key in same}
    assert [job.get("shell") for job in back["jobs"]] == [None, "bash -e", "bash -u", None]


def test_secrets_are_asked_of_github_and_never_written() -> None:
    document = {
        "env_variables": {"API_KEY": "hunter2", "URL": "x://${API_KEY}@${HOST_PASSWORD}", "PLAIN": "p"},
        "secrets": ["MINE"],
        "smtp_password": "hunter3",
        "jobs": [{"id": "a", "command": "x", "env_variables": {"DB_PASSWORD": "hunter4", "P": "${PLAIN}"}}],
    }
    files, entries = exported(document, "github")
    text = str(files[0].content)
    assert "hunter" not in text
    assert "API_KEY: ${{ secrets.API_KEY }}" in text
    assert "URL: x://${{ secrets.API_KEY }}@${{ secrets.HOST_PASSWORD }}" in text
    assert "MINE: ${{ secrets.MINE }}" in text
    assert "P: p" in text
    assert {entry.fate for entry in entries if entry.construct in ("env_variables", "secrets")} == {"manual"}


def test_a_guard_is_a_condition_that_no_one_meets_by_chance() -> None:
    checks = [{"name": "check_allowed", "params": {"reason": "by hand"}}]
    document = {"jobs": [{"id": "it's", "command": "x", "pre_checks": checks}]}
    text = written(document)
    assert "if: contains(format(',{0},', vars.EX_ALLOW), ',it''s,') || vars.EX_ALLOW == 'all'" in text
    assert imported(text, "github")[0][0]["jobs"][0]["pre_checks"] == checks
    for allowed, runs in (("", False), ("its", False), ("a,it's", True), ("all", True)):
        wishes = Wishes(variables={"vars.EX_ALLOW": allowed})
        made = imported(text, "github", wishes=wishes)[0][0]["jobs"] if runs else []
        assert len(made) == runs


texts = st.text(st.sampled_from("ab$ {}'\"\\#:-\n\t%&*!|>`é\u2028"), max_size=12)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(texts, texts, texts), min_size=1, max_size=4), texts)
def test_any_text_comes_back(rows: list[tuple[str, str, str]], title: str) -> None:
    jobs = []
    seen: set[str] = set()
    for number, (name, command, value) in enumerate(rows):
        wanted = " ".join(name.split()) or f"j{number}"
        if wanted in seen:
            continue
        seen.add(wanted)
        jobs.append({"id": wanted, "command": f"echo {command}", "env_variables": {"V": value.replace("${", "$ {")}})
    document = {"application_name": " ".join(title.split()).replace("${{", "$ {{") or "t", "jobs": jobs}
    back = imported(written(json.loads(json.dumps(document))), "github")[0][0]
    assert [job["id"] for job in back["jobs"]] == [job["id"] for job in jobs]
    assert [job["command"].rstrip("\n") for job in back["jobs"]] == [str(job["command"]).rstrip("\n") for job in jobs]
    assert [job.get("env_variables") for job in back["jobs"]] == [job["env_variables"] for job in jobs]


def test_jobs_without_a_limit_get_one_there() -> None:
    document = {"default_timeout": None, "jobs": [{"id": "a", "command": "x"}]}
    assert fates(exported(document, "github")[1])["default_timeout"] == "approximated"
    document["jobs"][0]["timeout"] = 60
    assert fates(exported(document, "github")[1])["default_timeout"] == "exact"
    assert fates(exported({**document, "default_timeout": 60}, "github")[1])["default_timeout"] == "exact"


def test_a_value_that_holds_a_secret_is_not_written() -> None:
    document = {
        "env_variables": {"URL": "http://u:LEAK@h/", "FAR": "${URL}"},
        "jobs": [
            {"id": "a", "command": "x", "env_variables": {"DB_PASSWORD": "LEAK"}},
            {"id": "b", "command": "x", "env_variables": {"MIX": "${USER_TOKEN}LEAK"}, "dependencies": ["a"]},
        ],
    }
    text = written(document)
    assert "URL: ${{ secrets.URL }}" in text
    document["env_variables"]["DB_PASSWORD"] = "LEAK"
    assert "LEAK" not in written(document)


def test_each_attempt_has_the_limit_and_all_have_that_of_all() -> None:
    job = {"id": "a", "command": "x", "timeout": 60, "max_retries": 2, "retry_delay": 30, "retry_backoff": 1}
    text = written({"jobs": [{**job, "retry_on_status": ["TIMEOUT"]}]})
    assert "timeout-minutes: 4" in text
    assert "timeout -k 10 60 " in text
    assert 'case "$why" in TIMEOUT) ;;' in text
    back = imported(text, "github")[0][0]["jobs"][0]
    assert (back["timeout"], back["max_retries"], back["command"]) == (60, 2, "x")
    back = imported(written({"jobs": [{**job, "timeout": 1e9, "retry_backoff": 9}]}), "github")[0][0]["jobs"][0]
    assert back["timeout"] == 1e9


def test_what_the_document_leaves_to_defaults_is_said_where_jobs_have_no_order() -> None:
    jobs: list[dict[str, Any]] = [{"id": "a", "command": "x"}, {"id": "b", "command": "x"}]
    said = fates(exported({"jobs": jobs}, "github")[1])
    assert said["parallel"] == said["continue_on_error"] == "approximated"
    back = imported(written({"jobs": jobs}), "github")[0][0]
    assert (back["parallel"], back["continue_on_error"]) == (False, False)
    jobs[1]["dependencies"] = ["a"]
    assert "parallel" not in fates(exported({"jobs": jobs}, "github")[1])


def test_the_times_of_the_source_start_the_workflow(tmp_path: Path) -> None:
    jobs: list[dict[str, Any]] = [{"id": "a", "command": "x"}, {"id": "b", "command": "x"}]
    document = {"x-source": {"format": "jenkins", "schedule": ["0 5 * * 1", "@daily"], "timezone": "UTC"}, "jobs": jobs}
    text = written(document)
    assert "  schedule:\n    - cron: 0 5 * * 1\n    - cron: 0 0 * * *\n" in text
    valid(text, folder=tmp_path)
    assert fates(exported(document, "github")[1])["x-source"] == "exact"
    jobs[0]["x-source"] = {"schedule": "@reboot"}
    for zone, fate in (("Europe/Berlin", "manual"), ("", "manual")):
        source = {"schedule": "0 5 * * *", "timezone": zone}
        said = fates(exported({"x-source": source, "jobs": jobs}, "github")[1])
        assert (said["x-source"], said["jobs[0].x-source"]) == (fate, "manual")
    assert (
        fates(exported({"x-source": {"schedule": "0 5 * * *"}, "jobs": jobs[1:]}, "github")[1])["x-source"]
        == "approximated"
    )


def test_the_current_directory_is_none_to_go_to() -> None:
    job = {"id": "a", "command": "x", "working_dir": ".", "max_retries": 1}
    text = written({"working_dir": "./.", "jobs": [job]})
    assert "cd " not in text
    assert "working-directory" not in text
