"""ex-analyze-logs as a command: where it reads from, what it refuses, what it never shows."""

from __future__ import annotations

import json
import os
import pty
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.logs.story import raw, told

WORKFLOW = {
    "application_name": "nightly",
    "continue_on_error": True,
    "env_variables": {"DB_PASSWORD": "hunter42"},
    "jobs": [
        {"id": "load", "command": 'echo "connect app/$DB_PASSWORD"; echo "ORA-01017: $DB_PASSWORD is wrong"; exit 7'},
        {"id": "report", "command": "true", "dependencies": ["load"]},
    ],
}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "nightly.json").write_text(json.dumps(WORKFLOW))
    (tmp_path / "events.jsonl").write_bytes(raw(told()))
    return tmp_path


def ran(place: Path, *argv: str, **more: Any) -> subprocess.CompletedProcess[str]:
    settings = {"stdin": subprocess.DEVNULL, **more}
    return subprocess.run(
        ["ex-analyze-logs", *argv], cwd=place, capture_output=True, text=True, check=False, timeout=60, **settings
    )


def run(place: Path, *argv: str) -> None:
    subprocess.run(["ex-run", "-q", *argv], cwd=place, capture_output=True, check=False, stdin=subprocess.DEVNULL)


def test_without_a_file_the_history_is_read(place: Path) -> None:
    nothing = ran(place)
    assert (nothing.returncode, nothing.stdout) == (1, "")
    assert "there is no history yet" in nothing.stderr
    run(place, "nightly.json")
    done = ran(place, "-v")
    assert done.returncode == 0
    assert done.stdout.startswith("1 run of nightly")
    assert done.stderr.endswith("history.db: history\n")


def test_a_failure_that_a_resume_mended_asks_for_nothing(place: Path) -> None:
    job = {"id": "approve", "command": "test -e approved || { echo not approved; exit 1; }"}
    (place / "nightly.json").write_text(json.dumps({"application_name": "nightly", "jobs": [job]}))
    run(place, "nightly.json")
    assert "ex-run --resume 1" in ran(place, "--errors-only").stdout
    (place / "approved").touch()
    run(place, "--resume", "1")
    told = ran(place, "--errors-only").stdout
    assert "mended: attempt 2 of the run succeeded" in told
    assert "--resume" not in told
    assert "ex-history logs 1.1 approve" in told
    [failure] = json.loads(ran(place, "--errors-only", "--format", "json").stdout)["failures"]
    assert failure["mended"] == 2
    assert "Mended: attempt 2" in ran(place, "--errors-only", "--format", "markdown").stdout


def test_at_a_terminal_too(place: Path) -> None:
    run(place, "nightly.json")
    master, slave = pty.openpty()
    try:
        done = ran(place, stdin=slave)
        refused = ran(place, "-", stdin=slave)
    finally:
        os.close(master)
        os.close(slave)
    assert done.returncode == 0
    assert done.stdout.startswith("1 run of nightly")
    assert (refused.returncode, refused.stdout) == (2, "")


def test_a_pipe_is_read_and_an_empty_one_is_3(place: Path) -> None:
    with (place / "events.jsonl").open() as stream:
        assert ran(place, stdin=stream).stdout.startswith("1 run of nightly")
    empty = subprocess.run(["bash", "-c", "true | ex-analyze-logs"], cwd=place, capture_output=True, check=False)
    assert (empty.returncode, empty.stdout) == (3, b"")
    assert b"standard input is empty: the stage before this one failed" in empty.stderr
    closed = subprocess.run(["bash", "-c", "ex-analyze-logs <&-"], cwd=place, capture_output=True, check=False)
    assert (closed.returncode, closed.stdout) in [(3, b""), (1, b"")]


def test_runs_are_chosen(place: Path) -> None:
    for _ in range(3):
        run(place, "nightly.json")
    run(place, "--resume", "2")
    assert ran(place).stdout.startswith("3 runs in 4 attempts of nightly")
    assert ran(place, "--last", "1").stdout.startswith("1 run of nightly")
    assert ran(place, "--run", "2").stdout.startswith("1 run in 2 attempts of nightly")
    assert ran(place, "--run", "2.1", "--run", "3").stdout.startswith("2 runs of nightly")
    assert ran(place, "--run", "last:nightly").stdout.startswith("1 run of nightly")
    assert ran(place, "--since", "1h", "-a", "nightly").stdout.startswith("3 runs in 4")
    assert ran(place, "-a", "weekly").returncode == 1
    assert ran(place, "--run", "9").returncode == 1


