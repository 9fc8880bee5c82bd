"""A proposal as a report: what is removed, what the data says of the order, what it costs in time, and advice."""

from __future__ import annotations

from collections.abc import Iterator

from exlib.console import plural, span
from exlib.optimize.advice import RETRY_RULE, TIMEOUT_RULE
from exlib.optimize.forecast import SWEEP_UP_TO, Forecast, Prediction
from exlib.optimize.order import MOST
from exlib.optimize.proposal import Proposal
from exlib.report.optimize_words import pair, reason
from exlib.report.plan_words import plural_units
from exlib.report.sheet import Cell, Code, Line, Number, Part, Points, Section, Sheet, Table, Words
from exlib.simulation.sweep import WORTH

_SHOWN = 20
"""Rows of a table that a terminal is shown."""


def sheet(proposal: Proposal) -> Sheet:
    """The whole report; sections that have nothing to say are left out."""
    sections = [*_removed(proposal), *_data(proposal), *_hazards(proposal), *_time(proposal), *_advice(proposal)]
    sizes = f"{plural(len(proposal.ids), 'job')}, {plural(proposal.listed, 'dependency', 'dependencies')}"
    left = f"{proposal.left:,} of them needed" if not proposal.order.added else f"now {proposal.left:,}"
    return Sheet(f"{proposal.name}: {sizes}, {left}", "", sections)


def _removed(proposal: Proposal) -> Iterator[Section]:
    order, ids = proposal.order, proposal.ids
    rows: list[list[Cell]] = [
        [Code(ids[node]), Code(ids[other]), f"{ids[through]} waits for it"] for node, other, through in order.redundant
    ]
    rows += [[Code(ids[node]), Code(ids[other]), "listed before"] for node, other in proposal.duplicates]
    parts: list[Part] = [Table(["job", "no longer names", "because"], rows, most=_SHOWN)] if rows else []
    if not rows:
        parts.append(Words("Every dependency says something: none is implied by others, none is repeated."))
    if order.held:
        kept = ", ".join(f"{ids[other]} of {ids[node]}" for node, other in order.held[:5])
        more = f" and {len(order.held) - 5:,} more" if len(order.held) > 5 else ""
        parts.append(Words(f"Implied, and kept because the entry says more than an id: {kept}{more}."))
    yield Section("Dependencies that say nothing", parts)


def _data(proposal: Proposal) -> Iterator[Section]:
    """Order that the data does not justify: given up, or what could be."""
    loose, ids = proposal.loose, proposal.ids
    if proposal.data.said:
        yield Section("Data", [Words(f"Not looked at: {proposal.data.said}.")])
    if loose is None:
        return
    rows: list[list[Cell]] = [[Code(ids[node]), Code(ids[other])] for node, other in loose.unjustified]
    parts: list[Part] = [Table(["job", "waits for"], rows, most=_SHOWN)] if rows else []
    indirect = loose.lost_count - len(loose.unjustified)
    if indirect:
        parts.append(Words(f"Pairs of jobs that were in order only through these: {indirect:,}."))
    if loose.added:
        added = [[Code(ids[node]), Code(ids[other])] for node, other in loose.added]
        parts.append(Words("What stood behind them is justified, or not stated, and is then named itself:"))
        parts.append(Table(["job", "then also names"], added, most=_SHOWN))
    if proposal.forecast and proposal.forecast.sooner:
        parts += _sooner(proposal, proposal.forecast)
    if proposal.aggressive:
        yield Section("Order given up", parts, "both jobs state inputs and outputs, and share none")
    else:
        parts.append(Words(Line([Code("--aggressive"), " gives this order up."])))
        yield Section("Order that no data justifies", parts, "both jobs state inputs and outputs, and share none")


def _sooner(proposal: Proposal, found: Forecast) -> Iterator[Part]:
    rows: list[list[Cell]] = [
        [Code(proposal.ids[job.node]), _amount(found, job.now), _amount(found, job.then)] for job in found.sooner
    ]
    yield Words("Jobs that could then start earlier, with workers enough:")
    yield Table(["job", "starts after", "then after"], rows, right=(1, 2), most=_SHOWN)


def _hazards(proposal: Proposal) -> Iterator[Section]:
    order = proposal.order
    if not order.hazard_count:
        return
    parts: list[Part] = [Points([pair(proposal, *found) for found in order.hazards[:_SHOWN]])]
    if order.hazard_count > _SHOWN:
        more = f"and {plural(order.hazard_count - _SHOWN, 'more pair')}"
        known = f", the first {MOST:,} of all in --format json" if order.hazard_count > MOST else " in --format json"
        parts.append(Words(more + known))
    parts.append(Words("Nothing says which of the two goes first, so no dependency is added: add the right one."))
    yield Section("Order that is missing", parts)


