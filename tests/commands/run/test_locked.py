"""Another process keeps the history locked: the engine goes on and writes it up later."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.commands.run.lab import Lab, job, wait_until_gone
from tests.commands.run.test_endings import end, started_pid

pytestmark = pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs /proc to look for processes")
STUCK = "echo $$ > pid; exec sleep 987"


@contextmanager
def locked(lab: Lab) -> Iterator[None]:
    """The history is locked; this process holds it, which is another one than the engine's."""
    with closing(sqlite3.connect(lab.db, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


def test_jobs_start_time_out_and_end_meanwhile_and_no_row_is_lost(lab: Lab) -> None:
    jobs = [job("a", "touch here; until test -e go; do sleep 0.01; done"), job("b", STUCK, timeout=1),
            job("c", "touch after", "a")]  # fmt: skip
    with lab.running(jobs, "-k", "--workers", "2") as run:
        lab.wait_for("here")
        pid = started_pid(lab)
        with locked(lab):
            wait_until_gone([pid])
            (lab.path / "go").touch()
            lab.wait_for("after")
        code, err = end(run)
    assert code == 1
    assert lab.status() == {"a": "success", "b": "timeout", "c": "success"}
    assert "Traceback" not in err


def test_sigterm_ends_the_jobs_and_a_warning_says_what_is_waited_for(lab: Lab) -> None:
    with lab.running([job("a", STUCK), job("b", "true", "a")]) as run:
        pid = started_pid(lab)
        with locked(lab):
            run.send_signal(signal.SIGTERM)
            wait_until_gone([pid])
            heard(run, b"is locked by another process; it is written up when it is free")
            assert run.poll() is None, "the end is not in the tables"
        code, _ = end(run)
    assert code == 143
    assert lab.status() == {"a": "cancelled", "b": "cancelled"}
    assert lab.runs()[0].exit_code == 143


def test_a_second_sigterm_is_not_kept_waiting_and_the_next_reader_writes_it_up(lab: Lab) -> None:
    with lab.running([job("a", STUCK)]) as run:
        pid = started_pid(lab)
        with locked(lab):
            run.send_signal(signal.SIGTERM)
            wait_until_gone([pid])
            heard(run, b"is locked")
            run.send_signal(signal.SIGTERM)
            code, err = end(run)
            assert lab.call("ex-history", "show", "1").code == 0  # it reads beside the lock
    assert code == 143
    assert "it is written up when next opened" in err
    assert (lab.runs()[0].status, lab.runs()[0].exit_code) == ("cancelled", 143)
    assert lab.status() == {"a": "cancelled"}


def heard(run: subprocess.Popen[bytes], words: bytes) -> None:
    """Wait until a run says something."""
    seen = b""
    while words not in seen:
        piece = run.stderr.read1()  # type: ignore[union-attr]
        assert piece, seen
        seen += piece
