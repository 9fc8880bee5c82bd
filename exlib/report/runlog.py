"""The run log: one time-stamped line an event, for a person, in the run's log directory."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence

from exlib import events as ev
from exlib.console import plural, printable, span
from exlib.engine.logfile import open_log
from exlib.errors import StorageError
from exlib.report.wording import LOG_TRUNCATED, cause


class RunLog(ev.Reader):
    """Appends to ``path`` (mode 0600, never through a symbolic link). Raises StorageError, once, if it cannot."""

    def __init__(self, path: str) -> None:
        self._path = path
        try:
            self._fd = open_log(path, fresh=False)
        except OSError as error:
            raise StorageError(f"cannot write the run log {path}: {_reason(error)}") from None
        self._second = (-1, "")

    def read(self, events: Sequence[ev.Event]) -> None:
        """Append one turn's events in one write."""
        if self._fd < 0 or not events:
            return
        lines = [(event.time, line) for event in events if (line := tell(event))]
        text = "".join([f"{self._stamp(at)} {printable(line)}\n" for at, line in lines])
        left = memoryview(text.encode("utf-8", "backslashreplace"))
        try:
            while left:
                left = left[os.write(self._fd, left) :]
        except OSError as error:
            self.close()
            raise StorageError(f"cannot write the run log {self._path}: {_reason(error)}") from None

    def close(self) -> None:
        """Close the file."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _stamp(self, at: float) -> str:
        second = int(at)
        if second != self._second[0]:
            self._second = (second, time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(second)))
        return f"{self._second[1]}.{int((at - second) * 1000):03d}"


def tell(event: ev.Event) -> str:
    """An event in one sentence; empty for one that the next event tells better."""
    match event:
        case ev.RunStarted():
            of = f"run {event.run} of {event.application} started, attempt {event.attempt}"
            how = f"{plural(event.jobs, 'job')}, {plural(event.workers, 'worker')}, pid {event.pid}"
            return f"{of}: {event.document}, {how}, in {event.working_dir}"
        case ev.JobReused():
            return f"{event.job}: reused, {event.reason}"
        case ev.JobWaiting():
            return f"{event.job}: waits, {event.reason}"
        case ev.AttemptStarted():
            return f"{event.job}: attempt {event.number} started, log {event.log}: {event.command}"
        case ev.AttemptSpawned():
            return ""  # the history has its pid
        case ev.AttemptFinished(status="success"):
            return ""  # the job's end follows at once
        case ev.AttemptFinished():
            return f"{event.job}: attempt {event.number} {event.status} after {span(event.duration)}: {cause(event)}"
        case ev.JobRetrying():
            return f"{event.job}: attempt {event.number} follows in {span(event.delay)}: {event.reason}"
        case ev.LogTruncated():
            return f"{event.job}: attempt {event.number}: {LOG_TRUNCATED}"
        case ev.JobFinished():
            return _job_finished(event)
        case ev.Notice():
            return f"{event.level}: {event.message}"
        case ev.RunFinished():
            counts = ", ".join(f"{number} {status}" for status, number in event.counts.items() if number)
            why = f", {event.reason}" if event.reason else ""
            took = f"after {span(event.duration)}, exit code {event.exit_code}"
            return f"run {event.run} finished, {event.status} {took}: {counts or 'no jobs'}{why}"


def _job_finished(event: ev.JobFinished) -> str:
    if event.started is None:
        return f"{event.job}: {event.status}" + (f", {event.reason}" if event.reason else "")
    why = "" if event.status == "success" else f": {cause(event)}"
    used = f"cpu {span(event.cpu)}" + (f", memory {event.memory} KiB" if event.memory else "")
    tries = f" after {event.attempts} attempts" if event.attempts > 1 else ""
    return f"{event.job}: {event.status}{tries} in {span(event.duration)}, {used}{why}"


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
