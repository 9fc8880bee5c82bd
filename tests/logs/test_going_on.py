"""What reports on real runs say next: of runs interrupted or still under way, of failures with several causes."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest


def job(name: str, command: str = "true", *needs: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "command": command, "dependencies": list(needs), **more}


@contextmanager
def begun(place: Path, *jobs: dict[str, Any], until: str = "up") -> Iterator[subprocess.Popen[str]]:
    """A run in which all goes on that can, once ``until`` is there; ended after the test."""
    settings = {"application_name": "nightly", "continue_on_error": True, "parallel": True, "max_workers": 4}
    (place / "nightly.json").write_text(json.dumps({**settings, "jobs": jobs}))
    engine = subprocess.Popen(
        ["ex-run", "nightly.json"], cwd=place, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    with engine:
        try:
            assert engine.stderr is not None
            for line in engine.stderr:
                if until in line:
                    break
            yield engine
        finally:
            engine.terminate()
            engine.communicate(timeout=60)


def ran(place: Path, *jobs: dict[str, Any], options: tuple[str, ...] = ()) -> None:
    document = {"application_name": "nightly", "continue_on_error": True, "jobs": jobs}
    (place / "nightly.json").write_text(json.dumps(document))
    argv = ["ex-run", "-q", "nightly.json", *options]
    subprocess.run(argv, cwd=place, capture_output=True, stdin=subprocess.DEVNULL, check=False)


def told(place: Path, *argv: str) -> str:
    done = subprocess.run(
        ["ex-analyze-logs", *argv], cwd=place, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.mark.parametrize("interrupts", [1, 2])
def test_an_interrupted_run_is_called_so_before_what_failed_in_it(tmp_path: Path, interrupts: int) -> None:
    jobs = job("leak", "echo ORA-01017: no; exit 1"), job("slow", "until test -e go; do sleep 0.05; done")
    with begun(tmp_path, *jobs, job("last", "true", "slow"), until="leak") as engine:
        assert engine.stderr is not None
        engine.send_signal(signal.SIGINT)
        assert any("stopping once the running job has finished" in line for line in engine.stderr)
        if interrupts == 1:
            (tmp_path / "go").touch()
        while engine.poll() is None:  # of two that come too close together one counts
            if interrupts == 2:
                engine.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                engine.wait(timeout=0.5)
        assert engine.returncode == 130
    lead = told(tmp_path, "--post-mortem", "last", "--format", "markdown").split("\n\n")[2]
    ended = "; it ended 1 job that ran" if interrupts == 2 else ""
    assert lead.startswith(f"■ cancelled: the run was interrupted (SIGINT){ended}. Before that, job `leak` failed ")
    assert lead.endswith(" into the run with ORA-01017: no.")


def test_a_run_that_goes_on_is_watched_and_not_resumed(tmp_path: Path) -> None:
    jobs = job("leak", "exit 1"), job("slow", "until test -e go; do sleep 0.05; done")
    with begun(tmp_path, *jobs, until="leak"):
        for argv in (["--errors-only", "--run", "last"], ["--post-mortem", "last"]):
            shown = told(tmp_path, *argv)
            assert "ex-history show 1 " in shown
            assert "see how far it is" in shown
            assert "ex-history logs 1 slow --follow" in shown
            assert "--resume" not in shown
        (tmp_path / "go").touch()


def test_what_needs_several_that_failed_never_ran_because_of_each(tmp_path: Path) -> None:
    jobs = [
        job("web", "exit 1"),
        job("raw"),
        job("customers", "exit 2", "raw"),
        job("cleaned", "true", "web"),
        job("sales", "true", "cleaned", "customers"),
        job("report", "true", "sales"),
    ]
    ran(tmp_path, *jobs, options=("--events", "events.jsonl"))
    markdown = told(tmp_path, "--post-mortem", "last", "--format", "markdown")
    assert "3 jobs never ran because of jobs that failed; some needed several of these" in markdown
    assert "| `cleaned` | `web` |" in markdown
    assert "| `sales` | `web`, `customers` |" in markdown
    assert "| `report` | `web`, `customers` |" in markdown
    assert "ex-history mark-success 1 web customers --reason TEXT" in markdown
    for argv in (["--run", "last"], ["events.jsonl", "--document", "nightly.json"]):
        [failed] = json.loads(told(tmp_path, "--errors-only", "--format", "json", *argv))["failures"]
        dragged = {one["job"]: set(one["dragged"]) for one in failed["jobs"]}
        assert dragged == {"web": {"cleaned", "sales", "report"}, "customers": {"sales", "report"}}
    [alone] = json.loads(told(tmp_path, "--errors-only", "--format", "json", "events.jsonl"))["failures"]
    assert sum(len(one["dragged"]) for one in alone["jobs"]) == 3  # one cause each is all that the stream says


def test_a_run_of_its_own_starts_in_the_same_place_and_is_not_offered_without_its_options(tmp_path: Path) -> None:
    ran(tmp_path, job("load", "exit 1"))
    file = tmp_path / "nightly.json"
    again = f"ex-filter {file} --failed 1 --with-dependents | ex-run -C {tmp_path}"
    assert again in told(tmp_path, "--post-mortem", "last", "--format", "markdown")
    for options in (("-e", "REGION=eu"), ("-e", "API_TOKEN=hunter42"), ("--only", "load"), ("--timeout", "60")):
        ran(tmp_path, job("load", "exit 1"), options=options)
        shown = told(tmp_path, "--post-mortem", "last", "--format", "markdown")
        assert "ex-run --resume" in shown
        assert "ex-filter" not in shown


def test_who_printed_nothing_has_nothing_to_be_seen(tmp_path: Path) -> None:
    ran(tmp_path, job("silent", "sleep 30", timeout=1), job("loud", "echo no; exit 1"))
    for argv in (["--errors-only", "--run", "last"], ["--post-mortem", "last"]):
        shown = " ".join(told(tmp_path, *argv).split())
        assert "t printed nothing" in shown
        assert "it waited for something, a longer timeout may not help" in shown
        assert "see what for in its log" not in shown
        assert "ex-history logs 1 silent" not in shown
        assert "ex-history logs 1 loud" in shown
