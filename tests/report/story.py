"""Events as an engine would tell them, and a wish for mail: all that a test does not care about is filled in."""

from __future__ import annotations

from typing import Any

from exlib import events as ev
from exlib.workflow import Mail

NOON = 1_700_000_000.0


def run_started(**given: Any) -> ev.RunStarted:
    told: dict[str, Any] = {
        "time": NOON,
        "run": 12,
        "attempt": 1,
        "application": "nightly",
        "document": "nightly.json",
        "jobs": 3,
        "workers": 2,
        "working_dir": "/data",
        "log_dir": "/var/log/ex/12",
        "pid": 77,
    }
    return ev.RunStarted(**told | given)


def attempt_started(job: str, log: str = "", **given: Any) -> ev.AttemptStarted:
    told: dict[str, Any] = {"time": NOON, "number": 1, "command": f"do {job}", "fingerprint": "f00d"}
    return ev.AttemptStarted(job=job, log=log or f"{job}.1.log", **told | given)


def attempt_finished(job: str, status: str = "success", **given: Any) -> ev.AttemptFinished:
    told: dict[str, Any] = {
        "time": NOON,
        "number": 1,
        "exit_code": 0,
        "signal": None,
        "duration": 1.5,
        "cpu": 0.25,
        "memory": 2048,
        "reason": None,
    }
    return ev.AttemptFinished(job=job, status=status, **told | given)


def job_finished(job: str, status: str = "success", **given: Any) -> ev.JobFinished:
    told: dict[str, Any] = {
        "time": NOON,
        "reason": None,
        "command": f"do {job}",
        "attempts": 1,
        "started": NOON - 1.5,
        "duration": 1.5,
        "exit_code": 0,
        "signal": None,
        "cpu": 0.25,
        "memory": 2048,
        "log": None,
    }
    return ev.JobFinished(job=job, status=status, **told | given)


def skipped(job: str, reason: str = "load failed") -> ev.JobFinished:
    return job_finished(job, "skipped", reason=reason, attempts=0, started=None, duration=0.0, exit_code=None)


def run_finished(status: str = "success", **given: Any) -> ev.RunFinished:
    told: dict[str, Any] = {
        "time": NOON + 83,
        "run": 12,
        "attempt": 1,
        "exit_code": 0 if status == "success" else 1,
        "duration": 83.0,
        "counts": {},
        "reason": None,
    }
    return ev.RunFinished(status=status, **told | given)


def mail(port: int | None = None, **given: Any) -> Mail:
    told: dict[str, Any] = {
        "to": ("ops@example.com",),
        "on_success": False,
        "on_failure": True,
        "server": "localhost",
        "security": "auto",
        "sender": None,
        "user": None,
        "password": None,
        "password_file": None,
    }
    return Mail(port=port, **told | given)


EVERY_KIND: tuple[ev.Event, ...] = (
    run_started(),
    ev.JobReused(NOON, "extract", "finished in attempt 1, nothing changed"),
    ev.JobWaiting(NOON, "load", "file /data/in.csv"),
    attempt_started("load"),
    ev.AttemptSpawned(NOON, "load", 1, 4711),
    attempt_finished("load", "failed", exit_code=3, reason="exit code 3"),
    ev.LogTruncated(NOON, "load", 1, "/var/log/ex/12/load.1.log"),
    ev.JobRetrying(NOON, "load", 2, 30.0, "exit code 3"),
    job_finished("load", "failed", exit_code=None, signal="SIGKILL", reason="ended by SIGKILL", log="load.2.log"),
    skipped("report"),
    ev.Notice(NOON, "warning", "the disk is nearly full"),
    run_finished("failed", counts={"success": 1, "failed": 1, "skipped": 1}, reason=None),
)
