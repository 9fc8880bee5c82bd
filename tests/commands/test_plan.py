"""ex-plan as a process: what it reads, says, writes and leaves alone."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.pages import prints_what_it_says

ROOT = Path(__file__).resolve().parents[2]


def tool(name: str, *arguments: str, cwd: Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(ROOT / "bin" / name), *arguments], cwd=cwd, input=stdin, capture_output=True, text=True, check=False
    )


def planned(cwd: Path, *arguments: str) -> Any:
    """The plan as data."""
    done = tool("ex-plan", "w.json", "--format", "json", *arguments, cwd=cwd)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EX_DB", str(tmp_path / "h.db"))
    monkeypatch.delenv("COLUMNS", raising=False)
    jobs = [
        {"id": "a", "command": "touch ran"},
        {"id": "b", "command": "touch ran", "dependencies": ["a"]},
        {"id": "c", "command": "touch ran", "dependencies": ["a"]},
        {"id": "d", "command": "touch ran", "dependencies": ["b", "c"]},
    ]
    (tmp_path / "w.json").write_text(json.dumps({"application_name": "w", "jobs": jobs, "max_workers": 2}))
    return tmp_path


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("form", ["text", "json", "markdown", "html", "csv", "shell"])
def test_nothing_is_started_and_nothing_written(here: Path, form: str) -> None:
    before = files(here)
    assert tool("ex-plan", "w.json", "--format", form, cwd=here).returncode == 0
    assert files(here) == before
    assert tool("ex-run", "-q", "w.json", "--log-dir", "logs", cwd=here).returncode == 0
    before = files(here)
    assert tool("ex-plan", "w.json", "--format", form, cwd=here).returncode == 0
    assert {name: content for name, content in files(here).items() if name[:4] != "h.db"} == {
        name: content for name, content in before.items() if name[:4] != "h.db"
    }


@pytest.mark.parametrize(
    ("options", "workers"),
    [((), 1), (("--parallel",), 2), (("-j", "3"), 3), (("--parallel", "--workers", "3"), 3), (("--sequential",), 1)],
)
def test_workers_are_those_that_ex_run_would_use(here: Path, options: tuple[str, ...], workers: int) -> None:
    assert planned(here, *options)["workers"] == workers
    order = [job["id"] for job in sorted(planned(here, *options)["jobs"], key=lambda job: job["order"])]
    dry = tool("ex-run", "--dry-run", *options, "w.json", cwd=here).stdout.splitlines()[3:]
    assert order == [line.split()[2] for line in dry]


def test_durations_come_from_the_runs_before(here: Path) -> None:
    assert planned(here)["durations"]["basis"] == "unit"
    for _ in range(2):
        assert tool("ex-run", "-q", "w.json", "--log-dir", "logs", cwd=here).returncode == 0
    plan = planned(here)
    assert (plan["durations"]["basis"], {job["samples"] for job in plan["jobs"]}) == ("history", {2})
    assert plan["makespan"] == pytest.approx(sum(job["duration"] for job in plan["jobs"]), abs=1e-5)
    history = json.loads(tool("ex-history", "show", "1", "--format", "json", cwd=here).stdout)
    took = {job["job"]: job["duration"] for job in history["run"]["jobs"]}
    assert all(job["p10"] <= took[job["id"]] + 1e-5 or job["p90"] >= took[job["id"]] - 1e-5 for job in plan["jobs"])


def test_where_durations_come_from_is_said_on_stderr_unless_it_is_to_be_quiet(here: Path) -> None:
    assert tool("ex-plan", "w.json", cwd=here).stderr == "durations: one unit for every job: there is no history yet\n"
    assert tool("ex-plan", "-q", "w.json", cwd=here).stderr == ""


def test_given_durations_and_ids_that_no_job_has(here: Path) -> None:
    jobs = '{"jobs": [{"id": "extract", "command": "true"}]}'
    done = tool("ex-plan", "--durations", '{"extrakt": 60, "zzz": 1}', cwd=here, stdin=jobs)
    assert 'warning: --durations: there is no job "extrakt"; did you mean "extract"?\n' in done.stderr
    assert 'warning: --durations: there is no job "zzz"\n' in done.stderr
    assert planned(here, "--durations", '{"a": 60, "b": 5, "c": 7, "d": 1}', "-j2")["makespan"] == 68.0


def test_the_range_can_be_repeated_and_its_seed_changed(here: Path) -> None:
    given = ("--durations", '{"a": [1, 2, 3, 4, 5, 6, 7.5], "b": [9, 11.25, 17], "c": 1, "d": 1}', "--rounds", "50")
    one, same, other = (planned(here, *given, "--seed", seed)["range"] for seed in ("1", "1", "2"))
    assert one == same
    assert one["p10"] < one["p90"]
    assert other != one | {"seed": 2}
    assert planned(here, *given[:2], "--rounds", "0")["range"] is None


def test_a_sweep_of_what_was_asked_for(here: Path) -> None:
    assert [point["workers"] for point in planned(here, "--sweep", "1-3")["sweep"]["points"]] == [1, 2, 3]
    assert [point["workers"] for point in planned(here, "--sweep", "8,1-2,2")["sweep"]["points"]] == [1, 2, 8]
    for wrong in ("0-3", "3-1", "a", "1-", "", "1-99999"):
        assert tool("ex-plan", "w.json", "--sweep", wrong, cwd=here).returncode == 2


def test_a_sweep_that_would_not_end_is_refused(tmp_path: Path) -> None:
    jobs = [{"id": f"j{number}", "command": "true"} for number in range(3001)]
    (tmp_path / "w.json").write_text(json.dumps({"jobs": jobs}))
    done = tool("ex-plan", "w.json", "--sweep", "1-1000", cwd=tmp_path)
    assert (done.returncode, "1,000 numbers of workers are too many for 3,001 jobs" in done.stderr) == (2, True)
    assert "name 999 or fewer" in done.stderr


def test_what_if(here: Path) -> None:
    given = ("--durations", '{"a": 10, "b": 20, "c": 5, "d": 1}', "-j", "2")
    plan = planned(here, *given, "--set", "b=x0.5", "--drop", "a")
    assert (plan["makespan"], plan["changes"]["before"]["makespan"]) == (11.0, 31.0)
    assert plan["changes"]["said"] == [
        "b takes 10.0s, not 20.0s",
        "without a",
        "b then waits for nothing",
        "c then waits for nothing",
    ]


def test_a_change_of_a_job_that_is_dropped_is_refused(here: Path) -> None:
    done = tool("ex-plan", "w.json", "--set", "a=5", "--drop", "a", cwd=here)
    assert (done.returncode, "--set and --drop both name" in done.stderr) == (2, True)


def test_timeouts_stated_are_told_from_the_default(here: Path) -> None:
    assert [risk["code"] for risk in planned(here)["risks"]] == ["default-timeout"]
    document = json.loads((here / "w.json").read_text())
    (here / "w.json").write_text(json.dumps({**document, "default_timeout": 60}))
    assert planned(here)["risks"] == []


def test_a_job_that_failed_now_and_then_is_a_risk(here: Path) -> None:
    flaky = {"id": "a", "command": "test -e ok", "timeout": 60}
    (here / "w.json").write_text(json.dumps({"application_name": "w", "jobs": [flaky]}))
    for exists in (True, False, True, False, True):
        (here / "ok").touch() if exists else (here / "ok").unlink(missing_ok=True)
        tool("ex-run", "-q", "w.json", "--log-dir", "logs", cwd=here)
    (risk,) = planned(here)["risks"]
    assert (risk["code"], risk["jobs"][0]["note"]) == ("flaky-without-retry", "2 of 5 tries failed")
    for _ in range(3):
        (here / "ok").unlink(missing_ok=True)
        tool("ex-run", "-q", "w.json", "--log-dir", "logs", cwd=here)
    (risk,) = planned(here)["risks"]
    assert (risk["code"], risk["jobs"][0]["note"]) == ("failing", "its last 3 runs, since run 6")


def test_what_changes_nothing_in_a_script_is_refused(here: Path) -> None:
    for option in (("--set", "a=5"), ("--sweep", "1-4"), ("--workers", "4"), ("--rounds", "5")):
        done = tool("ex-plan", "w.json", "--format", "shell", *option, cwd=here)
        assert (done.returncode, "changes nothing in a script" in done.stderr) == (2, True)
    script = tool("ex-plan", "w.json", "--format", "shell", "--drop", "b", cwd=here).stdout
    assert "[$1/3]" in script


def test_secrets_are_shown_nowhere(here: Path) -> None:
    jobs = [{"id": "a", "command": "login hunter22 && go", "description": "as hunter22"}]
    document = {"application_name": "w", "env_variables": {"DB_PASSWORD": "hunter22"}, "jobs": jobs}
    (here / "w.json").write_text(json.dumps(document))
    for form in ("text", "json", "markdown", "html", "csv", "shell"):
        done = tool("ex-plan", "w.json", "--format", form, cwd=here)
        assert done.returncode == 0
        assert "hunter22" not in done.stdout + done.stderr, form


def test_a_history_that_cannot_be_read_is_said(here: Path) -> None:
    (here / "h.db").write_text("no database")
    done = tool("ex-plan", "w.json", cwd=here)
    assert (done.returncode, done.stdout) == (74, "")


def test_the_page_prints_what_it_says(
    tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{ROOT / 'bin'}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("EX_DB", str(tmp_path / "no-history.db"))
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    assert prints_what_it_says("ex-plan.md", tmp_path, request) >= 3


def test_columns_says_how_wide_text_is_from_70_to_120(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def widest(columns: str) -> int:
        monkeypatch.setenv("COLUMNS", columns)
        return max(map(len, tool("ex-plan", "w.json", cwd=here).stdout.splitlines()))

    assert widest("40") <= 70
    assert 80 < widest("120") <= 120
