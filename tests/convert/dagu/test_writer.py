"""Documents as DAGs: what comes back, what Dagu's schema takes, and that no secret is written."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exlib.convert.dagu.emit import lines_of
from tests.convert.converting import assert_fixed_point, exported, fates, files_of, imported, run_document

yaml = pytest.importorskip("yaml")
RICH = Path(__file__).parent.joinpath("rich.yaml").read_text()

TOP = {
    "name", "description", "type", "working_dir", "log_dir", "shell", "env", "max_active_steps", "schedule", "labels",
    "group", "hist_retention_days", "mail_on", "timeout_sec", "params", "dotenv", "handler_on", "steps",
}  # fmt: skip
STEP: dict[str, type | tuple[type, ...]] = {
    "name": str, "description": str, "working_dir": str, "command": (str, list), "script": str, "shell": str,
    "exec": dict,
    "env": (list, dict), "depends": (list, str), "retry_policy": dict, "timeout_sec": int, "continue_on": (dict, str),
    "preconditions": (list, str), "output": str, "stdout": str, "stderr": str, "call": str, "params": (str, list, dict),
    "type": str, "with": dict, "repeat_policy": dict, "mail_on_error": bool, "signal_on_stop": str,
}  # fmt: skip
DOCUMENT: dict[str, Any] = {
    "application_name": "nightly load",
    "description": "two\nlines",
    "parallel": True,
    "max_workers": 3,
    "working_dir": "/srv",
    "env_variables": {"A": "1", "B": "${A}x", "API_TOKEN": "hunter2", "N": 5, "T": True, "E": None},
    "default_max_retries": 1,
    "email_address": "a@b.c",
    "x-team": "blue",
    "jobs": [
        {"id": "a b # 'c'", "command": "echo 'it''s' \"$A\" `id` \\ é", "tags": ["daily"], "priority": 3},
        {
            "id": "checked",
            "command": "one\n  two # x",
            "dependencies": ["a b # 'c'"],
            "pre_checks": [{"name": "check_file_exists", "params": {"path": "in.csv"}}],
            "post_checks": [{"name": "check_command", "params": {"command": "true"}}],
            "timeout": 90.5,
            "max_retries": 3,
            "retry_delay": 2.5,
            "retry_on_exit_codes": [1, 75],
            "env_variables": {"C": "x\ny", "DB_PASSWORD": "hunter3"},
        },
        {"id": "bash", "command": "set -o", "shell": "bash -euo pipefail", "dependencies": ["checked"]},
        {
            "id": "direct",
            "command": "touch 'a b'",
            "shell": False,
            "description": "no shell",
            "inputs": ["x"],
            "outputs": [],
        },
        {"id": "held", "command": "deploy", "pre_checks": [{"name": "check_allowed", "params": {"reason": "by hand"}}]},
    ],
}


def written(document: Any) -> str:
    files, _ = exported(document, "dagu")
    assert len(files) == 1
    assert isinstance(files[0].content, str)
    return files[0].content


def assert_is_dag(text: str) -> None:
    """The essence of Dagu's schema: known keys alone, of the right types."""
    dag = yaml.safe_load(text)
    assert set(dag) <= TOP, set(dag) - TOP
    assert dag["type"] in ("graph", "chain")
    names = [step["name"] for step in dag["steps"]]
    assert len(names) == len(set(names))
    for step in [*dag["steps"], *dag.get("handler_on", {}).values()]:
        for key, value in step.items():
            assert isinstance(value, STEP[key]), key
        assert not {"exec", "command"} <= step.keys()
        assert set(step.get("depends", ())) <= set(names)


def test_a_rich_dag_is_a_fixed_point() -> None:
    assert_fixed_point(RICH, "dagu", name="nightly.yaml")
    assert_is_dag(written(imported(RICH, "dagu")[0][0]))


@pytest.mark.parametrize(
    "text",
    [
        "steps: [a, b]\n",
        "shell: bash -e\nsteps: [a, {name: b, command: c}]\n",
        "params: 'x y'\nsteps:\n  - echo $1 $2\n",
        "env: [{T: '`date`'}, {U: u}]\nsteps: [echo $T]\n",
        "precondition: test -f x\nsteps: [a, b]\n",
        "shell: direct\nsteps: [ls -l, {name: x, exec: {command: ls, args: ['a b']}}]\n",
        "steps:\n  - command: [a, b]\n  - script: |\n      #!/usr/bin/env python3\n      x\n",
        "# top\n\nsteps:\n  # one\n  - name: a # beside\n    description: d\n    command: x\n# below\n",
        "handlerOn: {init: {command: i}, exit: {command: e}}\nsteps: [[a, b], c]\n",
        "container: {image: x}\nsteps: [a]\n",
        "steps:\n  - name: a\n    command: x\n    retry_policy: {limit: 0}\n",
    ],
)
def test_dags_are_fixed_points(text: str) -> None:
    assert_fixed_point(text, "dagu", name="x.yaml")


