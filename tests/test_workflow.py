from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from exlib.document import STDIN_NAME, Document
from exlib.workflow import DEFAULT_TIMEOUT, Check, Job, Retry, Wait, Workflow, application_name, dependency_ids, job_id
from tests.corpus import place


def typed(document: dict[str, Any], name: str = STDIN_NAME) -> Workflow:
    return Workflow.from_document(Document(json.dumps(document).encode(), name))


def job(raw: dict[str, Any] | None = None, /, **top: Any) -> Job:
    [made] = typed({**top, "jobs": [{"id": "a", "command": "true", **(raw or {})}]}).jobs
    return made


def test_what_a_document_does_not_say() -> None:
    workflow = typed({"jobs": [{"id": "a", "command": "true"}]})
    assert workflow == Workflow(
        name="workflow",
        description="",
        directory=os.getcwd(),
        working_dir=None,
        parallel=False,
        max_workers=1,
        env={},
        inherit_shell_env=True,
        continue_on_error=False,
        log_dir=None,
        allow_shell=True,
        security_policy="warn",
        dependency_plugins=(),
        secrets=(),
        mask_logs=False,
        mail=None,
        jobs=workflow.jobs,
    )
    every_failure = frozenset({"ERROR", "FAILED", "TIMEOUT"})
    assert workflow.jobs == (
        Job(
            id="a",
            description="",
            command="true",
            dependencies=(),
            waits=(),
            timeout=10_800.0,
            retry=Retry(0, 30.0, 1.5, 0.1, 1_800.0, every_failure, frozenset()),
            env={},
            working_dir=None,
            shell=("/bin/sh", "-c"),
            tags=(),
            priority=0,
            pre_checks=(),
            post_checks=(),
            continue_on_error=False,
            detach=False,
        ),
    )


def test_everything_a_document_can_say_of_a_job() -> None:
    raw = {
        "description": "d",
        "dependencies": ["x", {"job": "y"}, {"plugin": "wait_for_file", "params": {"path": "p"}, "timeout": 9}],
        "timeout": 60,
        "max_retries": 2,
        "retry_delay": 1,
        "retry_backoff": 2,
        "retry_jitter": 0,
        "max_retry_time": 5,
        "retry_on_status": ["failed"],
        "retry_on_exit_codes": [75],
        "env_variables": {"A": "1"},
        "working_dir": "sub",
        "shell": "bash -eu",
        "tags": ["t"],
        "priority": 3,
        "pre_checks": [{"name": "check_file_exists", "params": {"path": "in"}}],
        "post_checks": [{"name": "check_disk_space"}],
        "continue_on_error": True,
        "detach": True,
    }
    assert job(raw) == Job(
        id="a",
        description="d",
        command="true",
        dependencies=("x", "y"),
        waits=(Wait("wait_for_file", {"path": "p"}, 9),),
        timeout=60,
        retry=Retry(2, 1, 2, 0, 5, frozenset({"FAILED"}), frozenset({75})),
        env={"A": "1"},
        working_dir="sub",
        shell=("bash", "-eu", "-c"),
        tags=("t",),
        priority=3,
        pre_checks=(Check("check_file_exists", {"path": "in"}),),
        post_checks=(Check("check_disk_space", {}),),
        continue_on_error=True,
        detach=True,
    )


def test_old_spellings() -> None:
    workflow = typed({"name": "old", "jobs": [{"job_id": "a", "job_description": "d", "command": "true"}]})
    assert (workflow.name, workflow.jobs[0].id, workflow.jobs[0].description) == ("old", "a", "d")
    both = {"id": "new", "job_id": "old", "description": "", "job_description": "old", "command": "true"}
    workflow = typed({"application_name": "new", "name": "old", "jobs": [both]})
    assert (workflow.name, workflow.jobs[0].id, workflow.jobs[0].description) == ("new", "new", "")


@pytest.mark.parametrize(
    ("dependencies", "ids"),
    [
        ([], []),
        (None, []),
        ("", []),
        ("a", ["a"]),
        (" a , b,,c ", ["a", "b", "c"]),
        (["a", "b", "a"], ["a", "b"]),
        (["a,b"], ["a,b"]),
        ([{"job": "a"}, {"plugin": "wait_for_time"}, "b"], ["a", "b"]),
        ([1, None, {"job": 2}, {}, ["a"], "b"], ["b"]),
        (7, []),
        ({"job": "a"}, []),
    ],
)
def test_dependencies_in_every_spelling(dependencies: Any, ids: list[str]) -> None:
    assert dependency_ids({"dependencies": dependencies}) == ids


