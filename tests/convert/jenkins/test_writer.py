"""Documents as pipelines: they come back with the same jobs, order and meaning."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exlib.convert.wishes import Wishes
from tests.convert.converting import assert_fixed_point, exported, files_of, imported, run_document
from tests.convert.jenkins.pipelines import guarded, order, pipeline, read, stage
from tests.convert.jenkins.test_reader import MATRIX, RICH

HOSTILE = [
    "it's",
    'say "x"',
    "$HOME ${x}",
    "a\\b",
    "'''",
    "é ☃ 𝄞",
    "*/ /* //",
    "%d",
    "`x`",
    "a'",
    "'a",
    "\\",
    "\\u0041",
    "{{ }}",
]


def written(document: dict[str, Any]) -> str:
    """The pipeline of a document."""
    content = exported(document, "jenkins")[0][0].content
    assert isinstance(content, str)
    return content


def back(document: dict[str, Any]) -> dict[str, Any]:
    """A document after the way there and back."""
    return read(written(document))[0]


@pytest.mark.parametrize(
    "text",
    [
        RICH,
        pipeline(MATRIX),
        pipeline(stage("sh '''\n    #!/bin/bash\n    a\n    '''")),
        pipeline(
            "\n".join([stage("sh 'a'", "a"), stage("sh '''\n  b\n  c\n'''", "b", "options { timeout(5); retry(3) }")])
        ),
        pipeline(stage("sh 'a $BUILD_ID $WORKSPACE'") + "\n" + stage("retry(3) { timeout(5) { sh 'x' } }", "t")),
        pipeline(
            stage("timeout(5) { sh 'x'; echo 'y' }", "t", "environment { A = \"${B} 'x' \\\\ \\$y\" }"),
            "environment { B = 'it\\'s \"$x\"' }",
        ),
        pipeline(
            stage("sh 'x'", more="input { message 'Go?' }")
            + "\n"
            + stage("bat 'x'", "t")
            + "\n"
            + stage("sh 'y'", "u", "when { branch 'x' }")
        ),
        pipeline(
            stage("sh 'x'", more="environment { T = credentials('t') }"),
            'environment { X = f(); W = "${env.BUILD_ID}" }',
        ),
        pipeline(stage("// why\n sh 'x' // that"), "options { timeout(1); retry(2); timestamps() }"),
        pipeline(stage("sh 'x'")).rstrip()[:-1]
        + "post { always { sh 'y' }\n success { echo 'z' }\n failure { mail to: 'x' } }\n}",
        pipeline(
            f"stage('p') {{ post {{ always {{ sh 'z' }} }}\n failFast true\n parallel {{\n"
            f"{stage('sh 1', 'a')}\n{stage('sh 2', 'b')}\n}} }}\n{stage('sh 3', 'c')}"
        ),
    ],
)
def test_import_export_import_is_a_fixed_point(text: str) -> None:
    assert_fixed_point(text, "jenkins")


def test_what_is_given_is_given_again() -> None:
    top = "parameters { string(name: 'P', defaultValue: 'a') }"
    text = pipeline(stage('sh "x ${params.P} ${env.Q}"', more="when { branch 'main' }"), top)
    assert_fixed_point(text, "jenkins", wishes=Wishes(variables={"P": "b", "BRANCH_NAME": "main", "Q": "q"}))


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_texts_come_back(hostile: str) -> None:
    job = {
        "id": hostile.strip(),
        "command": f"printf '%s' {hostile}\necho x",
        "description": hostile,
        "env_variables": {"V": hostile.replace("${x}", "$x")},
        "tags": [hostile],
        "pre_checks": [{"name": "check_allowed", "params": {"reason": hostile.strip()}}],
    }
    document = back({"application_name": hostile, "jobs": [job, {"id": "z", "command": hostile, "shell": "bash -e"}]})
    made = document["jobs"][0]
    assert document["application_name"] == hostile
    assert (made["id"], made["command"], made["tags"]) == (job["id"], job["command"], job["tags"])
    assert made["env_variables"] == job["env_variables"]
    assert made["description"].split() == hostile.split()
    assert guarded(made) == hostile.strip()
    assert (document["jobs"][1]["command"], document["jobs"][1]["shell"]) == (hostile, "bash -e")


COMMANDS = st.text(st.characters(blacklist_categories=("Cs", "Cc")) | st.sampled_from("\n\t'\"\\$#!{}"), min_size=1)


@settings(deadline=None, max_examples=150)
@given(COMMANDS, st.sampled_from([None, "bash -e", "sh -xe", "/bin/bash"]))
def test_any_command_comes_back(command: str, shell: str | None) -> None:
    if not command.strip():
        return
    job = {"id": "a", "command": command, **({"shell": shell} if shell else {})}
    made = back({"jobs": [job]})["jobs"][0]
    assert (made["command"], made.get("shell")) == (command, shell)


def test_any_graph_keeps_its_edges() -> None:
    edges = {"a": [], "b": [], "c": ["a"], "d": ["a", "b"], "e": ["c", "a"], "f": [], "g": ["f", "d"]}
    for parallel in (True, False):
        jobs = [{"id": job, "command": "true", "dependencies": before} for job, before in edges.items()]
        document = back({"parallel": parallel, "max_workers": 4, "jobs": jobs})
        assert {job: set(before) for job, before in order(document).items()} == {
            job: set(each) for job, each in edges.items()
        }


def test_a_note_that_the_stages_contradict_is_not_believed() -> None:
    text = written(
        {
            "parallel": True,
            "max_workers": 4,
            "jobs": [
                {"id": "a", "command": "true"},
                {"id": "b", "command": "true"},
                {"id": "c", "command": "true", "dependencies": ["a"]},
                {"id": "d", "command": "true", "dependencies": ["a", "b"]},
            ],
        }
    )
    assert order(read(text)[0])["c"] == ["a"]
    more = text.replace("stage('b') {", "stage('n') {\n steps { sh 'x' }\n }\n stage('b') {")
    assert order(read(more)[0])["c"] == ["a", "n", "b"]


def test_limits_and_retries() -> None:
    job = {
        "id": "a",
        "command": "true",
        "timeout": 90,
        "max_retries": 2,
        "retry_delay": 60,
        "retry_backoff": 2,
        "working_dir": "x y",
    }
    other = {"id": "b", "command": "true", "timeout": 0.5}
    made = back({"jobs": [job, other]})["jobs"]
    assert {key: made[0].get(key) for key in job} == job
    assert made[1]["timeout"] == 0.5


def test_a_run_of_what_comes_back_leaves_the_same_files(tmp_path: Path) -> None:
    document = {
        "parallel": True,
        "max_workers": 2,
        "env_variables": {"A": "a b", "B": "${A}/c"},
        "jobs": [
            {"id": "one", "command": 'mkdir sub; echo "$B" >one; false; echo "it\'s" >>one'},
            {
                "id": "two",
                "command": 'echo "$B" >two; test -e one',
                "dependencies": ["one"],
                "env_variables": {"B": "${B}/d"},
            },
            {"id": "three", "command": "pwd | sed 's,.*/,,' >three", "dependencies": ["one"], "working_dir": "sub"},
            {
                "id": "four",
                "command": "[[ -e two ]] && echo {1..3} >four",
                "shell": "bash -eu",
                "dependencies": ["two", "three"],
                "post_checks": [{"name": "check_file_exists", "params": {"path": "four"}}],
            },
        ],
    }
    left = []
    for number, each in enumerate((document, back(document))):
        folder = tmp_path / str(number)
        folder.mkdir()
        result = run_document(each, folder)
        assert result.returncode == 0, result.stderr
        left.append(files_of(folder))
    assert left[0] == left[1]
    assert set(left[0]) == {"one", "two", "sub/three", "four"}


def test_a_guard_that_was_added_is_asked_about() -> None:
    document = read(pipeline(stage("echo 'x'", "a", "when { branch 'x' }")))[0]
    document["jobs"][0]["pre_checks"][0]["params"]["reason"] += "; and I say so"
    assert "message 'when branch \\'x\\'; and I say so'" in written(document)
    document["jobs"][0].pop("x-source")
    assert guarded(back(document)["jobs"][0]) == "when branch 'x'; and I say so"


def test_a_command_that_was_changed_counts() -> None:
    document = read(pipeline(stage("echo 'x'; sh 'y'", "a")))[0]
    assert "echo 'x'; sh 'y'" in written(document)
    document["jobs"][0]["command"] = "changed"
    assert "changed" in written(document)
    assert "sh 'y'" not in written(document)


def test_values_of_secrets_are_not_written() -> None:
    document = {
        "env_variables": {"API_TOKEN": "hunter2"},
        "jobs": [{"id": "a", "command": "true", "env_variables": {"PASSWORD": "hunter3"}}],
    }
    files, entries = exported(document, "jenkins")
    assert "hunter" not in str(files[0].content)
    assert [each.fate for each in entries if each.construct == "env_variables"] == ["manual", "manual"]


def test_a_wait_for_something_outside_asks_a_person() -> None:
    document = {"jobs": [{"id": "a", "command": "true", "dependencies": [{"plugin": "file", "params": {"path": "x"}}]}]}
    assert "it waits for something outside: file" in written(document)


@pytest.mark.parametrize("example", ["diamond", "nightly", "release", "approval"])
def test_the_examples_come_back(example: str) -> None:
    import json

    document = json.loads((Path(__file__).resolve().parents[3] / "examples" / f"{example}.json").read_text())
    made = back(document)
    assert {each["id"] for each in made["jobs"]} == {each["id"] for each in document["jobs"]}
    again = imported(written(made), "jenkins", name="Jenkinsfile")[0]
    assert again == [made]


KEYS = (
    "agent tools options when input environment post steps made guard within after before comments parameters triggers "
    "libraries failFast format"
).split()


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from(KEYS),
    st.none() | st.integers() | st.lists(st.integers()) | st.dictionaries(st.sampled_from("abc"), st.integers()),
)
def test_whatever_a_document_keeps_there_is_a_file(key: str, value: object) -> None:
    kept = {"format": "jenkins", key: value}
    document = {"x-source": {**kept, "format": "jenkins"}, "jobs": [{"id": "a", "command": "true", "x-source": kept}]}
    assert "stage('a')" in written(document)


def test_a_value_that_holds_a_secret_is_not_written() -> None:
    document = {
        "env_variables": {"DB_PASSWORD": "LEAKED1", "URL": "http://u:LEAKED1@h/"},
        "jobs": [{"id": "a", "command": "true", "env_variables": {"OTHER": "x LEAKED1"}}],
    }
    text = written(document)
    assert "LEAKED1" not in text
    assert "URL = credentials('URL')" in text


@pytest.mark.parametrize("more", [{"retry_on_exit_codes": [7]}, {"retry_on_status": ["TIMEOUT"]}])
def test_a_limit_is_of_each_attempt_where_the_script_tries_again(more: dict[str, Any]) -> None:
    job = {"id": "a", "command": "sleep 9", "timeout": 5, "max_retries": 2, "retry_delay": 0, **more}
    text = written({"jobs": [job]})
    assert "timeout -k 10 5 " in text
    assert "timeout(" not in text
    made = back({"jobs": [job]})["jobs"][0]
    assert {key: made.get(key) for key in job} == job


def test_what_differs_without_a_word_in_the_document_is_said() -> None:
    jobs = [{"id": "a", "command": "true"}, {"id": "b", "command": "true", "continue_on_error": True}]
    _, entries = exported({"parallel": True, "max_workers": 2, "jobs": jobs}, "jenkins")
    said = {(each.construct, each.fate, each.job) for each in entries}
    assert ("continue_on_error", "approximated", None) in said
    assert ("default_timeout", "approximated", None) in said
    assert ("continue_on_error", "approximated", "b") in said


@pytest.mark.parametrize(
    ("kept", "trigger"),
    [
        ({"schedule": "30 2 * * 1-5", "timezone": "Europe/Berlin"}, r"cron('TZ=Europe/Berlin\n30 2 * * 1-5')"),
        ({"schedule": "@daily"}, "cron('0 0 * * *')"),
        ({"schedule": "30 2 13 * 5"}, r"cron('30 2 13 * *\n30 2 * * 5')"),
        ({"schedule": "@reboot"}, None),
        ({"schedule": "0 2 * * mon"}, None),
    ],
)
def test_the_schedule_of_another_origin_is_a_trigger(kept: dict[str, str], trigger: str | None) -> None:
    document = {"x-source": {"format": "crontab", **kept}, "jobs": [{"id": "a", "command": "true"}]}
    text = written(document)
    assert ("triggers {" in text) is (trigger is not None)
    assert trigger is None or trigger in text
    said = [each.fate for each in exported(document, "jenkins")[1] if each.construct == "x-source"]
    assert said == ([] if trigger else ["manual"])