def test_a_document_comes_back() -> None:
    text = written(DOCUMENT)
    assert_is_dag(text)
    again = imported(text, "dagu")[0][0]
    jobs = {job["id"]: job for job in again["jobs"]}
    for job in DOCUMENT["jobs"]:
        for key in ("command", "dependencies", "tags", "priority", "pre_checks", "post_checks", "shell", "description",
                    "inputs", "outputs", "retry_delay", "max_retries", "retry_on_exit_codes"):  # fmt: skip
            if key in job:
                assert jobs[job["id"]].get(key) == job[key], key
    assert again["max_workers"] == 3
    assert again["email_address"] == "a@b.c"
    assert again["env_variables"] == {"A": "1", "B": "${A}x", "N": "5", "T": "true", "E": ""}
    assert jobs["checked"]["env_variables"] == {"C": "x\ny"}
    assert jobs["checked"]["timeout"] == 91
    assert again["description"] == "two\nlines"


def test_it_says_what_is_not_there() -> None:
    _, entries = exported(DOCUMENT, "dagu")
    found = fates(entries)
    assert found["application_name"] == "approximated"
    assert found["env_variables"] == "manual"
    assert found["jobs[1].timeout"] == "approximated"
    assert found["jobs[1].env_variables"] == "manual"
    assert found["jobs[0].tags"] == "approximated"
    assert found["jobs[0].command"] == "exact"


def test_secrets_are_not_written() -> None:
    assert "hunter" not in written(DOCUMENT)


def test_what_comes_back_runs_the_same(tmp_path: Path) -> None:
    document = {
        "jobs": [
            {"id": "a", "command": "echo \"$X\" > a; [ -f b ] || echo 'first' >> a", "env_variables": {"X": "x  y"}},
            {"id": "b", "command": "cat a > b\necho more >> b", "dependencies": ["a"],
             "post_checks": [{"name": "check_pattern", "params": {"path": "b", "pattern": "^first$"}}]},
            {"id": "c", "command": "touch c", "dependencies": ["b"],
             "pre_checks": [{"name": "check_file_exists", "params": {"path": "absent"}}]},
        ]
    }  # fmt: skip
    left = []
    for number, one in enumerate([document, imported(written(document), "dagu")[0][0]]):
        folder = tmp_path / str(number)
        folder.mkdir()
        assert run_document(one, folder).returncode == 1
        left.append(files_of(folder))
    assert left[0] == left[1]
    assert set(left[0]) == {"a", "b"}


def test_the_text_of_a_step_fails_where_its_checks_would(tmp_path: Path) -> None:
    checks = [{"name": "check_file_exists", "params": {"path": "absent"}}]
    dag = yaml.safe_load(written({"jobs": [{"id": "a", "command": "touch ran", "pre_checks": checks}]}))
    step = dag["steps"][0]
    done = subprocess.run([dag["shell"], "-c", step.get("script") or step["command"]], cwd=tmp_path, check=False,
                          capture_output=True)  # fmt: skip
    assert done.returncode == 1
    assert files_of(tmp_path) == {}


TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=4))
def test_any_ids_and_commands_come_back(pairs: list[tuple[str, str]]) -> None:
    jobs: list[dict[str, Any]] = []
    for number, (name, command) in enumerate(pairs):
        identifier = f"{number} " + re.sub(r"[^ -~é]", "", name).strip()
        jobs.append({"id": identifier.strip(), "command": f"{command} x", "description": f"{name} d"})
        if number:
            jobs[-1]["dependencies"] = [jobs[0]["id"]]
    again = imported(written({"jobs": jobs}), "dagu")[0][0]
    assert [(job["id"], job["command"], job["description"], job.get("dependencies")) for job in again["jobs"]] == [
        (job["id"], job["command"], job["description"], job.get("dependencies")) for job in jobs
    ]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=10,
)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(TEXT, VALUES, min_size=1, max_size=4))
def test_what_is_emitted_is_read_as_it_was(value: dict[str, Any]) -> None:
    text = "\n".join(lines_of(value)) + "\n"
    read = yaml.safe_load(text)
    assert json.loads(json.dumps(read)) == json.loads(json.dumps(value)), text


MOODY = {"id": "moody", "command": "[ \"$EX_ATTEMPT\" -ge 2 ] || exit 7; echo $EX_ATTEMPT > attempt", "max_retries": 3,
         "retry_delay": 0.01, "retry_on_exit_codes": [7], "timeout": 20}  # fmt: skip


