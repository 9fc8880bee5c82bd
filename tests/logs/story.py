"""Runs told as the engine tells them, for the readers of events."""

from __future__ import annotations

from exlib.events import (
    AttemptFinished,
    AttemptSpawned,
    AttemptStarted,
    Event,
    JobFinished,
    LogTruncated,
    Notice,
    RunFinished,
    RunStarted,
    to_json,
)

NEW_YEAR = 1_767_225_600.0


def tried(job: str, at: float, number: int, status: str = "success", took: float = 1.0) -> list[Event]:
    code, reason = (0, None) if status == "success" else (3, "exit code 3")
    log = f"/logs/{job}.{number}.log"
    return [
        AttemptStarted(at, job, number, f"run {job}", log, "f00d"),
        AttemptSpawned(at, job, number, 4711),
        AttemptFinished(at + took, job, number, status, code, None, took, 0.5, 20480, reason),
    ]


def finished(job: str, at: float, started: float | None, status: str = "success", tries: int = 1) -> JobFinished:
    reason = None if status == "success" else "exit code 3"
    took = 0.0 if started is None else at - started
    code = None if started is None else int(status != "success")
    return JobFinished(at, job, status, reason, f"run {job}", tries, started, took, code, None, 0.5, 20480, None)


def told(run: int = 1, attempt: int = 1, at: float = NEW_YEAR) -> list[Event]:
    """A run of three jobs: one succeeds, one fails in two tries, one is skipped for that."""
    return [
        RunStarted(at, run, attempt, "nightly", "nightly.json", 3, 2, "/srv", f"/logs/run-{run}", 99),
        *tried("extract", at, 1, took=2.0),
        finished("extract", at + 2, at),
        *tried("load", at + 2, 1, "failed"),
        *tried("load", at + 4, 2, "failed", took=3.0),
        LogTruncated(at + 7, "load", 2, "/logs/load.2.log"),
        finished("load", at + 7, at + 2, "failed", tries=2),
        finished("report", at + 7, None, "skipped", tries=0),
        Notice(at + 7, "warning", "no mail was sent"),
        RunFinished(at + 7, run, attempt, "failed", 1, 7.0, {"success": 1, "failed": 1, "skipped": 1}, None),
    ]


def raw(events: list[Event]) -> bytes:
    return "".join(to_json(event) + "\n" for event in events).encode()
