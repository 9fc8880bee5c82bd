"""What a run comes to: counts, the slowest jobs, each failure with its last lines, and how to go on."""

from __future__ import annotations

import heapq
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TextIO

from exlib.console import Console, cut, names, plural, printable, span, width
from exlib.events import (
    AttemptFinished,
    Event,
    JobFinished,
    JobReused,
    LogTruncated,
    Notice,
    Reader,
    RunFinished,
    RunStarted,
)
from exlib.masking import UNMASKED, Mask
from exlib.report.tail import last_lines
from exlib.report.wording import BAD, STYLES, Voice, failure

SLOWEST = 3
FAILURES = 100
"""Failed jobs kept for the summary; of further ones only the number."""
_GROUPS = 50
_NAMES = 50
_BLOCKS = 10
"""Failed jobs whose last lines are shown; further ones get one line each."""
_WIDEST = 200
"""Columns that a line of a log may take, however wide the terminal is."""
_INHERITED = " was skipped"
"""How the reason of a job ends whose dependency did not run either: the engine tells it right after its cause."""
_ORDER = ("success", "failed", "timeout", "lost", "skipped", "cancelled")


@dataclass(slots=True)
class Group:
    """Jobs that did not run for one and the same reason; ``jobs`` are the first of them."""

    status: str
    reason: str
    count: int = 0
    jobs: list[str] = field(default_factory=list)


class Collector(Reader):
    """Gathers, in memory that does not grow with the run, what summaries and mails tell."""

    def __init__(self) -> None:
        self.started: RunStarted | None = None
        self.finished: RunFinished | None = None
        self.counts: Counter[str] = Counter()
        self.reused = 0
        self.retries = 0
        self.failures: list[JobFinished] = []
        self.failed = 0
        self.groups: dict[tuple[str, str], Group] = {}
        self.warnings: list[str] = []
        self.truncated: list[str] = []
        """Logs that may be cut off; no more than ran at a time, as none starts after that."""
        self._slowest: list[tuple[float, int, str]] = []
        self._seen = 0
        self._root: tuple[str, str] | None = None

    @property
    def application(self) -> str:
        """The workflow's name."""
        return self.started.application if self.started else "workflow"

    @property
    def total(self) -> int:
        """How many jobs the run has."""
        return self.started.jobs if self.started else self.counts.total()

    @property
    def slowest(self) -> list[tuple[str, float]]:
        """The jobs that took longest with their seconds, longest first."""
        return [(job, seconds) for seconds, _, job in sorted(self._slowest, reverse=True)]

    @property
    def status(self) -> str:
        """How the run ended, ``running`` while it has not."""
        return self.finished.status if self.finished else "running"

    @property
    def succeeded(self) -> bool:
        """Whether the run ended well."""
        return self.status == "success"

    def path(self, log: str | None) -> str | None:
        """Where a job's log is."""
        return os.path.join(self.started.log_dir, log) if log and self.started else log

    def read(self, events: Sequence[Event]) -> None:
        """Take one turn's events."""
        for event in events:
            taker = _TAKERS.get(type(event))
            if taker:
                taker(self, event)

    def _run_started(self, event: RunStarted) -> None:
        self.started = event

    def _run_finished(self, event: RunFinished) -> None:
        self.finished = event

    def _attempt_finished(self, event: AttemptFinished) -> None:
        self.retries += event.number > 1

    def _job_reused(self, event: JobReused) -> None:
        self.reused += 1
        self.counts["success"] += 1

    def _job_finished(self, event: JobFinished) -> None:
        self.counts[event.status] += 1
        if event.started is not None:
            self._seen += 1
            entry = (event.duration, -self._seen, event.job)
            push = heapq.heappush if len(self._slowest) < SLOWEST else heapq.heappushpop
            push(self._slowest, entry)
        if event.status in BAD:
            self.failed += 1
            if len(self.failures) < FAILURES:
                self.failures.append(event)
        elif event.status != "success":
            self._group(event)

    def _group(self, event: JobFinished) -> None:
        key = (event.status, event.reason or "")
        if key[1].endswith(_INHERITED) and self._root is not None:
            key = self._root
        elif event.status == "skipped":
            self._root = key
        if key not in self.groups and len(self.groups) >= _GROUPS:
            key = (event.status, "other reasons")
        group = self.groups.setdefault(key, Group(*key))
        group.count += 1
        if len(group.jobs) < _NAMES:
            group.jobs.append(event.job)

    def _log_truncated(self, event: LogTruncated) -> None:
        self.truncated.append(event.log)

    def _notice(self, event: Notice) -> None:
        if event.level != "info" and len(self.warnings) < _NAMES:
            self.warnings.append(event.message)


