from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exlib.errors import InputError
from exlib.plugins.verdict import Verdict
from exlib.plugins.waits import WaitContext, occurrence, poll_builtin
from exlib.workflow import Wait

HOUR = 3_600


def poll(
    plugin: str,
    params: Mapping[str, Any],
    *,
    now: float = 0.0,
    started: float | None = None,
    env: Mapping[str, str] | None = None,
    cwd: Path | str = "/",
    last_job: Callable[[str, str | None], Any] = lambda application, job: None,
) -> Verdict:
    context = WaitContext(now, now if started is None else started, env or {}, str(cwd), last_job)
    return poll_builtin(Wait(plugin, params, None), context)


def at(text: str, zone: str = "UTC") -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()


def test_a_file_is_waited_for_until_it_is_there(tmp_path: Path) -> None:
    params = {"path": "${DAY}/in*.csv"}
    env = {"DAY": str(tmp_path)}
    assert poll("file", params, env=env, cwd=tmp_path) == Verdict(
        False, f"waiting for a file: no file matches {tmp_path}/in*.csv"
    )
    (tmp_path / "in1.csv").touch()
    assert poll("file", params, env=env, cwd=tmp_path) == Verdict(True, "in1.csv is there")


def test_a_directory_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    assert poll("file", {"path": "in"}, cwd=tmp_path).message == "waiting for a file: in is a directory, not a file"


@pytest.mark.parametrize("settled", [60, "60s", "1m"])
def test_a_file_settles_when_its_last_change_is_long_enough_ago(tmp_path: Path, settled: str | int) -> None:
    file = tmp_path / "in"
    file.touch()
    os.utime(file, (0, 0))  # an old modification time, as cp -p sets it, means nothing
    changed = file.stat().st_ctime
    params = {"path": "in", "settled": settled}
    young = poll("file", params, cwd=tmp_path, now=changed + 59)
    assert young == Verdict(False, "waiting for in to settle: it changed 59 s ago, 60 s are required")
    assert not poll("file", params, cwd=tmp_path, now=changed - 100).passed  # a clock that lags behind the server's
    assert poll("file", params, cwd=tmp_path, now=changed + 61).passed


@pytest.mark.parametrize(
    ("started", "time", "day", "due"),
    [
        ("2026-03-10 22:00", "02:00", "nearest", "2026-03-11 02:00"),
        ("2026-03-10 06:05", "06:00", "nearest", "2026-03-10 06:00"),
        ("2026-03-11 02:30", "02:00", "nearest", "2026-03-11 02:00"),
        ("2026-03-11 00:10", "23:50", "nearest", "2026-03-10 23:50"),
        ("2026-03-10 06:05", "06:00", "today", "2026-03-10 06:00"),
        ("2026-03-10 22:00", "02:00", "today", "2026-03-10 02:00"),
        ("2026-03-10 02:00", "22:00", "today", "2026-03-10 22:00"),
        ("2026-03-10 06:05", "06:00", "next", "2026-03-11 06:00"),
        ("2026-03-10 05:55", "06:00:30", "next", "2026-03-10 06:00:30"),
        ("2026-03-10 06:00", "6:00", "next", "2026-03-11 06:00"),
    ],
)
def test_which_day_a_time_of_day_means(started: str, time: str, day: str, due: str) -> None:
    assert occurrence(time, day, at(started), ZoneInfo("UTC")) == at(due)


def test_a_time_is_waited_for_until_it_comes() -> None:
    params = {"at": "02:00", "tz": "Europe/Berlin"}
    started = at("2026-03-10 22:00", "Europe/Berlin")
    assert poll("time", params, now=started) == Verdict(False, "waiting for 2026-03-11 02:00:00 Europe/Berlin")
    assert not poll("time", params, now=started + 4 * HOUR - 1, started=started).passed
    assert poll("time", params, now=started + 4 * HOUR, started=started).passed
    assert poll("time", params, now=started + 30 * HOUR, started=started).passed


def test_a_time_that_the_clock_skips_falls_as_much_later() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    assert occurrence("02:30", "next", at("2026-03-29 00:00", "Europe/Berlin"), berlin) == at("2026-03-29 01:30")
    twice = occurrence("02:30", "next", at("2026-10-25 00:00", "Europe/Berlin"), berlin)
    assert twice == at("2026-10-25 00:30")  # the first of the two, still summer time


ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Apia"])


@given(st.integers(0, 23), st.integers(0, 59), st.integers(1_600_000_000, 2_000_000_000), ZONES)
def test_the_nearest_occurrence_is_within_half_a_day(hour: int, minute: int, started: int, zone: str) -> None:
    due = occurrence(f"{hour}:{minute:02}", "nearest", started, ZoneInfo(zone))
    assert abs(due - started) <= 13 * HOUR  # one more for a change of the clocks
    following = occurrence(f"{hour}:{minute:02}", "next", started, ZoneInfo(zone))
    assert started < following <= started + 26 * HOUR


