"""The events, lines, view and mail of real runs."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pexpect
from jsonschema import Draft202012Validator

from tests.report.mailserver import serving

SCHEMA = json.loads((Path(__file__).parents[2] / "schemas" / "event.schema.json").read_text())
WORKFLOW: dict[str, Any] = {
    "application_name": "nightly",
    "continue_on_error": True,
    "env_variables": {"DB_PASSWORD": "hunter22"},
    "jobs": [
        {"id": "extract", "command": "printf 'rows\\nno line end'"},
        {"id": "load", "command": 'echo "pw $DB_PASSWORD"; exit 3', "max_retries": 1, "retry_delay": 0.01},
        {"id": "slow", "command": "sleep 60", "timeout": 0.1},
        {"id": "report", "command": "true", "dependencies": ["extract", "load"]},
        {"id": "publish", "command": "true", "dependencies": ["report"]},
    ],
}


def document(directory: Path, **changes: Any) -> str:
    path = directory / "nightly.json"
    path.write_text(json.dumps(WORKFLOW | changes))
    return str(path)


def ex_run(*arguments: str, **settings: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["ex-run", *arguments], capture_output=True, text=True, timeout=60, **settings)


def test_the_stream_of_a_run_fits_the_schema_and_keeps_the_promises_of_the_page(tmp_path: Path) -> None:
    done = ex_run(document(tmp_path), "--events", "-")
    told = [json.loads(line) for line in done.stdout.splitlines()]
    validator = Draft202012Validator(SCHEMA)
    assert [error.message for event in told for error in validator.iter_errors(event)] == []
    kinds = [event["event"] for event in told]
    assert (kinds[0], kinds[-1]) == ("run_started", "run_finished")
    ended = {event["job"]: event["status"] for event in told if event["event"] == "job_finished"}
    assert ended == {
        "extract": "success",
        "load": "failed",
        "slow": "timeout",
        "report": "skipped",
        "publish": "skipped",
    }
    assert kinds.count("job_finished") == len(ended)
    tries = [event["event"] for event in told if event.get("job") == "load"]
    once = ["attempt_started", "attempt_spawned", "attempt_finished"]
    assert tries == [*once, "job_retrying", *once, "job_finished"]
    assert told[-1]["counts"] == {"success": 1, "failed": 1, "timeout": 1, "skipped": 2}
    assert "hunter22" not in done.stdout + done.stderr


def test_a_resumed_run_tells_what_it_reuses(tmp_path: Path) -> None:
    ex_run(document(tmp_path))
    done = ex_run("--resume", "last", "--events", "-")
    told = [json.loads(line) for line in done.stdout.splitlines()]
    reused = [event["job"] for event in told if event["event"] == "job_reused"]
    finished = [event["job"] for event in told if event["event"] == "job_finished"]
    assert reused == ["extract"]
    assert sorted(reused + finished) == sorted(job["id"] for job in WORKFLOW["jobs"])
    assert "1 reused" in done.stderr


def test_a_full_disk_under_the_stream_is_told(tmp_path: Path) -> None:
    done = ex_run(document(tmp_path), "--events", "/dev/full")
    assert done.returncode == 74
    assert "cannot write events to /dev/full: no space left on device" in done.stderr


def test_a_reader_that_leaves_changes_nothing(tmp_path: Path) -> None:
    command = f"ex-run {document(tmp_path)} --events - 2>err | head -n 1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=60, cwd=tmp_path)
    assert done.stdout.splitlines()[-1] == "1"
    assert "nightly: 2 of 5 jobs failed" in (tmp_path / "err").read_text()


def test_tagged_output_is_the_jobs_own_with_secrets_masked(tmp_path: Path) -> None:
    done = ex_run(document(tmp_path), "--tag", "--quiet")
    assert sorted(done.stdout.splitlines()) == [
        "extract │ no line end",
        "extract │ rows",
        "load    │ pw ********",
        "load    │ pw ********",
    ]


def test_standard_error_that_is_closed_or_broken_changes_nothing(tmp_path: Path) -> None:
    path = document(tmp_path)
    for redirection in ("2>&-", "2>/dev/full", "2> >(exec 0<&-)"):
        done = subprocess.run(["bash", "-c", f"ex-run {path} {redirection}"], timeout=60, stdout=subprocess.DEVNULL)
        assert done.returncode == 1, redirection


def test_the_run_log_tells_the_run(tmp_path: Path) -> None:
    ex_run(document(tmp_path), "--log-dir", str(tmp_path / "logs"))
    (path,) = (tmp_path / "logs").rglob("run.log")
    text = path.read_text()
    assert re.search(r"^\S+ \S+ load: attempt 2 failed after .*: exit code 3$", text, re.MULTILINE)
    assert text.splitlines()[-1].endswith("1 success, 1 failed, 1 timeout, 2 skipped")
    assert "hunter22" not in text


def test_on_a_terminal_the_view_comes_and_goes(tmp_path: Path) -> None:
    (tmp_path / "nightly.json").write_text(
        json.dumps({"application_name": "nightly", "jobs": [{"id": "slow", "command": "echo working; read x < gate"}]})
    )
    os.mkfifo(tmp_path / "gate")
    terminal = pexpect.spawn(
        "ex-run", ["nightly.json"], cwd=tmp_path, env=os.environ | {"TERM": "xterm"}, dimensions=(24, 80), timeout=30
    )
    terminal.expect_exact("1 running")
    terminal.expect_exact("working")
    (tmp_path / "gate").write_text("go\n")
    terminal.expect_exact("1 job succeeded")
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 0


def test_who_reads_the_events_through_a_pipe_is_not_drawn_over(tmp_path: Path) -> None:
    (tmp_path / "nightly.json").write_text(
        json.dumps({"application_name": "nightly", "jobs": [{"id": "slow", "command": "echo working; read x < gate"}]})
    )
    os.mkfifo(tmp_path / "gate")
    terminal = pexpect.spawn(
        "sh", ["-c", "ex-run nightly.json --events - | grep -o job_finished"],
        cwd=tmp_path, env=os.environ | {"TERM": "xterm"}, dimensions=(24, 80), timeout=30,
    )  # fmt: skip
    terminal.expect_exact("[0/1]")
    (tmp_path / "gate").write_text("go\n")
    terminal.expect_exact("job_finished")
    terminal.expect(pexpect.EOF)
    assert b"running" not in terminal.before


def test_the_mail_of_a_run_arrives_and_an_unreachable_server_is_a_warning(tmp_path: Path) -> None:
    asks = {"email_address": "ops@example.com", "email_on_failure": True, "smtp_server": "localhost"}
    with serving() as server:
        done = ex_run(document(tmp_path, **asks, smtp_port=server.port))
    assert done.returncode == 1
    (letter,) = server.letters
    assert letter.message["Subject"] == "[FAILED] nightly: 2 of 5 jobs failed (run 1)"
    assert "pw ********" in letter.message.get_content()
    assert "hunter22" not in letter.message.get_content()
    done = ex_run(document(tmp_path, **asks, smtp_port=1))
    assert done.returncode == 1
    assert "warning: the mail was not sent: cannot reach the mail server localhost:1" in done.stderr
