"""Documents as configurations: valid for GitLab, and what they cannot say is said."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exlib.convert.draft import clean, guard_of
from exlib.convert.gitlab.yamltext import entry
from tests.convert.converting import exported, fates, imported
from tests.convert.gitlab.by_hand import parsed
from tests.convert.gitlab.test_meaning import DOCUMENTS, PIPELINES
from tests.convert.gitlab.test_reader import RICH


def schema() -> jsonschema.protocols.Validator:
    """GitLab's own schema, as check-jsonschema brings it."""
    text = (files("check_jsonschema") / "builtin_schemas" / "vendor" / "gitlab-ci.json").read_text()
    return jsonschema.Draft7Validator(json.loads(text))


def written(document: dict[str, Any]) -> str:
    """The configuration of a document."""
    content = exported(document, "gitlab")[0][0].content
    assert isinstance(content, str)
    return content


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
def test_a_document_is_valid_there(document: dict[str, Any]) -> None:
    assert [error.message for error in schema().iter_errors(parsed(written(document)))] == []


@pytest.mark.parametrize("text", [*PIPELINES.values(), *RICH.values()], ids=[*PIPELINES, *RICH])
def test_what_came_from_there_is_valid_there_again(text: str) -> None:
    data = parsed(written(imported(text, "gitlab")[0][0]))
    assert [error.message for error in schema().iter_errors(data)] == []


FULL: dict[str, Any] = {
    "application_name": "nightly: load",
    "description": "what it is for",
    "max_workers": 2,
    "default_timeout": 600,
    "env_variables": {"BASE": "/srv", "DB_PASSWORD": "hush-hush"},
    "smtp_password": "hush-too",
    "email_address": "a@example.com",
    "jobs": [
        {"id": "a", "command": "make a", "tags": ["t"], "priority": 3, "max_retries": 2, "retry_delay": 5},
        {"id": "b", "command": "make b", "dependencies": ["a"], "timeout": 5400, "description": "builds b"},
        {"id": "c", "command": "make c", "dependencies": ["b"], "timeout": None,
         "pre_checks": [{"name": "check_allowed", "params": {"reason": "ask first"}}]},
    ],
}  # fmt: skip


def test_a_document_in_gitlabs_words() -> None:
    data = parsed(written(FULL))
    assert data["workflow"] == {"name": "nightly: load"}
    assert data["default"] == {"timeout": "10 minutes"}
    assert data["variables"] == {"BASE": "/srv"}
    assert data["a"] == {"retry": 2, "script": ["make a"]}
    assert data["b"] == {"needs": ["a"], "timeout": "1 hour 30 minutes", "script": ["make b"]}
    assert data["c"]["rules"] == [{"when": "manual"}]


def test_secrets_are_never_written() -> None:
    text = written(FULL)
    assert "hush" not in text
    assert fates(exported(FULL, "gitlab")[1])["env_variables"] == "manual"


def test_what_gitlab_has_no_word_for_is_said_and_comes_back() -> None:
    said = fates(exported(FULL, "gitlab")[1])
    assert said["description"] == said["jobs[0].tags"] == said["email_address"] == "dropped"
    assert said["jobs[0].retry_delay"] == said["max_workers"] == said["jobs[2].timeout"] == "approximated"
    back = imported(written(FULL), "gitlab")[0][0]
    found = {job["id"]: job for job in back["jobs"]}
    assert back["description"] == "what it is for"
    assert (back["max_workers"], back["parallel"], back["continue_on_error"]) == (2, False, False)
    assert (found["a"]["tags"], found["a"]["priority"], found["a"]["retry_delay"]) == (["t"], 3, 5)
    assert found["b"]["description"] == "builds b"
    assert guard_of(found["c"]) == "ask first"


def test_every_key_is_accounted_for() -> None:
    said = {entry.place.path for entry in exported(FULL, "gitlab")[1]}
    keys = {key for key in FULL if key != "jobs"}
    keys |= {f"jobs[{at}].{key}" for at, job in enumerate(FULL["jobs"]) for key in job}
    assert keys - said == set()


