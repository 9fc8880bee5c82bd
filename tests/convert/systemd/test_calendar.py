"""Schedules of cron as expressions of systemd: the same moments."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exlib.convert.systemd.calendar import calendar

EXPECTED = {
    "30 2 * * 1-5": ["Mon..Fri *-*-* 02:30:00"],
    "*/15 * * * *": ["*-*-* *:00/15:00"],
    "*/7 * * * *": ["*-*-* *:00/7:00"],
    "5-59/20 1,2,3 * * *": ["*-*-* 01..03:05/20:00"],
    "0 0 1,15 * *": ["*-*-01,15 00:00:00"],
    "0 0 1 * 1": ["*-*-01 00:00:00", "Mon *-*-* 00:00:00"],
    "0 0 */2 * 1": ["Mon *-*-01/2 00:00:00"],
    "0 0 13 * *": ["*-*-13 00:00:00"],
    "0 0 * jan-mar sun": ["Sun *-1..3-* 00:00:00"],
    "0 0 * * 7": ["Sun *-*-* 00:00:00"],
    "0 0 * * 5-7": ["Fri..Sun *-*-* 00:00:00"],
    "0 0 * * 0,6": ["Sat,Sun *-*-* 00:00:00"],
    "@daily": ["*-*-* 00:00:00"],
    "@Weekly": ["Sun *-*-* 00:00:00"],
    "@hourly": ["*-*-* *:00:00"],
    "@yearly": ["*-1-01 00:00:00"],
    "0 0 1-31 * 1": ["*-*-* 00:00:00"],
}


@pytest.mark.parametrize("schedule", EXPECTED)
def test_expressions(schedule: str) -> None:
    assert calendar(schedule) == EXPECTED[schedule]


@pytest.mark.parametrize(
    "schedule",
    ["", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 8", "5-1 * * * *",
     "*/0 * * * *", "a * * * *", "L * * * *", "* * ? * *", "H * * * *", "* * * * 1#2", "@every 5m", "1, * * * *",
     "1-2-3 * * * *", "-1 * * * *", "@reboot", "5/10 * * * *", "² * * * *"],
)  # fmt: skip
def test_other_forms_are_nothing(schedule: str) -> None:
    assert calendar(schedule) is None


NUMBERS = [(0, 59), (0, 23), (1, 28), (1, 12), (0, 6)]


def _field(low: int, high: int) -> st.SearchStrategy[str]:
    one = st.integers(low, high).map(str)
    span = st.tuples(st.integers(low, high), st.integers(low, high)).map(lambda pair: f"{min(pair)}-{max(pair)}")
    step = st.tuples(span, st.integers(1, 9)).map(lambda pair: f"{pair[0]}/{pair[1]}")
    every = st.integers(2, 9).map(lambda number: f"*/{number}")
    return st.just("*") | every | st.lists(one | span | step, min_size=1, max_size=3).map(",".join)


def _members(field: str, low: int, high: int) -> set[int]:
    """By the manual of cron, written anew."""
    found = set()
    for part in field.split(","):
        body, _, step = part.partition("/")
        first, last = (low, high) if body == "*" else ([*map(int, body.split("-"))] * 2)[:2]
        found |= {
            value for value in range(low, high + 1) if first <= value <= last and (value - first) % int(step or 1) == 0
        }
    return found


def _moments(schedule: str, after: datetime) -> Iterator[datetime]:
    fields = schedule.split()
    minutes, hours, days, months, week = (_members(f, *span) for f, span in zip(fields, NUMBERS, strict=True))
    days |= {29, 30, 31} if fields[2].startswith("*") and fields[2] == "*" else set()
    if fields[2].startswith("*/"):
        days = _members(fields[2], 1, 31)
    day = after.replace(hour=0, minute=0, second=0, microsecond=0)
    for _ in range(4000):
        of_month, of_week = day.day in days, day.isoweekday() % 7 in week
        both = fields[2][0] == "*" or fields[4][0] == "*"
        if day.month in months and (of_month and of_week if both else of_month or of_week):
            for hour in sorted(hours):
                for minute in sorted(minutes):
                    moment = day.replace(hour=hour, minute=minute)
                    if moment > after:
                        yield moment
        day += timedelta(days=1)


ANALYZE = shutil.which("systemd-analyze")


@pytest.mark.skipif(ANALYZE is None, reason="systemd is not there")
@settings(max_examples=60)
@given(st.tuples(*(_field(*span) for span in NUMBERS)).map(" ".join))
def test_the_moments_are_those_of_cron(schedule: str) -> None:
    expressions = calendar(schedule)
    assert expressions is not None
    base = datetime(2026, 2, 25, 13, 37, tzinfo=UTC)
    wanted = []
    for moment in _moments(schedule, base):
        wanted.append(moment)
        if len(wanted) == 12:
            break
    told = set()
    for expression in expressions:
        text = subprocess.run(
            ["systemd-analyze", "calendar", "--iterations=12", f"--base-time={base:%Y-%m-%d %H:%M:%S} UTC",
             f"{expression} UTC"],
            capture_output=True, text=True, check=True, env={"TZ": "UTC", "PATH": "/usr/bin:/bin"},
        ).stdout  # fmt: skip
        told |= set(re.findall(r"(?:elapse|#\d+): \w+ ([\d-]+ [\d:]+)", text))
    found = sorted(told)[: len(wanted)]
    assert found == [f"{moment:%Y-%m-%d %H:%M:%S}" for moment in wanted], expressions
