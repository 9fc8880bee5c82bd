"""A plan as Markdown, for a wiki or a merge request."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from exlib.console import plural, printable
from exlib.report import plan_words as words
from exlib.report.plan_words import Told

MOST_JOBS = 200
"""Jobs that are listed unless all are asked for."""
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~$&])")


def as_markdown(told: Told, *, whole: bool = False) -> str:
    """The whole report; ``whole`` lists every job."""
    parts = [
        _head(told),
        _comparison(told),
        _critical(told),
        _schedule(told, None if whole else MOST_JOBS),
        _sweep(told),
        _bottlenecks(told),
        _risks(told),
    ]
    return "\n\n".join("\n".join(lines) for lines in map(list, parts) if lines) + "\n"


def plain(text: str) -> str:
    """Text that Markdown shows as it is, in a line and in a table's cell."""
    return _SPECIAL.sub(r"\\\1", printable(text))


def _head(told: Told) -> Iterator[str]:
    yield f"# Plan of {plain(told.name)}"
    yield ""
    yield f"{words.headline(told)}; nothing was started. Durations: {plain(told.outlook.durations.said)}."
    yield ""
    rows = [(name, f"**{value}**", plain(remark)) for name, value, remark in words.figures(told)]
    yield from _table(("", "", ""), rows, right=(1,))


def _comparison(told: Told) -> Iterator[str]:
    if told.before is None:
        return
    yield "## What if"
    yield ""
    yield from (f"- {plain(change)}" for change in told.changes)
    yield ""
    yield from _table(("", "Before", "Then", "Difference"), list(words.comparison(told)), right=(1, 2))


def _critical(told: Told) -> Iterator[str]:
    look = told.outlook
    if not look.timing.critical:
        return
    yield "## Critical path"
    yield ""
    yield f"{words.critical_path(told)}:"
    yield ""
    for number, node in enumerate(look.timing.critical, 1):
        yield f"{number}. {plain(told.name_of(node))}, {told.amount(look.durations.guesses[node].seconds)}"


def _schedule(told: Told, most: int | None) -> Iterator[str]:
    look, short = told.outlook, told.amount
    critical = set(look.timing.critical)
    yield "## Schedule"
    yield ""
    rows = [
        (
            str(number),
            f"**{plain(told.name_of(node))}**" if node in critical else plain(told.name_of(node)),
            str(look.level[node]),
            str(look.schedule.lane[node] or ""),
            short(look.schedule.start[node]),
            short(look.schedule.end[node]),
            short(look.durations.guesses[node].seconds),
            plain(words.guess_said(look.durations.guesses[node], short)),
            short(look.slack[node]) if look.slack[node] else "",
        )
        for number, node in enumerate(look.schedule.order[:most], 1)
    ]
    headings = ("Order", "Job", "Level", "Worker", "Start", "End", "Takes", "Known from", "Slack")
    yield from _table(headings, rows, right=(0, 2, 3, 4, 5, 6, 8))
    yield ""
    yield "Jobs on the critical path are bold."
    if len(rows) < len(look.jobs):
        yield f"{plural(len(look.jobs) - len(rows), 'job')} more are not listed."


def _sweep(told: Told) -> Iterator[str]:
    look, short = told.outlook, told.amount
    if not look.sweep.points:
        return
    yield "## How many workers"
    yield ""
    rows = [
        (
            f"{point.workers:,}",
            short(point.makespan),
            f"{point.speedup:.2f}",
            f"{point.efficiency:.0%}",
            short(point.floor),
        )
        for point in look.sweep.points
    ]
    yield from _table(("Workers", "Ends after", "Speed-up", "Efficiency", "At best"), rows, right=range(5))
    if said := words.sweep_said(told):
        yield ""
        yield said


def _bottlenecks(told: Told) -> Iterator[str]:
    found = [*words.gains(told), *words.bottlenecks(told)]
    if found:
        yield "## Bottlenecks"
        yield ""
        yield from (f"- {plain(sentence)}" for sentence in found)


def _risks(told: Told) -> Iterator[str]:
    yield "## Risks"
    yield ""
    if not told.outlook.risks:
        yield "None were found."
    for risk in told.outlook.risks:
        named = f": {plain(words.named(told, risk))}" if risk.jobs else ""
        yield f"- **{plain(risk.message)}**{named}. *Mend:* {plain(risk.mend)}. (`{risk.code}`)"


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> Iterator[str]:
    yield f"| {' | '.join(headings)} |"
    yield f"| {' | '.join('---:' if at in right else '---' for at in range(len(headings)))} |"
    yield from (f"| {' | '.join(row)} |" for row in rows)
