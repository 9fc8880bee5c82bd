"""A plan for a terminal: the figures, the schedule with a bar for each job, what holds it up, and the risks."""

from __future__ import annotations

from collections.abc import Iterator

from exlib.console import cut, pad, plural, printable, width
from exlib.report import plan_words as words
from exlib.report.plan_words import Told
from exlib.report.tables import GAP, Cell, Column, table
from exlib.report.wording import Voice
from exlib.simulation.timeline import profile

MOST_JOBS = 60
"""Jobs that are listed unless all are asked for."""
_MOST_WORKERS = 16
_LONGEST_ID = 30
_SHORTEST_ID = 18
_LEAST_BAR = 18
_SHADES = " ▁▂▃▄▅▆▇█"
_PLAIN_SHADES = " .:-=+*#@"
_INDENT = "  "


def as_text(told: Told, voice: Voice, columns: int = 80, *, whole: bool = False) -> str:
    """The whole report; ``columns`` is how wide it may be, ``whole`` lists every job."""
    parts = [
        _head(told, voice, columns),
        _comparison(told, voice, columns),
        _critical(told, voice, columns),
        _schedule(told, voice, columns, None if whole else MOST_JOBS),
        _workers(told, voice, columns),
        _sweep(told, voice, columns),
        _bottlenecks(told, voice, columns),
        _risks(told, voice, columns),
    ]
    return "\n\n".join("\n".join(lines) for lines in map(list, parts) if lines) + "\n"


def _head(told: Told, voice: Voice, columns: int) -> Iterator[str]:
    name = voice.plain(told.name)
    first, *more = _wrapped(voice, f"{told.name}: {words.headline(told)}; nothing is started", columns, "")
    yield voice.style(name, "bold") + first.removeprefix(name) if first.startswith(name) else first
    yield from more
    yield ""
    rows = list(words.figures(told))
    wide = max(width(value) for _, value, _ in rows)
    for name, value, remark in rows:
        first, *more = _wrapped(voice, remark, columns, " " * (len(_INDENT) + 11 + wide + 2))
        text = f"{_INDENT}{voice.style(name.ljust(11), 'dim')}{voice.style(pad(value, wide), 'bold')}"
        yield f"{text}  {first.strip()}".rstrip()
        yield from more
    first, *more = _wrapped(voice, told.outlook.durations.said, columns, " " * (len(_INDENT) + 11))
    yield f"{_INDENT}{voice.style('durations'.ljust(11), 'dim')}{first.strip()}"
    yield from more


def _comparison(told: Told, voice: Voice, columns: int) -> Iterator[str]:
    if told.before is None:
        return
    yield voice.style("What if", "bold")
    for change in told.changes:
        yield from _wrapped(voice, change, columns, _INDENT)
    rows = [
        [Cell(name, ("dim",)), Cell(before), Cell(after, ("bold",)), Cell(gap)]
        for name, before, after, gap in words.comparison(told)
    ]
    yield from table((Column(""), Column("BEFORE", True), Column("THEN", True), Column("")), rows, voice, _INDENT)


def _critical(told: Told, voice: Voice, columns: int) -> Iterator[str]:
    look = told.outlook
    if not look.timing.critical or len(look.jobs) < 2:
        return
    yield f"{voice.style('Critical path', 'bold')}  {words.critical_path(told)}"
    arrow = voice.pick(" → ", " > ")
    nodes, left = look.timing.critical, 0
    if len(nodes) > 40:
        nodes, left = nodes[:40], len(nodes) - 40
    longest = columns - 24
    steps = [
        f"{clipped(told.name_of(node), longest)} {told.amount(look.durations.guesses[node].seconds)}" for node in nodes
    ]
    yield from _wrapped(voice, arrow.join(steps) + (f"{arrow}{left:,} more" if left else ""), columns, _INDENT)


