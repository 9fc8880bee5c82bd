"""Scripts run by bash, and their documents by ex-run: the same files, the same success; and back again."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.convert.converting import assert_fixed_point, exported, fates, files_of, imported, run_document
from tests.convert.shell.test_job import DOCUMENTS


def written(document: dict[str, Any]) -> str:
    content = exported(document, "bash")[0][0].content
    assert isinstance(content, str)
    return content


def run_script(text: str, folder: Path, *names: str, **environ: str) -> subprocess.CompletedProcess[str]:
    (folder.parent / "it.sh").write_text(text)
    assert not subprocess.run(["bash", "-n", str(folder.parent / "it.sh")], capture_output=True, check=False).stderr
    return subprocess.run(
        ["bash", str(folder.parent / "it.sh"), *names], cwd=folder, env={**os.environ, **environ},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


def assert_same(document: dict[str, Any], tmp_path: Path, **environ: str) -> None:
    ours, theirs = tmp_path / "run" / "here", tmp_path / "script" / "here"
    for folder in (ours, theirs):
        (folder / "sub dir" / "deep").mkdir(parents=True)
    ended = run_document(document, ours, **environ)
    ran = run_script(written(document), theirs, **environ)
    assert ran.returncode in (0, 1)
    assert (ran.returncode == 0, files_of(theirs)) == (ended.returncode == 0, files_of(ours)), ran.stderr


def job(name: str, command: str, *needs: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "command": command, "dependencies": [*needs], **more}


SETS: dict[str, dict[str, Any]] = {
    "chain": {"jobs": [job("c", "cat a b >c", "b"), job("a", "echo a >a"), job("b", "echo b >b", "a")]},
    "stops": {"jobs": [job("a", "false"), job("b", "echo b >b"), job("c", "echo c >c", "a")]},
    "goes on": {"continue_on_error": True, "jobs": [job("a", "false"), job("b", "echo b >b"),
                job("c", "echo c >c", "a"), job("d", "echo d >d", "c"), job("e", "echo e >e", "b")]},
    "one goes on": {"jobs": [job("a", "exit 7", continue_on_error=True), job("c", "echo c >c", "a"),
                    job("b", "echo b >b"), job("e", "false"), job("f", "echo f >f")]},
    "hostile": {"jobs": [job("it's $(touch x) `y` \"z\" %s", "echo a >a"),
                job("ä b\\", "echo b >b", "it's $(touch x) `y` \"z\" %s"), job("-n", "echo n >n"), job("*", ": >s")]},
    "ends": {"jobs": [job("a", "echo END >a\nEND\n"), job("b", "cat <<END >b\n$A\nEND\nEND_\n", shell="bash")]},
    "shells": {"jobs": [job("a", "[[ a == a ]] && echo a >a", shell="bash -eu"),
                        job("b", "echo ${BASH_VERSION:+y} >b", shell="bash")]},
    "little environment": {"inherit_shell_env": ["PATH", "SEEN"], "env_variables": {"A": "${SEEN}${HIDDEN}"},
                           "jobs": [job("a", "echo \"$SEEN|$HIDDEN|$A\" >a")]},
    "usual environment": {"inherit_shell_env": "default", "jobs": [job("a", "echo \"$SEEN|$HIDDEN|${PATH:+y}\" >a")]},
    "no environment": {"inherit_shell_env": False, "jobs": [job("a", "echo \"$SEEN|$HIDDEN\" >a")]},
    "reads": {"jobs": [job("a", "cat >a"), job("b", "echo b >b")]},
    "held": {"jobs": [job("a", "echo a >a", pre_checks=[{"name": "check_allowed", "params": {"reason": "by hand"}}]),
                      job("b", "echo b >b", "a")]},
}  # fmt: skip


@pytest.mark.parametrize("name", [*SETS, *(name for name in DOCUMENTS if "too long" not in name)])
def test_the_same_happens(name: str, tmp_path: Path) -> None:
    document = SETS.get(name) or DOCUMENTS[name]
    assert_same(document, tmp_path, OUTSIDE="out side", WHERE="sub dir", SEEN="seen", HIDDEN="hidden")


def _back(document: dict[str, Any]) -> dict[str, Any]:
    text = written(document)
    again = imported(text, "bash", name="nightly.sh")[0][0]
    assert written(again) == text
    return {key: value for key, value in again.items() if key != "x-source"}


@pytest.mark.parametrize("name", [*SETS, *DOCUMENTS])
def test_it_comes_back(name: str) -> None:
    document = json.loads(json.dumps(SETS.get(name) or DOCUMENTS[name]))
    again = _back(document)
    for one in (*document["jobs"], *again["jobs"]):
        if not one.get("dependencies"):
            one.pop("dependencies", None)
        if one.get("shell") == "/bin/sh":
            one.pop("shell")
    assert {one["id"]: one for one in again["jobs"]} == {one["id"]: one for one in document["jobs"]}
    assert {**again, "jobs": []} == {"application_name": "nightly", **document, "jobs": []}


TEXTS = st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")) | st.sampled_from("\n\t'\"$`\\"))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    jobs=st.lists(
        st.fixed_dictionaries(
            {"id": TEXTS.filter(lambda t: t.strip() and t.isprintable() and len(t.encode()) <= 200),
             "command": TEXTS.filter(str.strip)},
            optional={"description": TEXTS, "tags": st.lists(st.sampled_from("ab"), min_size=1),
                      "max_retries": st.just(1),
                      "env_variables": st.dictionaries(st.sampled_from("AB"), TEXTS, min_size=1)},
        ),
        min_size=1, max_size=3, unique_by=lambda one: one["id"],
    )
)  # fmt: skip
def test_any_document_comes_back(jobs: list[dict[str, Any]]) -> None:
    document = {"application_name": "x", "description": jobs[0].get("description", "") or "d", "jobs": jobs}
    again = _back(document)
    assert [{**one} for one in again["jobs"]] == [
        {key: value for key, value in one.items() if value not in ("", {}) or key not in ("description",)}
        for one in jobs
    ]
    assert again["description"] == document["description"]


def test_single_jobs(tmp_path: Path) -> None:
    text = written({"jobs": [job("a", "echo a >a"), job("b c", "echo b >b", "a")]})
    folder = tmp_path / "here"
    folder.mkdir()
    assert run_script(text, folder, "b c").returncode == 0
    assert files_of(folder) == {"b": b"b\n"}
    wrong = run_script(text, folder, "d")
    assert (wrong.returncode, wrong.stderr) == (2, "there is no job d\n")


def test_an_edited_script_is_believed() -> None:
    document = {"jobs": [job("a", "make", env_variables={"A": "1"}), job("b", "make b", "a")]}
    text = written(document).replace("export A=1", "export A=2").replace("make b", "make c")
    again = imported(text, "bash")[0][0]
    assert again["jobs"][0] == {"id": "a", "command": "export A=2\nmake"}
    assert again["jobs"][1]["command"] == "make c"


def test_secrets_are_not_written(tmp_path: Path) -> None:
    document = {
        "secrets": ["PIN"],
        "smtp_password": "mailpass",
        "env_variables": {"PIN": "4711!x", "URL": "u:4711!x"},
        "jobs": [job("a", 'echo "$PIN $URL $MY_TOKEN" >a', env_variables={"MY_TOKEN": "tttt1"})],
    }
    text = written(document)
    for value in ("4711!x", "tttt1", "mailpass"):
        assert value not in text
    assert fates(exported(document, "bash")[1])["env_variables"] == "manual"
    folder = tmp_path / "here"
    folder.mkdir()
    assert run_script(text, folder).returncode == 1
    assert run_script(text, folder, PIN="4711!x", URL="u:4711!x", MY_TOKEN="t").returncode == 0


def test_secrets_come_back_by_name_and_jobs_as_they_were() -> None:
    jobs = [
        {"id": "a", "command": "echo $DSN", "shell": "bash -e", "tags": ["x"], "max_retries": 2,
         "pre_checks": [{"name": "check_file_exists", "params": {"path": "/x"}}]},
        {"id": "b", "command": "echo $Q", "env_variables": {"API_TOKEN": "tttttttt", "Q": "xvvvvvvv", "R": "1"}},
    ]  # fmt: skip
    env = {"URL": "db:vvvvvvv/x", "DSN": "vvvvvvv", "P": "q"}
    text = written({"secrets": ["DSN"], "env_variables": env, "jobs": jobs})
    assert "vvvvvvv" not in text
    assert "tttttttt" not in text
    made = imported(text, "bash")[0][0]
    assert made["secrets"] == ["DSN", "URL", "Q"]
    assert made["env_variables"] == {"URL": "${URL}", "DSN": "${DSN}", "P": "q"}
    kept = {"API_TOKEN": "${API_TOKEN}", "Q": "${Q}", "R": "1"}
    assert made["jobs"] == [jobs[0], {**jobs[1], "env_variables": kept}]
    assert_fixed_point(text, "bash")


def test_what_is_said_of_the_keys() -> None:
    document = {
        "working_dir": "x", "parallel": True, "max_workers": 3, "default_timeout": 5, "email_address": "a@b.c",
        "jobs": [job("a", "make", tags=["t"], detach=True, priority=4),
                 job("b", "make", {"plugin": "file", "params": {}})],
    }  # fmt: skip
    assert fates(exported(document, "bash")[1]) == {
        "working_dir": "approximated", "parallel": "approximated", "max_workers": "approximated",
        "default_timeout": "approximated", "email_address": "dropped", "jobs[0].id": "exact",
        "jobs[0].command": "exact",
        "jobs[0].dependencies": "exact", "jobs[0].tags": "dropped", "jobs[0].detach": "dropped",
        "jobs[0].priority": "dropped", "jobs[1].id": "exact", "jobs[1].command": "exact",
        "jobs[1].dependencies": "manual",
    }  # fmt: skip


SCRIPT = """#!/bin/bash -e
# Nightly: fetch and load.
# Second line.

OUT=/tmp/out # where
# says it
log() { echo "$*"; }

# fetch
# it all
curl -s x >a
sort a >b & sort c >d &
wait

# load
log loading; cat <<E >f
$OUT
E
"""


def test_scripts_are_a_fixed_point() -> None:
    assert_fixed_point(SCRIPT, "bash", name="nightly.sh")


@pytest.mark.parametrize(
    "text",
    [
        "echo a\nfalse\necho b",
        "#!/bin/sh\nif",
        "trap x EXIT\na\nb\n",
        "#!/bin/zsh\na\n",
        "a &\n",
        "cd ${0%/*}\nrm $1\nread a\n",
    ],
)
def test_any_import_is_a_fixed_point(text: str) -> None:
    assert_fixed_point(text, "bash", name="x.sh")
