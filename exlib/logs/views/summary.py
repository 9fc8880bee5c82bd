"""--summary: what runs were like on the whole, as text, JSON, CSV, OpenMetrics, and GNU parallel's job log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from exlib.console import cut, plural, span
from exlib.logs.openmetrics import openmetrics
from exlib.logs.reading.joblog import JoblogWriter
from exlib.logs.sketch import Sketch
from exlib.logs.summary import Summary
from exlib.logs.tojson import jobs_csv, summary_json
from exlib.logs.views import Form, Telling
from exlib.logs.views.layout import damage_lines, day_and_time, facts, in_attempts, quantiles, share
from exlib.logs.views.naming import application_name
from exlib.logs.views.summary_sheet import summary_sheet
from exlib.logs.views.writing import written
from exlib.report.tables import Cell, Column, table
from exlib.report.wording import STYLES

_FIGURES = 60
_ORDER = ("success", "failed", "timeout", "lost", "cancelled", "skipped", "reused", "running", "unfinished")
_APPLICATIONS = (
    Column("APPLICATION"),
    *(Column(name, right=True) for name in ("RUNS", "SUCCESS", "P50", "P90", "MAX")),
    Column("LAST RUN"),
)
_SLOWEST = (
    Column("SLOWEST JOBS"),
    *(Column(name, right=True) for name in ("RAN", "P50", "P90", "P99", "MAX", "FAILED", "RETRIES", "WASTED")),
)


def text(summary: Summary, telling: Telling) -> str:
    """The summary for a terminal."""
    sections = [
        list(_head(summary, telling)),
        _applications(summary, telling),
        _slowest(summary, telling),
        damage_lines(telling),
    ]
    return "\n\n".join("\n".join(lines) for lines in sections if lines) + "\n"


def _head(summary: Summary, telling: Telling) -> Iterator[str]:
    voice = telling.voice
    of = f" of {plural(len(summary.applications), 'application')}" if len(summary.applications) > 1 else ""
    if len(summary.applications) == 1:
        of = f" of {voice.plain(application_name(next(iter(summary.applications))))}"
    when = ""
    if summary.first is not None and summary.last is not None:
        first, last = day_and_time(summary.first), day_and_time(summary.last)
        when = f", {first} to {last.removeprefix(first[:11]) if last[:10] == first[:10] else last}"
    yield voice.style(f"{in_attempts(summary.runs.total(), summary.attempts)}{of}", "bold") + when
    yield ""
    yield from facts(_facts(summary, telling), telling)


def _facts(summary: Summary, telling: Telling) -> Iterator[tuple[str, str]]:
    rate, runs = summary.success_rate, summary.runs
    of = "none ended" if rate is None else f"{share(rate)} succeeded"
    yield "runs", f"{of}: {_counted(runs, telling)}"
    yield "", _took(summary.run_spans, telling)
    ran = summary.statuses.total()
    yield "jobs", f"{ran:,} ran: {_counted(summary.statuses, telling)}" if ran else "none ran"
    yield "", f"{summary.idle.total():,} did not: {_counted(summary.idle, telling)}" if summary.idle else ""
    yield "", _took(summary.job_spans, telling)
    if summary.retries:
        saved = f"{summary.saved:,}" if summary.saved else "none"
        yield (
            "retries",
            f"{summary.retries:,} in {plural(summary.retried, 'job')}, of which {saved} succeeded in the end",
        )
    yield from _spent(summary, telling)


def _took(sketch: Sketch, telling: Telling) -> str:
    told = quantiles(sketch, telling)
    return f"took {told}" if told else ""


def _spent(summary: Summary, telling: Telling) -> Iterator[tuple[str, str]]:
    if summary.busy:
        yield "work", f"{span(summary.busy)} in tries of jobs"
    if summary.wasted:
        parts = [
            f"{span(seconds)} {what}"
            for seconds, what in (
                (summary.by_retries, "before a success"),
                (summary.by_failures, "in jobs that did not succeed"),
            )
            if seconds
        ]
        yield "waste", f"{share(summary.wasted / summary.busy)} of it: {', '.join(parts)}"
    if summary.waits.count:
        against = summary.waits.total / (summary.waits.total + summary.waited_busy or 1)
        yield "wait", f"{span(summary.waits.total)} from ready to started, {share(against)} of wait and run time"
        yield "", f"each {quantiles(summary.waits, telling)}" if summary.waits.count > 1 else ""
    if summary.utilisation is not None:
        yield "workers", f"{share(summary.utilisation)} of their time at work"


def _counted(statuses: Counter[str], telling: Telling) -> str:
    known = [*_ORDER, *sorted(set(statuses) - set(_ORDER))]
    dot = telling.voice.pick(" · ", ", ")
    return dot.join(
        telling.voice.style(f"{statuses[status]:,} {telling.voice.plain(status)}", *STYLES.get(status, ()))
        for status in known
        if statuses[status]
    )


def _applications(summary: Summary, telling: Telling) -> list[str]:
    if len(summary.applications) < 2:
        return []
    rows = []
    for name, figures in sorted(summary.applications.items(), key=lambda item: -item[1].tally.attempts)[: telling.top]:
        statuses = figures.tally.words
        last = figures.last
        rows.append(
            [
                Cell(telling.voice.plain(application_name(name)), ("bold",)),
                Cell(f"{statuses.total():,}"),
                Cell(f"{statuses['success']:,}"),
                *_spans(figures.spans),
                Cell("-" if last is None else f"{last.status}, {day_and_time(last.ended or 0)}"),
            ]
        )
    return table(_APPLICATIONS, rows, telling.voice)


def _spans(sketch: Sketch) -> Iterator[Cell]:
    for share_ in (0.5, 0.9, 1.0):
        value = sketch.quantile(share_)
        yield Cell("-" if value is None else span(value))


def _slowest(summary: Summary, telling: Telling) -> list[str]:
    several = len(summary.applications) > 1
    rows = [
        [
            Cell(_short(f"{application or '?'}/{job}" if several else job, telling), ("bold",)),
            Cell(f"{figures.ran:,}"),
            *(Cell(span(figures.quantile(at))) for at in (0.5, 0.9, 0.99)),
            Cell(span(figures.worst)),
            Cell(f"{figures.failed:,}" if figures.failed else "-", ("red",) if figures.failed else ()),
            Cell(f"{figures.retries:,}" if figures.retries else "-", ("yellow",) if figures.retries else ()),
            Cell(span(figures.wasted) if figures.wasted else "-"),
        ]
        for application, job, figures in summary.slowest(telling.top)
    ]
    lines = table(_SLOWEST, rows, telling.voice)
    rest = len(summary.jobs) - len(rows)
    if rest > 0:
        lines.append(telling.voice.style(f"and {plural(rest, 'job')} more; --top {len(summary.jobs)} shows all", "dim"))
    if summary.untold:
        lines.append(
            f"{summary.untold:,} further runs of jobs beyond the first {len(summary.jobs):,} ids are in the sums"
        )
    return lines


def _short(name: str, telling: Telling) -> str:
    """A name in what the figures leave of a line; a command of several lines is one here."""
    room = max(telling.columns - _FIGURES, 20)
    return cut(telling.voice.plain(name), room, telling.voice.pick("…", "~"))


def _reader(_: Telling) -> Summary:
    return Summary()


_WRITTEN = written(summary_sheet)
FORMS = {
    "text": Form(_reader, text),
    "json": Form(_reader, summary_json),
    "csv": Form(_reader, lambda summary, _: jobs_csv(summary)),
    "markdown": Form(_reader, _WRITTEN["markdown"]),
    "html": Form(_reader, _WRITTEN["html"]),
    "openmetrics": Form(_reader, lambda summary, _: openmetrics(summary)),
    "joblog": Form(lambda _: JoblogWriter(), lambda writer, _: writer.product()),
}