def _schedule(told: Told, voice: Voice, columns: int, most: int | None) -> Iterator[str]:
    """The jobs in the order of their starts, with a bar each where there is room for it."""
    look = told.outlook
    shown = look.schedule.order[:most]
    critical = set(look.timing.critical)
    rows = [_job(told, number, node, node in critical, voice) for number, node in enumerate(shown, 1)]
    wide = [
        max([width(voice.plain(row[at].text)) for row in rows] + [width(column.heading)])
        for at, column in enumerate(_JOB)
    ]
    room = columns - len(_INDENT) - sum(wide) - len(GAP) * len(wide)
    if room < _LEAST_BAR:  # ids give way to the bars, as their ends are what tells them apart
        left = max(wide[2] - (_LEAST_BAR - room), _SHORTEST_ID + 2)
        room += wide[2] - left
        rows = [
            [*row[:2], Cell(row[2].text[:2] + clipped(row[2].text[2:], left - 2), row[2].styles), *row[3:]]
            for row in rows
        ]
    if room >= 8:
        until = max((look.schedule.end[node] for node in shown), default=0.0)
        for node, row in zip(shown, rows, strict=True):
            row.append(Cell(_bar(told, node, room, until, voice), ("magenta",) if node in critical else ("cyan",)))
    headings = [*_JOB, Column("")][: len(rows[0]) if rows else 0]
    yield f"{voice.style('Schedule', 'bold')}  {voice.pick('◆', '*')} on the critical path"
    yield from table(headings, rows, voice, _INDENT)
    if len(shown) < len(look.schedule.order):
        rest = len(look.schedule.order) - len(shown)
        yield voice.style(f"{_INDENT}and {plural(rest, 'job')} more: --all lists them, --format csv does too", "dim")


_JOB = (
    Column("#", right=True),
    Column("LEVEL", right=True),
    Column("  JOB"),
    Column("START", right=True),
    Column("TAKES", right=True),
    Column("SLACK", right=True),
)


def _job(told: Told, number: int, node: int, critical: bool, voice: Voice) -> list[Cell]:
    look, short = told.outlook, told.amount
    slack = look.slack[node]
    mark = voice.pick("◆ ", "* ") if critical else "  "
    return [
        Cell(f"{number:,}", ("dim",)),
        Cell(str(look.level[node])),
        Cell(mark + clipped(told.name_of(node), _LONGEST_ID), ("magenta", "bold") if critical else ()),
        Cell(short(look.schedule.start[node])),
        Cell(short(look.durations.guesses[node].seconds)),
        Cell(short(slack) if slack > _NO_TIME else "-", ("dim",)),
    ]


