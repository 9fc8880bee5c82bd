"""A plan as a page: the schedule as a Gantt chart whose bars tell all that is known of their jobs."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from exlib.console import plural, printable
from exlib.render.area import area
from exlib.render.gantt import Bar, gantt
from exlib.render.page import asset, escape, figures, page, section, table
from exlib.report import plan_words as words
from exlib.report.plan_words import Told
from exlib.simulation.timeline import running

MOST_ROWS = 2_000
"""Jobs in the table at the end; the charts show all."""
_MOST_BY_JOB = 120
"""Jobs up to which each gets a lane of its own, too."""
_MOST_PATH = 60


def as_html(told: Told) -> str:
    """The whole page."""
    look = told.outlook
    body = [
        figures([(value, f"{name}: {remark}" if remark else name) for name, value, remark in words.figures(told)]),
        _comparison(told),
        _schedule(told),
        _paths(told),
        _sweep(told),
        _bottlenecks(told),
        _risks(told),
        _jobs(told),
        f"<footer>Durations: {escape(printable(look.durations.said))}. Made by the scheduler of ex-run on a virtual "
        "clock; nothing was started.</footer>",
    ]
    return page(
        f"Plan of {printable(told.name)}",
        "".join(body),
        subtitle=f"{words.headline(told)}; nothing was started",
        styles=asset("gantt.css") + asset("plan.css"),
        script=asset("gantt.js"),
        data={"bars": {str(node): _details(told, node) for node in range(len(look.jobs))}},
    )


def _comparison(told: Told) -> str:
    if told.before is None:
        return ""
    said = "".join(f"<li>{escape(printable(change))}</li>" for change in told.changes)
    rows = [[escape(cell) for cell in row] for row in words.comparison(told)]
    return section("What if", f"<ul>{said}</ul>{table(['', 'Before', 'Then', 'Difference'], rows, right=[1, 2])}")


def _schedule(told: Told) -> str:
    """By worker, by job while these are few, and how many run at a time."""
    look = told.outlook
    schedule, timed = look.schedule, look.durations.timed
    if not schedule.makespan:
        return ""
    critical = set(look.timing.critical)
    lanes = [f"worker {number}  {share:.0%}" for number, share in enumerate(look.busy[: schedule.peak], 1)]
    by_worker = gantt(
        [_bar(told, node, schedule.lane[node] - 1, node in critical) for node in schedule.order if schedule.lane[node]],
        lanes,
        label="Which worker runs which job, and when",
        timed=timed,
    )
    legend = (
        '<figcaption><span class="legend critical"></span> on the critical path &ensp; '
        '<span class="legend"></span> other jobs &ensp; the share is how busy a worker is</figcaption>'
    )
    hint = "<p>Point at a bar, or press Tab and the arrow keys, to see its job; a click keeps it.</p>"
    charts = f'<figure>{by_worker}{legend}</figure><div id="bar-detail" aria-live="polite">{hint}</div>'
    if len(schedule.order) <= _MOST_BY_JOB:
        took = [told.amount(schedule.end[node] - schedule.start[node]) for node in schedule.order]
        bars = [
            _bar(told, node, lane, node in critical)._replace(label=took[lane])
            for lane, node in enumerate(schedule.order)
        ]
        names = [printable(told.name_of(node)) for node in schedule.order]
        by_job = gantt(bars, names, label="When each job runs", timed=timed)
        charts += f"<h3>By job, in the order of their starts</h3><figure>{by_job}</figure>"
    steps = running(schedule)
    if schedule.workers > 1 and steps:
        over_time = area(steps, schedule.workers, schedule.makespan, label="How many jobs run at a time", timed=timed)
        charts += f"<h3>Jobs running at a time</h3><figure>{over_time}</figure>"
    idle = schedule.workers - schedule.peak
    note = f"{plural(idle, 'worker')} never {'gets' if idle == 1 else 'get'} a job." if idle else ""
    return section("Schedule", charts, note)


def _bar(told: Told, node: int, lane: int, critical: bool) -> Bar:
    look, short = told.outlook, told.amount
    schedule, name = look.schedule, printable(told.name_of(node))
    begin, end = schedule.start[node], schedule.end[node]
    title = f"{name}: {short(end - begin)}, from {short(begin)} to {short(end)}"
    return Bar(lane, begin, end, name, critical=critical, title=title, key=str(node))


def _details(told: Told, node: int) -> dict[str, Any]:
    """What the page shows of a job."""
    look, short = told.outlook, told.amount
    job, guess, schedule = look.jobs[node], look.durations.guesses[node], look.schedule
    past = look.past.get(job.id)
    facts = [
        ("takes", f"{short(guess.seconds)} ({words.guess_said(guess, short)})"),
        ("runs", f"from {short(schedule.start[node])} to {short(schedule.end[node])}"),
        ("slack", short(look.slack[node]) if look.slack[node] else "none: if it is late, so is the end"),
        ("level", str(look.level[node])),
        (
            "timeout",
            "none" if job.timeout is None else short(job.timeout) if look.durations.timed else f"{job.timeout:g} s",
        ),
        ("retries", str(job.retry.limit)),
    ]
    if past is not None and past.failures:
        facts.append(("failed tries", f"{past.failures} of {past.tries}{', flaky' if past.flaky else ''}"))
    for name, others in (("after", look.graph.dependencies[node]), ("before", look.graph.dependents[node])):
        if others:
            facts.append((name, printable(words.some(told, others, 8))))
    if job.description:
        facts.append(("is", printable(told.mask.text(job.description))))
    if job.command.strip() and len(look.jobs) <= MOST_ROWS:
        facts.append(("command", told.mask.text(job.command)))
    return {"title": printable(job.id), "facts": facts}


def _paths(told: Told) -> str:
    look = told.outlook
    if len(look.jobs) < 2:
        return ""
    note = "No number of workers ends sooner than these jobs, which wait for each other."
    made = section("Critical path", _path(told, look.timing.critical), f"{words.critical_path(told)}. {note}")
    chain = [link.node for link in look.chain]
    waited = {link.node for link in look.chain if link.why == "worker"}
    if waited:
        workers = plural(look.schedule.workers, "worker")
        note = f"With {workers} these jobs come one after another; a dashed one began only when a worker came free."
        made += section("What the end waits for", _path(told, chain, waited, "path chain"), note)
    return made


def _path(told: Told, nodes: Sequence[int], waited: Collection[int] = (), kind: str = "path") -> str:
    guesses = told.outlook.durations.guesses
    items = [
        f'<li class="{"worker" if node in waited else ""}"><span>{escape(printable(told.name_of(node)))}</span>'
        f"<small>{told.amount(guesses[node].seconds)}</small></li>"
        for node in nodes[:_MOST_PATH]
    ]
    if len(nodes) > _MOST_PATH:
        items.append(f"<li>{len(nodes) - _MOST_PATH:,} more</li>")
    return f'<ol class="{kind}">{"".join(items)}</ol>'


def _sweep(told: Told) -> str:
    look, short = told.outlook, told.amount
    if not look.sweep.points:
        return ""
    longest = max(point.makespan for point in look.sweep.points) or 1.0
    rows = []
    for point in look.sweep.points:
        here = " ◂ enough" if point.workers == look.sweep.enough else ""
        meter = (
            f'<span class="meter"><i style="width:{point.makespan / longest:.2%}"></i>'
            f'<b style="left:{point.floor / longest:.2%}"></b></span>'
        )
        rows.append([
            f"{_number(point.workers, str(point.workers))}{here}",
            _number(point.makespan, short(point.makespan)),
            f"{point.speedup:.2f}",
            _number(point.efficiency, f"{point.efficiency:.0%}"),
            _number(point.floor, short(point.floor)),
            meter,
        ])  # fmt: skip
    columns = ["Workers", "Ends after", "Speed-up", "Efficiency", "At best", "Ends after, and at best (line)"]
    return section("How many workers", table(columns, rows, right=[1, 2, 3, 4]), words.sweep_said(told))


def _bottlenecks(told: Told) -> str:
    found = [*words.gains(told), *(words.bottlenecks(told) if len(told.outlook.jobs) > 1 else ())]
    items = "".join(f"<li>{escape(printable(sentence))}</li>" for sentence in found)
    return section("Bottlenecks", f"<ul>{items}</ul>") if found else ""


def _risks(told: Told) -> str:
    return section(
        "Risks", f'<ul class="risks">{"".join(_risk(told))}</ul>' if told.outlook.risks else "None were found."
    )


def _risk(told: Told) -> Iterator[str]:
    for risk in told.outlook.risks:
        named = f'<p class="named">{escape(printable(words.named(told, risk, 12)))}</p>' if risk.jobs else ""
        yield (
            f"<li><code>{escape(risk.code)}</code><p><strong>{escape(printable(risk.message))}</strong></p>{named}"
            f'<p class="mend">Mend: {escape(printable(risk.mend))}</p></li>'
        )


def _jobs(told: Told) -> str:
    look, short = told.outlook, told.amount
    critical = set(look.timing.critical)
    rows = []
    for number, node in enumerate(look.schedule.order[:MOST_ROWS], 1):
        guess, start, end = look.durations.guesses[node], look.schedule.start[node], look.schedule.end[node]
        mark = '<span class="diamond" title="on the critical path">◆</span> ' if node in critical else ""
        rows.append([
            str(number),
            f"{mark}{escape(printable(told.name_of(node)))}",
            str(look.level[node]),
            str(look.schedule.lane[node] or ""),
            _number(start, short(start)),
            _number(end, short(end)),
            _number(guess.seconds, short(guess.seconds)),
            escape(words.guess_said(guess, short)),
            _number(look.slack[node], short(look.slack[node])),
        ])  # fmt: skip
    columns = ["Order", "Job", "Level", "Worker", "Start", "End", "Takes", "Known from", "Slack"]
    left = len(look.jobs) - len(rows)
    note = f"The first {len(rows):,}; --format csv has all {len(look.jobs):,}." if left else ""
    return section("Jobs", table(columns, rows, right=[0, 2, 3, 4, 5, 6, 8]), note)


def _number(value: float, shown: str) -> str:
    """A cell that is sorted by its value."""
    return f'<span data-value="{value:.6f}">{shown}</span>'