def _time(proposal: Proposal) -> Iterator[Section]:
    found = proposal.forecast
    if found is None:
        return
    workers = plural(found.workers, "worker")
    now, then = found.now, found.then
    columns = ["", "now"] if then is None else ["", "now", "without that order"]
    sides = [now] if then is None else [now, then]
    rows: list[list[Cell]] = [
        [f"ends after, {workers}", *(_amount(found, side.makespan) for side in sides)],
        [f"at best, {workers}", *(_amount(found, side.limits.floor(found.workers)) for side in sides)],
        ["one worker", *(_amount(found, side.limits.work) for side in sides)],
        ["critical path", *(_amount(found, side.limits.span) for side in sides)],
        ["speed-up at most, by path", *(_times(side.limits.speedup) for side in sides)],
        ["speed-up at most, by Amdahl", *(_amdahl(side) for side in sides)],
        ["workers that are enough", *(_enough(side) for side in sides)],
    ]
    parts: list[Part] = [Table(columns, rows, right=tuple(range(1, len(columns))))]
    parts.append(Words(" ".join(_remarks(proposal, found))))
    yield Section("Time", parts, f"durations: {found.durations.said}")


def _remarks(proposal: Proposal, found: Forecast) -> Iterator[str]:
    if found.then is not None:
        gain = found.now.makespan - found.then.makespan
        if gain > 1e-9:
            how = "Without that order" if not proposal.aggressive else "So"
            short = span(gain) if found.durations.timed else plural_units(gain)
            yield f"{how} all is done {short} sooner, {gain / found.now.makespan:.0%}."
        else:
            yield f"With {plural(found.workers, 'worker')} all is done no sooner without that order."
    if found.workers == 1 and len(proposal.ids) > 1:
        yield "The document runs one job at a time; --max-parallel N predicts for more."
    yield "Dependencies that say nothing cost no time: without them every job starts when it did."
    if found.now.sweep.enough is not None:
        yield f"Workers are enough where no larger number ends over {WORTH:.0%} sooner."
    elif len(proposal.ids) > SWEEP_UP_TO:
        yield f"For more than {SWEEP_UP_TO:,} jobs the best number is not searched: ex-plan --sweep tries numbers."


def _advice(proposal: Proposal) -> Iterator[Section]:
    ids = proposal.ids
    if proposal.timeouts:
        rows: list[list[Cell]] = [
            [
                Code(ids[found.node]), Number(span(found.p99), found.p99), Number(span(found.longest), found.longest),
                Number(f"{found.runs}", found.runs), reason(found), Number(f"{found.seconds}", found.seconds),
            ]
            for found in proposal.timeouts
        ]  # fmt: skip
        heads = ["job", "p99", "longest", "runs", "timeout now", "suggested"]
        table = Table(heads, rows, right=(1, 2, 3, 5), most=_SHOWN)
        yield Section("Timeouts", [table, Words(f"{_taken(proposal, 'timeouts')} Rule: {TIMEOUT_RULE}.")])
    if proposal.retries:
        rows = [
            [
                Code(ids[found.node]),
                f"{found.failures} of {found.tries} tries",
                Number(f"{found.retries}", found.retries),
            ]
            for found in proposal.retries
        ]
        table = Table(["job", "failed", "max_retries"], rows, right=(2,), most=_SHOWN)
        warning = "Only for jobs that may be run again after half of their work is done."
        yield Section("Retries", [table, Words(f"{_taken(proposal, 'retries')} {warning} Rule: {RETRY_RULE}.")])


def _taken(proposal: Proposal, what: str) -> str:
    return "These are set." if what in proposal.applied else f"--apply {what} sets them."


def _amount(found: Forecast, seconds: float) -> Number:
    return Number(span(seconds) if found.durations.timed else f"{seconds:.4g}", seconds)


def _times(value: float) -> Number:
    return Number(f"{value:.2f}", value)


def _amdahl(side: Prediction) -> Cell:
    """What the part bounds that must run alone, for any number of workers."""
    work, alone = side.limits.work, side.limits.serial
    return _times(work / alone) if alone else "no bound"


def _enough(side: Prediction) -> Cell:
    return "-" if side.sweep.enough is None else Number(f"{side.sweep.enough}", side.sweep.enough)