@pytest.mark.parametrize(
    ("argv", "word"),
    [
        (["events.jsonl", "--last", "3"], "not both"),
        (["--run", "1", "--last", "3"], "not both"),
        (["--errors-only", "--format", "openmetrics", "events.jsonl"], "text, json, csv"),
        (["--errors-only", "--patterns", "events.jsonl"], "two views"),
        (["--since", "soon"], "is no time"),
        (["nightly.json"], "none of the logs"),
        (["events.jsonl", "--document", "events.jsonl"], "is no workflow"),
        (["nothing.jsonl"], "no such file"),
    ],
)
def test_what_does_not_fit_is_2(place: Path, argv: list[str], word: str) -> None:
    run(place, "nightly.json")
    done = ran(place, *argv)
    assert (done.returncode, done.stdout) == (2, "")
    assert word in done.stderr


def test_secrets_of_the_workflow_are_not_shown(place: Path) -> None:
    run(place, "nightly.json", "--events", "mine.jsonl")
    for argv in (["--run", "1"], ["mine.jsonl"]):
        for view in ("--errors-only", "--patterns"):
            for form in ("text", "json", "csv"):
                done = ran(place, *argv, view, "--format", form)
                assert done.returncode == 0
                assert "hunter42" not in done.stdout
                assert "ORA-01017: ******** is wrong" in done.stdout


def test_the_document_tells_when_jobs_were_ready(place: Path) -> None:
    jobs = [{"id": "extract", "command": "x"}, {"id": "load", "command": "x", "dependencies": ["extract"]}]
    (place / "wf.json").write_text(json.dumps({"jobs": jobs}))
    body = json.loads(ran(place, "events.jsonl", "--document", "wf.json", "--format", "json").stdout)
    assert body["wait"]["count"] == 2
    assert json.loads(ran(place, "events.jsonl", "--format", "json").stdout)["wait"]["count"] == 0


def test_openmetrics_reads_the_whole_history_and_is_written_whole(place: Path) -> None:
    for _ in range(22):
        run(place, "nightly.json")
    assert ran(place, "--format", "openmetrics", "-o", "ex.prom").returncode == 0
    text = (place / "ex.prom").read_text()
    assert 'executioner_runs_total{application="nightly",status="failed"} 22\n' in text
    assert text.endswith("# EOF\n")
    assert ran(place).stdout.startswith("20 runs of nightly")


def test_a_cut_stream_is_read_and_its_damage_named(place: Path) -> None:
    whole = raw(told())
    (place / "cut.jsonl").write_bytes(whole[:-100] + b"\nnoise\n")
    done = ran(place, "cut.jsonl")
    assert done.returncode == 0
    assert "2 lines could not be read: 2 no JSON" in done.stdout
    assert "cut.jsonl:16: no JSON" in done.stdout


def test_control_characters_do_not_reach_the_terminal(place: Path) -> None:
    (place / "bad.jsonl").write_bytes(raw(told()).replace(b'"load"', b'"lo\\u001b[31mad"'))
    for view in ("--summary", "--errors-only", "--patterns"):
        assert "\x1b" not in ran(place, "bad.jsonl", view).stdout


