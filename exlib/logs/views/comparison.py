"""--compare: two runs beside each other, what differs most first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from exlib.console import plural, span
from exlib.logs.comparison import Comparison, Pair, Side
from exlib.logs.model import Job
from exlib.logs.views.changes import delta_parts
from exlib.logs.views.layout import day_and_time
from exlib.logs.views.naming import attempt_name
from exlib.render.chart import Bar, bars
from exlib.report.sheet import Cell, Code, Figure, Line, Loud, Number, Part, Piece, Section, Sheet, Status, Table, Words

_BARS = 20
_ROWS = 30
_ORDER = ("success", "failed", "timeout", "lost", "skipped", "cancelled", "running")


def comparison_sheet(found: Comparison, mask: Callable[[str], str]) -> Sheet:
    """The report; ``mask`` hides secrets."""
    sheet = runs_sheet(found)
    return sheet._replace(sections=[*sheet.sections, Section("Documents", list(delta_parts(found.delta, mask)))])


def runs_sheet(found: Comparison) -> Sheet:
    """The report without what the documents say."""
    before, after = found.before.record, found.after.record
    one, other = run_names(found)
    same = before.application == after.application
    title = f"{after.application}: run {one} and run {other}" if same else f"Run {one} and run {other}"
    sections = [
        Section("Ended differently", list(_different(found, one, other))),
        Section("The runs", [_runs(found)]),
        Section("Durations", list(_durations(found, one, other)), "Jobs that ran in both, retries included."),
    ]
    return Sheet(title, "", sections, _figures(found), _lead(found))


def run_names(found: Comparison) -> tuple[str, str]:
    """What the two are called: their numbers, with the attempts where both are of one run."""
    before, after = found.before.record, found.after.record
    exact = before.run == after.run
    return attempt_name(before, exact=exact), attempt_name(after, exact=exact)


def ratio(before: float, after: float) -> str:
    """``2.1 x``, how many times as long."""
    return f"{after / before:.2f} x" if before > 0 else "-"


def _lead(found: Comparison) -> Cell:
    before, after = found.before.record, found.after.record
    if before.application != after.application:
        others = f": {before.application} and {after.application}. Jobs are paired by their ids alone. "
        return Line((Loud("These are runs of different applications", "bad"), others, *_ended_so(found)))
    return Line(_ended_so(found))


def _ended_so(found: Comparison) -> Sequence[Piece]:
    if found.equal:
        return ("All jobs ended alike.",)
    told = plural(len(found.different), "job") + " ended differently"
    statuses = Status(found.before.record.status), Status(found.after.record.status)
    return (Loud(told), ": the run was ", statuses[0], ", then ", statuses[1], ".")


def _figures(found: Comparison) -> list[tuple[str, str]]:
    number = len(found.different)
    shown = [(f"{number:,}", "job ended differently" if number == 1 else "jobs ended differently")]
    one, other = found.before.record.duration, found.after.record.duration
    if one is not None and other is not None:
        shown.append((f"{span(one)} -> {span(other)}", "duration"))
    shown.append((f"{found.before.retries:,} -> {found.after.retries:,}", "retries"))
    return shown


def _runs(found: Comparison) -> Table:
    sides = [_facts(found.before), _facts(found.after)]
    rows: list[list[Cell]] = []
    for name, one in sides[0].items():
        other = sides[1][name]
        mark = "" if one == other or name == "started" else "differs"
        rows.append([name, one, other, mark])
    return Table(["", *(f"Run {name}" for name in run_names(found)), ""], rows)


def _facts(side: Side) -> dict[str, Cell]:
    record = side.record
    counts = Counter(job.record.status for job in side.execution.jobs)
    jobs = ", ".join(f"{counts[status]:,} {status}" for status in _ORDER if counts[status])
    return {
        "ended": Status(record.status),
        "started": day_and_time(record.started),
        "took": "-" if record.duration is None else span(record.duration),
        "jobs": f"{record.total:,}: {jobs or 'none begun'}",
        "retries": f"{side.retries:,}",
        "workers": f"{record.workers:,}",
        "host": f"{record.user} on {record.host}",
        "directory": record.working_dir,
        "document": f"{record.document_name}, sha256 {record.document_sha[:12]}",
        "command": record.command_line,
    }


def _different(found: Comparison, one: str, other: str) -> Iterator[Part]:
    rows: list[list[Cell]] = []
    for pair in sorted(found.different, key=_weight):
        job = pair.after or pair.before
        why = (job.record.reason or "") if job is not None and job.record.status != "success" else ""
        rows.append([Code(pair.job), _ended(pair.before), _ended(pair.after), why])
    if rows:
        yield Table(["Job", f"Run {one}", f"Run {other}", "Why"], rows, most=_ROWS)
    else:
        yield Words("No job did.")


def _weight(pair: Pair) -> tuple[bool, bool]:
    """What went wrong by itself in the second run comes first, what never ran for it last."""
    status = pair.after.record.status if pair.after is not None else ""
    return status not in ("failed", "timeout", "lost"), status in ("skipped", "cancelled")


def _ended(job: Job | None) -> Cell:
    return "-" if job is None else Status("reused" if job.reused else job.record.status)


def _durations(found: Comparison, one: str, other: str) -> Iterator[Part]:
    drawn: list[Bar] = []
    rows: list[list[Cell]] = []
    for pair in found.timed:
        before, after = pair.seconds or (0.0, 0.0)
        sign = "+" if pair.longer >= 0 else "-"
        retries = [job.record.retries for job in (pair.before, pair.after) if job is not None]
        tried = "-" if not any(retries) else " -> ".join(map(str, retries))
        rows.append(
            [
                Code(pair.job),
                Number(span(before), before),
                Number(span(after), after),
                Number(f"{sign}{span(abs(pair.longer))}", pair.longer),
                Number(ratio(before, after), after / before if before > 0 else 0.0),
                tried,
            ]
        )
        tip = f"{pair.job}: {span(before)} in run {one}, {span(after)} in run {other}"
        drawn.append(Bar(pair.job, after, tip, None, before))
    if not rows:
        yield Words("No job ran in both runs.")
        return
    said = f"Run {other} / run {one}, the upper and the lower bar; the largest differences first."
    yield Figure(bars(drawn[:_BARS], "Durations of jobs in both runs"), said)
    columns = ["Job", f"Run {one}", f"Run {other}", "Change", "Times", "Retries"]
    yield Table(columns, rows, right=(1, 2, 3, 4), most=_ROWS)
