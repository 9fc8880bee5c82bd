"""When each job of a run was at work: a chart for pages, a Mermaid chart for Markdown, a table for a terminal."""

from __future__ import annotations

import heapq
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from exlib.console import printable, span
from exlib.history.store import AttemptRecord
from exlib.logs.model import Execution, Job
from exlib.render.gantt import Bar, gantt
from exlib.report.sheet import Bars, Cell, Code, Figure, Number, Status, Table, Words

_MERMAID = 60
_LANES = 80
"""Jobs that have a line of their own each."""
_ROWS = 40
_DETAILS = 2000
"""Jobs whose details a page holds."""
_CLOCK = 0.002
"""Times are told in milliseconds: what seems to begin before another's end by less than this did not."""
_UNTOLD = re.compile(r"[:;#,\"]")


def timeline(execution: Execution, hide: Callable[[str], str] = str) -> Figure | Words:
    """The jobs that ran in the order of their starts, with each of their tries; ``hide`` hides secrets."""
    start = execution.run.started
    ran = sorted((job for job in execution.jobs if job.ran), key=lambda job: (job.record.started, job.record.job))
    if start is None or not ran:
        return Words("No job began.")
    bars = [bar for lane, job in enumerate(ran) for bar in _bars(lane, job, start, hide)]
    end = max([bar.end for bar in bars] + [execution.run.duration or 0.0])
    lanes = [printable(job.record.job) for job in ran]
    said = "Each bar is a try of a job; what did not begin has none."
    if len(ran) > _LANES:
        bars, lanes = _packed([bar._replace(label=lanes[bar.lane]) for bar in bars])
        said = "Each bar is a try of a job, those of one line after each other; what did not begin has none."
    chart = gantt(bars, lanes, label="Timeline of the run", end=end)
    markdown = _mermaid(ran, start, end) if len(ran) <= _MERMAID else ""
    return Figure(chart, said, markdown, _text(ran, start, end), _details(ran, start, hide))


def _packed(bars: list[Bar]) -> tuple[list[Bar], list[str]]:
    """The bars in as few lanes as there were tries at one time, and names for these."""
    free: list[tuple[float, int]] = []  # when each lane is free again
    placed = []
    for bar in sorted(bars, key=lambda bar: (bar.start, bar.end)):
        lane = heapq.heappop(free)[1] if free and free[0][0] <= bar.start + _CLOCK else len(free)
        heapq.heappush(free, (bar.end, lane))
        placed.append(bar._replace(lane=lane))
    return placed, [f"{number + 1}" for number in range(len(free))]


def _tries(job: Job) -> Sequence[AttemptRecord]:
    """Its tries; where a source knows none, the job itself as the only one."""
    record = job.record
    if job.tries:
        return job.tries
    only = (record.run, record.attempt, record.job, 1, record.status, record.started or 0.0, record.duration)
    return [AttemptRecord(*only, record.exit_code, record.signal, record.reason, None, record.log, None, None)]


def _bars(lane: int, job: Job, start: float, hide: Callable[[str], str] = str) -> Iterator[Bar]:
    tries = _tries(job)
    for one in tries:
        begun = max(one.started - start, 0.0)
        took = one.duration or 0.0
        which = f", try {one.number}" if len(tries) > 1 else ""
        why = f": {hide(one.reason)}" if one.reason else ""
        title = printable(f"{job.record.job}{which}, {one.status} after {span(took)}{why}")
        label = span(took) if len(tries) == 1 else f"{one.number}: {span(took)}"
        yield Bar(lane, begun, begun + took, label, one.status, title=title, key=_key(one))


def _key(one: AttemptRecord) -> str:
    return f"{one.job}#{one.number}"


def _details(ran: Sequence[Job], start: float, hide: Callable[[str], str]) -> dict[str, Any]:
    """What a page shows of a bar that is pointed at, as gantt.js reads it."""
    shown = {}
    for job in ran[:_DETAILS]:
        for one in _tries(job):
            code = one.signal or ("" if one.exit_code is None else str(one.exit_code))
            facts = {
                "ended": one.status,
                "try": str(one.number),
                "began": f"{span(max(one.started - start, 0.0))} into the run",
                "took": span(one.duration or 0.0),
                "exit": code,
                "reason": hide(one.reason or ""),
                "command": hide(job.record.command.strip()),
                "log": one.log or "",
            }
            told = [[name, printable_lines(value)] for name, value in facts.items() if value]
            shown[_key(one)] = {"title": printable(one.job), "facts": told}
    return shown


def printable_lines(text: str) -> str:
    """Printable text that keeps its lines."""
    return "\n".join(map(printable, text.split("\n")))


def _mermaid(ran: Sequence[Job], start: float, end: float) -> str:
    """A Gantt chart as GitHub draws it; a name cannot have a colon there, and what failed is critical."""
    form = "%H:%M:%S.%L" if end < 10 else "%H:%M:%S" if end < 3600 else "%H:%M"
    lines = ["```mermaid", "gantt", "    dateFormat x", f"    axisFormat {form}"]
    for lane, job in enumerate(ran):
        lines.append(f"    section {_name(job.record.job)}")
        for bar in _bars(lane, job, start):
            tone = "done" if bar.status == "success" else "active" if bar.status == "running" else "crit"
            first = round((start + bar.start) * 1000)
            last = max(round((start + bar.end) * 1000), first + 1)
            lines.append(f"    {_name(bar.label)} :{tone}, {first}, {last}")
    return "\n".join([*lines, "```"])


def _name(text: str) -> str:
    return _UNTOLD.sub(" ", printable(text)).replace("`", "'").strip() or "job"


def _text(ran: Sequence[Job], start: float, end: float) -> list[Words | Table]:
    """The jobs in a table; of many those that failed, and the longest."""
    if len(ran) <= _ROWS:
        return [_table(ran, start, end)]
    ranked = sorted(ran, key=lambda job: (job.record.status == "success", -(job.record.duration or 0.0)))
    chosen = {job.record.job for job in ranked[:_ROWS]}
    words = Words(f"What failed, and the longest of {len(ran):,} jobs that began:")
    return [words, _table([job for job in ran if job.record.job in chosen], start, end)]


def _table(ran: Sequence[Job], start: float, end: float) -> Table:
    rows: list[list[Cell]] = []
    for lane, job in enumerate(ran):
        bars = Bars([(bar.start, bar.end, bar.status or "") for bar in _bars(lane, job, start)], end)
        took = job.record.duration or 0.0
        rows.append([Code(job.record.job), bars, Number(span(took), took), Status(job.record.status)])
    return Table(["Job", f"0 to {span(end)}", "Took", "Ended"], rows, right=(2,))
