"""DAG files, executed with stand-ins for Airflow: their edges, their settings, and what their commands leave behind."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.convert.airflow.stub import BashOperator, loaded, run_all
from tests.convert.converting import exported, files_of, run_document

HOSTILE = [
    "it's", 'say "x"', "$HOME", "a\\b", "'''", "é ☃ 𝄞", "{{ x }}", "{% if %}", "{# c #}",
    "{% endraw %}", "{% raw %}{% endraw %}",
    "x.sh", "x.bash", "x.json", "{{ x }}.sh", "{% endraw %}.sh", "\\", "#}", "a{", "%}", "line\nline {{",
    "{% endraw %} é\\\"'", "end\n",
]  # fmt: skip


def source(document: dict[str, Any]) -> str:
    """The DAG file of a document."""
    files, _ = exported(document, "airflow")
    assert len(files) == 1
    assert isinstance(files[0].content, str)
    return files[0].content


@pytest.mark.parametrize("version", [2, 3])
def test_the_edges_are_those_of_the_document(version: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    edges = {
        "a": [],
        "b": ["a"],
        "c": ["a", "b"],
        "d e": ["c"],
        "d_e": ["d e"],
        "é": [],
        "import": ["é"],
        "1": [],
        "DAG": [],
    }
    jobs = [{"id": job, "command": "true", "dependencies": before} for job, before in edges.items()]
    dag = loaded(source({"jobs": jobs, "parallel": True, "max_workers": 3}), tmp_path, monkeypatch, version=version)
    ids = {task.keys.get("doc", name).split("\n")[0]: name for name, task in dag.tasks.items()}
    assert set(ids) == set(edges)
    assert {job: sorted(dag.tasks[ids[job]].before) for job in edges} == {
        job: sorted(ids[other] for other in before) for job, before in edges.items()
    }
    assert (dag.keys["max_active_tasks"], dag.keys["catchup"], dag.keys["schedule"]) == (3, False, None)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_no_text_is_taken_for_code_or_for_a_template(
    hostile: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = " ".join(hostile.split())
    job = {
        "id": name, "description": hostile, "env_variables": {"V": hostile},
        "command": f"printf %s \"$V\" >v; cat <<'X' >w\n{hostile}\nX\n: {'x.sh' if hostile.endswith('.sh') else ''}",
    }  # fmt: skip
    dag = loaded(source({"application_name": name, "description": hostile, "jobs": [job]}), tmp_path, monkeypatch)
    assert dag.keys["description"] == hostile
    assert run_all(dag).popitem()[1] == 0
    assert (tmp_path / "v").read_text() == hostile
    assert (tmp_path / "w").read_text() == f"{hostile}\n"


def test_the_commands_leave_what_ex_run_leaves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    document = {
        "parallel": True, "max_workers": 2, "env_variables": {"A": "a b", "B": "${A}/c", "H": "${HOME}x"},
        "jobs": [
            {"id": "one", "command": "mkdir sub; echo '\\tx' {a,b} >one; false; echo \"$H\" >>one"},
            {"id": "two", "command": "echo \"$B\" >two; test -e one", "dependencies": ["one"],
             "env_variables": {"B": "${B}/d"}},
            {"id": "three", "command": "pwd | sed 's,.*/,,' >three", "dependencies": ["one"], "working_dir": "sub"},
            {"id": "four", "command": "[[ -e two ]] && echo {1..3} >four", "shell": "bash -eu",
             "dependencies": ["two", "three"],
             "post_checks": [{"name": "check_file_exists", "params": {"path": "four"}}]},
            {"id": "five", "command": "exit 3", "dependencies": ["four"]},
            {"id": "six", "command": "touch six", "dependencies": ["five"]},
            {"id": "seven", "command": "echo 99; exit 99"},
        ],
        "continue_on_error": True,
    }  # fmt: skip
    folders = [tmp_path / "ex-run", tmp_path / "airflow"]
    for folder in folders:
        folder.mkdir()
    assert run_document(document, folders[0]).returncode == 1
    codes = run_all(loaded(source(document), folders[1], monkeypatch))
    assert (codes["five"], codes["six"], codes["seven"]) == (3, -1, 99)
    left = [files_of(folder) for folder in folders]
    assert left[0] == left[1]
    assert set(left[0]) == {"one", "two", "sub/three", "four"}


def task(monkeypatch: pytest.MonkeyPatch, folder: Path, job: dict[str, Any], **settings: Any) -> BashOperator:
    """The one task of a document."""
    dag = loaded(source({"jobs": [{"id": "a", "command": "true", **job}], **settings}), folder, monkeypatch)
    return dag.tasks["a"]


def test_limits_and_retries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = task(monkeypatch, tmp_path, {"timeout": 90, "max_retries": 2, "retry_delay": 60, "priority": 3}).keys
    assert made["execution_timeout"] == datetime.timedelta(seconds=90)
    assert (made["retries"], made["retry_delay"]) == (2, datetime.timedelta(seconds=60))
    assert made["retry_exponential_backoff"] is True
    assert (made["priority_weight"], made["weight_rule"]) == (3, "absolute")
    assert made["skip_on_exit_code"] is None
    made = task(monkeypatch, tmp_path, {"max_retries": 1, "retry_delay": 0, "retry_backoff": 1}).keys
    assert "retry_exponential_backoff" not in made
    assert "execution_timeout" not in made


def test_some_failures_alone_are_worth_a_retry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    job = {"max_retries": 2, "retry_delay": 0, "retry_on_exit_codes": [7], "command": "echo x >>tries; exit 7"}
    made = task(monkeypatch, tmp_path, job)
    assert "retries" not in made.keys
    assert made.run({}, {}) == 7
    assert (tmp_path / "tries").read_text() == "x\n" * 3


def test_secrets_are_variables_of_airflow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    document = {"secrets": ["DB"], "env_variables": {"API_TOKEN": "hunter2"}, "jobs": [
        {"id": "a", "command": "echo \"$API_TOKEN $DB\" >out"}]}  # fmt: skip
    files, entries = exported(document, "airflow")
    assert "hunter2" not in str(files[0].content)
    assert [each.construct for each in entries if each.fate == "manual"] == ["env_variables", "secrets"]
    dag = loaded(str(files[0].content), tmp_path, monkeypatch)
    assert run_all(dag, {"API_TOKEN": "t", "DB": "d"}) == {"a": 0}
    assert (tmp_path / "out").read_text() == "t d\n"


def test_a_guarded_job_runs_when_the_run_allows_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EX_ALLOW", raising=False)
    job = {"command": "touch ran", "pre_checks": [{"name": "check_allowed", "params": {"reason": "by hand"}}]}
    made = task(monkeypatch, tmp_path, job)
    assert made.run({}, {}) != 0
    assert not (tmp_path / "ran").exists()
    assert made.run({}, {"EX_ALLOW": "a"}) == 0
    assert (tmp_path / "ran").exists()


def test_a_wait_for_something_outside_is_a_guard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    job = {"command": "touch ran", "dependencies": [{"plugin": "file", "params": {"path": "x"}}]}
    made = task(monkeypatch, tmp_path, job)
    assert made.run({}, {}) != 0
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("kept", "schedule"),
    [("5 4 * * *", "5 4 * * *"), ("@daily", "@daily"), ("H 4 * * *x y", None), (7, None), ("') or x", None)],
)
def test_a_schedule_of_the_source(
    kept: object, schedule: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = {"x-source": {"format": "jenkins", "schedule": kept}, "jobs": [{"id": "a", "command": "true"}]}
    assert loaded(source(document), tmp_path, monkeypatch).keys["schedule"] == schedule


def test_what_bash_reads_as_sh_does_is_left_as_it_stands() -> None:
    text = source({"jobs": [{"id": "a", "command": "make && cp a b"}, {"id": "b", "command": "echo {a,b}"}]})
    assert "bash_command='make && cp a b'," in text
    assert "bash_command=\"exec /bin/sh -c 'echo {a,b}'\"," in text


def test_a_limit_is_of_each_attempt_where_the_text_tries_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    job = {
        "max_retries": 1, "retry_delay": 0, "retry_on_status": ["TIMEOUT"], "timeout": 0.2,
        "command": "echo x >>tries; sleep 9",
    }  # fmt: skip
    made = task(monkeypatch, tmp_path, job)
    assert "execution_timeout" not in made.keys
    assert made.run({}, {}) == 124
    assert (tmp_path / "tries").read_text() == "x\nx\n"


def test_a_schedule_counts_in_its_time_zone() -> None:
    kept = {"format": "crontab", "schedule": "30 2 * * 1-5", "timezone": "Europe/Berlin"}
    text = source({"x-source": kept, "jobs": [{"id": "a", "command": "true"}]})
    assert "start_date=pendulum.datetime(2024, 1, 1, tz='Europe/Berlin')," in text
    assert "\nimport pendulum\n" in text


def test_what_differs_without_a_word_in_the_document_is_said() -> None:
    job = {"id": "a", "command": "true", "x-source": {"schedule": "5 4 * * *"}}
    _, entries = exported({"x-source": {"format": "crontab"}, "jobs": [job]}, "airflow")
    said = {each.construct: each.fate for each in entries}
    assert said["default_timeout"] == said["continue_on_error"] == "approximated"
    assert said["x-source"] == "manual"