@pytest.mark.parametrize("raw", [None, 1, "a", [], {}, {"id": 1}, {"id": None}, {"job_id": ["a"]}])
def test_the_readers_of_single_keys_accept_anything(raw: Any) -> None:
    assert job_id(raw) is None
    assert dependency_ids(raw) == []


@pytest.mark.parametrize(
    ("data", "file", "name"),
    [
        ({"application_name": " x "}, "f.json", "x"),
        ({"application_name": "", "name": "y"}, "f.json", "y"),
        ({"application_name": 7, "name": " "}, "/a/nightly.v2.json", "nightly.v2"),
        ({}, ".json", ".json"),
        ({}, STDIN_NAME, "workflow"),
    ],
)
def test_a_workflow_always_has_a_name(data: dict[str, Any], file: str, name: str) -> None:
    assert application_name(Document(json.dumps(data).encode(), file)) == name


ALL = {"ERROR", "FAILED", "TIMEOUT"}


@pytest.mark.parametrize(
    ("raw", "top", "statuses", "codes"),
    [
        ({}, {}, ALL, set()),
        ({"retry_on_status": ["TIMEOUT"]}, {}, {"TIMEOUT"}, set()),
        ({"retry_on_exit_codes": [75]}, {}, {"ERROR", "TIMEOUT"}, {75}),
        ({"retry_on_exit_codes": []}, {}, {"ERROR", "TIMEOUT"}, set()),
        ({"retry_on_status": ["FAILED"], "retry_on_exit_codes": [75]}, {}, {"FAILED"}, {75}),
        ({"retry_on_status": []}, {}, set(), set()),
        ({}, {"default_retry_on_exit_codes": [1, 2]}, {"ERROR", "TIMEOUT"}, {1, 2}),
        ({"retry_on_exit_codes": None}, {"default_retry_on_exit_codes": [1]}, ALL, set()),
        ({"retry_on_exit_codes": [3]}, {"default_retry_on_exit_codes": [1]}, {"ERROR", "TIMEOUT"}, {3}),
        ({"retry_on_status": ["error"]}, {"default_retry_on_exit_codes": [1]}, {"ERROR"}, {1}),
    ],
)
def test_what_is_worth_a_retry(raw: dict[str, Any], top: dict[str, Any], statuses: set[str], codes: set[int]) -> None:
    """The table of docs/decisions/0001-retry-conditions.md."""
    retry = job(raw, **top).retry
    assert (retry.on_status, retry.on_exit_codes) == (statuses, codes)


def test_retry_settings_of_the_workflow_are_those_of_a_job_without_its_own() -> None:
    top = {
        "default_max_retries": 4,
        "default_retry_delay": 5,
        "default_retry_backoff": 6,
        "default_retry_jitter": 0.7,
        "default_max_retry_time": 8,
    }
    assert job(**top).retry == Retry(4, 5, 6, 0.7, 8, frozenset(ALL), frozenset())
    assert job({"max_retries": 0, "retry_jitter": 0}, **top).retry == Retry(0, 5, 6, 0, 8, frozenset(ALL), frozenset())


@pytest.mark.parametrize(("raw", "top", "timeout"), [({}, 7, 7), ({"timeout": 3}, 7, 3), ({"timeout": None}, 7, None)])
def test_timeouts(raw: dict[str, Any], top: int, timeout: float | None) -> None:
    assert job(raw, default_timeout=top).timeout == timeout
    assert job({}, default_timeout=None).timeout is None


def test_whole_numbers_may_be_written_with_a_point() -> None:
    raw = {"id": "a", "command": "true", "max_retries": 2.0, "priority": 1.0}
    workflow = typed({"max_workers": 4.0, "jobs": [raw]})
    found = workflow.max_workers, workflow.jobs[0].retry.limit, workflow.jobs[0].priority
    assert [repr(number) for number in found] == ["4", "2", "1"]