def test_without_a_zone_it_is_the_machine_s_local_time() -> None:
    started = datetime(2026, 3, 10, 5, 0).timestamp()
    assert occurrence("06:00", "nearest", started, None) == started + HOUR


def record(status: str, ended: float | None) -> Callable[[str, str | None], Any]:
    return lambda application, job: SimpleNamespace(status=status, ended=ended)


LATE = 'waiting for "nightly": its last run ended 1.67 min ago, more than'


@pytest.mark.parametrize(
    ("params", "status", "ended", "passed", "message"),
    [
        ({}, "success", 900.0, True, '"nightly" ended as success 1.67 min ago'),
        ({"job": "load"}, "success", 900.0, True, 'job "load" of "nightly" ended as success 1.67 min ago'),
        ({}, "failed", 900.0, False, 'waiting for "nightly" to end as success: its last run ended as failed'),
        ({"status": "any"}, "failed", 900.0, True, '"nightly" ended as failed 1.67 min ago'),
        ({"status": "failed"}, "failed", 900.0, True, '"nightly" ended as failed 1.67 min ago'),
        ({}, "running", None, False, 'waiting for "nightly": its last run has not ended'),
        ({"within": "2m"}, "success", 900.0, True, '"nightly" ended as success 1.67 min ago'),
        ({"within": "90s"}, "success", 900.0, False, f"{LATE} 90s"),
        ({"within": 90}, "success", 900.0, False, f"{LATE} 90"),
    ],
)
def test_another_workflow_s_last_run(
    params: dict[str, Any], status: str, ended: float | None, passed: bool, message: str
) -> None:
    verdict = poll("workflow", {"application": "nightly", **params}, now=1_000.0, last_job=record(status, ended))
    assert verdict == Verdict(passed, message)


def test_a_workflow_that_never_ran_is_waited_for_by_its_expanded_name() -> None:
    asked: list[tuple[str, str | None]] = []

    def last_job(application: str, job: str | None) -> None:
        asked.append((application, job))

    verdict = poll("workflow", {"application": "${A}", "job": "j"}, env={"A": "feed"}, last_job=last_job)
    assert verdict == Verdict(False, 'waiting for job "j" of "feed": it has not run yet')
    assert asked == [("feed", "j")]


@pytest.mark.parametrize(
    ("plugin", "params", "message"),
    [
        ("file", {}, 'wait "file": parameter "path" is missing'),
        ("file", {"path": "x", "settled": "soon"}, "is not a length of time: 'soon'"),
        ("file", {"path": "x", "settled": -1}, "is not a length of time: -1"),
        ("time", {"at": "25:00"}, 'is not a time of day: "25:00"'),
        ("time", {"at": 2}, "must be a string, got 2"),
        ("time", {"at": "${NO}"}, 'is not a time of day: "'),
        ("time", {"at": "02:00", "day": "tomorrow"}, 'must not be "tomorrow"'),
        ("time", {"at": "02:00", "tz": "Mars/Olympus"}, 'time zone "Mars/Olympus" is unknown'),
        ("time", {"at": "02:00", "tz": "../../etc/passwd"}, "is unknown"),
        ("workflow", {"job": "x"}, 'parameter "application" is missing'),
        ("workflow", {"application": "x", "status": "ok"}, 'must not be "ok"'),
        ("workflow", {"application": "x", "within": "a day"}, "is not a length of time"),
        ("fil", {"path": "x"}, 'there is no built-in wait "fil"'),
    ],
)
def test_an_impossible_wait_raises(plugin: str, params: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as raised:
        poll(plugin, params)
    assert message in raised.value.message


def test_a_file_settles_by_being_watched_when_somebody_set_the_clock(tmp_path: Path) -> None:
    file = tmp_path / "in"
    file.touch()
    changed = file.stat().st_ctime
    seen: dict[str, Any] = {}

    def look(waited: float, now: float) -> bool:
        context = WaitContext(
            now, changed, {}, str(tmp_path), lambda *_: None, waited=waited, seen=seen, clock_was_set=True
        )
        return poll_builtin(Wait("file", {"path": "in", "settled": 60}, None), context).passed

    assert not look(0, changed + 86_400)
    assert not look(59, changed + 86_459)
    file.write_text("more")
    assert not look(61, changed + 86_461)
    assert not look(120, changed - 86_400)
    assert look(121, changed - 86_399)


def test_a_file_with_a_change_time_to_come_settles_by_being_watched(tmp_path: Path) -> None:
    (tmp_path / "in").touch()
    seen: dict[str, Any] = {}
    for waited, passed in ((0, False), (59, False), (60, True)):
        context = WaitContext(waited, 0.0, {}, str(tmp_path), lambda *_: None, waited=waited, seen=seen)
        assert poll_builtin(Wait("file", {"path": "in", "settled": 60}, None), context).passed is passed
