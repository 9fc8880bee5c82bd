"""Processes by their start time, their parents and their signals."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

from exlib.engine import process
from tests.commands.run.lab import PATIENCE

pytestmark = pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs /proc to look for processes")


def test_a_pid_that_was_given_to_another_is_not_signalled() -> None:
    with subprocess.Popen(["sleep", "987"]) as child:
        born = process.start_time(child.pid)
        assert born is not None
        process.signal_each([(child.pid, born - 1)], signal.SIGKILL)
        process.signal_each([(child.pid, born)], signal.SIGTERM)
        assert child.wait(PATIENCE) == -signal.SIGTERM


def test_descendants_are_found_however_deep() -> None:
    command = ["sh", "-c", "sh -c 'sleep 987 & echo $!; wait' & wait"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True) as child:
        assert child.stdout is not None
        deepest = int(child.stdout.readline())
        found = {pid for pid, _ in process.descendants(child.pid)}
        os.killpg(child.pid, signal.SIGKILL)
    assert deepest in found
    assert len(found) == 2


def test_a_child_has_the_signals_that_python_ignores(tmp_path: Path) -> None:
    output = os.open(tmp_path / "out", os.O_RDWR | os.O_CREAT)
    argv = ("/bin/sh", "-c", "grep -E '^Sig(Ign|Blk)' /proc/self/status")
    assert signal.getsignal(signal.SIGPIPE) is signal.SIG_IGN
    pid = process.spawn(argv, {b"PATH": os.environb[b"PATH"]}, output, None)
    os.waitpid(pid, 0)
    rows = os.pread(output, 1000, 0).decode().split()
    os.close(output)
    ignored, blocked = int(rows[rows.index("SigIgn:") + 1], 16), int(rows[rows.index("SigBlk:") + 1], 16)
    assert not blocked
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        assert not ignored >> (number - 1) & 1