def test_variables_are_text() -> None:
    values = {"a": "x", "b": 1, "c": 1.5, "d": True, "e": False, "f": None, "g": 10**20}
    texts = {"a": "x", "b": "1", "c": "1.5", "d": "true", "e": "false", "f": "", "g": "1" + "0" * 20}
    assert typed({"env_variables": values, "jobs": []}).env == texts
    assert job({"env_variables": values}).env == texts
    assert job({"env_variables": None}).env == {}


@pytest.mark.parametrize(
    ("shell", "allow", "argv"),
    [
        (True, True, ("/bin/sh", "-c")),
        ("bash", True, ("bash", "-c")),
        (" ", True, ("/bin/sh", "-c")),
        (False, True, None),
        (True, False, None),
        ("bash", False, None),
    ],
)
def test_shells(shell: bool | str, allow: bool, argv: tuple[str, ...] | None) -> None:
    assert job({"shell": shell}, allow_shell=allow).shell == argv


@pytest.mark.parametrize(
    ("setting", "value"), [(True, True), (False, False), ("default", "default"), (["A", "B"], ("A", "B"))]
)
def test_what_is_inherited(setting: Any, value: Any) -> None:
    assert typed({"inherit_shell_env": setting, "jobs": []}).inherit_shell_env == value


def test_the_older_word_for_strict() -> None:
    assert typed({"security_policy": "block", "jobs": []}).security_policy == "strict"
    assert typed({"security_policy": "off", "jobs": []}).security_policy == "off"


@pytest.mark.parametrize("address", ["a@x.org, b@x.org", ["a@x.org", "b@x.org"], ["a@x.org", " b@x.org "]])
def test_mail_to_several(address: Any) -> None:
    mail = typed({"email_address": address, "email_on_failure": True, "jobs": []}).mail
    assert mail is not None
    assert (mail.to, mail.on_success, mail.on_failure) == (("a@x.org", "b@x.org"), False, True)


def test_mail_is_sent_only_when_it_is_asked_for() -> None:
    mail = typed({"email_address": "a@x.org", "jobs": []}).mail
    assert mail is not None
    assert (mail.on_success, mail.on_failure) == (False, False)


@pytest.mark.parametrize("address", [None, "", " , ", []])
def test_mail_to_nobody(address: Any) -> None:
    assert typed({"email_address": address, "email_on_failure": True, "jobs": []}).mail is None


def test_plugin_files_are_named_after_themselves_unless_they_say_otherwise(tmp_path: Path) -> None:
    entries = ["plugins/queue.py", {"path": "/opt/p.py", "name": "mine"}, {"name": "no path"}, 7, ""]
    sources = typed({"dependency_plugins": entries, "jobs": []}, str(tmp_path / "wf.json")).dependency_plugins
    assert [(source.name, source.path) for source in sources] == [
        ("queue", str(tmp_path / "plugins" / "queue.py")),
        ("mine", "/opt/p.py"),
    ]


def test_equal_retry_settings_are_held_once() -> None:
    jobs = [{"id": str(n), "command": "true", "max_retries": 2 + n % 2} for n in range(100)]
    assert len({id(made.retry) for made in typed({"jobs": jobs}).jobs}) == 2


@pytest.mark.parametrize("path", place.documents("executioner"))
def test_documents_of_the_original_are_read(path: Path) -> None:
    document = Document(path.read_bytes(), str(path))
    if path.name == "invalid_config_bad_types.json":
        assert document.jobs == []
        return
    workflow = Workflow.from_document(document)
    assert workflow.name == document.data.get("application_name", document.data.get("name"))
    assert len(workflow.jobs) == len(document.data["jobs"]) > 0
    for made, raw in zip(workflow.jobs, document.data["jobs"], strict=True):
        assert made.id == raw.get("id", raw.get("job_id")) != ""
        assert made.command == raw["command"]
        assert list(made.dependencies) == raw.get("dependencies", [])
        assert len(made.post_checks) == len(raw.get("post_checks", []))
        assert made.timeout == raw.get("timeout", document.data.get("default_timeout", DEFAULT_TIMEOUT))


def test_a_retry_configuration_of_the_original() -> None:
    path = place.document("executioner", "retry_test_config.json")
    [made] = Workflow.from_document(Document(path.read_bytes(), str(path))).jobs
    assert made.retry == Retry(5, 1, 1.0, 0.0, 60, frozenset(ALL), frozenset({1}))
