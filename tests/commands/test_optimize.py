"""ex-optimize as a process: what it writes and where, what it takes from past runs, and the pipes it stands in."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from exlib.history.sqlite import open_store
from tests.history.story import Story
from tests.pages import prints_what_it_says

ROOT = Path(__file__).resolve().parents[2]
JOBS = [
    {"id": "a", "command": "true"},
    {"id": "b", "command": "true", "dependencies": ["a"]},
    {"id": "c", "command": "true", "dependencies": ["a", "b"]},
]


def tool(*arguments: str, cwd: Path, name: str = "ex-optimize") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(ROOT / "bin" / name), *arguments], cwd=cwd, capture_output=True, text=True, check=False,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EX_DB", str(tmp_path / "h.db"))
    (tmp_path / "w.json").write_text(json.dumps({"application_name": "w", "jobs": JOBS}))
    return tmp_path


def report(cwd: Path, *arguments: str) -> Any:
    done = tool("w.json", "--dry-run", "--format", "json", *arguments, cwd=cwd)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_document_is_on_stdout_and_what_was_done_on_stderr(here: Path) -> None:
    done = tool("w.json", cwd=here)
    assert json.loads(done.stdout)["jobs"][2]["dependencies"] == ["b"]
    assert done.stderr == "1 dependency removed: 1 implied by others\n"
    assert tool("-q", "w.json", cwd=here).stderr == ""


def test_a_report_stands_beside_the_document_or_alone(here: Path) -> None:
    done = tool("w.json", "--report", "why.md", "--format", "markdown", "-o", "slim.json", cwd=here)
    assert (done.returncode, done.stdout) == (0, "")
    assert (here / "why.md").read_text().startswith("# w: 3 jobs, 3 dependencies, 2 of them needed\n")
    assert json.loads((here / "slim.json").read_text())["jobs"][2]["dependencies"] == ["b"]
    alone = tool("w.json", "--dry-run", "--format", "markdown", cwd=here)
    assert alone.stdout == (here / "why.md").read_text()


@pytest.mark.parametrize(
    "arguments",
    [
        ["--dry-run", "--report", "x"],
        ["--report", "-"],
        ["--format", "json"],
        ["--max-parallel", "4"],
        ["--durations", "unit"],
        ["--db", "h.db"],
        ["--apply", "everything"],
        ["--apply", ""],
        ["--max-parallel", "0", "--dry-run"],
    ],
)
def test_options_that_do_not_fit_are_refused(here: Path, arguments: list[str]) -> None:
    done = tool("w.json", *arguments, cwd=here)
    assert (done.returncode, done.stdout) == (2, "")


def test_a_document_that_could_not_be_run_is_refused(here: Path) -> None:
    (here / "w.json").write_text('{"jobs": [{"id": "a", "command": "true", "dependencies": ["a"]}]}')
    done = tool("w.json", cwd=here)
    assert (done.returncode, done.stdout) == (2, "")
    assert "w.json:1:" in done.stderr


def test_advice_is_from_past_runs(here: Path) -> None:
    store = open_store(str(here / "h.db"))
    for number in range(6):
        story = Story(store, ["a", "b", "c"], name="w")
        story.starts("a")
        story.now += 600
        story.ends("a")
        story.runs("b", *(("failed", 1) if number in (0, 2) else ()))
        story.finishes("failed" if number in (0, 2) else "success", 0)
    store.close()
    found = report(here)
    assert [job["job"] for job in found["timeouts"]["jobs"]] == ["a"]
    assert found["timeouts"]["jobs"][0]["timeout"] == 1500
    assert found["retries"]["jobs"] == [{"job": "b", "max_retries": 3, "failures": 2, "tries": 6}]
    assert found["time"]["durations"]["basis"] == "history"
    assert found["time"]["now"]["makespan"] > 600
    done = tool("w.json", "--apply", "timeouts, retries", cwd=here)
    made = json.loads(done.stdout)["jobs"]
    assert made[0] == {**JOBS[0], "timeout": 1500}
    assert made[1] == {**JOBS[1], "max_retries": 3}
    assert "1 timeout set\n1 job given retries\n" in done.stderr


def test_a_history_that_cannot_be_read_is_said_where_it_is_needed(here: Path) -> None:
    (here / "h.db").write_text("no database")
    assert tool("w.json", cwd=here).returncode == 0
    for asked in (["--dry-run"], ["--apply", "timeouts"]):
        done = tool("w.json", *asked, cwd=here)
        assert (done.returncode, done.stdout) == (74, "")


@pytest.mark.parametrize("form", ["text", "json", "markdown"])
def test_control_characters_and_markup_of_a_document_stay_text(here: Path, form: str) -> None:
    nasty = "<b>|`x"
    jobs = [
        {"id": nasty, "command": "true", "outputs": ["\x1b[31m\u202e|<i>`x"], "inputs": []},
        {"id": "b", "command": "true", "inputs": ["\x1b[31m\u202e|<i>`x"], "outputs": []},
        {"id": "c", "command": "true", "inputs": [], "outputs": [], "dependencies": [nasty]},
    ]
    (here / "w.json").write_text(json.dumps({"jobs": jobs}))
    done = tool("w.json", "--dry-run", "--format", form, cwd=here)
    assert done.returncode == 0
    assert "\x1b" not in done.stdout
    if form == "json":
        assert json.loads(done.stdout)["hazards"]["pairs"][0]["jobs"] == [nasty, "b"]
    else:
        assert "\u202e" not in done.stdout


def test_it_stands_in_a_pipe(here: Path) -> None:
    line = "ex-optimize w.json -q | ex-fmt | ex-validate -q | ex-filter --until c | ex-run -q --log-dir logs"
    environ = {**os.environ, "PATH": f"{ROOT / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(["bash", "-o", "pipefail", "-c", line], cwd=here, env=environ, check=False)
    assert done.returncode == 0


def test_the_page_prints_what_it_says(
    tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{ROOT / 'bin'}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("EX_DB", str(tmp_path / "no-history.db"))
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    assert prints_what_it_says("ex-optimize.md", tmp_path, request) >= 3
