"""A Gantt chart as an SVG for our pages: bars in lanes over time, thin or merged where they are too many.

A page that shows one adds ``asset("gantt.css")`` to its styles; with ``asset("gantt.js")`` a bar that is pointed at,
clicked or reached by the arrow keys shows what the page's data has under ``bars`` for its key, in an element
``#bar-detail``.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from exlib.console import cut, span
from exlib.render import axis
from exlib.render.page import escape
from exlib.render.palette import LOOKS


class Bar(NamedTuple):
    """Something that took from ``start`` to ``end``, in seconds from the chart's left edge.

    ``status`` is a key of ``palette.LOOKS``; ``title`` is told on hover; ``key`` finds its details on the page.
    """

    lane: int
    start: float
    end: float
    label: str
    status: str | None = None
    critical: bool = False
    title: str = ""
    key: str = ""


class Mark(NamedTuple):
    """A moment with a name: a line across all lanes."""

    at: float
    label: str


WIDTH = 1160
MOST_ROWS = 400
"""Lanes above this number share rows."""
_LEAST = 1e-6
_LETTER = 6.7
_LONGEST_NAME = 26
_SHORT = 9
"""Labels of fewer letters are shown whole or not at all."""
_THIN = 1.5
"""Pixels below which neighbouring bars of one lane are merged into one."""


class _Drawn(NamedTuple):
    """One or more bars in a row, in pixels."""

    left: float
    right: float
    bar: Bar
    number: int


def gantt(
    bars: Sequence[Bar],
    lanes: Sequence[str],
    *,
    label: str,
    end: float | None = None,
    marks: Sequence[Mark] = (),
    timed: bool = True,
) -> str:
    """The chart. ``lanes`` are the names beside them, ``label`` says what it shows; not ``timed``, the axis counts."""
    until = max([bar.end for bar in bars] + [mark.at for mark in marks] + [end or 0.0], default=0.0)
    until = until if until > _LEAST else 1.0
    rows = min(len(lanes), MOST_ROWS) or 1
    high = _row_height(rows)
    named = high >= 11 and len(lanes) == rows
    left = 12 + (max((min(len(name), _LONGEST_NAME) for name in lanes), default=0) * _LETTER if named else 0)
    scale = (WIDTH - left - 16) / until
    top, bottom = (36.0 if marks else 22.0), (36.0 if marks else 22.0) + rows * high
    parts = [
        f'<svg class="chart gantt" viewBox="0 0 {WIDTH} {bottom + 6:.0f}" role="group" aria-label="{escape(label)}">'
    ]
    parts += _axis(until, scale, left, top, bottom, timed)
    if named:
        parts += [
            f'<text class="name" x="{left - 8:.1f}" y="{top + (lane + 0.5) * high:.1f}" dy=".35em" text-anchor="end">'
            f"{escape(cut(name, _LONGEST_NAME))}</text>"
            for lane, name in enumerate(lanes)
        ]
    by_row: list[list[Bar]] = [[] for _ in range(rows)]
    for bar in bars:
        by_row[bar.lane * rows // max(len(lanes), 1)].append(bar)
    shared = len(lanes) > rows
    for row, found in enumerate(by_row):
        y = top + row * high
        parts += [_bar(drawn, y, high, timed) for drawn in _merged(found, left, scale, shared)]
    parts += [_mark(mark, left + mark.at * scale, top, bottom) for mark in marks]
    return "\n".join([*parts, "</svg>\n"])


def _row_height(rows: int) -> float:
    """Rows are as high as a line of text while they are few, and a few pixels when they are hundreds."""
    return 24.0 if rows <= 24 else 18.0 if rows <= 60 else 12.0 if rows <= 120 else max(900.0 / rows, 3.0)


def _axis(until: float, scale: float, left: float, top: float, bottom: float, timed: bool) -> Iterator[str]:
    unit: axis.Unit = "seconds" if timed else "number"
    for at in axis.within(until, unit):
        x = left + at * scale
        yield f'<path class="grid" d="M{x:.1f} {top - 4:.0f}V{bottom:.0f}"/>'
        yield f'<text x="{x:.1f}" y="{top - 8:.0f}" text-anchor="middle">{axis.label(at, unit)}</text>'
    yield f'<path class="axis" d="M{left:.1f} {top:.0f}H{left + until * scale:.1f}"/>'


def _merged(bars: Sequence[Bar], left: float, scale: float, shared: bool) -> Iterator[_Drawn]:
    """A row's bars from left to right; those too thin to be told apart become one, as do those of a shared row."""
    last: _Drawn | None = None
    for bar in sorted(bars, key=lambda bar: (bar.start, bar.end)):
        begin, stop = left + bar.start * scale, left + bar.end * scale
        if last is not None:
            thin = stop - begin < _THIN and (last.number > 1 or last.right - last.left < _THIN)
            thin = thin and begin - last.right < 0.5
            if (thin or (shared and begin < last.right)) and _alike(bar, last.bar):
                last = last._replace(right=max(last.right, stop), number=last.number + 1)
                continue
            yield last
        last = _Drawn(begin, stop, bar, 1)
    if last is not None:
        yield last


def _alike(one: Bar, other: Bar) -> bool:
    return one.status == other.status and one.critical == other.critical


def _bar(drawn: _Drawn, y: float, high: float, timed: bool) -> str:
    bar, room = drawn.bar, drawn.right - drawn.left
    inset = 3.0 if high >= 18 else 1.0 if high >= 8 else 0.25
    wide = max(room - (1 if room > 4 else 0), 1.0)
    thin = " thin" if wide < 4 or high < 8 else ""
    status = f' data-status="{escape(bar.status)}"' if bar.status else ""
    key = f' data-key="{escape(bar.key)}"' if bar.key and drawn.number == 1 else ""
    said = bar.title or f"{bar.label}: {_time(bar.end - bar.start, timed)}"
    if drawn.number > 1:
        said = f"{drawn.number} bars too thin to be told apart here, the first: {bar.label}"
    return (
        f'<g class="bar{" critical" if bar.critical else ""}{thin}"{status}{key}><title>{escape(said)}</title>'
        f'<rect x="{drawn.left:.2f}" y="{y + inset:.2f}" width="{wide:.2f}" height="{high - 2 * inset:.2f}" rx="2"/>'
        f"{_label(drawn, y, high)}</g>"
    )


def _label(drawn: _Drawn, y: float, high: float) -> str:
    """The bar's label with the mark of its status, as far as it fits."""
    bar = drawn.bar
    text = bar.label if drawn.number == 1 else f"{drawn.number} ×"
    if bar.status in LOOKS:
        text = f"{LOOKS[bar.status].mark} {text}"
    room = int((drawn.right - drawn.left - 8) / _LETTER)
    if high < 14 or room < (len(text) if len(text) < _SHORT else 5):
        return ""
    x, middle = drawn.left + 5, y + high / 2
    return f'<text x="{x:.1f}" y="{middle:.1f}" dy=".35em">{escape(cut(text, room))}</text>'


def _mark(mark: Mark, x: float, top: float, bottom: float) -> str:
    side = ' text-anchor="end"' if x > WIDTH * 0.8 else ""
    return (
        f'<g class="mark"><path d="M{x:.1f} {top - 20:.0f}V{bottom:.0f}"/>'
        f'<text x="{x + (-4 if side else 4):.1f}" y="{top - 24:.0f}"{side}>{escape(mark.label)}</text></g>'
    )


def _time(seconds: float, timed: bool) -> str:
    return span(seconds) if timed else f"{seconds:g}"
