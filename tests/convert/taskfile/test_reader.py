"""Taskfiles: run by Task and as imported, what waits for a person, and that nothing is lost."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from exlib.convert.account import Account, Entry
from exlib.convert.draft import guard_of
from exlib.convert.source import Source
from exlib.convert.taskfile.reader import read
from exlib.convert.wishes import Wishes
from exlib.errors import ExecutionerError
from tests.convert.converting import fates, files_of, imported, run_document
from tests.convert.yamls import comments_of, values_of

TASK = shutil.which("task") or str(Path(os.sys.executable).with_name("task"))  # type: ignore[attr-defined]
RICH = Path(__file__).parent.joinpath("rich.yml").read_text()


def of(text: str, *targets: str, name: str = "Taskfile.yml", **variables: str) -> tuple[dict[str, Any], list[Entry]]:
    documents, entries = imported(text, "taskfile", name=name, wishes=Wishes(targets=targets, variables=variables))
    return documents[0], entries


def jobs_of(text: str, *targets: str, **variables: str) -> dict[str, dict[str, Any]]:
    return {job["id"]: job for job in of(text, *targets, **variables)[0]["jobs"]}


def tasks(text: str) -> str:
    return f"version: '3'\ntasks:\n{text}"


SAME = sorted(Path(__file__).parent.joinpath("same").glob("*.yml"))
"""Taskfiles that can run here, each about one thing."""


@pytest.mark.skipif(not Path(TASK).exists(), reason="task is not installed")
@pytest.mark.parametrize("path", SAME, ids=[path.stem for path in SAME])
def test_it_leaves_the_files_that_task_leaves(path: Path, tmp_path: Path) -> None:
    text = path.read_text()
    document, _ = of(text)
    assert not any(guard_of(job) for job in document["jobs"])
    left = []
    for tool in ("task", "ex-run"):
        folder = tmp_path / tool
        (folder / "sub").mkdir(parents=True)
        (folder / "Taskfile.yml").write_text(text)
        if tool == "task":
            done = subprocess.run([TASK], cwd=folder, capture_output=True, text=True, check=False, timeout=60)
        else:
            done = run_document(document, folder)
        left.append((done.returncode == 0, files_of(folder)))
    assert left[0] == left[1]


@pytest.mark.skipif(not Path(TASK).exists(), reason="task is not installed")
def test_included_files_run_where_task_runs_them(tmp_path: Path) -> None:
    files = {
        "Taskfile.yml": "version: '3'\nincludes:\n  lib: ./lib\n"
        "  other: {taskfile: lib/Other.yml, dir: lib, aliases: [o],"
        " vars: {V: given}}\n  gone: {taskfile: gone.yml, optional: true}\n"
        "  flat: {taskfile: lib/Flat.yml, flatten: true}\n"
        "tasks:\n  default: [task: lib:a, task: 'o:b', task: lib, task: flat]\n  root: touch root\n",
        "lib/Taskfile.yml": "version: '3'\ntasks:\n  default: touch default\n"
        "  a: [touch a, task: c, task: ':root']\n  c: touch c\n",
        "lib/Other.yml": "version: '3'\nvars: {W: '{{.V}}'}\ntasks:\n  b: touch b-{{.V}}-{{.W | default \"none\"}}\n",
        "lib/Flat.yml": "version: '3'\ntasks:\n  flat: touch flat\n",
    }
    left = []
    for tool in ("task", "ex-run"):
        folder = tmp_path / tool
        for name, text in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
        if tool == "task":
            done = subprocess.run([TASK], cwd=folder, capture_output=True, text=True, check=False, timeout=60)
        else:
            document, entries = of(files["Taskfile.yml"], name=str(folder / "Taskfile.yml"))
            assert "manual" not in {entry.fate for entry in entries}
            done = run_document(document, folder)
        assert done.returncode == 0, done.stderr
        left.append(files_of(folder))
    assert left[0] == left[1]


@pytest.mark.parametrize(
    "text",
    [
        "  default: ['echo {{.NAME}}']\n",
        "  default: {vars: {X: {sh: date}}, cmds: ['echo {{.X}}']}\n",
        "  default: {env: {X: {sh: date}}, cmds: ['echo $X']}\n",
        "  default: {dir: '{{.ROOT_DIR}}', cmds: [touch ran]}\n",
        "  default: {prompt: sure?, cmds: [touch ran]}\n",
        "  default: {prompt: sure?, cmds: [task: b]}\n  b: touch ran\n",
        "  default: {prompt: sure?, deps: [b], cmds: [touch x]}\n  b: touch ran\n",
        "  default: {requires: {vars: [X]}, cmds: [touch ran]}\n",
        "  default: {requires: {vars: [X]}, deps: [b]}\n  b: touch ran\n",
        "  default: {if: 'true', cmds: [touch ran]}\n",
        "  default: {if: 'true', cmds: [task: b]}\n  b: touch ran\n",
        "  default: {status: ['true'], cmds: [task: b, touch ran]}\n  b: touch ran\n",
        "  default: [{for: sources, cmd: 'touch {{.ITEM}}'}]\n",
        "  default: [{task: b, ignore_error: true}]\n  b: touch ran\n",
        "  default: [{task: b, if: 'false'}]\n  b: touch ran\n",
        "  default: [task: 'b:x']\n  'b:*': touch ran\n",
        "  default: ['echo {{if true}}a{{end}}']\n",
        "  default: [{cmd: touch ran, platforms: [linux/arm64]}]\n",
        "  default: [task: '{{.NAME}}']\n",
        "  default: [{task: b, vars: {X: {sh: date}}}]\n  b: touch {{.X}}\n",
        "  default: {preconditions: ['test {{.NAME}}'], cmds: [touch ran]}\n",
    ],
)
def test_what_is_not_known_waits_and_so_does_all_behind_it(text: str, tmp_path: Path) -> None:
    document, entries = of(tasks(text))
    assert run_document(document, tmp_path).returncode == 1
    assert files_of(tmp_path) == {}
    assert any(entry.fate == "manual" for entry in entries)


@pytest.mark.parametrize(
    "text",
    [
        "  default: ['docker push app:{{.GIT_SHA}}', touch ran]\n",
        "  default: {vars: {X: {sh: date}}, cmds: ['echo {{.X}}', touch ran]}\n",
        "  default: {env: {X: {sh: date}}, cmds: [touch ran]}\n",
        "  default: {dir: '{{.ROOT_DIR}}', cmds: [touch ran]}\n",
        "  default: {requires: {vars: [X]}, cmds: [touch ran]}\n",
        "  default: {requires: {vars: [X]}, deps: [b]}\n  b: touch ran\n",
        "  default: {vars: {X: a}, requires: {vars: [{name: X, enum: [b]}]}, cmds: [touch ran]}\n",
        "  default: [{for: sources, cmd: 'echo {{.ITEM}}'}, touch ran]\n",
        "  default: [{for: sources, task: b}, touch ran]\n  b: echo b\n",
        "  default: [task: 'b:x', touch ran]\n  'b:*': echo b\n",
        "  default: ['echo {{if true}}a{{end}}', touch ran]\n",
        "  default: [{cmd: echo x, platforms: [linux/arm64]}, touch ran]\n",
        "  default: [task: '{{.NAME}}', touch ran]\n",
        "  default: [{defer: 'echo {{.NAME}}'}]\n",
        "  default: {preconditions: ['test {{.NAME}}'], cmds: [touch ran]}\n",
        "  default: [{cmd: 'echo {{.NAME}}', ignore_error: true}, touch ran]\n",
        "  default: {env: {X: a}, cmds: ['echo {{.X | default \"y\"}}', touch ran]}\n",
    ],
)
def test_what_is_not_known_fails_even_if_it_is_allowed(text: str, tmp_path: Path) -> None:
    document, entries = of(tasks(text))
    assert any(guard_of(job) for job in document["jobs"])
    assert any(entry.fate == "manual" for entry in entries)
    ended = run_document(document, tmp_path, EX_ALLOW="all")
    assert ended.returncode == 1
    assert files_of(tmp_path) == {}


def test_a_condition_is_decided_by_who_allows_it(tmp_path: Path) -> None:
    text = tasks("  default: [{task: b, if: 'true'}, touch a]\n  b: touch b\n")
    assert run_document(of(text)[0], tmp_path, EX_ALLOW="all").returncode == 0
    assert [*files_of(tmp_path)] == ["a", "b"]


def test_a_default_stands_where_the_environment_has_nothing(tmp_path: Path) -> None:
    text = "version: '3'\nvars: {TAG: '{{.TAG | default \"latest\"}}'}\n" + tasks(
        "  default: {deps: [b], cmds: ['touch {{.TAG}}']}\n  b: touch b-{{.TAG}}\n"
    ).removeprefix("version: '3'\n")
    document, entries = of(text)
    assert fates(entries)["vars.TAG"] == "approximated"
    assert run_document(document, tmp_path, TAG="v1").returncode == 1
    assert files_of(tmp_path) == {}
    assert run_document(document, tmp_path).returncode == 0
    assert [*files_of(tmp_path)] == ["b-latest", "latest"]
    given, entries = of(text, TAG="v1")
    assert fates(entries)["vars.TAG"] == "exact"
    assert not any("pre_checks" in job for job in given["jobs"])
    both = "version: '3'\nvars: {A: a, B: 'b-{{.A}}'}\ntasks: {default: 'echo {{.B}}'}\n"
    assert jobs_of(both, A="x")["default"]["command"] == "echo b-x"


def test_variables_of_a_file_wait_for_it() -> None:
    for text in ("dotenv: ['.env']\n" + tasks("  default: echo $D\n").removeprefix("version: '3'\n"),
                 tasks("  default: {dotenv: ['.env'], cmds: ['echo $D']}\n")):  # fmt: skip
        document, entries = of(text)
        assert "--env-file .env" in str(guard_of(document["jobs"][0]))
        assert [entry.construct for entry in entries if entry.fate == "manual"] == ["dotenv"]


def test_why_there_is_no_job() -> None:
    text = tasks("  default: echo\n  win: {platforms: [windows], cmds: [x]}\n  both: [task: win]\n")
    for target in ("win", "both"):
        with pytest.raises(ExecutionerError, match="the task win runs on windows alone") as caught:
            of(text, target)
        assert caught.value.place == "Taskfile.yml:4"


def test_the_command_line_decides() -> None:
    text = tasks("  default: {vars: {X: {sh: date}}, cmds: ['echo {{.X}} {{.NAME}} {{.CLI_ARGS}}']}\n")
    document, entries = of(text, X="monday", NAME="n")
    assert document["jobs"][0]["command"] == "echo monday n "
    assert not any(guard_of(job) for job in document["jobs"])
    assert fates(entries)["tasks.default.vars.X"] == "exact"


def test_targets() -> None:
    text = tasks("  default: {deps: [a]}\n  a: echo a\n  b: echo b\n  c: {internal: true, cmds: [echo c]}\n")
    document, entries = of(text)
    assert [job["id"] for job in document["jobs"]] == ["a"]
    assert [entry.place.path for entry in entries if entry.fate == "dropped"] == ["tasks.b", "tasks.c"]
    assert [(job["id"], job.get("dependencies")) for job in of(text, "b", "a")[0]["jobs"]] == [
        ("b", None),
        ("a", ["b"]),
    ]
    for wrong in ("x", "c"):
        with pytest.raises(ExecutionerError, match="there is no task"):
            of(text, wrong)
    without = tasks("  a: {deps: [b]}\n  b: echo b\n  c: {cmds: [echo c]}\n")
    assert [job["id"] for job in of(without)[0]["jobs"]] == ["b", "c"]


def test_descriptions_data_and_comments() -> None:
    text = tasks(
        "  # builds it\n  default:\n    cmds: [cc x.c] # quick\n    sources: ['*.c']\n    generates: [x]\n"
        "    deps: [d]\n"
        "  d: {desc: said, summary: longer, cmds: [x]}\n"
    )
    document, entries = of(text)
    jobs = {job["id"]: job for job in document["jobs"]}
    assert jobs["default"]["description"] == "builds it"
    assert jobs["default"]["inputs"] == ["*.c"]
    assert jobs["default"]["outputs"] == ["x"]
    assert jobs["d"]["description"] == "said"
    assert document["x-source"]["comments"] == ["builds it", "quick"]
    assert fates(entries)["tasks.default.sources"] == "approximated"


def test_nothing_of_a_rich_taskfile_is_missing_in_its_account() -> None:
    account = Account()
    read(Source(RICH.encode(), "Taskfile.yml"), Wishes(), account)
    spoken = account.covered_lines("Taskfile.yml")
    lines = {line for line, value in values_of(RICH) if line and value} | {line for line, _ in comments_of(RICH)}
    assert lines <= spoken
    assert not [entry for entry in account.entries if entry.reason == "nothing here reads it"]


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("- a\n", 1, "a Taskfile is a map"), ("version: '2'\ntasks: {a: x}\n", 1, "version 2 are not read"),
        ("version: '3'\n", 1, "there are no tasks"),
        (tasks("  default: [task: bild]\n  build: x\n"), 3, 'no task "bild"'),
        (tasks("  default: [task: a]\n  a: {deps: [default]}\n"), 3, "call each other: default -> a -> default"),
        (tasks("  default: [{silent: true}]\n"), 3, "a command needs cmd, task or defer"),
        (tasks("  default: {vars: [a], cmds: [x]}\n"), 3, "variables are a map"),
        ("version: '3'\nincludes: {a: gone.yml}\ntasks: {a: x}\n", 2, "cannot read gone.yml"),
        ("version: '3'\ntasks: [a]\n", 2, "tasks are a map"),
    ],
)  # fmt: skip
def test_what_is_no_taskfile_is_refused_with_its_line(text: str, line: int, message: str) -> None:
    with pytest.raises(ExecutionerError) as caught:
        of(text)
    assert message in str(caught.value)
    assert caught.value.place == f"Taskfile.yml:{line}"


def test_what_is_fetched_is_not_and_waits(tmp_path: Path) -> None:
    text = "version: '3'\nincludes: {far: 'https://example.com/t.yml'}\ntasks: {default: [task: far:x, touch ran]}\n"
    document, entries = of(text)
    assert fates(entries)["includes.far"] == "manual"
    assert run_document(document, tmp_path).returncode == 1
    assert files_of(tmp_path) == {}


@pytest.mark.parametrize("seed", range(150))
def test_a_broken_taskfile_is_a_document_or_refused(seed: int) -> None:
    """Lines left out, doubled, cut or given another value; any other exception is a bug."""
    chance = random.Random(seed)
    lines = RICH.split("\n")
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(lines))
        key, colon, _ = lines[at].partition(":")
        wrong = chance.choice(
            ["[]", "{}", "[a, {b: c}]", "{a: [1]}", "~", "12", "'{{.X}}'", "'{{'", "*x", "true", "[[a]]"]
        )
        change: list[str] = chance.choice(
            [[], [lines[at]] * 2, [lines[at][: len(lines[at]) // 2]], [f"{key}{colon} {wrong}"]]
        )
        lines[at : at + 1] = change
    try:
        read(Source("\n".join(lines).encode(), "Taskfile.yml"), Wishes(), Account())
    except ExecutionerError:
        return
