"""--summary as a report for Markdown and pages: the same figures as its text, and all jobs in a table to sort."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from exlib.console import plural, span
from exlib.logs.sketch import Sketch
from exlib.logs.summary import Summary
from exlib.logs.views import Telling
from exlib.logs.views.layout import day_and_time, in_attempts, share
from exlib.logs.views.naming import application_name
from exlib.render.chart import Bar, bars
from exlib.report.sheet import Cell, Code, Facts, Figure, Line, Loud, Number, Part, Piece, Section, Sheet, Status, Table

_ORDER = ("success", "failed", "timeout", "lost", "cancelled", "skipped", "reused", "running", "unfinished")
_QUANTILES = ((0.5, "p50"), (0.9, "p90"), (0.99, "p99"), (1.0, "max"))
_BARS = 15
_JOBS = 1000
"""Jobs in the table; more would make a page that nobody can scroll."""


def summary_sheet(summary: Summary, telling: Telling) -> Sheet:
    """The report."""
    applications = summary.applications
    alone = next(iter(applications)) if len(applications) == 1 else None
    title = f"Runs of {application_name(alone)}" if alone is not None else "Runs"
    sections = [
        Section("Figures", [_facts(summary)]),
        Section("Durations", [_quantiles(summary)]),
        Section("Applications", [_applications(summary)] if len(applications) > 1 else []),
        Section("Jobs", list(_jobs(summary))),
    ]
    return Sheet(title, _subtitle(summary), sections, _main(summary))


def _subtitle(summary: Summary) -> str:
    of = f" of {plural(len(summary.applications), 'application')}" if len(summary.applications) > 1 else ""
    when = ""
    if summary.first is not None and summary.last is not None:
        when = f", {day_and_time(summary.first)} to {day_and_time(summary.last)}"
    return f"{in_attempts(summary.runs.total(), summary.attempts)}{of}{when}"


def _main(summary: Summary) -> list[tuple[str, str]]:
    rate, middle = summary.success_rate, summary.run_spans.quantile(0.5)
    shown = [("-" if rate is None else share(rate), f"of {plural(summary.runs.total(), 'run')} succeeded")]
    if middle is not None:
        shown.append((span(middle), "median duration of a run"))
    shown.append((f"{summary.retries:,}", "retry" if summary.retries == 1 else "retries"))
    if summary.busy:
        shown.append((share(summary.wasted / summary.busy), "of the work came to nothing"))
    if summary.utilisation is not None:
        shown.append((share(summary.utilisation), "of the workers' time at work"))
    return shown


def _facts(summary: Summary) -> Facts:
    facts: list[tuple[str, Cell]] = [("runs", _counted(summary.runs)), ("jobs", _counted(summary.statuses))]
    if summary.retries:
        saved = f"{summary.saved:,} of them succeeded in the end"
        facts.append(("retries", f"{summary.retries:,} in {plural(summary.retried, 'job')}, {saved}"))
    if summary.busy:
        facts.append(("work", f"{span(summary.busy)} in tries of jobs"))
    if summary.wasted:
        lost = f"{span(summary.by_retries)} before a success, {span(summary.by_failures)} in jobs that failed"
        facts.append(("waste", f"{share(summary.wasted / summary.busy)} of it: {lost}"))
    if summary.waits.count:
        against = summary.waits.total / (summary.waits.total + summary.waited_busy or 1)
        waited = f"{span(summary.waits.total)} from ready to started"
        facts.append(("wait", f"{waited}, {share(against)} of wait and run time"))
    if summary.utilisation is not None:
        facts.append(("workers", f"{share(summary.utilisation)} of their time at work"))
    return Facts(facts)


def _counted(statuses: Counter[str]) -> Cell:
    known = [*_ORDER, *sorted(set(statuses) - set(_ORDER))]
    pieces: list[Piece] = []
    for status in known:
        if statuses[status]:
            pieces += [", " if pieces else "", f"{statuses[status]:,} ", Status(status)]
    return Line(pieces) if pieces else "none"


def _quantiles(summary: Summary) -> Table:
    told = (("runs", summary.run_spans), ("jobs", summary.job_spans), ("wait from ready to started", summary.waits))
    rows: list[list[Cell]] = [
        [name, Number(f"{sketch.count:,}", sketch.count), *_spans(sketch)] for name, sketch in told if sketch.count
    ]
    return Table(["", "Number", *(name for _, name in _QUANTILES)], rows, right=range(1, 6))


def _spans(sketch: Sketch) -> Iterator[Number]:
    for at, _ in _QUANTILES:
        value = sketch.quantile(at)
        yield Number("-", -1.0) if value is None else Number(span(value), value)


def _applications(summary: Summary) -> Table:
    rows: list[list[Cell]] = []
    for name, figures in sorted(summary.applications.items(), key=lambda item: -item[1].tally.attempts):
        statuses = figures.tally.words
        last = figures.last
        ended: Cell = "-" if last is None else Line((Status(last.status), f" {day_and_time(last.ended or 0)}"))
        counts = (statuses.total(), statuses["success"])
        rows.append(
            [application_name(name), *(Number(f"{count:,}", count) for count in counts), *_spans(figures.spans), ended],
        )
    columns = ["Application", "Runs", "Success", *(name for _, name in _QUANTILES), "Last run"]
    return Table(columns, rows, right=range(1, 7))


def _jobs(summary: Summary) -> Iterator[Part]:
    slowest = summary.slowest(_JOBS)
    several = len(summary.applications) > 1
    drawn: list[Bar] = []
    rows: list[list[Cell]] = []
    for application, job, figures in slowest:
        name = f"{application or '?'}/{job}" if several else job
        middle = figures.quantile(0.5)
        quantiles = [middle, figures.quantile(0.9), figures.quantile(0.99), figures.worst]
        failed: Cell = Loud(f"{figures.failed:,}", "bad") if figures.failed else Number("-", 0)
        rows.append(
            [
                Code(name),
                Number(f"{figures.ran:,}", figures.ran),
                *(Number(span(value), value) for value in quantiles),
                failed,
                Number(f"{figures.retries:,}" if figures.retries else "-", figures.retries),
                Number(span(figures.wasted) if figures.wasted else "-", figures.wasted),
            ]
        )
        tip = f"{name}: median {span(middle)}, at most {span(figures.worst)}, ran {plural(figures.ran, 'time')}"
        drawn.append(Bar(name, middle, tip, None, figures.worst))
    if not rows:
        return
    said = "Median / longest of a job's durations, the upper and the lower bar; the slowest jobs first."
    yield Figure(bars(drawn[:_BARS], "The slowest jobs"), said)
    columns = ["Job", "Ran", *(name for _, name in _QUANTILES), "Failed", "Retries", "Wasted"]
    yield Table(columns, rows, right=range(1, 9))