def test_names_that_gitlab_keeps_for_itself_are_given_back() -> None:
    document = {"jobs": [{"id": "image", "command": "a"}, {"id": ".x", "command": "b", "dependencies": ["image"]}]}
    data = parsed(written(document))
    assert data["job .x"]["needs"] == ["job image"]
    back = imported(written(document), "gitlab")[0][0]
    assert [job["id"] for job in back["jobs"]] == ["image", ".x"]


def test_what_waits_for_a_plugin_waits_for_a_person() -> None:
    document = {"jobs": [{"id": "a", "command": "a", "dependencies": [{"plugin": "file", "params": {"path": "x"}}]}]}
    assert parsed(written(document))["a"]["rules"] == [{"when": "manual"}]
    assert fates(exported(document, "gitlab")[1])["jobs[0].dependencies"] == "manual"


def test_a_guard_that_was_taken_away_is_not_put_back() -> None:
    document = imported("a: {script: x, rules: [{if: $X}]}\n", "gitlab")[0][0]
    del document["jobs"][0]["pre_checks"]
    assert "rules" not in parsed(written(document))["a"]


def test_what_may_be_absent_there_is_an_optional_need() -> None:
    data = parsed(written(imported(RICH["optional"], "gitlab")[0][0]))
    needs = {name: data[name]["needs"] for name in "abcde"}
    maybe = [{"job": "a", "optional": True}]
    assert needs == {"a": [], "b": maybe, "c": ["a"], "d": maybe, "e": ["b"]}


def test_edited_stages_that_no_longer_fit_are_left_out() -> None:
    document = imported("stages: [s, t]\na: {stage: s, script: x}\nb: {stage: t, script: x}\n", "gitlab")[0][0]
    document["jobs"][0]["dependencies"], document["jobs"][1]["dependencies"] = ["b"], []
    data = parsed(written(document))
    assert "stages" not in data
    assert "stage" not in data["a"]
    assert data["a"]["needs"] == ["b"]


hostile = st.text(alphabet=st.sampled_from("ab \"'$%{}[]:#&*!|>-,\\é\u2028?@`~^=/1"), min_size=1, max_size=12)


@given(
    st.lists(hostile.filter(lambda name: clean(name) == name), min_size=1, max_size=4, unique=True),
    hostile,
)
def test_hostile_names_and_commands_come_back(names: list[str], command: str) -> None:
    jobs = [{"id": name, "command": f"x{command}", "dependencies": names[:at]} for at, name in enumerate(names)]
    back = imported(written({"jobs": jobs}), "gitlab")[0][0]
    found = {job["id"]: job for job in back["jobs"]}
    assert {name: job.get("dependencies", []) for name, job in found.items()} == {
        name: names[:at] for at, name in enumerate(names)
    }
    assert {job["command"] for job in found.values()} == {f"x{command}".rstrip("\n")}


values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-99, 99), st.text(max_size=12), hostile),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(hostile, inner, max_size=3)),
    max_leaves=8,
)


@given(values)
def test_any_value_is_written_so_that_it_is_read_again(value: Any) -> None:
    from ruamel.yaml import YAML

    text = "\n".join(entry("key", value, 0))
    assert YAML(typ="safe", pure=True).load(text) == {"key": value}


def test_each_job_has_a_working_copy_of_its_own() -> None:
    document = {"jobs": [{"id": "a", "command": "x"}, {"id": "b", "command": "y", "dependencies": ["a"]}]}
    (entry,) = [one for one in exported(document, "gitlab")[1] if one.construct == "dependencies"]
    assert (entry.fate, entry.job) == ("approximated", "b")
    assert "machine of its own" in entry.reason


def test_the_limit_of_all_jobs_comes_back_as_that() -> None:
    document = {
        "default_timeout": 60,
        "jobs": [{"id": "a", "command": "x"}, {"id": "b", "command": "y", "timeout": 60}],
    }
    again = imported(exported(document, "gitlab")[0][0].content, "gitlab")[0][0]
    assert again["default_timeout"] == 60
    assert [job.get("timeout") for job in again["jobs"]] == [None, 60]


