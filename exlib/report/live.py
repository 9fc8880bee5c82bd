"""The live view on a terminal: what runs now, how far the run is, and the newest output.

The view is a few lines below everything printed so far. It changes no mode of the terminal and hides no cursor,
so there is nothing to restore, not even after kill -9: whoever writes next simply writes below. Drawing costs at
most a few percent of the time, however quick the jobs are: a frame that was dear is followed by a longer pause.

A frame is written over the last one line by line. Nothing is ever cleared from the first column of the first row: to
some terminals (tmux) that is clearing the screen, and they keep what stood there in their scrollback, every time.
"""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TextIO

from exlib.console import Console
from exlib.engine import guard
from exlib.events import (
    AttemptFinished,
    AttemptStarted,
    Event,
    JobFinished,
    JobReused,
    JobWaiting,
    LogTruncated,
    Notice,
    Reader,
    RunFinished,
    RunStarted,
)
from exlib.masking import UNMASKED, Mask
from exlib.report.estimate import Estimate
from exlib.report.outlet import Outlet
from exlib.report.progress import Running, State
from exlib.report.tail import last_lines
from exlib.report.wording import BAD, LOG_TRUNCATED, Voice, failure

FRAME = 0.1
"""Seconds between frames at the least: ten a second."""
FIRST = 0.4
"""Seconds before the first frame, so that short runs load no drawing library at all."""
_SHARE = 25
"""A frame that took t seconds is followed by a pause of at least 25 t: drawing stays under four percent."""
_STALL = 1.0
"""Seconds without a tick after which the view is drawn anew below whatever stands there."""
_LOOKED_AT = 64
"""Running jobs whose logs are looked at to find the newest output."""
_SYNC_ON, _SYNC_OFF = "\x1b[?2026h", "\x1b[?2026l"


