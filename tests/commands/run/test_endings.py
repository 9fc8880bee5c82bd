"""Runs that are interrupted or killed: a truthful history, and nothing left running."""

from __future__ import annotations

import contextlib
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.commands.run.lab import PATIENCE, Lab, job, wait_until_gone

pytestmark = pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs /proc to look for processes")

SHAPES = {
    "plain": "echo $$ > pid; exec sleep 987",
    "child": "sleep 987 & echo $! > pid; wait",
    "session": "setsid sh -c 'echo $$ > pid; exec sleep 987' & sleep 987",
    "stubborn": "trap '' TERM; sh -c 'trap \"\" TERM; echo $$ > pid; while :; do sleep 1; done'",
}


def engine_of(process: subprocess.Popen[bytes]) -> int:
    """The engine below the guard that was started."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    assert len(children) == 1
    return int(children[0])


def state(pid: int) -> str:
    """The letter that the kernel has for what a process does: T is stopped."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def wait_until(what: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < until, "it never came"
        time.sleep(0.01)


def end(process: subprocess.Popen[bytes]) -> tuple[int, str]:
    _, err = process.communicate(timeout=PATIENCE)
    return process.returncode, err.decode()


def started_pid(lab: Lab) -> int:
    path = lab.wait_for("pid")
    text = ""
    while not text.endswith("\n"):
        text = path.read_text()
    return int(text)


@pytest.mark.parametrize("shape", SHAPES)
def test_sigterm_ends_every_shape_of_job(lab: Lab, shape: str) -> None:
    with lab.running([job("a", SHAPES[shape]), job("b", "true", "a")]) as run:
        pid = started_pid(lab)
        run.send_signal(signal.SIGTERM)
        code, err = end(run)
    assert code == 143
    wait_until_gone([pid])
    assert lab.status() == {"a": "cancelled", "b": "cancelled"}
    assert lab.runs()[0].status == "cancelled"
    assert "Traceback" not in err


@pytest.mark.parametrize("shape", SHAPES)
def test_kill_9_of_the_engine_leaves_nothing_running(lab: Lab, shape: str) -> None:
    with lab.running([job("a", SHAPES[shape]), job("b", "true", "a")]) as run:
        pid = started_pid(lab)
        os.kill(engine_of(run), signal.SIGKILL)
        code, err = end(run)
    assert code == 137
    wait_until_gone([pid])
    assert "the engine was killed (SIGKILL)" in err
    assert "resume with: ex-run --resume 1" in err
    assert lab.status()["a"] == "lost"
    assert lab.runs()[0].status == "lost"


@pytest.mark.parametrize("shape", SHAPES)
def test_kill_9_of_the_guard_ends_the_run_as_sigterm_does(lab: Lab, shape: str) -> None:
    with lab.running([job("a", SHAPES[shape]), job("b", "true", "a")]) as run:
        pid = started_pid(lab)
        engine = engine_of(run)
        run.kill()
        run.communicate(timeout=PATIENCE)
    wait_until_gone([pid, engine])
    assert lab.status() == {"a": "cancelled", "b": "cancelled"}


def test_kill_9_of_the_group_ends_the_run_as_sigterm_does(lab: Lab) -> None:
    with lab.running([job("a", SHAPES["stubborn"]), job("b", "true", "a")]) as run:
        pid = started_pid(lab)
        engine = engine_of(run)
        os.killpg(run.pid, signal.SIGKILL)
        run.communicate(timeout=PATIENCE)
    wait_until_gone([pid, engine])
    assert lab.status() == {"a": "cancelled", "b": "cancelled"}