def test_no_retry_is_none_whatever_the_document_says_of_all() -> None:
    job = {"id": "a", "command": "x", "max_retries": 0}
    again = imported(exported({"default_max_retries": 2, "jobs": [job]}, "gitlab")[0][0].content, "gitlab")[0][0]
    assert (again["default_max_retries"], again["jobs"][0]["max_retries"]) == (2, 0)


def one(command: str, **keys: Any) -> dict[str, Any]:
    """A document of one job."""
    return {"application_name": "w", "jobs": [{"id": "a", "command": command, **keys}]}


def test_no_value_that_holds_that_of_a_secret_is_written() -> None:
    job = {"env_variables": {"HERE": "http://u:LEAK-IT@i/", "OTHER": "${NOBODY}LEAK-IT"}}
    document = one("env", **job)
    document["env_variables"] = {"DB_PASSWORD": "LEAK-IT", "URL": "http://u:LEAK-IT@h/", "PLAIN": "x"}
    files, entries = exported(document, "gitlab")
    assert "LEAK-IT" not in str(files[0].content)
    assert "PLAIN: x" in str(files[0].content)
    said = [entry.reason for entry in entries if entry.construct == "env_variables"]
    assert "DB_PASSWORD, URL" in said[0]
    assert "HERE, OTHER" in said[1]


def test_a_limit_is_for_all_attempts_where_the_script_makes_them() -> None:
    entries = exported(one("make", timeout=60, max_retries=5), "gitlab")[1]
    assert any(entry.construct == "timeout" and "all of its attempts" in entry.reason for entry in entries)
    entries = exported(one("make", timeout=60, max_retries=2), "gitlab")[1]
    assert not any("all of its attempts" in entry.reason for entry in entries)


@pytest.mark.parametrize(("row", "said"), [(False, True), (True, False)])
def test_defaults_that_a_document_relies_on_are_accounted_for(row: bool, said: bool) -> None:
    document = one("make a")
    document["jobs"].append({"id": "b", "command": "make b", **({"dependencies": ["a"]} if row else {})})
    entries = exported(document, "gitlab")[1]
    for key in ("parallel", "continue_on_error"):
        assert any(entry.construct == key and entry.fate == "approximated" for entry in entries) is said


def test_a_schedule_is_for_a_person_to_make() -> None:
    document = one("make", **{"x-source": {"schedule": "0 3 * * *"}})
    entries = exported({**document, "x-source": {"format": "crontab"}}, "gitlab")[1]
    assert [entry.reason for entry in entries if entry.fate == "manual"] == ["make a pipeline schedule: 0 3 * * *"]


@pytest.mark.parametrize(
    ("document", "lines"),
    [
        (one("make a", working_dir="."), ["make a"]),
        (one("make a || make b"), ["make a || make b"]),
        (one("make a; make b"), ["/bin/sh -c 'make a; make b'"]),
        (one("make a", working_dir="d"), ["cd ./d || exit 1\nmake a"]),
        (one("echo 'a;b' | tr ab cd"), ["/bin/sh -c \"$(cat <<'SH'\necho 'a;b' | tr ab cd\nSH\n)\""]),
        (one("echo 'a'\nSH\n"), ["/bin/sh -c 'echo '\"'\"'a'\"'\"'\nSH\n'"]),
        (one("cat <<'SH'\na\nSH"), ["/bin/sh -c \"$(cat <<'SH_'\ncat <<'SH'\na\nSH\nSH_\n)\""]),
    ],
)
def test_a_command_is_wrapped_no_more_than_it_must(document: dict[str, Any], lines: list[str]) -> None:
    text = written(document)
    assert parsed(text)["a"]["script"] == lines
    again = imported(text, "gitlab")[0][0]["jobs"][0]
    assert again["command"] == document["jobs"][0]["command"]
