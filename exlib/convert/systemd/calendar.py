"""The five fields of cron, and its words, as calendar expressions of systemd."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

_WORDS = {
    "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
}  # fmt: skip
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_DAYS = "sun mon tue wed thu fri sat".split()
_RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
_NAMES: tuple[Sequence[str], ...] = ((), (), (), ("", *_MONTHS), _DAYS)


def calendar(schedule: str) -> list[str] | None:
    """The expressions that stand for a schedule, any of which may fire; None if it is no schedule of this kind."""
    fields = _WORDS.get(schedule.strip().lower(), schedule).split()
    if len(fields) != 5:
        return None
    values = [_values(field, number) for number, field in enumerate(fields)]
    if any(value is None for value in values):
        return None
    minutes, hours, days, months, weekdays = (value or [] for value in values)
    week = sorted({day % 7 for day in weekdays})
    time = f"{_listed(hours, 1, 2)}:{_listed(minutes, 0, 2)}:00"
    named = _weekdays(week) if len(week) < 7 else ""
    dates = f"*-{_listed(months, 3)}-"
    either = not fields[2].startswith("*") and not fields[4].startswith("*")
    if either and named and len(days) < 31:
        # cron runs on either, systemd on both: that is two expressions
        return [f"{dates}{_listed(days, 2, 2)} {time}", f"{named} {dates}* {time}"]
    if either:
        return [f"{dates}* {time}"]
    return [f"{named} {dates}{_listed(days, 2, 2)} {time}".strip()]


def _values(field: str, number: int) -> list[int] | None:
    """The values of a field in order; None if it has another form."""
    found: set[int] = set()
    low, high = _RANGES[number]
    for part in field.split(","):
        span, slash, step = part.partition("/")
        if slash and (not step.isascii() or not step.isdigit() or int(step) == 0):
            return None
        first, dash, last = span.partition("-")
        begin = low if span == "*" else _value(first, number)
        end = high if span == "*" else _value(last, number) if dash else begin
        if span == "*" and number == 4:
            end = 6
        if begin is None or end is None or not low <= begin <= end <= high or (slash and not dash and span != "*"):
            return None
        found.update(range(begin, end + 1, int(step) if slash else 1))
    return sorted(found)


def _value(text: str, number: int) -> int | None:
    names = _NAMES[number]
    if text.lower() in names and text:
        return names.index(text.lower())
    return int(text) if text.isascii() and text.isdigit() else None


def _listed(values: Sequence[int], number: int, width: int = 1) -> str:
    """Values as systemd lists them: all, in steps to the end, or one by one with ranges."""
    low, high = _RANGES[number]
    if len(values) == high - low + 1:
        return "*"
    if len(values) > 2:
        step = values[1] - values[0]
        steady = all(after - before == step for before, after in pairwise(values))
        if step > 1 and steady and values[-1] + step > high:
            return f"{values[0]:0{width}}/{step}"
    return ",".join(f"{a:0{width}}" if a == b else f"{a:0{width}}..{b:0{width}}" for a, b in _runs(values))


def _weekdays(values: Sequence[int]) -> str:
    # systemd's week begins on Monday
    moved = sorted((value - 1) % 7 for value in values)
    names = [*_DAYS[1:], _DAYS[0]]
    runs = ((names[a].capitalize(), names[b].capitalize()) for a, b in _runs(moved))
    return ",".join(a if a == b else f"{a}..{b}" for a, b in runs)


def _runs(values: Sequence[int]) -> list[tuple[int, int]]:
    """Values in order as ranges; two neighbours stay two."""
    runs: list[tuple[int, int]] = []
    for value in values:
        if runs and value == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], value)
        else:
            runs.append((value, value))
    return [one for a, b in runs for one in ([(a, b)] if b - a != 1 else [(a, a), (b, b)])]
