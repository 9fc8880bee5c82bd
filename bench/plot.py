"""A small plot as SVG: panels of lines over a logarithmic axis of jobs, on a card readable on light and dark pages."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

COLOURS = ("#7cc4ff", "#e6c07b")
"""Of the first line and of the second."""
_WIDTH, _HEIGHT, _GAP, _EDGE = 900, 330, 24, 28
_LEFT, _TOP, _BOTTOM = 44, 78, 70
_STYLE = """\
    text { font: 12px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #9aa7b8 }
    .card { fill: #10161f; stroke: #2b3544 }
    .panel { fill: #161e2a }
    .head { font-size: 13px; font-weight: 600; fill: #d7dee8 }
    .grid { stroke: #2b3544 }
    .line { fill: none; stroke-width: 2; stroke-linejoin: round }"""


@dataclass(frozen=True)
class Panel:
    """One plot: a heading, its unit, and lines of (jobs, value) by name."""

    head: str
    unit: str
    lines: dict[str, list[tuple[int, float]]]


def svg(title: str, panels: Sequence[Panel]) -> str:
    """All panels side by side."""
    width = (_WIDTH - 2 * _EDGE - _GAP * (len(panels) - 1)) / len(panels)
    drawn = "".join(_panel(panel, _EDGE + place * (width + _GAP), width) for place, panel in enumerate(panels))
    return f"""\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-labelledby="title">
  <title id="title">{escape(title)}</title>
  <style>
{_STYLE}
  </style>
  <rect class="card" x=".5" y=".5" width="{_WIDTH - 1}" height="{_HEIGHT - 1}" rx="12"/>
{drawn}</svg>
"""


def _panel(panel: Panel, x: float, width: float) -> str:
    points = [point for line in panel.lines.values() for point in line]
    jobs = sorted({count for count, _ in points})
    step, top = _steps(max(value for _, value in points))
    left, right, above, below = x + _LEFT, x + width - 16, _TOP, _HEIGHT - _BOTTOM
    low, span = math.log10(jobs[0]), math.log10(jobs[-1]) - math.log10(jobs[0]) or 1

    def across(count: int) -> float:
        return left + (math.log10(count) - low) / span * (right - left)

    def down(value: float) -> float:
        return below - value / top * (below - above)

    parts = [f'<rect class="panel" x="{x:.0f}" y="20" width="{width:.0f}" height="{_HEIGHT - 40}" rx="8"/>']
    parts += [f'<text class="head" x="{x + 14:.0f}" y="44">{escape(panel.head)}</text>']
    parts += [f'<text x="{x + 14:.0f}" y="61">{escape(panel.unit)}</text>']
    for number in range(round(top / step) + 1):
        y = down(number * step)
        parts.append(f'<path class="grid" d="M{left:.1f} {y:.1f}H{right:.1f}"/>')
        parts.append(f'<text x="{left - 6:.1f}" y="{y + 4:.1f}" text-anchor="end">{number * step:g}</text>')
    for count in (count for count in jobs if math.log10(count).is_integer()):
        parts.append(f'<text x="{across(count):.1f}" y="{below + 18}" text-anchor="middle">{_short(count)}</text>')
    for place, (name, line) in enumerate(panel.lines.items()):
        path = "L".join(f"{across(count):.1f} {down(value):.1f}" for count, value in line)
        parts.append(f'<path class="line" stroke="{COLOURS[place]}" d="M{path}"/>')
        parts += [
            f'<circle fill="{COLOURS[place]}" cx="{across(count):.1f}" cy="{down(value):.1f}" r="3">'
            f"<title>{escape(name)}, {count:,} jobs: {value:.3g} {panel.unit}</title></circle>"
            for count, value in line
        ]
        parts.append(
            f'<text x="{left + place * 72:.1f}" y="{_HEIGHT - 30}" style="fill:{COLOURS[place]}">{escape(name)}</text>'
        )
    parts.append(f'<text x="{right:.1f}" y="{_HEIGHT - 30}" text-anchor="end">jobs</text>')
    return "".join(f"  {part}\n" for part in parts)


def _steps(highest: float) -> tuple[float, float]:
    """The distance of grid lines, 1, 2 or 5 times a power of ten, and the upper end: at most six lines."""
    power = 10.0 ** math.floor(math.log10(highest / 5))
    step = next(power * times for times in (1, 2, 5, 10) if highest / (power * times) <= 5)
    return step, step * math.ceil(highest / step)


def _short(count: int) -> str:
    return f"{count // 1000}k" if count >= 1000 else str(count)
