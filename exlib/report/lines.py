"""The plain display: a line for each job's start and end. For files, pipes, cron mails and ``--verbose``."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from typing import Any, TextIO

from exlib.console import Console, pad, plural, span, width
from exlib.events import (
    AttemptStarted,
    Event,
    JobFinished,
    JobRetrying,
    JobReused,
    JobWaiting,
    LogTruncated,
    Notice,
    Reader,
    RunStarted,
)
from exlib.report.outlet import Outlet
from exlib.report.wording import BAD, LOG_TRUNCATED, Voice, cause

_WIDEST = 40
"""Columns that a long job id may claim for the whole id column."""


class Lines(Reader):
    """Writes aligned lines to a stream (stderr by default); with ``--quiet`` failures and warnings only.

    ``id_width`` is the length of the longest job id if it is known beforehand; else the column grows.
    """

    def __init__(self, console: Console, stream: TextIO | None = None, *, id_width: int = 0) -> None:
        stream = sys.stderr if stream is None else stream
        self._quiet = console.quiet
        self._verbose = console.verbose
        self._voice = Voice(console, stream)
        self._outlet = Outlet(stream)
        self._total = 0
        self._done = 0
        self._id_width = min(max(id_width, 16), _WIDEST)
        self._second = (-1, "")

    @property
    def interval(self) -> float | None:  # type: ignore[override]
        """Ticks are wanted only while a slow reader leaves something unwritten."""
        return 0.2 if self._outlet.backlog else None

    def read(self, events: Sequence[Event]) -> None:
        """Say what happened, one write for all of a turn."""
        lines = [line for event in events if (line := self._line(event)) is not None]
        if lines:
            self._outlet.say("\n".join(lines) + "\n")

    def tick(self) -> None:
        """Pass on what a slow reader can take by now."""
        self._outlet.pump()

    def close(self) -> None:
        """Pass on everything."""
        self._outlet.drain()

    def _line(self, event: Event) -> str | None:
        maker = _MAKERS.get(type(event))
        return maker(self, event) if maker else None

    def _run_started(self, event: RunStarted) -> str | None:
        self._total = event.jobs
        voice = self._voice
        attempt = f", attempt {event.attempt}" if event.attempt > 1 else ""
        what = f"run {event.run}{attempt}: {plural(event.jobs, 'job')}, {plural(event.workers, 'worker')}"
        name = voice.style(voice.plain(event.application), "bold")
        return self._unless_quiet(f"{self._clock(event.time)} {name} {what}, logs in {voice.plain(event.log_dir)}")

    def _job_reused(self, event: JobReused) -> str | None:
        self._done += 1
        return self._row(event.time, "reused", event.job, "", event.reason)

    def _job_waiting(self, event: JobWaiting) -> str | None:
        return self._row(event.time, "waiting", event.job, "", f"waits: {event.reason}")

    def _attempt_started(self, event: AttemptStarted) -> str | None:
        attempt = f"attempt {event.number}" if event.number > 1 else ""
        return self._row(event.time, "started", event.job, "", event.command if self._verbose else attempt)

    def _job_retrying(self, event: JobRetrying) -> str | None:
        what = f"attempt {event.number} in {span(event.delay)}: {event.reason}"
        return self._row(event.time, "retrying", event.job, "", what)

    def _job_finished(self, event: JobFinished) -> str | None:
        self._done += 1
        detail = event.reason or ""
        if event.status in BAD:
            tries = f" ({event.attempts} attempts)" if event.attempts > 1 else ""
            detail = f"{event.status}: {cause(event)}{tries}"
        elif event.status != "success":
            detail = f"{event.status}: {event.reason}" if event.reason else event.status
        ran = span(event.duration) if event.started is not None else ""
        return self._row(event.time, event.status, event.job, ran, detail, loud=event.status in BAD)

    def _log_truncated(self, event: LogTruncated) -> str:
        word = self._voice.style("warning:", "yellow", "bold")
        return f"{self._clock(event.time)} {word} {self._voice.plain(f'{event.job}: {LOG_TRUNCATED}: {event.log}')}"

    def _notice(self, event: Notice) -> str | None:
        text = f"{self._clock(event.time)} {self._voice.plain(event.message)}"
        if event.level == "info":
            return self._unless_quiet(text)
        colour = "red" if event.level == "error" else "yellow"
        word = self._voice.style(f"{event.level}:", colour, "bold")
        return f"{self._clock(event.time)} {word} {self._voice.plain(event.message)}"

    def _row(self, at: float, mark: str, job: str, ran: str, detail: str, *, loud: bool = False) -> str | None:
        if self._quiet and not loud:
            return None
        voice = self._voice
        name = voice.plain(job)
        self._id_width = max(self._id_width, min(width(name), _WIDEST))
        count = f"[{self._done:>{len(str(self._total))}}/{self._total}]"
        detail = voice.plain(detail)
        if mark in ("skipped", "reused", "waiting", "started"):
            detail = voice.style(detail, "dim") if detail else ""
        elif loud:
            detail = voice.style(detail, "red")
        row = f"{self._clock(at)} {voice.style(count, 'dim')} {voice.mark(mark)} {pad(name, self._id_width)} {ran:>7}"
        return f"{row}  {detail}" if detail else row.rstrip()

    def _unless_quiet(self, text: str) -> str | None:
        return None if self._quiet else text

    def _clock(self, at: float) -> str:
        second = int(at)
        if second != self._second[0]:
            text = time.strftime("%H:%M:%S", time.localtime(second))
            self._second = (second, self._voice.style(text, "dim"))
        return self._second[1]


_MAKERS: dict[type[Any], Callable[[Lines, Any], str | None]] = {
    RunStarted: Lines._run_started,
    JobReused: Lines._job_reused,
    JobWaiting: Lines._job_waiting,
    AttemptStarted: Lines._attempt_started,
    JobRetrying: Lines._job_retrying,
    JobFinished: Lines._job_finished,
    LogTruncated: Lines._log_truncated,
    Notice: Lines._notice,
}