class Live(Reader):
    """Draws on a terminal (stderr by default); failures and warnings are printed above the view.

    ``estimate`` gives the time left, and ``typical`` (seconds by job id) what the bars are measured against.
    """

    interval = FRAME

    def __init__(
        self,
        console: Console,
        stream: TextIO | None = None,
        *,
        estimate: Estimate | None = None,
        typical: Mapping[str, float] | None = None,
        mask: Mask = UNMASKED,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._console = console
        self._voice = Voice(console, self._stream)
        self._outlet = Outlet(self._stream)
        self._estimate = estimate
        self._typical = typical or (estimate.typical if estimate else {})
        self._mask = mask
        self._clock = clock
        self._state = State(counts=Counter())
        self._running: dict[str, Running] = {}
        self._log_dir = ""
        self._above: list[str] = []
        self._drawn: list[int] = []
        self._columns = 0
        self._not_before = 0.0
        self._last_tick = 0.0
        self._newest: tuple[int, str] = (0, "")
        self._closed = False
        self._draw: Callable[..., tuple[list[str], list[int]]] | None = None

    def read(self, events: Sequence[Event]) -> None:
        """Take one turn's events; what must stand above the view is printed with the next frame."""
        for event in events:
            taker = _TAKERS.get(type(event))
            if taker:
                taker(self, event)

    def tick(self) -> None:
        """Draw a frame if one is due and the terminal takes it."""
        now = time.monotonic()
        if now - self._last_tick > _STALL:
            self._drawn = []  # stopped with Ctrl-Z meanwhile: what stands above the cursor is the shell's
        self._last_tick = now
        if self._closed or now < self._not_before:
            return
        self._outlet.pump()
        if self._outlet.backlog or not self._outlet.open:
            return
        if not self._in_foreground():
            self._drawn = []
            return
        self._print(drawing=True)
        self._not_before = time.monotonic() + max(0.9 * FRAME, _SHARE * (time.monotonic() - now))

    def close(self) -> None:
        """Take the view away and leave the cursor at the start of an empty line."""
        if not self._closed:
            self._closed = True
            self._print(drawing=False)
            self._outlet.drain()

    def _print(self, *, drawing: bool) -> None:
        """What stays, then the view again below it, in one write."""
        columns, rows = self._size()
        before = self._rows_drawn(columns, rows)
        text = [f"\r\x1b[{before}A"] if before else []
        if before and (self._above or not drawing or columns != self._columns):
            text.append("\x1b[K\n\x1b[J\x1b[A")
            before = 0
        text += [f"{line}\n" for line in self._above]
        self._above.clear()
        self._drawn, self._columns = [], columns
        if drawing:
            lines, self._drawn = self._frame(columns, rows)
            text += [f"{line}\x1b[K\n" for line in lines]
            if before > len(lines):
                text.append("\x1b[J")
            text = [_SYNC_ON, *text, _SYNC_OFF]
        self._outlet.say("".join(text))

    def _rows_drawn(self, columns: int, rows: int) -> int:
        """Rows up to the first line of the last frame, as far as the terminal can go.

        A terminal made narrower has folded the lines: each then takes more rows than it did.
        """
        return min(sum(max(1, -(-used // columns)) for used in self._drawn), rows - 1)

    def _frame(self, columns: int, rows: int) -> tuple[list[str], list[int]]:
        if self._draw is None:
            from exlib.report.frame import Painter

            self._draw = Painter(self._console, self._stream).paint
        state = self._state
        now = self._clock()
        state.running = list(self._running.values())
        state.remaining = self._estimate.remaining(now) if self._estimate else None
        if rows >= 10:
            self._look_at_output()
        return self._draw(state, now, columns, rows)

    def _look_at_output(self) -> None:
        """The last lines of the running job that wrote last; what was shown stays until another writes."""
        newest, source = self._newest
        changed = ""
        for running in list(self._running.values())[-_LOOKED_AT:]:
            try:
                seen = os.stat(running.log)
            except (OSError, ValueError):
                continue
            if seen.st_size and seen.st_mtime_ns > newest:
                newest, source, changed = seen.st_mtime_ns, running.job, running.log
        if changed:
            self._newest = (newest, source)
            self._state.source = source
            self._state.output = last_lines(changed, 3, limit=4096, mask=self._mask)

    def _size(self) -> tuple[int, int]:
        try:
            columns, rows = os.get_terminal_size(self._stream.fileno())
        except (OSError, ValueError):
            return 80, 24
        return columns or 80, rows or 24

    def _in_foreground(self) -> bool:
        """Whether this process may draw: after Ctrl-Z and bg the terminal belongs to the shell."""
        try:
            return os.tcgetpgrp(self._stream.fileno()) == os.getpgrp()
        except (OSError, ValueError):
            return guard.in_foreground()  # not our controlling terminal: below a guard it is the guard's

    def _run_started(self, event: RunStarted) -> None:
        state = self._state
        state.application = self._voice.plain(event.application)
        state.run, state.total, state.since = event.run, event.jobs, self._clock()
        self._log_dir = event.log_dir
        self._not_before = time.monotonic() + FIRST
        if self._estimate:
            self._estimate.workers = max(event.workers, 1)

    def _job_reused(self, event: JobReused) -> None:
        self._count(event.job, "success")

    def _attempt_started(self, event: AttemptStarted) -> None:
        log = os.path.join(self._log_dir, event.log)
        typical = self._typical.get(event.job)
        since = self._clock()  # not the event's time, which may be set back and forth meanwhile
        self._running[event.job] = Running(event.job, event.number, since, log, typical)
        if self._estimate:
            self._estimate.start(event.job, since)

    def _attempt_finished(self, event: AttemptFinished) -> None:
        self._running.pop(event.job, None)

    def _job_waiting(self, event: JobWaiting) -> None:
        self._state.source = event.job
        self._state.output = [self._voice.plain(f"waits: {event.reason}")]

    def _job_finished(self, event: JobFinished) -> None:
        self._running.pop(event.job, None)
        self._count(event.job, event.status)
        if event.status in BAD:
            self._above.append(failure(event, self._voice))

    def _log_truncated(self, event: LogTruncated) -> None:
        word = self._voice.style("warning:", "yellow", "bold")
        self._above.append(f"{word} {self._voice.plain(f'{event.job}: {LOG_TRUNCATED}: {event.log}')}")

    def _notice(self, event: Notice) -> None:
        colour = {"info": "cyan", "error": "red"}.get(event.level, "yellow")
        if event.level == "info" and self._console.quiet:
            return
        word = self._voice.style(f"{event.level}:", colour, "bold")
        self._above.append(f"{word} {self._voice.plain(event.message)}")

    def _run_finished(self, event: RunFinished) -> None:
        self.close()

    def _count(self, job: str, status: str) -> None:
        assert self._state.counts is not None
        self._state.counts[status] += 1
        self._state.finished += 1
        if self._estimate:
            self._estimate.finish(job)


_TAKERS: dict[type[Any], Callable[[Live, Any], None]] = {
    RunStarted: Live._run_started,
    JobReused: Live._job_reused,
    JobWaiting: Live._job_waiting,
    AttemptStarted: Live._attempt_started,
    AttemptFinished: Live._attempt_finished,
    JobFinished: Live._job_finished,
    LogTruncated: Live._log_truncated,
    Notice: Live._notice,
    RunFinished: Live._run_finished,
}