def clipped(name: str, columns: int) -> str:
    """An id without its middle if it is too long: ids of a kind begin alike."""
    shown = printable(name)
    if width(shown) <= columns:
        return shown
    tail = shown[-(columns // 2) :] if shown.isascii() else ""
    return cut(shown, columns - len(tail)) + tail


def _bar(told: Told, node: int, room: int, until: float, voice: Voice) -> str:
    """When a job runs, in so many columns for the time until the last of those shown ends."""
    schedule = told.outlook.schedule
    scale = room / until if until else 0.0
    begin = min(int(schedule.start[node] * scale + _NO_TIME), room - 1)
    end = max(round(schedule.end[node] * scale), begin + 1)
    sign = voice.pick("█", "#") if schedule.end[node] > schedule.start[node] else voice.pick("·", ".")
    return " " * begin + sign * (end - begin)


def _workers(told: Told, voice: Voice, columns: int) -> Iterator[str]:
    """How many jobs run over time, and how busy each worker is."""
    look = told.outlook
    workers = look.schedule.workers
    if workers == 1 or not look.schedule.makespan:
        return
    yield voice.style("Workers", "bold")
    room = min(columns - 24, 72)
    shades = voice.pick(_SHADES, _PLAIN_SHADES)
    line = "".join(
        shades[min(round(busy / workers * 8 + 0.49), 8) if busy > _NO_TIME else 0]
        for busy in profile(look.schedule, room)
    )
    yield f"{_INDENT}{voice.style('busy'.ljust(11), 'dim')}{voice.style(line, 'cyan')}  of {workers}"
    ends = f"0{words.with_unit(told, look.schedule.makespan).rjust(room - 1)}"
    yield f"{_INDENT}{' ' * 11}{voice.style(ends, 'dim')}"
    shown = look.busy[:_MOST_WORKERS]
    for number, share in enumerate(shown, 1):
        full = round(share * 40)
        bar = voice.style(voice.pick("█", "#") * full, "cyan") + voice.style(voice.pick("░", ".") * (40 - full), "dim")
        yield f"{_INDENT}{voice.style(f'worker {number}'.ljust(11), 'dim')}{bar} {share:>4.0%}"
    if len(shown) < workers:
        yield voice.style(f"{_INDENT}and {plural(workers - len(shown), 'worker')} more", "dim")


def _sweep(told: Told, voice: Voice, columns: int) -> Iterator[str]:
    look, short = told.outlook, told.amount
    if not look.sweep.points:
        return
    yield voice.style("How many workers", "bold")
    headings = ("WORKERS", "ENDS AFTER", "SPEED-UP", "EFFICIENCY", "AT BEST")
    rows = [
        [
            Cell(f"{point.workers:,}", ("bold",) if point.workers == look.schedule.workers else ()),
            Cell(short(point.makespan)),
            Cell(f"{point.speedup:.2f}"),
            Cell(f"{point.efficiency:.0%}"),
            Cell(short(point.floor), ("dim",)),
            Cell(voice.pick("◂ enough", "< enough") if point.workers == look.sweep.enough else "", ("green",)),
        ]
        for point in look.sweep.points
    ]
    yield from table([*(Column(name, right=True) for name in headings), Column("")], rows, voice, _INDENT)
    if said := words.sweep_said(told):
        yield from _wrapped(voice, said, columns, _INDENT)


def _bottlenecks(told: Told, voice: Voice, columns: int) -> Iterator[str]:
    look, short = told.outlook, told.amount
    found = list(words.bottlenecks(told)) if len(look.jobs) > 1 else []
    if not found and not look.gains:
        return
    yield voice.style("Bottlenecks", "bold")
    rows = [
        [
            Cell(clipped(told.name_of(gain.node), 40)),
            Cell(short(look.durations.guesses[gain.node].seconds)),
            Cell(f"{short(gain.seconds)} sooner", ("bold",)),
        ]
        for gain in look.gains
    ]
    headings = (Column("IF THIS JOB TOOK NO TIME"), Column("TAKES", right=True), Column("THE RUN ENDS", right=True))
    yield from table(headings, rows, voice, _INDENT)
    for sentence in found:
        yield from _wrapped(voice, sentence, columns, f"{_INDENT}{voice.pick('·', '-')} ")


def _risks(told: Told, voice: Voice, columns: int) -> Iterator[str]:
    found = told.outlook.risks
    yield voice.style("Risks", "bold") if found else voice.style("No risks were found", "bold")
    for risk in found:
        head = f"{_INDENT}{voice.pick('▲', '!')} "
        lines = list(_wrapped(voice, f"{risk.message} ({risk.code})", columns, head))
        yield voice.style(lines[0], "yellow")
        yield from (voice.style(line, "yellow") for line in lines[1:])
        yield from _wrapped(voice, words.named(told, risk), columns, "    ") if risk.jobs else ()
        yield from (voice.style(line, "dim") for line in _wrapped(voice, f"mend: {risk.mend}", columns, "    "))


_NO_TIME = 1e-9


def _wrapped(voice: Voice, text: str, columns: int, first: str) -> Iterator[str]:
    """Text in lines of so many columns, ``first`` before the first of them and spaces before the others."""
    line, indent = first, " " * width(first)
    empty = True
    for word in voice.plain(text).split(" "):
        if not empty and width(line) + 1 + width(word) > columns:
            yield line
            line, empty = indent, True
        line += word if empty else f" {word}"
        empty = False
    yield line