def test_control_c_on_a_terminal_reaches_the_engine_once(lab: Lab) -> None:
    file = lab.write([job("a", "touch here; until test -e go; do sleep 0.01; done"), job("b", "true", "a")])
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(lab.path)
        os.execve(sys.executable, lab.argv("ex-run", str(file)), lab.env)
    lab.wait_for("here")
    os.write(terminal, b"\x03")
    seen = b""
    while b"interrupt again" not in seen:
        seen += os.read(terminal, 4096)
    (lab.path / "go").touch()
    with contextlib.suppress(OSError):  # EIO: nobody has the terminal any more
        while os.read(terminal, 4096):
            pass
    os.close(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 130
    assert lab.status() == {"a": "success", "b": "cancelled"}


def test_a_terminal_stops_guard_and_engine_together(lab: Lab) -> None:
    file = lab.write([job("a", "touch here; until test -e go; do sleep 0.01; done")])
    # In this session but in a group of its own: the kernel stops no group that nobody could continue.
    run = subprocess.Popen(lab.argv("ex-run", "-q", str(file)), env=lab.env, cwd=lab.path, process_group=0)
    lab.wait_for("here")
    both = [run.pid, engine_of(run)]
    os.killpg(run.pid, signal.SIGTSTP)
    wait_until(lambda: [state(pid) for pid in both] == ["T", "T"])
    os.killpg(run.pid, signal.SIGCONT)
    wait_until(lambda: "T" not in map(state, both))
    (lab.path / "go").touch()
    assert run.wait(PATIENCE) == 0


@pytest.mark.parametrize("shape", SHAPES)
def test_timeout_ends_every_shape_of_job(lab: Lab, shape: str) -> None:
    done = lab.run([job("a", SHAPES[shape], timeout=1)], "--grace", "0.2")
    assert done.code == 1
    wait_until_gone([started_pid(lab)])
    assert lab.status() == {"a": "timeout"}


def test_one_sigint_lets_running_jobs_finish(lab: Lab) -> None:
    with lab.running([job("a", "touch here; until test -e go; do sleep 0.01; done"), job("b")]) as run:
        lab.wait_for("here")
        run.send_signal(signal.SIGINT)
        os.set_blocking(run.stderr.fileno(), True)  # type: ignore[union-attr]
        seen = b""
        while b"interrupt again" not in seen:
            seen += os.read(run.stderr.fileno(), 4096)  # type: ignore[union-attr]
        (lab.path / "go").touch()
        code, _ = end(run)
    assert code == 130
    assert lab.status() == {"a": "success", "b": "cancelled"}
    assert lab.runs()[0].exit_code == 130


def test_two_sigints_end_the_jobs(lab: Lab) -> None:
    with lab.running([job("a", SHAPES["child"])]) as run:
        pid = started_pid(lab)
        run.send_signal(signal.SIGINT)
        seen = b""
        while b"interrupt again" not in seen:
            seen += os.read(run.stderr.fileno(), 4096)  # type: ignore[union-attr]
        while run.poll() is None:
            run.send_signal(signal.SIGINT)
            try:
                run.wait(0.3)
            except subprocess.TimeoutExpired:
                continue
        assert run.returncode == 130
    wait_until_gone([pid])
    assert lab.status() == {"a": "cancelled"}


def test_a_signal_to_the_whole_group_counts_once(lab: Lab) -> None:
    with lab.running([job("a", "touch here; until test -e go; do sleep 0.01; done"), job("b")]) as run:
        lab.wait_for("here")
        os.killpg(run.pid, signal.SIGINT)
        seen = b""
        while b"interrupt again" not in seen:
            seen += os.read(run.stderr.fileno(), 4096)  # type: ignore[union-attr]
        (lab.path / "go").touch()
        code, _ = end(run)
    assert code == 130
    assert lab.status()["a"] == "success"


def test_a_closed_stderr_and_stdout_do_not_stop_the_jobs(lab: Lab) -> None:
    jobs = [job("a", "touch here; until test -e go; do sleep 0.01; done"), job("b", "touch b", "a")]
    with lab.running(jobs, "--tag", "--verbose") as run:
        lab.wait_for("here")
        run.stdout.close()  # type: ignore[union-attr]
        run.stderr.close()  # type: ignore[union-attr]
        (lab.path / "go").touch()
        assert run.wait(PATIENCE) == 0
    assert lab.status() == {"a": "success", "b": "success"}


def test_thirty_runs_at_once_have_thirty_numbers(lab: Lab) -> None:
    file = lab.write([job("a"), job("b", "true", "a")])
    runs = [
        subprocess.Popen(lab.argv("ex-run", "-q", str(file)), env=lab.env, cwd=lab.path, stderr=subprocess.PIPE)
        for _ in range(30)
    ]
    assert [(run.communicate()[1], run.returncode) for run in runs] == [(b"", 0)] * 30
    for number in range(1, 31):
        assert lab.status(number) == {"a": "success", "b": "success"}
