"""A number that changes in steps over time, as an SVG area for our pages: how many jobs run, how much is used."""

from collections.abc import Sequence

from exlib.render import axis
from exlib.render.gantt import WIDTH
from exlib.render.page import escape

_HIGH = 120.0
_LEFT = 44.0
_TOP = 22.0
_FINEST = 0.5
"""Pixels; steps that are closer than this are drawn as one, as high as the highest of them."""


def area(steps: Sequence[tuple[float, int]], most: int, until: float, *, label: str, timed: bool = True) -> str:
    """The chart of values from each moment on; ``most`` is a line across, the limit that there is."""
    top = max([most, *(value for _, value in steps)], default=1) or 1
    until = until or 1.0
    across, up = (WIDTH - _LEFT - 16) / until, _HIGH / top
    bottom = _TOP + _HIGH
    parts = [f'<svg class="chart area" viewBox="0 0 {WIDTH} {bottom + 6:.0f}" role="img" aria-label="{escape(label)}">']
    unit: axis.Unit = "seconds" if timed else "number"
    for at in axis.within(until, unit):
        x = _LEFT + at * across
        parts.append(f'<path class="grid" d="M{x:.1f} {_TOP - 4:.0f}V{bottom:.0f}"/>')
        parts.append(f'<text x="{x:.1f}" y="{_TOP - 8:.0f}" text-anchor="middle">{axis.label(at, unit)}</text>')
    for value in sorted({0, *((top // 2,) if top >= 4 else ()), top}):
        y = bottom - value * up
        parts.append(f'<path class="grid" d="M{_LEFT} {y:.1f}H{_LEFT + until * across:.1f}"/>')
        parts.append(f'<text x="{_LEFT - 8}" y="{y:.1f}" dy=".35em" text-anchor="end">{value:,}</text>')
    parts.append(f'<path class="steps" d="{_path(steps, until, across, up, bottom)}"/>')
    if most < top:
        parts.append(f'<path class="limit" d="M{_LEFT} {bottom - most * up:.1f}H{_LEFT + until * across:.1f}"/>')
    return "\n".join([*parts, "</svg>\n"])


def _path(steps: Sequence[tuple[float, int]], until: float, across: float, up: float, bottom: float) -> str:
    """An outline that begins and ends on the axis."""
    drawn: list[tuple[float, int]] = []
    for at, value in steps:
        x = _LEFT + at * across
        if len(drawn) > 1 and x - drawn[-1][0] < _FINEST:
            drawn[-1] = drawn[-1][0], max(value, drawn[-1][1])
        else:
            drawn.append((x, value))
    moves = "".join(f"H{x:.1f}V{bottom - value * up:.1f}" for x, value in drawn)
    return f"M{_LEFT} {bottom:.1f}{moves}H{_LEFT + until * across:.1f}V{bottom:.1f}Z"