@pytest.mark.parametrize("shell", [{}, {"shell": "bash -e"}, {"shell": False, "command": "printenv EX_ATTEMPT"}])
def test_a_job_that_counts_its_attempts_makes_them_itself(shell: dict[str, Any], tmp_path: Path) -> None:
    job = {**MOODY, **shell}
    text = written({"jobs": [job]})
    dag = yaml.safe_load(text)
    step = dag["steps"][0]
    assert not {"retry_policy", "timeout_sec", "shell"} & set(step)
    done = subprocess.run([dag["shell"], "-c", step["script"]], cwd=tmp_path, check=False)
    assert done.returncode == 0
    again = imported(text, "dagu")[0][0]["jobs"][0]
    assert {key: again[key] for key in job} == job
    edited = imported(text.replace("tries=0", "tries=1"), "dagu")[0][0]["jobs"][0]
    assert "max_retries" not in edited
    assert "tries" in edited["command"]


@pytest.mark.parametrize("target", ["airflow", "gitlab", "jenkins"])
def test_where_the_target_retries_the_number_is_not_known(target: str) -> None:
    job = {"id": "a", "command": "echo $EX_ATTEMPT", "max_retries": 2}
    for command, fate in (("echo $EX_ATTEMPT", "manual"), ("echo", "exact")):
        _, entries = exported({"jobs": [{**job, "command": command}]}, target)
        assert fates(entries)["jobs[0].command"] == fate


def test_values_that_hold_a_secret_are_not_written() -> None:
    document = {
        "env_variables": {"DB_PASSWORD": "LEAKED", "URL": "http://u:LEAKED@h/", "A": "1"},
        "smtp_password": "ALSO_LEAKED",
        "jobs": [{"id": "a", "command": "x", "env_variables": {"U": "LEAKED!", "B": "2"}}],
    }
    text = written(document)
    assert "LEAKED" not in text
    assert yaml.safe_load(text)["env"] == [{"A": "1"}]
    found = fates(exported(document, "dagu")[1])
    assert found["env_variables"] == found["jobs[0].env_variables"] == found["smtp_password"] == "manual"


def test_a_schedule_of_another_format_is_one_of_dagu() -> None:
    for stated, native in (
        ("0 5 * * *", "CRON_TZ=Europe/Berlin 0 5 * * *"),
        (["@daily", "0 5 * * mon"], ["CRON_TZ=Europe/Berlin 0 0 * * *", "CRON_TZ=Europe/Berlin 0 5 * * mon"]),
    ):
        source = {"format": "crontab", "schedule": stated, "timezone": "Europe/Berlin"}
        document = {"x-source": source, "jobs": [{"id": "a", "command": "x"}]}
        text = written(document)
        assert yaml.safe_load(text)["schedule"] == native
        again = imported(text, "dagu")[0][0]["x-source"]
        assert again == source | {"schedule": ["0 0 * * *", stated[1]] if isinstance(stated, list) else stated}
        assert fates(exported(document, "dagu")[1])["x-source"] == "exact"
        edited = imported(text.replace("0 5", "0 6"), "dagu")[0][0]["x-source"]["schedule"]
        assert "0 6" in str(edited)


def test_schedules_that_dagu_does_not_have_are_said() -> None:
    document = {"x-source": {"schedule": ["H 5 * * *", "0 1 * * *"]},
                "jobs": [{"id": "a", "command": "x", "x-source": {"schedule": "@hourly"}}]}  # fmt: skip
    found = fates(exported(document, "dagu")[1])
    assert found["x-source"] == found["jobs[0].x-source"] == "manual"
    assert yaml.safe_load(written(document))["schedule"] == ["0 1 * * *"]
    assert imported(written(document), "dagu")[0][0]["x-source"]["schedule"] == ["H 5 * * *", "0 1 * * *"]


@pytest.mark.parametrize("stated", [{}, {"continue_on_error": False}, {"continue_on_error": True}])
def test_what_happens_after_a_failure_comes_back(stated: dict[str, Any]) -> None:
    document = {**stated, "jobs": [{"id": "a", "command": "x"}, {"id": "b", "command": "y"}]}
    again = imported(written(document), "dagu")[0][0]
    assert {key: again[key] for key in ("continue_on_error",) if key in again} == stated
    found = fates(exported(document, "dagu")[1])
    assert found["continue_on_error"] == ("exact" if stated.get("continue_on_error") else "approximated")
    assert found["parallel"] == "approximated"
    chain = {"jobs": [{"id": "a", "command": "x"}, {"id": "b", "command": "y", "dependencies": ["a"]}]}
    assert "parallel" not in fates(exported(chain, "dagu")[1])


def test_long_texts_and_tabs_are_blocks() -> None:
    for command in ("printf 'a\tb'", f"echo '{'x' * 100}' # {{"):
        text = written({"jobs": [{"id": "a", "command": command}]})
        assert f"\n      {command}\n" in text
        assert yaml.safe_load(text)["steps"][0]["command"] == command
