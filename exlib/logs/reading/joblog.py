"""GNU parallel's job log, read and written: a line a job, with tabs between its fields, below a line of headings.

It names no run, no retries and no dependencies: one file is one run, a job is called by its command.
"""

from __future__ import annotations

import math
import os
import signal

from exlib.history.export import JOBLOG_COLUMNS, encodable, joblog_fields
from exlib.history.store import JobRecord
from exlib.logs.model import Job, Run, Source
from exlib.logs.reading.lines import Damages
from exlib.logs.reading.linewise import LineReader
from exlib.logs.sink import Sink

HEADING = "\t".join(JOBLOG_COLUMNS)
_LATEST = 1e11


class JoblogReader(LineReader):
    """Feeds a Sink from a job log; the run is told at its end, as its first line does not say when it began."""

    def __init__(self, source: Source, sink: Sink) -> None:
        super().__init__(Damages(source))
        self._sink = sink
        application = os.path.basename(source.name)
        self._run = Run(source, None, 1, application, "unfinished", *(None,) * 10)
        self._failed = False
        self._met = 0

    def take(self, number: int, line: str, *, cut: bool = False) -> None:
        """Take a line; a heading may stand between the lines of two logs."""
        if line.startswith(HEADING):
            return
        fields = line.split("\t", len(JOBLOG_COLUMNS) - 1)
        record = _record(fields) if len(fields) == len(JOBLOG_COLUMNS) else None
        if record is None or record.started is None or record.ended is None:
            self.damages.add(number, "the last line is cut off" if cut else "no line of a job log")
            return
        if not self._met:
            self._sink.begin(self._run)
        self._met += 1
        self._failed |= record.status != "success"
        started = min(record.started, self._run.started or math.inf)
        self._run = self._run._replace(started=started, ended=max(record.ended, self._run.ended or 0))
        self._sink.job(self._run, Job(record))

    def finish(self) -> None:
        """The run ended with its last job."""
        super().finish()
        if self._met:
            run = self._run
            status = "failed" if self._failed else "success"
            took = (run.ended or 0) - (run.started or 0)
            self._sink.end(run._replace(status=status, duration=took, total=self._met))


class JoblogWriter:
    """A Sink that writes what ``parallel --joblog`` would: a line a job that ran and ended, in that order."""

    def __init__(self) -> None:
        self._lines = [HEADING]

    def begin(self, run: Run) -> None:
        """Nothing is written of a run."""

    def job(self, run: Run, job: Job) -> None:
        """A line."""
        if job.ran and job.record.duration is not None:
            self._lines.append("\t".join(joblog_fields(len(self._lines), job.record)))

    def end(self, run: Run) -> None:
        """Nothing is written of a run."""

    def product(self) -> str:
        """The whole log."""
        return encodable("\n".join(self._lines) + "\n")


def _record(fields: list[str]) -> JobRecord | None:
    try:
        started, took = float(fields[2]), float(fields[3])
        code, number = int(fields[6]), int(fields[7])
    except ValueError:
        return None
    if not (0 <= started < _LATEST and 0 <= took < _LATEST):
        return None
    name = _signal(number) if number else None
    failed = bool(code or number)
    reason = (f"killed by {name}" if name else f"exit code {code}") if failed else None
    command = fields[8].replace("\0", "\n")
    ended = started + took
    status = "failed" if failed else "success"
    return JobRecord(0, 1, command, status, reason, started, ended, took, command, code, name, 0, *(None,) * 5)


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
