"""Runs out of the logs of the original program: its run log, its application's log, or what it printed.

Lines are ``2025-05-13 13:13:38 - INFO - Running job: load Command: …``; the application's log has ``[RUN #17]`` before
the message, the printed text banners and a summary between. Times are local and of whole seconds. What else stands
there, such as the output of jobs, is passed over.
"""

from __future__ import annotations

import os
import re
from datetime import datetime
from typing import Any

from exlib.logs.model import Source
from exlib.logs.reading.assembly import Assembler
from exlib.logs.reading.lines import Damages
from exlib.logs.reading.linewise import LineReader
from exlib.logs.sink import Sink

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_LINE = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) - (DEBUG|INFO|WARNING|ERROR|CRITICAL) - (?:\[RUN #(\w+)\] )?(.*)")
_BANNER = re.compile(r"\s*STARTING EXECUTION Application (?P<application>.*?) - RUN #(?P<run>\d+)\b.*")
_NAMED = re.compile(r"executioner\.(?P<application>.+?)(?:\.run-(?P<run>\d+))?\.log(?:\.\d+)?\Z")
_STATUS = re.compile(r"Status: (?P<status>\w+)\s*")
_SAID = {
    "started": re.compile(r"Running job: (?P<job>.*?) Command: (?P<command>.*)"),
    "retry": re.compile(r"Will retry job (?P<job>.*) in (?P<delay>[\d.]+) seconds \(attempt (?P<number>\d+)/\d+\)"),
    "again": re.compile(r"Retry attempt (?P<number>\d+)/\d+ for job (?P<job>.*)"),
    "success": re.compile(r"Job '(?P<job>.*)' completed successfully in (?P<took>[\d.]+) seconds"),
    "empty": re.compile(r"Job (?P<job>.*): SUCCESS \(empty command\)"),
    "timeout": re.compile(r"Job (?P<job>.*) timed out after (?P<limit>\S+) seconds.*"),
    "check": re.compile(r"Job (?P<job>.*) failed post-checks after [\d.]+ seconds\."),
    "old_check": re.compile(r"Job (?P<job>.*) post_check: (?P<check>.*) - failed"),
    "precheck": re.compile(r"Pre-checks failed for job (?P<job>.*)\. Skipping job execution\."),
    "failed": re.compile(
        r"Job (?P<job>.*) failed with status '(?P<status>\w+)' and exit code (?P<code>-?\d+|None)\."
        r" No retry conditions met\."
    ),
    "gave_up": re.compile(r"Job (?P<job>.*) failed after (?:\d+ attempts|(?P<took>[\d.]+) seconds)\."),
    "reused": re.compile(r"Skipping previously successful job: (?P<job>.*)"),
    "left": re.compile(r"The following jobs were not completed: (?P<jobs>.*)"),
    "ended": re.compile(r"Updated run summary for run ID: (?P<run>\d+) with status: (?P<status>\w+)"),
}
_ENDINGS = {"SUCCESS": "success", "FAILED": "failed", "TIMEOUT": "timeout", "INTERRUPTED": "cancelled"}


def is_original_log(line: str) -> bool:
    """Whether a line of the first ones is one of the original's logs."""
    plain = _COLOUR.sub("", line)
    return _LINE.fullmatch(plain) is not None or _BANNER.fullmatch(plain) is not None


class OriginalReader(LineReader):
    """Feeds a Sink from a log of the original program."""

    def __init__(self, source: Source, sink: Sink) -> None:
        super().__init__(Damages(source))
        self._assembler = Assembler(source, sink)
        named = _NAMED.search(os.path.basename(source.name))
        self._application = named["application"] if named else ""
        self._run = int(named["run"]) if named and named["run"] else None
        self._directory = os.path.dirname(os.path.abspath(source.name))
        self._begun: dict[str, dict[str, Any]] = {}
        self._done: set[str] = set()
        self._at = self._since = 0.0

    def finish(self) -> None:
        """Nothing more comes."""
        super().finish()
        self._assembler.break_off()

    def take(self, number: int, line: str, *, cut: bool = False) -> None:
        """Take a line."""
        line = _COLOUR.sub("", line).rstrip("\r")
        found = _LINE.fullmatch(line)
        if found is None:
            self._beside(line)
            return
        try:
            self._at = datetime.fromisoformat(found[1]).timestamp()
        except ValueError:
            self.damages.add(number, "a line whose time is none")
            return
        run = int(found[3]) if found[3] and found[3].isdigit() else self._run
        if not self._assembler.running or run != self._run:
            self._begin(run)
        for kind, pattern in _SAID.items():
            said = pattern.fullmatch(found[4])
            if said is not None:
                getattr(self, f"_{kind}")(said.groupdict())
                return

    def _beside(self, line: str) -> None:
        """What was printed without a time: where a run begins, and what became of it."""
        banner, status = _BANNER.fullmatch(line), _STATUS.fullmatch(line)
        if banner is not None:
            self._assembler.break_off()
            self._application, self._run = banner["application"], int(banner["run"])
        elif status is not None and self._assembler.running:
            self._ended_as(status["status"])

    def _begin(self, run: int | None) -> None:
        self._run, self._since = run, self._at
        self._begun.clear()
        self._done.clear()
        what = {"run": run, "attempt": 1, "application": self._application, "workers": None, "jobs": None}
        where = {"document": None, "working_dir": None, "log_dir": None}
        self._assembler.take({"event": "run_started", "time": self._at, **what, **where})

    # -- one method for each thing said ------------------------------------------------------------------------

    def _started(self, said: dict[str, Any]) -> None:
        self._begun[said["job"]] = said | {"number": 1, "first": self._at, "began": self._at, "reason": None}
        self._done.discard(said["job"])
        self._tell_start(said["job"])

    def _tell_start(self, job: str) -> None:
        known = self._begun[job]
        what = {"job": job, "number": known["number"], "command": known["command"]}
        self._assembler.take({"event": "attempt_started", "time": self._at, **what, "log": None, "fingerprint": None})

    def _retry(self, said: dict[str, Any]) -> None:
        self._tell_end(said["job"], "failed", None)

    def _again(self, said: dict[str, Any]) -> None:
        known = self._begun.get(said["job"])
        if known is not None:
            known |= {"number": int(said["number"]) + 1, "began": self._at, "reason": None, "timeout": False}
            self._tell_start(said["job"])

    def _success(self, said: dict[str, Any]) -> None:
        self._finish(said["job"], "success", 0, float(said["took"]))

    def _empty(self, said: dict[str, Any]) -> None:
        self._finish(said["job"], "success", 0)

    def _timeout(self, said: dict[str, Any]) -> None:
        known = self._begun.get(said["job"])
        if known is not None:
            known |= {"timeout": True, "reason": f"ran longer than its timeout of {said['limit']} s"}

    def _check(self, said: dict[str, Any]) -> None:
        known = self._begun.get(said["job"])
        if known is not None:
            known["reason"] = "post-check failed"

    def _old_check(self, said: dict[str, Any]) -> None:
        known = self._begun.get(said["job"])
        if known is not None:
            known["reason"] = f"post-check {said['check']}"

    def _precheck(self, said: dict[str, Any]) -> None:
        self._begun.setdefault(said["job"], self._unknown())["reason"] = "pre-check failed"
        self._finish(said["job"], "failed", None)

    def _failed(self, said: dict[str, Any]) -> None:
        code = None if said["code"] == "None" else int(said["code"])
        self._finish(said["job"], "timeout" if said["status"] == "TIMEOUT" else "failed", code)

    def _gave_up(self, said: dict[str, Any]) -> None:
        self._finish(said["job"], "failed", None, float(said["took"]) if said["took"] else None)

    def _reused(self, said: dict[str, Any]) -> None:
        reason = "succeeded in an earlier attempt"
        self._assembler.take({"event": "job_reused", "time": self._at, "job": said["job"], "reason": reason})
        self._done.add(said["job"])

    def _left(self, said: dict[str, Any]) -> None:
        for job in said["jobs"].split(", "):
            if job not in self._done and job not in self._begun:
                self._settle(job, "skipped", "it was not reached")

    def _ended(self, said: dict[str, Any]) -> None:
        self._ended_as(said["status"])

    # -- what follows ------------------------------------------------------------------------------------------

    def _unknown(self) -> dict[str, Any]:
        return {"number": 1, "first": self._at, "began": self._at, "reason": None, "command": ""}

    def _tell_end(self, job: str, status: str, code: int | None, took: float | None = None) -> dict[str, Any]:
        known = self._begun.setdefault(job, self._unknown())
        if known.get("timeout"):
            status = "timeout"
        reason = known["reason"] or (f"exit code {code}" if code else None) if status != "success" else None
        span = max(self._at - known["began"], 0.0) if took is None else took
        body = {"time": self._at, "job": job, "status": status, "exit_code": code, "signal": None, "reason": reason}
        used = {"cpu": 0.0, "memory": 0, "number": known["number"], "duration": span}
        self._assembler.take({"event": "attempt_finished", **body, **used})
        return body

    def _finish(self, job: str, status: str, code: int | None, took: float | None = None) -> None:
        if job in self._done:  # it says so twice
            return
        body = self._tell_end(job, status, code, took)
        known = self._begun.pop(job)
        self._done.add(job)
        span = took if took is not None and known["number"] == 1 else max(self._at - known["first"], 0.0)
        log = self._log(job)
        more = {"command": known["command"], "attempts": known["number"], "started": known["first"], "duration": span}
        self._assembler.take({"event": "job_finished", **body, **more, "cpu": 0.0, "memory": 0, "log": log})

    def _log(self, job: str) -> str | None:
        """The log of a job stands beside that of its run, if it is there at all."""
        name = f"executioner.{self._application}.job-{job}.run-{self._run}.log"
        path = os.path.join(self._directory, name)
        return path if os.sep not in name and os.path.isfile(path) else None

    def _settle(self, job: str, status: str, reason: str) -> None:
        how = {"status": status, "reason": reason, "command": "", "attempts": 0, "started": None, "duration": 0.0}
        none = {"exit_code": None, "signal": None, "cpu": 0.0, "memory": 0, "log": None}
        self._assembler.take({"event": "job_finished", "time": self._at, "job": job, **how, **none})
        self._done.add(job)

    def _ended_as(self, word: str) -> None:
        status = _ENDINGS.get(word)
        if status is None:
            return
        took = max(self._at - self._since, 0.0)
        how = {"status": status, "exit_code": 0 if status == "success" else 1, "duration": took, "reason": None}
        self._assembler.take({"event": "run_finished", "time": self._at, "run": self._run, "attempt": 1, **how})
