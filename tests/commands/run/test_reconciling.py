"""What a resume does about processes that outlived engine and guard: found by evidence, nobody else's touched."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from exlib.engine.process import start_time
from tests.commands.run.lab import PATIENCE, Lab, alive, job, wait_until_gone
from tests.commands.run.test_endings import engine_of, wait_until

pytestmark = pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs /proc to look for processes")


def kill_both(run: subprocess.Popen[bytes]) -> None:
    engine = engine_of(run)
    os.kill(run.pid, signal.SIGSTOP)  # so that it cannot sweep up
    os.kill(engine, signal.SIGKILL)
    os.kill(run.pid, signal.SIGKILL)
    run.communicate(timeout=PATIENCE)


def recorded(lab: Lab) -> tuple[int, int] | None:
    """Process id and start time of the job, once they are on record."""
    connection = sqlite3.connect(lab.db)
    try:
        row = connection.execute("SELECT pid, pid_start FROM job_history WHERE pid_start IS NOT NULL").fetchone()
    finally:
        connection.close()
    return row and tuple(row)


def change(lab: Lab, statement: str, *values: object) -> None:
    connection = sqlite3.connect(lab.db)
    with connection:
        connection.execute(statement, values)
    connection.close()


@pytest.fixture
def left(lab: Lab) -> Iterator[int]:
    """A job without any environment, so that only its recorded process tells whose it is, outlived its run."""
    command = "test -e go || { touch here; exec env -i sh -c 'sleep 987 & wait'; }"
    with lab.running([job("a", command)]) as run:
        lab.wait_for("here")
        wait_until(lambda: recorded(lab) is not None)
        kill_both(run)
    pid, born = recorded(lab) or (0, 0)
    wait_until(lambda: b"EX_LOG" not in Path(f"/proc/{pid}/environ").read_bytes())
    assert start_time(pid) == born
    (lab.path / "go").touch()
    yield pid
    if alive(pid):
        os.killpg(pid, signal.SIGKILL)


def test_a_job_without_its_environment_is_found_by_pid_and_start_time(lab: Lab, left: int) -> None:
    refused = lab.call("ex-run", "--resume", "1", "--on-alive", "refuse")
    assert refused.code == 1
    assert "still running from the attempt before: a" in refused.err
    assert alive(left)
    done = lab.call("ex-run", "--resume", "1", "--grace", "0.2")
    assert done.code == 0, done.err
    assert "still running from the attempt before: a; ending them" in done.err
    wait_until_gone([left])
    assert [run.status for run in lab.runs()] == ["lost", "success"]


def test_it_is_waited_for_on_request(lab: Lab, left: int) -> None:
    resume = subprocess.Popen(
        lab.argv("ex-run", "--resume", "1", "--on-alive", "wait"), cwd=lab.path, env=lab.env, stderr=subprocess.PIPE
    )
    assert resume.stderr is not None
    assert b"waiting for them" in resume.stderr.readline()
    assert alive(left)
    os.killpg(left, signal.SIGKILL)
    _, err = resume.communicate(timeout=PATIENCE)
    assert resume.returncode == 0, err


@pytest.mark.parametrize("how", ["the pid was given to another process", "the machine was restarted"])
def test_a_process_that_is_not_the_jobs_is_left_alone(lab: Lab, left: int, how: str) -> None:
    os.killpg(left, signal.SIGKILL)
    wait_until_gone([left])
    with subprocess.Popen(["sleep", "987"], start_new_session=True) as other:
        born = start_time(other.pid) or 0
        if how.startswith("the pid"):
            born -= 1
        else:
            change(lab, "UPDATE run_summary SET boot_id='of the boot before'")
        change(lab, "UPDATE job_history SET pid=?, pid_start=?", other.pid, born)
        done = lab.call("ex-run", "--resume", "1", "--on-alive", "refuse")
        try:
            assert done.code == 0, done.err
            assert "still running" not in done.err
            assert alive(other.pid)
        finally:
            other.kill()
    assert [run.status for run in lab.runs()] == ["lost", "success"]


def test_what_cannot_be_ended_is_named_and_not_doubled(lab: Lab, left: int) -> None:
    """It takes root to make another user's process; here none hears a signal of the resume."""
    deaf = "from exlib.engine import process, survivors; process.signal_each = lambda *_: None; survivors._OBEY = 0.1; "
    program, option, code, *args = lab.argv("ex-run", "--resume", "1", "--grace", "0.1")
    done = subprocess.run(
        [program, option, code.replace("from exlib.launch", f"{deaf}from exlib.launch"), *args],
        cwd=lab.path, env=lab.env, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 1
    assert "still running from the attempt before: a, and cannot be ended: pid " in done.stderr
    assert str(left) in done.stderr
    assert [run.status for run in lab.runs()] == ["lost"]


def test_the_next_start_of_any_run_marks_a_dead_one(lab: Lab, left: int) -> None:
    assert lab.call("ex-run", str(lab.write([job("b")], application_name="other"))).code == 0
    connection = sqlite3.connect(lab.db)
    found = connection.execute("SELECT status FROM run_summary UNION ALL SELECT status FROM job_history").fetchall()
    connection.close()
    assert found == [("lost",), ("success",), ("lost",), ("success",)]
    assert alive(left)