_TAKERS: dict[type[Any], Callable[[Collector, Any], None]] = {
    RunStarted: Collector._run_started,
    RunFinished: Collector._run_finished,
    AttemptFinished: Collector._attempt_finished,
    JobReused: Collector._job_reused,
    JobFinished: Collector._job_finished,
    LogTruncated: Collector._log_truncated,
    Notice: Collector._notice,
}


def summary_text(
    collector: Collector,
    console: Console,
    *,
    stream: TextIO | None = None,
    resume: str | None = None,
    mask: Mask = UNMASKED,
    tail: int = 5,
) -> str:
    """The summary for a person, without a line end; empty when ``--quiet`` and all went well.

    ``resume`` is the command that goes on with this run, ``ex-run --resume N`` unless it needs more; ``tail`` the
    number of lines shown of each failed job's log. It is fitted to ``stream`` (stderr by default).
    """
    if console.quiet and collector.succeeded:
        return ""
    stream = stream or sys.stderr
    widest = min(_columns(stream, _WIDEST), _WIDEST)
    teller = Teller(collector, Voice(console, stream), mask, tail, _columns(stream, 100), widest)
    details = [*teller.failures(), *teller.groups()]
    return "\n".join([*([""] if details else []), *details, *teller.totals(resume)])


class Teller:
    """The parts of one summary, each a few lines."""

    def __init__(
        self, collector: Collector, voice: Voice, mask: Mask, tail: int, columns: int, widest: int | None = None
    ) -> None:
        """``columns`` are there for names; the lines of logs are cut to ``widest``, if to anything."""
        self.collector = collector
        self.voice = voice
        self.mask = mask
        self.tail = tail
        self.columns = columns
        self.widest = widest

    def failures(self) -> Iterator[str]:
        """A block for each failed job, then one line for each of those beyond ten."""
        bar = self.voice.style(self.voice.pick("│", "|"), "red")
        for number, event in enumerate(self.collector.failures):
            yield failure(event, self.voice)
            path = self.collector.path(event.log)
            if number >= _BLOCKS or path is None:
                continue
            for line in last_lines(path, self.tail, mask=self.mask):
                shown = self.voice.plain(line)
                if self.widest is not None:
                    shown = cut(shown, self.widest - len("  x "), self.voice.pick("…", "~"))
                yield f"  {bar} {shown}"
            yield self.entry("log", path)
            yield ""
        more = self.collector.failed - len(self.collector.failures)
        if more:
            yield f"{self.voice.mark('failed')} and {plural(more, 'more failed job')}"
        if more or len(self.collector.failures) > _BLOCKS:
            yield ""

    def groups(self) -> Iterator[str]:
        """A line for each cause that kept jobs from running, with their names."""
        dot = self.voice.pick(" · ", " - ")
        for group in self.collector.groups.values():
            parts = [f"{group.count} {group.status}", *([self.voice.plain(group.reason)] if group.reason else [])]
            head = dot.join(parts) + dot
            listed = names([self.voice.plain(job) for job in group.jobs], group.count, self._room(head))
            yield f"{self.voice.mark(group.status)} {head}{self.voice.style(listed, 'dim')}"
        if self.collector.groups:
            yield ""

    def _room(self, head: str) -> int:
        """Columns for names after ``head``, the count of the rest allowed for."""
        return max(self.columns - width(head) - len("x  and 99999 more"), 20)

    def totals(self, resume: str | None) -> Iterator[str]:
        """The verdict, the counts unless they are all alike, the slowest jobs, the logs, and how to go on."""
        collector, voice = self.collector, self.voice
        yield self.verdict()
        parts = [voice.style(f"{n} {status}", *STYLES[status]) for status in _ORDER if (n := collector.counts[status])]
        if collector.reused:
            parts.append(f"{collector.reused} of them reused" if len(parts) == 1 else f"{collector.reused} reused")
        if collector.retries:
            parts.append(voice.style(f"{collector.retries} retried", "yellow"))
        if len(parts) > 1:
            yield self.entry("jobs", voice.pick(" · ", ", ").join(parts))
        if collector.slowest and collector.total > 1:
            yield self.entry(
                "slowest", ", ".join(f"{voice.plain(job)} {span(took)}" for job, took in collector.slowest)
            )
        if collector.started:
            yield self.entry("logs", voice.plain(collector.started.log_dir))
            for log in collector.truncated:
                yield self.entry("cut off", f"{voice.plain(log)}: no space was left for it", "yellow")
            if not collector.succeeded:
                yield self.entry("resume", resume or f"ex-run --resume {collector.started.run}", "bold")

    def verdict(self) -> str:
        """``nightly: 2 of 40 jobs failed in 1m 23s (run 12)``, marked and coloured."""
        collector, voice = self.collector, self.voice
        status = collector.status if collector.status in STYLES else "cancelled"
        name = voice.style(voice.plain(collector.application), "bold")
        return f"{voice.mark(status)} {name}: {voice.style(outcome(collector), *STYLES[status])}{self._when()}"

    def _when(self) -> str:
        started, finished = self.collector.started, self.collector.finished
        took = f" in {span(finished.duration)}" if finished else ""
        again = f", attempt {started.attempt}" if started and started.attempt > 1 else ""
        return took + (self.voice.style(f" (run {started.run}{again})", "dim") if started else "")

    def entry(self, name: str, text: str, *styles: str) -> str:
        """An indented line with a name before it."""
        return f"  {self.voice.style(f'{name}:', 'dim')}{' ' * (8 - len(name))}{self.voice.style(text, *styles)}"