def test_a_resumed_run_is_one_run_in_every_view(place: Path) -> None:
    job = {"id": "approve", "command": "test -e approved || { echo not approved; exit 1; }"}
    (place / "nightly.json").write_text(json.dumps({"application_name": "nightly", "jobs": [job]}))
    for _ in range(2):
        run(place, "nightly.json")
    (place / "approved").touch()
    run(place, "--resume", "2")
    (place / "approved").unlink()
    run(place, "--resume", "1")
    read = "2 runs in 4 attempts"
    assert ran(place).stdout.startswith(f"{read} of nightly")
    trends = ran(place, "--trends").stdout
    assert read in trends
    assert "50%  of 2 runs failed" in trends
    markdown = ran(place, "--errors-only", "--format", "markdown").stdout
    assert read in markdown
    assert "**1 of 2** runs did not succeed" in markdown
    body = json.loads(ran(place, "--errors-only", "--format", "json").stdout)
    assert (body["runs"], body["attempts"], body["failed"], len(body["failures"])) == (2, 4, 1, 3)
    assert "and 1 earlier failed attempt;" in ran(place, "--errors-only", "--top", "2").stdout
    assert ", in 2 runs\n" in ran(place, "--patterns").stdout


def test_a_stream_without_a_beginning_is_of_an_unknown_application(place: Path) -> None:
    lines = (place / "events.jsonl").read_text().splitlines(keepends=True)
    (place / "cut.jsonl").write_text("".join(lines[1:]))
    (place / "broken.jsonl").write_text("".join(lines[1:-1]))
    for argv in ([], ["--errors-only"], ["--errors-only", "--format", "markdown"], ["--trends"]):
        told = ran(place, "cut.jsonl", *argv).stdout
        assert "of an unknown application" in told.replace("\n", " ")
        assert "of  " not in told
    assert "a run of an unknown application unfinished" in ran(place, "broken.jsonl", "--errors-only").stdout
    both = ran(place, "cut.jsonl", "events.jsonl")
    assert "\nan unknown application " in both.stdout
    assert "\n?/load " in both.stdout


def test_what_is_asked_nearly_right_is_mended(place: Path) -> None:
    run(place, "nightly.json")
    for argv, code, words in (
        (["--document", "nofile.json", "--last", "1"], 2, "--document is for event streams"),
        (["--document", "nofile.json"], 2, "--document is for event streams"),
        (["--app", "nigtly"], 1, 'did you mean "nightly"?'),
        (["--app", "zzz"], 1, "ex-history list shows the runs"),
        (["--run", "last:nigtly"], 1, 'did you mean "nightly"?'),
        (["--app", "my app", "--run", "last"], 2, "mend: --run 'last:my app'"),
        (["--events", "events.jsonl"], 2, "name the FILE itself: ex-analyze-logs events.jsonl"),
        (["--post-mortem", "events.jsonl"], 2, "ex-analyze-logs --errors-only events.jsonl says what failed in it"),
        (
            ["--compare", "1", "events.jsonl"],
            2,
            "--compare reads runs of the history alone",
        ),
    ):
        done = ran(place, *argv)
        assert (done.returncode, done.stdout) == (code, ""), argv
        assert words in done.stderr
    assert "--events" not in ran(place, "--help").stdout.partition("Examples")[0].partition("Options")[2]


def test_a_category_is_said_once_and_a_csv_says_yes_and_no(place: Path) -> None:
    markdown = ran(place, "--errors-only", "--format", "markdown", "events.jsonl").stdout
    assert "- category: exit code 3\n" in markdown
    table = ran(place, "--errors-only", "--format", "csv", "events.jsonl").stdout.splitlines()
    assert table[1].startswith("nightly,1,1,load,yes,exit code,failed,")


def test_what_never_ran_is_in_the_order_of_the_document(place: Path) -> None:
    jobs: list[dict[str, Any]] = [{"id": "load", "command": "exit 1"}]
    jobs += [{"id": name, "command": "true", "dependencies": ["load"]} for name in ("zeta", "beta", "alpha")]
    (place / "nightly.json").write_text(json.dumps({"application_name": "nightly", "jobs": jobs}))
    run(place, "nightly.json")
    assert "zeta, beta, alpha" in ran(place, "--errors-only").stdout


def test_runs_of_different_applications_are_compared_with_a_warning(place: Path) -> None:
    run(place, "nightly.json")
    (place / "nightly.json").write_text(json.dumps({**WORKFLOW, "application_name": "weekly"}))
    run(place, "nightly.json")
    run(place, "nightly.json")
    told = ran(place, "--compare", "1", "2").stdout
    assert "These are runs of different applications: nightly and weekly." in told
    assert "different applications" not in ran(place, "--compare", "2", "3").stdout
