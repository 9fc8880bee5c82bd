"""Runs out of the run logs that ``report.runlog`` writes for people: the same events again, line by line.

Its spans are rounded for people, so they are taken from the times of the lines, which are local and have milliseconds.
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
from exlib.report.wording import LOG_TRUNCATED

_STATUS = "success|failed|timeout|skipped|cancelled|lost"
_SPAN = r"\d[\d.]*[smhd](?: \d\d[smh])?"
_LINE = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}) (.*)", re.DOTALL)
_RUN_STARTED = re.compile(
    r"run (?P<run>\d+) of (?P<application>.*) started, attempt (?P<attempt>\d+): (?P<document>.*),"
    r" (?P<jobs>[\d,]+) jobs?, (?P<workers>[\d,]+) workers?, pid \d+, in (?P<working_dir>.*)"
)
_RUN_FINISHED = re.compile(
    rf"run (?P<run>\d+) finished, (?P<status>{_STATUS}) after {_SPAN}, exit code (?P<exit_code>\d+): "
    rf"(?:no jobs|\d+ (?:{_STATUS})(?:, \d+ (?:{_STATUS}))*)(?:, (?P<reason>.*))?"
)
_STARTED = re.compile(r"(?P<job>.*?): attempt (?P<number>\d+) started, log (?P<log>.*?): (?P<command>.*)")
_ENDED = re.compile(rf"(?P<job>.*?): attempt (?P<number>\d+) (?P<status>{_STATUS}) after {_SPAN}: (?P<reason>.*)")
_TRUNCATED = re.compile(rf"(?P<job>.*?): attempt (?P<number>\d+): {re.escape(LOG_TRUNCATED)}")
_RETRYING = re.compile(rf".*?: attempt \d+ follows in {_SPAN}: .*")
_WAITING = re.compile(r".*?: waits, .*")
_REUSED = re.compile(r"(?P<job>.*?): reused, (?P<reason>.*)")
_FINISHED = re.compile(
    rf"(?P<job>.*?): (?P<status>{_STATUS})(?: after (?P<attempts>\d+) attempts)? in {_SPAN}, cpu (?P<cpu>{_SPAN})"
    r"(?:, memory (?P<memory>\d+) KiB)?(?:: (?P<reason>.*))?"
)
_SETTLED = re.compile(rf"(?P<job>.*?): (?P<status>{_STATUS})(?:, (?P<reason>.*))?")
_NOTICE = re.compile(r"(?P<level>info|warning|error): (?P<message>.*)")
_CODE = re.compile(r"exit code (\d+)")
_SIGNAL = re.compile(r"(?:killed|ended) by (SIG[A-Z0-9+]+|signal \d+)")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def is_run_log(line: str) -> bool:
    """Whether a first line is one of a run log."""
    found = _LINE.fullmatch(line)
    return found is not None and any(pattern.fullmatch(found[2]) for pattern in _EVENTS)


class RunLogReader(LineReader):
    """Feeds a Sink from a run log; the exit codes and signals of tries are those that their reasons name."""

    def __init__(self, source: Source, sink: Sink) -> None:
        super().__init__(Damages(source))
        self._assembler = Assembler(source, sink)
        self._begun: dict[str, tuple[int, float, str, str]] = {}
        self._first: dict[str, float] = {}
        self._tried: dict[str, int] = {}
        self._run_began = 0.0
        self._attempt = 1
        self._log_dir = os.path.dirname(os.path.abspath(source.name)) if os.path.isfile(source.name) else ""

    def finish(self) -> None:
        """Nothing more comes."""
        super().finish()
        self._assembler.break_off()

    def take(self, number: int, line: str, *, cut: bool = False) -> None:
        """Take a line."""
        found = _LINE.fullmatch(line)
        try:
            at = datetime.fromisoformat(found[1]).timestamp() if found else 0.0
        except ValueError:
            found = None
        for pattern, kind in _EVENTS.items() if found else ():
            said = pattern.fullmatch(found[2]) if found else None
            if said is not None:
                for event in self._events(kind, at, said.groupdict()):
                    self._assembler.take(event)
                return
        self.damages.add(number, "the last line is cut off" if cut else "no line of a run log")

    def _events(self, kind: str, at: float, said: dict[str, Any]) -> list[dict[str, Any]]:
        event = {"event": kind, "time": at, **said}
        match kind:
            case "run_started":
                return [self._run_started(event)]
            case "run_finished":
                event |= {"run": int(said["run"]), "exit_code": int(said["exit_code"])}
                event |= {
                    "attempt": self._attempt,
                    "duration": max(at - self._run_began, 0.0) if self._run_began else 0.0,
                }
                return [event]
            case "attempt_started":
                number = int(said["number"])
                self._begun[said["job"]] = number, at, said["log"], said["command"]
                self._first.setdefault(said["job"], at)
                return [event | {"number": number, "fingerprint": None}]
            case "attempt_finished":
                return [self._ended(at, said["job"], said["status"], said["reason"], int(said["number"]))]
            case "log_truncated":
                return [event | {"number": int(said["number"])}]
            case "job_finished":
                return self._finished(event)
            case "job_reused" | "notice":
                return [event]
        return []  # what the next line tells better

    def _run_started(self, event: dict[str, Any]) -> dict[str, Any]:
        self._run_began = event["time"]
        self._attempt = int(event["attempt"])
        for name in ("run", "attempt", "jobs", "workers"):
            event[name] = int(event[name].replace(",", ""))
        self._begun.clear()
        self._first.clear()
        self._tried.clear()
        return event | {"log_dir": self._log_dir or None}

    def _ended(self, at: float, job: str, status: str, reason: str | None, number: int) -> dict[str, Any]:
        self._tried[job] = number
        began = self._begun.get(job, (number, at, "", ""))[1]
        body = {"event": "attempt_finished", "time": at, "job": job, "number": number, "status": status}
        how = {"duration": max(at - began, 0.0), "cpu": 0.0, "memory": 0, "reason": reason}
        return body | how | _exit(status, reason)

    def _finished(self, event: dict[str, Any]) -> list[dict[str, Any]]:
        job, at = event["job"], event["time"]
        begun = self._begun.get(job)
        first = self._first.pop(job, None)
        tried = self._tried.pop(job, 0)
        events: list[dict[str, Any]] = []
        if begun is not None and tried != begun[0]:  # a try that succeeded is told by its job's end
            events.append(self._ended(at, job, event["status"], event["reason"], begun[0]))
            self._tried.pop(job, None)
        self._begun.pop(job, None)
        ran = "cpu" in event
        event |= _exit(event["status"], event["reason"]) if ran else {"exit_code": None, "signal": None}
        event |= {
            "started": (at if first is None else first) if ran else None,
            "duration": at - (at if first is None else first),
            "attempts": int(event.get("attempts") or (1 if ran else 0)),
            "cpu": _seconds(event["cpu"]) if ran else 0.0,
            "memory": int(event.get("memory") or 0),
            "command": begun[3] if begun else "",
            "log": begun[2] if begun else None,
        }
        return [*events, event]


def _exit(status: str, reason: str | None) -> dict[str, Any]:
    code, signal = _CODE.match(reason or ""), _SIGNAL.match(reason or "")
    number = int(code[1]) if code else 0 if status == "success" else None
    return {"exit_code": number, "signal": signal[1] if signal else None}


def _seconds(told: str) -> float:
    return sum(float(part[:-1]) * _UNITS[part[-1]] for part in told.split())


_EVENTS = {
    _RUN_STARTED: "run_started",
    _RUN_FINISHED: "run_finished",
    _STARTED: "attempt_started",
    _ENDED: "attempt_finished",
    _TRUNCATED: "log_truncated",
    _RETRYING: "job_retrying",
    _WAITING: "job_waiting",
    _NOTICE: "notice",
    _REUSED: "job_reused",
    _FINISHED: "job_finished",
    _SETTLED: "job_finished",
}
"""What a line may say, the more telling first, and the event that it stands for."""