def outcome(collector: Collector) -> str:
    """How the run ended in a few words: ``2 of 40 jobs failed``, ``3 of 40 jobs succeeded, the run was cancelled``."""
    total = plural(collector.total, "job")
    if collector.failed:
        return f"{collector.failed} of {total} failed" + _stopped(collector)
    if collector.succeeded:
        return _fared_well(collector, total)
    return f"{collector.counts['success']} of {total} succeeded" + _stopped(collector)


def _fared_well(collector: Collector, total: str) -> str:
    """What a successful run did; jobs skipped in it were left out on request."""
    left_out = collector.counts["skipped"]
    if not collector.total:
        return "nothing to do"
    if not left_out:
        return f"{total} succeeded"
    if not collector.counts["success"]:
        return f"nothing to do: {plural(left_out, 'job')} left out"
    return f"{plural(collector.counts['success'], 'job')} succeeded, {left_out} left out"


def _stopped(collector: Collector) -> str:
    finished = collector.finished
    if finished is None:
        return ", not finished"
    if finished.status in ("success", "failed"):
        return ""
    word = {"timeout": "timed out", "lost": "was lost"}.get(finished.status, f"was {finished.status}")
    return f", {printable(finished.reason)}" if finished.reason else f", the run {word}"


def _columns(stream: TextIO, otherwise: int) -> int:
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80
    except (OSError, ValueError, AttributeError):
        return otherwise
