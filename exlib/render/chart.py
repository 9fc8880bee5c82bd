"""Charts as SVG for pages: points over runs, bars; colours of the page's palette, and a shape besides for each status.

What is under the pointer tells its number (``title``). Nothing here is text of a document but through ``escape``.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from html import escape
from typing import NamedTuple

from exlib.console import span
from exlib.render.axis import Unit, label, ticks
from exlib.render.sparkline import buckets

STYLES = """svg.chart{height:auto}
svg.chart .hit{fill:transparent}
svg.chart .hit:hover{fill:var(--muted);fill-opacity:.14}
svg.chart .line{fill:none;stroke:var(--accent);stroke-width:1.5;stroke-linejoin:round}
svg.chart .dots{fill:none;stroke:var(--accent);stroke-linecap:round}
svg.chart .band{fill:var(--accent);fill-opacity:.14}
svg.chart .marks{fill:none;stroke:var(--strong,var(--muted));stroke-width:2}
svg.chart .usual{stroke:var(--ink);stroke-width:1.5;stroke-dasharray:5 3;fill:none}
svg.chart .since{stroke:var(--critical);stroke-width:1.5;fill:none}
svg.chart text.since{fill:var(--critical);stroke:none;font-weight:600}
svg.chart .bar{fill:var(--accent);fill-opacity:.75}
svg.chart .bar[data-status]{fill:var(--strong)}
svg.chart .bar.other{fill:var(--muted);fill-opacity:.55}
"""
"""What a page with charts adds to its styles."""


class Point(NamedTuple):
    """One run in a chart: ``tick`` for the axis, ``tip`` for the pointer; no value, no point."""

    value: float | None
    tick: str
    tip: str
    status: str = "success"


class Change(NamedTuple):
    """From point ``at`` on it was different: the usual value before and after."""

    at: int
    before: float
    after: float
    text: str = ""


class Bar(NamedTuple):
    """A named length; ``other`` is what it is compared with, drawn below it and told behind it."""

    name: str
    value: float
    tip: str
    status: str | None = None
    other: float | None = None


LEFT, RIGHT, TOP, BOTTOM = 58, 14, 16, 24
_MANY = 150
"""Points above which they are too close to be drawn besides their line."""


def line(
    points: Sequence[Point],
    name: str,
    unit: Unit = "seconds",
    *,
    band: Sequence[tuple[float, float] | None] = (),
    change: Change | None = None,
    width: int = 1000,
    height: int = 200,
) -> str:
    """Points in order from left to right, joined; those of other statuses than success stand apart from the line.

    ``band`` has a low and a high value for each point.
    """
    known = [point.value for point in points if point.value is not None] + [edges[1] for edges in band if edges]
    levels = ticks(max(known, default=0.0), unit)
    step = (width - LEFT - RIGHT) / max(len(points), 1)
    room = height - TOP - BOTTOM

    def x(place: float) -> float:
        return LEFT + (place + 0.5) * step

    def y(value: float) -> float:
        return TOP + room * (1 - value / levels[-1])

    parts = [*_levels(levels, unit, width, y), *_names(points, x, width, height)]
    if band:
        parts.append(_band(band, x, y))
    parts += _series(points, x, y)
    if change is not None:
        parts.append(_change(change, len(points), x, y, height))
    parts += [
        f'<rect class="hit" x="{x(place - 0.5):.1f}" y="{TOP}" width="{step:.1f}" height="{room}">'
        f"<title>{escape(point.tip)}</title></rect>"
        for place, point in enumerate(points)
    ]
    return _svg(name, width, height, parts)


def bars(shown: Sequence[Bar], name: str, unit: Unit = "seconds", *, width: int = 1000) -> str:
    """Horizontal bars, each with its name at its left; long names are cut, the pointer tells them whole."""
    pitch = 30 if any(bar.other is not None for bar in shown) else 22
    left = min(max((len(bar.name) for bar in shown), default=4) * 7 + 16, 240)
    height = pitch * len(shown) + BOTTOM + 6
    levels = ticks(max((max(bar.value, bar.other or 0.0) for bar in shown), default=0.0), unit)
    right = 70 if pitch == 22 else 130

    def x(value: float) -> float:
        return left + (width - left - right) * value / levels[-1]

    def length(value: float) -> float:
        return max(x(value) - left, 1)

    parts = [
        f'<path class="grid" d="M{x(level):.1f} 4V{height - BOTTOM}"/>'
        f'<text x="{x(level):.1f}" y="{height - 8}" text-anchor="middle">{label(level, unit)}</text>'
        for level in levels
    ]
    for number, bar in enumerate(shown):
        top = 6 + number * pitch
        tone = f' data-status="{escape(bar.status)}"' if bar.status else ""
        cut = bar.name if len(bar.name) * 7 <= left - 16 else bar.name[: (left - 16) // 7 - 1] + "…"
        parts.append(
            f"<g><title>{escape(bar.tip)}</title>"
            f'<rect class="hit" x="0" y="{top - 3}" width="{width}" height="{pitch}"/>'
            f'<text class="name" x="{left - 8}" y="{top + 11}" text-anchor="end">{escape(cut)}</text>'
            f'<rect class="bar"{tone} x="{left}" y="{top}" width="{length(bar.value):.1f}" height="13" rx="2"/>'
        )
        if bar.other is not None:
            parts.append(
                f'<rect class="bar other" x="{left}" y="{top + 14}" width="{length(bar.other):.1f}" height="7" rx="2"/>'
            )
        beside = x(max(bar.value, bar.other or 0.0)) + 6
        told = said(bar.value, unit) if bar.other is None else f"{said(bar.value, unit)} / {said(bar.other, unit)}"
        parts.append(f'<text x="{beside:.1f}" y="{top + 11}">{told}</text></g>')
    return _svg(name, width, height, parts)


def spark(values: Sequence[float | None], name: str, *, bad: Collection[int] = (), width: int = 120) -> str:
    """A small line for a cell of a table, from zero to its largest value; ``bad`` places are crossed.

    Values that have no room of their own are taken together, as in a ``sparkline``.
    """
    groups = buckets(len(values), width // 2)
    shown = [
        _middle([value for at in group if at not in bad and (value := values[at]) is not None]) for group in groups
    ]
    top = max((value for value in shown if value is not None), default=0.0) or 1.0
    step = width / max(len(groups), 1)
    path = _joined([(step * (at + 0.5), 18 - 15 * value / top) for at, value in enumerate(shown) if value is not None])
    crosses = "".join(
        _shape("failed", step * (number + 0.5), 18 - 15 * (shown[number] or 0.0) / top, 2.5)
        for number, group in enumerate(groups)
        if any(at in bad for at in group)
    )
    marks = f'<path class="marks" data-status="failed" d="{crosses}"/>' if crosses else ""
    return (
        f'<svg class="chart" role="img" aria-label="{escape(name)}" width="{width}" height="22" '
        f'viewBox="0 0 {width} 22"><title>{escape(name)}</title><path class="line" d="{path}"/>{marks}</svg>'
    )


def _middle(values: Sequence[float | None]) -> float | None:
    known = sorted(value for value in values if value is not None)
    return known[len(known) // 2] if known else None


def said(value: float, unit: Unit) -> str:
    """A number as a person reads it."""
    return span(value) if unit == "seconds" else label(value, unit)


def _levels(levels: Sequence[float], unit: Unit, width: int, y: Callable[[float], float]) -> Iterator[str]:
    """The grid's horizontal lines with their numbers."""
    for level in levels:
        kind = "grid" if level else "axis"
        yield f'<path class="{kind}" d="M{LEFT} {y(level):.1f}H{width - RIGHT}"/>'
        yield f'<text x="{LEFT - 7}" y="{y(level) + 4:.1f}" text-anchor="end">{label(level, unit)}</text>'


