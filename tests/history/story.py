"""A run told as the engine tells it: events by a clock of its own, recorded in a real database."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path

from exlib.errors import Busy
from exlib.events import (
    AttemptFinished,
    AttemptSpawned,
    AttemptStarted,
    Event,
    JobFinished,
    JobRetrying,
    JobReused,
    LogTruncated,
    RunFinished,
    RunStarted,
)
from exlib.history.sqlite import SqliteStore
from exlib.history.store import NewRun

NEW_YEAR = 1_767_225_600.0
"""2026-01-01T00:00:00Z."""


def document(*jobs: str, name: str = "nightly") -> bytes:
    name = name.encode(errors="backslashreplace").decode()
    return json.dumps(
        {"application_name": name, "jobs": [{"id": job, "command": f"run {job}"} for job in jobs]}
    ).encode()


def rows(db: str, query: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(f"file:{db}?mode=ro", uri=True)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


class Story:
    """Begins a run in ``store``; each method tells one thing, and a whole second passes with it."""

    def __init__(
        self,
        store: SqliteStore,
        jobs: Sequence[str],
        *,
        name: str = "nightly",
        resumed: int | None = None,
        log_dir: Path | str = "/var/log/nightly",
        start: float = NEW_YEAR,
        working_dir: str = "/srv/nightly",
    ) -> None:
        self.store = store
        self.log_dir = str(log_dir)
        self.now = start
        self.started = start
        self.counts: dict[str, int] = {}
        self.first: dict[str, float] = {}
        raw = document(*jobs, name=name)
        new = NewRun(name, f"{name}.json", raw, False, working_dir, len(jobs), 2, f"ex-run {name}.json")
        self.run, self.attempt = store.begin(new, resumed)
        self.tell(
            RunStarted(
                self.now,
                self.run,
                self.attempt,
                name,
                f"{name}.json",
                len(jobs),
                2,
                working_dir,
                self.log_dir,
                os.getpid(),
            )
        )

    def tell(self, *events: Event) -> None:
        while True:
            try:
                self.store.read(events)
                break
            except Busy:  # it has waited a little, as a turn of the engine's loop does
                pass
        self.now += 1

    def log(self, job: str, number: int = 1) -> str:
        return f"{self.log_dir}/{job}.{number}.log"

    def starts(self, job: str, number: int = 1) -> None:
        self.first.setdefault(job, self.now)
        self.tell(AttemptStarted(self.now, job, number, f"run {job}", self.log(job, number), "f00d"))
        self.tell(AttemptSpawned(self.now, job, number, 4711))

    def ends(
        self, job: str, status: str = "success", code: int | None = 0, number: int = 1, reason: str | None = None
    ) -> None:
        signal = "SIGKILL" if code is None else None
        self.counts[status] = self.counts.get(status, 0) + 1
        first = self.first[job]
        self.tell(
            AttemptFinished(self.now, job, number, status, code, signal, 2.0, 0.25, 2048, reason),
            JobFinished(
                self.now,
                job,
                status,
                reason,
                f"run {job}",
                number,
                first,
                self.now - first,
                code,
                signal,
                0.25,
                2048,
                self.log(job, number),
            ),
        )

    def retries(self, job: str, code: int, number: int = 1) -> None:
        self.tell(
            AttemptFinished(self.now, job, number, "failed", code, None, 2.0, 0.25, 2048, f"exit code {code}"),
            JobRetrying(self.now, job, number + 1, 5.0, f"exit code {code}"),
        )

    def truncates(self, job: str, number: int = 1) -> None:
        self.tell(LogTruncated(self.now, job, number, self.log(job, number)))

    def runs(self, job: str, status: str = "success", code: int | None = 0, reason: str | None = None) -> None:
        self.starts(job)
        self.ends(job, status, code, reason=reason)

    def skips(self, job: str, reason: str = "its dependency failed") -> None:
        self.counts["skipped"] = self.counts.get("skipped", 0) + 1
        self.tell(JobFinished(self.now, job, "skipped", reason, f"run {job}", 0, None, 0.0, None, None, 0.0, 0, None))

    def reuses(self, job: str) -> None:
        self.counts["success"] = self.counts.get("success", 0) + 1
        self.tell(JobReused(self.now, job, f"it succeeded in attempt {self.attempt - 1}"))

    def finishes(self, status: str = "success", exit_code: int = 0, reason: str | None = None) -> None:
        spent = self.now - self.started
        self.tell(RunFinished(self.now, self.run, self.attempt, status, exit_code, spent, self.counts, reason))


def told(story: Story, tell: Callable[[], None]) -> list[Event]:
    """The events of a part of a story, which nobody was told."""
    events: list[Event] = []
    story.store.read, read = events.extend, story.store.read  # type: ignore[method-assign, assignment]
    try:
        tell()
    finally:
        story.store.read = read  # type: ignore[method-assign]
    return events
