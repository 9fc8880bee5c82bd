"""--errors-only and --patterns as reports for Markdown and pages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from exlib.console import names, plural, span
from exlib.logs.advice import advice, commands
from exlib.logs.excerpt import excerpt
from exlib.logs.failures import Failure, Failures, why
from exlib.logs.grouping import Group, Grouping
from exlib.logs.views import Telling
from exlib.logs.views.layout import day_and_time, in_attempts
from exlib.logs.views.naming import run_name
from exlib.report.sheet import (
    Cell,
    Code,
    Commands,
    Facts,
    Line,
    Listing,
    Loud,
    Number,
    Part,
    Points,
    Section,
    Sheet,
    Status,
    Table,
    Words,
)

if TYPE_CHECKING:
    from exlib.logs.tally import Tally
    from exlib.logs.views.errors import Failed

_RUNS = 100
_JOBS = 30
_GROUPS = 500


def errors_sheet(failed: Failed, telling: Telling) -> Sheet:
    """The failed runs, the newest first."""
    newest = list(failed.kept)[::-1][:_RUNS]
    jobs = sum(len(found.failures) for found in newest)
    dragged = sum(len({job for failure in found.failures for job in failure.dragged}) for found in newest)
    shown = [
        (f"{failed.counts['failed']:,} of {failed.counts['runs']:,}", "runs did not succeed"),
        (f"{jobs:,}", "jobs failed"),
        (f"{dragged:,}", "never ran because of them"),
    ]
    runs = in_attempts(failed.ends.runs, failed.ends.attempts)
    sections = [section for found in newest for section in _run(found, telling)]
    if failed.bad > len(newest):
        sections.append(Section("Earlier", [Words(f"{earlier(failed.bad - len(newest), failed.ends)} left out")]))
    if not failed.bad:
        sections.append(Section("Nothing failed", [Words(f"Nothing failed in {runs}.")]))
    return Sheet("What failed", runs, sections, shown)


def earlier(number: int, runs: Tally) -> str:
    """``2 earlier failed runs``; where some runs were resumed these are attempts."""
    return plural(number, "earlier failed run" if runs.attempts == runs.runs else "earlier failed attempt")


def _run(found: Failures, telling: Telling) -> Iterator[Section]:
    run = found.run
    name = run_name(run)
    heading = name[:1].upper() + name[1:] if run.run is not None or not run.application else name
    took = "" if run.duration is None else f" after {span(run.duration)}"
    when = "" if run.started is None else f", started {day_and_time(run.started)}"
    parts: list[Part] = [Words(Line((Status(run.status), f"{took}{when}{f': {run.reason}' if run.reason else ''}")))]
    if len(found.failures) > _JOBS:
        parts.append(Words(f"{plural(len(found.failures), 'job')} failed; the first {_JOBS} are told."))
    if found.adrift:
        adrift = [job for job, _ in found.adrift]
        parts.append(Words(f"Never ran: {names(adrift, len(adrift), 200)} ({found.adrift[0][1]})"))
    if found.mended is not None:
        parts.append(Words(f"Mended: attempt {found.mended} of the run succeeded."))
    yield Section(heading, parts)
    for number, failure in enumerate(found.failures[:_JOBS]):
        first = "First: " if number == 0 and len(found.failures) > 1 else ""
        yield Section(f"{first}{failure.job.record.job}", list(_failure(failure, found, telling)), level=3)
    told = commands(found, telling.db)
    if told:
        yield Section("Next", [Commands(told)], level=3)


def _failure(failure: Failure, found: Failures, telling: Telling) -> Iterator[Part]:
    record = failure.job.record
    mask = telling.mask(found.run)
    look = excerpt(record.log, mask)
    took = "" if record.duration is None else f" after {span(record.duration)}"
    tries = f", {record.retries + 1} tries" if record.retries else ""
    facts: list[tuple[str, Cell]] = [("ended", Line((Status(record.status), f"{took}{tries}")))]
    facts.append(("category", why(failure, mask.text(record.reason or "")) or failure.category))
    if look.pattern is not None:
        facts.append(("known as", Line((Loud(look.pattern.name), f": {look.pattern.meaning}"))))
    if failure.dragged:
        kept = names(failure.dragged, len(failure.dragged), 200)
        facts.append(("cost", f"{plural(len(failure.dragged), 'job')} never ran because of it: {kept}"))
    yield Facts(facts)
    if look.lines:
        lit = () if look.at is None else (look.at,)
        yield Listing("\n".join(look.lines), lit, record.log or "", "text")
    elif look.missing:
        yield Words(f"{look.missing.capitalize()}.")
    told = advice(failure, look)
    if told:
        yield Points(told)


def patterns_sheet(grouping: Grouping, _: Telling) -> Sheet:
    """The kinds of messages, the largest first."""
    groups = grouping.groups()
    shown = [(f"{grouping.tries:,}", "failed tries"), (f"{len(groups):,}", "kinds of message")]
    rows = [_group(group) for group in groups[:_GROUPS]]
    columns = ["Count", "Message", "Known as", "First", "Last", "Runs", "Jobs"]
    parts: list[Part] = [Table(columns, rows, right=(0, 5))] if rows else [Words("No try failed.")]
    if len(groups) > _GROUPS:
        parts.append(Words(f"{plural(len(groups) - _GROUPS, 'more kind')} of message"))
    if grouping.ungrouped:
        tries = plural(grouping.ungrouped, "try", "tries")
        parts.append(Words(f"{tries} had further messages, too many to keep"))
    return Sheet("Messages of failed tries", "", [Section("Kinds of message", parts)], shown)


def _group(group: Group) -> list[Cell]:
    known: Cell = Line((Loud(group.pattern.name), f": {group.pattern.meaning}")) if group.pattern else "-"
    jobs = [job for (_, job), _ in sorted(group.jobs.items(), key=lambda item: (-item[1], item[0]))]
    return [
        Number(f"{group.count:,}", group.count),
        Code(group.example),
        known,
        day_and_time(group.first) if group.first else "-",
        day_and_time(group.last) if group.last else "-",
        Number(f"{len(group.runs):,}", len(group.runs)),
        names(jobs, len(jobs), 60),
    ]