def _names(points: Sequence[Point], x: Callable[[float], float], width: int, height: int) -> Iterator[str]:
    """What stands below the points: as many of their names as have room, the last among them."""
    widest = max((len(point.tick) for point in points), default=1) * 7 + 24
    least = -(-len(points) // max(1, (width - LEFT - RIGHT) // widest))
    every = int(ticks(max(least, 1), wanted=1)[1])
    for place in range(len(points) - 1, -1, -every):
        yield f'<text x="{x(place):.1f}" y="{height - 7}" text-anchor="middle">{escape(points[place].tick)}</text>'


def _band(band: Sequence[tuple[float, float] | None], x: Callable[[float], float], y: Callable[[float], float]) -> str:
    upper = [(x(place), y(edges[1])) for place, edges in enumerate(band) if edges]
    lower = [(x(place), y(edges[0])) for place, edges in enumerate(band) if edges]
    return f'<path class="band" d="{_joined([*upper, *reversed(lower)])}Z"/>' if upper else ""


def _series(points: Sequence[Point], x: Callable[[float], float], y: Callable[[float], float]) -> Iterator[str]:
    """The line through what went well, and a shape for each point that did not."""
    fine = [
        (x(at), y(point.value))
        for at, point in enumerate(points)
        if point.status == "success" and point.value is not None
    ]
    yield f'<path class="line" d="{_joined(fine)}"/>'
    if len(points) <= _MANY or len(fine) == 1:
        dots = "".join(f"M{across:.1f} {down:.1f}h0" for across, down in fine)
        yield f'<path class="dots" stroke-width="{5 if len(points) <= 60 else 3.5}" d="{dots}"/>'
    shapes: dict[str, list[str]] = {}
    for at, point in enumerate(points):
        if point.status != "success":
            shapes.setdefault(point.status, []).append(_shape(point.status, x(at), y(point.value or 0.0)))
    for status, drawn in shapes.items():
        yield f'<path class="marks" data-status="{escape(status)}" d="{"".join(drawn)}"/>'


def _change(change: Change, number: int, x: Callable[[float], float], y: Callable[[float], float], height: int) -> str:
    """A line upright where it changed, and what was usual on both sides of it."""
    place = x(change.at - 0.5)
    turned = change.at > number * 2 / 3  # else the words would not find room
    anchor, beside = ("end", place - 5) if turned else ("start", place + 5)
    return (
        f'<path class="usual" d="M{x(-0.5):.1f} {y(change.before):.1f}H{place:.1f}'
        f'M{place:.1f} {y(change.after):.1f}H{x(number - 0.5):.1f}"/>'
        f'<path class="since" d="M{place:.1f} {TOP - 8}V{height - BOTTOM}"/>'
        f'<text class="since" x="{beside:.1f}" y="{TOP - 4}" text-anchor="{anchor}">{escape(change.text)}</text>'
    )


def _shape(status: str, x: float, y: float, size: float = 4) -> str:
    """A cross for what failed, a diamond for a timeout, a square for the rest: told apart without their colours."""
    if status == "failed":
        return f"M{x - size:.1f} {y - size:.1f}l{2 * size} {2 * size}m0 {-2 * size}l{-2 * size} {2 * size}"
    if status == "timeout":
        return f"M{x:.1f} {y - size:.1f}l{size} {size}l{-size} {size}l{-size} {-size}z"
    return f"M{x - size:.1f} {y - size:.1f}h{2 * size}v{2 * size}h{-2 * size}z"


def _joined(spots: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in spots) if spots else ""


def _svg(name: str, width: int, height: int, parts: Sequence[str]) -> str:
    return (
        f'<svg class="chart" role="img" aria-label="{escape(name)}" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}">\n{"".join(parts)}\n</svg>\n'
    )
