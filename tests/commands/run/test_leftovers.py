"""What a job leaves running when its leader has ended: its group ends with it, a daemon lives if the job succeeded."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from tests.commands.run.lab import Lab, alive, job, wait_until_gone

pytestmark = pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs /proc to look for processes")

DAEMON = "setsid sh -c 'echo $$ > pid; exec sleep 987' & until test -s pid; do sleep 0.01; done; "


def left_pid(lab: Lab) -> int:
    return int((lab.path / "pid").read_text())


@pytest.mark.parametrize("tag", [(), ("--tag",)])
def test_a_child_that_keeps_stdout_open_delays_nothing_and_loses_nothing(lab: Lab, tag: tuple[str, ...]) -> None:
    command = "echo first; sleep 60 & echo $! > pid; printf last"
    begun = time.monotonic()
    done = lab.run([job("a", command), job("b", "true", "a")], *tag)
    assert done.code == 0, done.err
    assert time.monotonic() - begun < 45, "it waited for the child"
    assert lab.log("a") == b"first\nlast"
    wait_until_gone([left_pid(lab)])
    if tag:
        assert "first" in done.out
        assert "last" in done.out


def test_a_failed_job_leaves_nothing_in_other_sessions_either(lab: Lab) -> None:
    assert lab.run([job("a", f"{DAEMON} exit 3")]).code == 1
    wait_until_gone([left_pid(lab)])


@pytest.mark.parametrize(("end", "detach"), [("exit 0", False), ("exit 3", True)])
def test_a_daemon_of_a_successful_or_detaching_job_lives_on(lab: Lab, end: str, detach: bool) -> None:
    done = lab.run([job("a", DAEMON + end, detach=detach), job("b", "exit 1")], "--continue-on-error")
    assert done.code == 1
    pid = left_pid(lab)
    assert alive(pid)
    os.kill(pid, signal.SIGKILL)
