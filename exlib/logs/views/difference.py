"""What had changed when a run ended as it did: its document, its surroundings, and how long its jobs took."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from exlib.console import plural, span
from exlib.history.store import RunRecord
from exlib.logs.postmortem import EARLIER, FAR, FEWEST, Good, PostMortem
from exlib.logs.views.changes import delta_parts
from exlib.logs.views.layout import day_and_time
from exlib.logs.views.naming import attempt_name
from exlib.report.sheet import Cell, Code, Number, Part, Table, Words

_ROWS = 40
Hide = Callable[[str], str]


def changed(found: PostMortem, hide: Hide) -> Iterator[Part]:
    """What differs from the last run that went well, and durations that are unlike those before."""
    good = found.good
    if good is None:
        yield Words("There is no earlier run of this application that went well.")
    else:
        ago = span(max(found.record.started - good.record.started, 0.0))
        when = f"{ago} before, at {day_and_time(good.record.started)}"
        yield Words(f"Since run {attempt_name(good.record)}, the last that went well, {when}:")
        yield from delta_parts(good.delta, hide)
        rows = list(_surroundings(found.record, good, hide))
        if rows:
            yield Table(["", f"Run {attempt_name(good.record)}", f"Run {attempt_name(found.record)}"], rows)
        else:
            yield Words("Workers, host, user, directory and command line were the same.")
    yield from _odd(found)


def _surroundings(record: RunRecord, good: Good, hide: Hide) -> Iterator[list[Cell]]:
    other = good.record
    for name, one, now in (
        ("workers", f"{other.workers}", f"{record.workers}"),
        ("host", other.host, record.host),
        ("user", other.user, record.user),
        ("directory", other.working_dir, record.working_dir),
        ("document", other.document_name, record.document_name),
        ("command", other.command_line, record.command_line),
    ):
        if one != now:
            yield [name, hide(one), hide(now)]


def _odd(found: PostMortem) -> Iterator[Part]:
    """Durations as never before in the runs before this one."""
    if found.earlier < FEWEST:
        few = f"{plural(found.earlier, 'earlier run')} tell too little of what is usual" if found.earlier else ""
        yield Words(f"{few or 'No earlier run tells'} how long the jobs take; {FEWEST} are needed.")
        return
    if not found.odd:
        before = f"the {found.earlier} runs before"
        yield Words(f"No job took longer or shorter than in {before}, by {FAR} times its median.")
        return
    rows: list[list[Cell]] = [
        [
            Code(one.job),
            Number(span(one.seconds), one.seconds),
            Number(span(one.usual), one.usual),
            Number(f"{one.seconds / one.usual:.1f} x" if one.usual else "-", one.seconds / (one.usual or 1.0)),
        ]
        for one in found.odd
    ]
    yield Words(f"Longer or shorter than ever in up to {EARLIER} runs before, and {FAR} times their median or more:")
    yield Table(["Job", "Took", "Median", "Times"], rows, right=(1, 2, 3), most=_ROWS)
