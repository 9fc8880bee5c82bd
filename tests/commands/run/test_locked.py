"""Another process keeps the history locked: the engine waits for it with open eyes."""

from __future__ import annotations

import signal
import sqlite3
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


def test_a_timeout_strikes_and_the_next_job_waits(lab: Lab) -> None:
    jobs = [job("a", "touch here; until test -e go; do sleep 0.01; done"), job("b", STUCK, timeout=1), job("c")]
    with lab.running(jobs, "-k", "--workers", "2") as run:
        lab.wait_for("here")
        pid = started_pid(lab)
        with locked(lab):
            wait_until_gone([pid])
            assert run.poll() is None
        (lab.path / "go").touch()
        code, err = end(run)
    assert code == 1
    assert lab.status() == {"a": "success", "b": "timeout", "c": "success"}
    assert "Traceback" not in err


def test_sigterm_ends_the_jobs_and_no_row_is_lost(lab: Lab) -> None:
    with lab.running([job("a", STUCK), job("b", "true", "a")]) as run:
        pid = started_pid(lab)
        with locked(lab):
            run.send_signal(signal.SIGTERM)
            wait_until_gone([pid])
            seen = b""
            while b"is locked by another process; nothing new starts" not in seen:
                piece = run.stderr.read1()  # type: ignore[union-attr]
                assert piece, seen
                seen += piece
            assert run.poll() is None, "what happened is not on record"
        code, _ = end(run)
    assert code == 143
    assert lab.status() == {"a": "cancelled", "b": "cancelled"}
    assert lab.runs()[0].exit_code == 143


def test_a_second_sigterm_is_not_kept_waiting(lab: Lab) -> None:
    with lab.running([job("a", STUCK)]) as run:
        pid = started_pid(lab)
        with locked(lab):
            run.send_signal(signal.SIGTERM)
            wait_until_gone([pid])
            while b"is locked" not in run.stderr.read1():  # type: ignore[union-attr]
                pass
            run.send_signal(signal.SIGTERM)
            code, err = end(run)
    assert code == 74
    assert "the end of the run is not on record: the history" in err
    assert lab.runs()[0].status == "lost"
    assert lab.call("ex-run", "--resume", "1", "--timeout", "1").code == 124
