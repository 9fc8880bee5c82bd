"""When each job of a run was at work: a chart for pages, a Mermaid chart for Markdown, a table for a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from exlib.console import printable, span
from exlib.logs.model import Execution, Job
from exlib.render.gantt import Bar, gantt
from exlib.report.sheet import Bars, Cell, Code, Figure, Number, Status, Table, Words

_MERMAID = 60
_ROWS = 60
_UNTOLD = re.compile(r"[:;#,\"]")


def timeline(execution: Execution) -> Figure | Words:
    """The jobs that ran in the order of their starts, with each of their tries."""
    start = execution.run.started
    ran = sorted((job for job in execution.jobs if job.ran), key=lambda job: (job.record.started, job.record.job))
    if start is None or not ran:
        return Words("No job began.")
    bars = [bar for lane, job in enumerate(ran) for bar in _bars(lane, job, start)]
    end = max([bar.end for bar in bars] + [execution.run.duration or 0.0])
    names = [printable(job.record.job) for job in ran]
    return Figure(
        gantt(bars, names, label="Timeline of the run", end=end),
        "Each bar is a try of a job; what did not begin has none.",
        _mermaid(ran, start, end) if len(ran) <= _MERMAID else "",
        _table(ran, start, end),
    )


def _bars(lane: int, job: Job, start: float) -> Iterator[Bar]:
    tries = job.tries or ()
    for one in tries:
        begun = max(one.started - start, 0.0)
        took = one.duration or 0.0
        which = f", try {one.number}" if len(tries) > 1 else ""
        why = f": {one.reason}" if one.reason else ""
        title = printable(f"{job.record.job}{which}, {one.status} after {span(took)}{why}")
        label = span(took) if len(tries) == 1 else f"{one.number}: {span(took)}"
        yield Bar(lane, begun, begun + took, label, one.status, title=title)
    if not tries:
        begun = max((job.record.started or start) - start, 0.0)
        took = job.record.duration or 0.0
        title = printable(f"{job.record.job}, {job.record.status} after {span(took)}")
        yield Bar(lane, begun, begun + took, span(took), job.record.status, title=title)


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


def _table(ran: Sequence[Job], start: float, end: float) -> Table:
    rows: list[list[Cell]] = []
    for lane, job in enumerate(ran):
        bars = Bars([(bar.start, bar.end, bar.status or "") for bar in _bars(lane, job, start)], end)
        took = job.record.duration or 0.0
        rows.append([Code(job.record.job), bars, Number(span(took), took), Status(job.record.status)])
    return Table(["Job", f"0 to {span(end)}", "Took", "Ended"], rows, right=(2,), most=_ROWS)
