"""Round numbers along an axis, and what is written beside them."""

from __future__ import annotations

import math
from typing import Literal

from exlib.console import span

Unit = Literal["seconds", "share", "number"]

_CLOCK = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200)
_DAY = 86_400
_LEAST = 0.001
"""What is smaller is drawn as next to nothing."""


def ticks(top: float, unit: Unit = "number", wanted: int = 4) -> list[float]:
    """Round numbers from 0 to the first that is not below ``top``, about ``wanted`` steps; a clock's for times."""
    if unit == "share":
        return [0, 0.25, 0.5, 0.75, 1]
    step = _step((max(top, _LEAST) if top > 0 else 1) / wanted, unit)
    return [step * number for number in range(max(math.ceil(round(top / step, 9)), 1) + 1)]


def within(until: float, unit: Unit = "number", wanted: int = 9) -> list[float]:
    """Those of ``ticks`` that lie on an axis which ends at ``until``."""
    return [at for at in ticks(until, unit, wanted) if at <= until * (1 + 1e-9)]


def label(value: float, unit: Unit = "number") -> str:
    """What stands beside a tick: ``0``, ``0.5s``, ``30s``, ``1m 30s``, ``2h``; ``25%``."""
    if unit == "share":
        return f"{value:.0%}"
    if not value:
        return "0"
    if unit == "number":
        return f"{value:,.10g}"
    if value < 60:
        return f"{value:.10g}s"
    return span(value).replace(" 00s", "").replace(" 00m", "").replace(" 00h", "")


def _step(least: float, unit: Unit) -> float:
    """The smallest round step that is not below ``least``."""
    if unit == "seconds" and least > 0.5:
        found = next((step for step in _CLOCK if step >= least), None)
        return found if found is not None else _DAY * _decimal(least / _DAY)
    return max(_decimal(least), 1.0) if unit == "number" else _decimal(least)


def _decimal(least: float) -> float:
    power = 10.0 ** math.floor(math.log10(least))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= least * (1 - 1e-9))
