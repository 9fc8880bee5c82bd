"""A difference of two documents as a report: what came, went and changed, and what that means."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from exlib.console import cut
from exlib.delta import Change
from exlib.delta.difference import Difference
from exlib.delta.hiding import Hiding
from exlib.delta.nested import parts
from exlib.delta.reading import entries_of, jobs_of
from exlib.delta.summary import own_edges
from exlib.report.delta_lines import change_lines
from exlib.report.delta_meaning import meaning_section
from exlib.report.delta_words import counted, listed, row
from exlib.report.sheet import Cell, Code, Line, Listing, Part, Points, Section, Sheet, Table

_ROWS = 30
_COMMAND = 60
_SHOWN = 6


def delta_sheet(found: Difference, hiding: Hiding, most: int = 400) -> Sheet:
    """The report; of lines of changed values at most ``most`` are shown."""
    one, other = found.names
    title = f"{one} → {other}" if one != other else one
    if found.equal:
        return Sheet(title, "", [], lead="The documents are the same as workflows.")
    return Sheet(title, "", delta_sections(found, hiding, most), lead=f"{found.sentence}.")


def delta_sections(found: Difference, hiding: Hiding, most: int = 400) -> list[Section]:
    """What is told below the sentence."""
    return [
        Section("Jobs that came and went", list(_jobs(found, hiding))),
        Section("Changed", list(_changed(found, hiding, most))),
        Section("Dependencies", list(_edges(found, most))),
        Section("Settings", list(_settings(found, hiding))),
        Section("Inherited", list(_inherited(found, hiding)), "What counts for jobs that say nothing else themselves."),
        Section("Order", list(_order(found))),
        meaning_section(found),
    ]


def _jobs(found: Difference, hiding: Hiding) -> Iterator[Part]:
    sides = (("added", found.delta.added, found.after), ("removed", found.delta.removed, found.before))
    for word, jobs, document in sides:
        if jobs:
            raws = jobs_of(document)
            sign = "+" if word == "added" else "-"
            yield Table(
                [f"{sign} {word}", "Command", "Waits for"], [_job(j, raws[j], hiding) for j in jobs], most=_ROWS
            )
    if found.delta.renamed:
        also = ["" if one.exact else "and changed" for one in found.delta.renamed]
        rows: list[list[Cell]] = [
            [Code(one.before), Code(one.after), more] for one, more in zip(found.delta.renamed, also, strict=True)
        ]
        yield Table(["> renamed", "is now", ""], rows, most=_ROWS)


def _job(job: str, raw: dict[str, Any], hiding: Hiding) -> list[Cell]:
    command = raw.get("command")
    first, *others = hiding.mask(command).strip().splitlines() if isinstance(command, str) and command.strip() else [""]
    waits = [entry.removeprefix("job ") for entry in entries_of(raw, {})]
    shown = cut(first + " …" * bool(others), _COMMAND)
    return [Code(job), Code(shown) if shown else "-", row(waits, 3) if waits else "-"]


def _changed(found: Difference, hiding: Hiding, most: int) -> Iterator[Part]:
    lines: list[str] = []
    idle = frozenset(found.effects.idle if found.effects else ())
    then = {one.after: one.before for one in found.delta.renamed}
    for one in found.delta.changed:
        changes = [change for change in one.changes if not _is_edges(change)]  # those have a section of their own
        if changes:
            lines.append(f"@@ {one.job}" + (f" (was {then[one.job]})" if one.job in then else ""))
        for change in changes:
            remark = "the same counts as before" if (one.job, change.key) in idle else ""
            lines += [line for part in parts(change) for line in change_lines(part, hiding, remark)]
        if len(lines) > most:
            break
    if lines:
        yield Listing("\n".join(_first(lines, most)), language="diff")


def _is_edges(change: Change) -> bool:
    """Whether a change is of dependencies on jobs alone."""
    entries = [entry for side in (change.before, change.after) if isinstance(side, list) for entry in side]
    return change.key == "dependencies" and all(
        isinstance(entry, str) or (isinstance(entry, dict) and set(entry) == {"job"}) for entry in entries
    )


def _first(lines: Sequence[str], most: int) -> list[str]:
    return [*lines[:most], "@@ and more, which --format json has"] if len(lines) > most else [*lines]


def _edges(found: Difference, most: int) -> Iterator[Part]:
    means = found.meaning
    came, went = own_edges(found.delta, means.added), own_edges(found.delta, means.removed)
    lines = [f"+ {job} waits for {other}" for job, other in came]
    lines += [f"- {job} waits for {other}" for job, other in went]
    if lines:
        others = len(means.added) + len(means.removed) - len(lines)
        with_jobs = "1 that came or went with its job" if others == 1 else f"{others:,} that came or went with jobs"
        said = f"Besides {with_jobs}:" if others else ""
        yield Listing("\n".join(_first(lines, most)), language="diff", caption=said)


def _settings(found: Difference, hiding: Hiding) -> Iterator[Part]:
    lines = [line for change in found.delta.settings for part in parts(change) for line in change_lines(part, hiding)]
    if lines:
        yield Listing("\n".join(lines), language="diff")


def _inherited(found: Difference, hiding: Hiding) -> Iterator[Part]:
    rows: list[list[Cell]] = []
    for one in found.effects.inherited if found.effects else ():
        hidden = hiding.hides(one.key)
        values = ["not shown" if hidden else hiding.mask(counted(one.key, value)) for value in (one.before, one.after)]
        rows.append([Code(one.key), *values, f"{len(one.jobs):,}", row(one.jobs, _SHOWN)])
    if rows:
        yield Table(["Key", "Before", "Now", "Jobs", ""], rows, right=(3,), most=_ROWS)


def _order(found: Difference) -> Iterator[Part]:
    if found.order:
        said = (
            ("jobs stand elsewhere", found.order.jobs),
            ("keys stand in another order in", found.order.keys),
            ("dependencies stand in another order in", found.order.dependencies),
        )
        items: list[Cell] = [Line((f"{words}: ", *listed(jobs))) for words, jobs in said if jobs]
        yield Points([*items, *(["the document's own keys stand in another order"] if found.order.settings else [])])
