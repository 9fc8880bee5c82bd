"""Times as the steps timeout and sleep state them."""

from __future__ import annotations

from exlib.convert.jenkins.scope import Scope, static
from exlib.convert.jenkins.syntax import Call

_UNITS = {
    "NANOSECONDS": 1e-9, "MICROSECONDS": 1e-6, "MILLISECONDS": 1e-3, "SECONDS": 1, "MINUTES": 60, "HOURS": 3600,
    "DAYS": 86400,
}  # fmt: skip


def seconds_of(node: Call, scope: Scope, default_unit: str) -> float | None:
    """The seconds that a call states as its only argument or as ``time`` and ``unit``; None if that is not known."""
    time = node.args[0] if len(node.args) == 1 else node.argument("time")
    unit = node.argument("unit")
    if time is None:
        return None
    count = static(time, scope)
    count = int(count) if isinstance(count, str) and count.isdecimal() else count
    scale = _UNITS.get(str(static(unit, scope))) if unit is not None else _UNITS[default_unit]
    if type(count) not in (int, float) or scale is None or not 0 < count * scale < 1e9:
        return None
    seconds = count * scale
    return int(seconds) if seconds == int(seconds) else float(seconds)


def stated(seconds: float) -> str:
    """The arguments of a timeout of so many seconds."""
    for unit, scale in (("HOURS", 3600), ("MINUTES", 60), ("SECONDS", 1)):
        if seconds % scale == 0:
            return f"time: {int(seconds // scale)}, unit: '{unit}'"
    return f"time: {max(1, round(seconds * 1000))}, unit: 'MILLISECONDS'"
