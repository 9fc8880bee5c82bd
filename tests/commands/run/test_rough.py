"""Rough surroundings, each of which once ended an engine or left something behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from tests.commands.run.lab import PATIENCE, Lab, alive, job, wait_until_gone
from tests.commands.run.test_endings import end

GATE = """import os
class Gate:
    def __init__(self, params): self.path = params["path"]
    def check(self): return os.path.exists(self.path)
PLUGIN_CLASS = Gate
"""


def gated(lab: Lab, name: str, command: str, path: str) -> dict[str, object]:
    (lab.path / "gate.py").write_text(GATE)
    waits = {"plugin": "gate", "params": {"path": path, "poll_seconds": 0.05}}
    return {**job(name, command), "dependencies": [waits]}


def test_a_hosted_wait_that_ends_while_all_workers_are_busy(lab: Lab) -> None:
    jobs = [gated(lab, "late", "echo late >> out", "/"), job("busy", "sleep 2.5; echo busy >> out")]
    done = lab.run(jobs, dependency_plugins=["gate.py"])
    assert done.code == 0, done.err
    assert sorted((lab.path / "out").read_text().split()) == ["busy", "late"]


def test_a_timeout_of_a_month(lab: Lab) -> None:
    done = lab.run([job("a", "sleep 0.2", timeout=2_592_000)], "--timeout", "60d")
    assert done.code == 0, done.err


def test_a_start_directory_that_vanishes(lab: Lab) -> None:
    gone = lab.path / "gone"
    gone.mkdir()
    file = lab.write([job("a", f"rmdir {gone}"), job("b", "pwd", "a"), job("c", "pwd", "b", working_dir="/")])
    done = subprocess.run(lab.argv("ex-run", str(file)), cwd=gone, env=lab.env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert lab.log("b") == f"{lab.path}\n".encode()
    assert lab.log("c") == b"/\n"


def test_a_parent_that_ignores_sigchld(lab: Lab) -> None:
    file = lab.write([job("a"), job("b", "true", "a")])
    code = "import os, signal, sys; signal.signal(signal.SIGCHLD, signal.SIG_IGN); os.execv(sys.argv[1], sys.argv[1:])"
    argv = [sys.executable, "-c", code, *lab.argv("ex-run", str(file))]
    done = subprocess.run(argv, cwd=lab.path, env=lab.env, capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 0, done.stderr


def test_a_term_to_the_whole_group_leaves_the_jobs_their_grace(lab: Lab) -> None:
    command = "trap 'sleep 0.2; echo cleaned up; exit 0' TERM; touch here; while :; do sleep 0.05; done"
    with lab.running([job("a", command)]) as run:
        lab.wait_for("here")
        os.killpg(run.pid, signal.SIGTERM)
        code, _ = end(run)
    assert code == 143
    assert lab.log("a").endswith(b"cleaned up\n")


def test_a_process_that_left_group_and_parents_ends_with_its_job(lab: Lab) -> None:
    command = "(setsid sh -c 'echo $$ > pid; exec sleep 987' &); until test -s pid; do sleep 0.01; done; sleep 987"
    done = lab.run([job("a", command, timeout=1)], "--grace", "0.2")
    assert done.code == 1
    wait_until_gone([int((lab.path / "pid").read_text())])


def test_a_daemon_of_a_job_that_succeeds_lives_on(lab: Lab) -> None:
    command = "(setsid sh -c 'echo $$ > pid; exec sleep 987' &); until test -s pid; do sleep 0.01; done"
    assert lab.run([job("a", command)]).code == 0
    pid = int((lab.path / "pid").read_text())
    assert alive(pid)
    os.kill(pid, signal.SIGKILL)


def test_a_program_that_an_earlier_job_made_is_found(lab: Lab) -> None:
    (lab.path / "bin").mkdir()
    make = "printf '#!/bin/sh\\necho mine\\n' > bin/id; chmod +x bin/id"
    jobs = [job("before", "id -u"), job("make", make, "before"), job("after", "id -u", "make")]
    done = lab.run(jobs, env_variables={"PATH": "bin:${PATH}"})
    assert done.code == 0, done.err
    assert lab.log("after") == b"mine\n"


def test_what_is_appended_through_dev_stderr_stays(lab: Lab) -> None:
    lab.run([job("a", "echo one; echo two | tee -a /dev/stderr >/dev/null; echo three")])
    assert lab.log("a") == b"one\ntwo\nthree\n"


def test_a_log_directory_that_goes_away_lets_running_jobs_end(lab: Lab) -> None:
    jobs = [
        job("a", f"until test -e here; do sleep 0.01; done; rm -rf {lab.logs}/lab"),
        job("long", "touch here; until test -e over; do sleep 0.01; done; touch ended"),
        gated(lab, "late", "touch over", "/"),
    ]
    jobs[2]["dependencies"] = ["a", *jobs[2]["dependencies"]]  # type: ignore[misc]
    with lab.running(jobs, "-j2", dependency_plugins=["gate.py"]) as run:
        lab.wait_for("here")
        seen = b""
        while b"cannot create the log" not in seen:
            seen += os.read(run.stderr.fileno(), 4096)  # type: ignore[union-attr]
        (lab.path / "over").touch()
        code, err = end(run)
    assert code == 74, err
    assert (lab.path / "ended").exists()
    assert lab.status()["long"] == "success"


@pytest.mark.parametrize("limit", [48, 64])
def test_few_descriptors(lab: Lab, limit: int) -> None:
    jobs = [
        job(f"j{n}", "sleep 0.05", post_checks=[{"name": "check_command", "params": {"command": "true"}}])
        for n in range(60)
    ]
    file = lab.write(jobs)
    argv = ["sh", "-c", f'ulimit -n {limit}; exec "$@"', "sh", *lab.argv("ex-run", "-q", "-j", "40", str(file))]
    done = subprocess.run(argv, cwd=lab.path, env=lab.env, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert set(lab.status().values()) == {"success"}
