"""Real runs of ex-run in a directory of their own, with a history of their own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from exlib.history.sqlite import open_store
from exlib.history.store import AttemptRecord, JobRecord, RunRecord

ROOT = Path(__file__).resolve().parents[3]
LAUNCH = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from exlib.launch import main; sys.exit(main(sys.argv[1:]))"
PATIENCE = float(os.environ.get("PATIENCE", "30"))
"""Seconds after which a test gives up waiting for an event."""


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str


class Lab:
    """A place to run workflows."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.db = path / "history.db"
        self.logs = path / "logs"
        self.env = {**os.environ, "EX_DB": str(self.db)}

    def write(self, jobs: list[dict[str, Any]], **top: Any) -> Path:
        """Write a document; its logs go below the lab."""
        file = self.path / "wf.json"
        whole = {"application_name": "lab", "log_dir": str(self.logs), "working_dir": str(self.path), **top}
        file.write_text(json.dumps({**whole, "jobs": jobs}))
        return file

    def argv(self, tool: str, *args: str) -> list[str]:
        return [sys.executable, "-c", LAUNCH, tool, *args]

    def call(
        self,
        tool: str,
        *args: str,
        stdin: bytes | None = b"",
        env: Mapping[str, str] | None = None,
        before: Sequence[str] = (),
        patience: float = 120,
    ) -> Done:
        """Run one tool to its end; ``before`` are the words of a command that changes something and executes it."""
        argv = [*before, *self.argv(tool, *args)]
        done = subprocess.run(
            argv, input=stdin, capture_output=True, cwd=self.path, env=env or self.env, timeout=patience
        )
        return Done(done.returncode, done.stdout.decode(), done.stderr.decode(errors="replace"))

    def run(self, jobs: list[dict[str, Any]], *args: str, **top: Any) -> Done:
        """Write a document and run it."""
        return self.call("ex-run", str(self.write(jobs, **top)), *args)

    @contextmanager
    def running(self, jobs: list[dict[str, Any]], *args: str, **top: Any) -> Iterator[subprocess.Popen[bytes]]:
        """A run that goes on meanwhile; killed with all it started if the test leaves it."""
        with subprocess.Popen(
            self.argv("ex-run", str(self.write(jobs, **top)), *args),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=self.path, env=self.env,
            start_new_session=True,
        ) as process:  # fmt: skip
            try:
                yield process
            finally:
                if process.poll() is None:
                    process.send_signal(signal.SIGTERM)
                    try:
                        process.communicate(timeout=PATIENCE)
                    except subprocess.TimeoutExpired:
                        process.kill()
                        raise

    def wait_for(self, name: str) -> Path:
        """Wait until a job made a file."""
        path = self.path / name
        until = time.monotonic() + PATIENCE
        while not path.exists():
            assert time.monotonic() < until, f"{name} never came"
            time.sleep(0.01)
        return path

    def status(self, run: int = 1, attempt: int | None = None) -> dict[str, str]:
        return {record.job: record.status for record in self.jobs(run, attempt)}

    def reasons(self, run: int = 1) -> dict[str, str | None]:
        return {record.job: record.reason for record in self.jobs(run)}

    def jobs(self, run: int = 1, attempt: int | None = None) -> list[JobRecord]:
        store = open_store(str(self.db), readonly=True)
        try:
            return store.jobs(run, attempt)
        finally:
            store.close()

    def runs(self, run: int = 1) -> list[RunRecord]:
        store = open_store(str(self.db), readonly=True)
        try:
            return store.attempts_of_run(run)
        finally:
            store.close()

    def tries(self, job: str, run: int = 1) -> list[AttemptRecord]:
        store = open_store(str(self.db), readonly=True)
        try:
            return store.attempts(run, job)
        finally:
            store.close()

    def log(self, job: str, number: int = 1, run: str = "run-1") -> bytes:
        return (self.logs / "lab" / run / f"{job}.{number}.log").read_bytes()


def job(name: str, command: str = "true", *needs: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "command": command, **({"dependencies": list(needs)} if needs else {}), **more}


def alive(pid: int) -> bool:
    """Whether a process is there and not a zombie."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def wait_until_gone(pids: list[int]) -> None:
    until = time.monotonic() + PATIENCE
    while any(map(alive, pids)):
        assert time.monotonic() < until, f"still alive: {[pid for pid in pids if alive(pid)]}"
        time.sleep(0.01)
