from __future__ import annotations

import io
import os
import re

import pytest

from exlib import events as ev
from exlib.console import Console, width
from exlib.report.lines import Lines
from tests.report.story import (
    EVERY_KIND,
    NOON,
    attempt_started,
    job_finished,
    run_started,
    skipped,
)

CLOCK = re.compile(r"^\d\d:\d\d:\d\d ", re.MULTILINE)


def told(events: list[ev.Event], *, verbosity: int = 0, color: str = "never") -> str:
    console = Console()
    console.verbosity, console.color = verbosity, color
    stream = io.StringIO()
    lines = Lines(console, stream)
    lines.read(events)
    lines.close()
    return CLOCK.sub("", stream.getvalue())


STORY: list[ev.Event] = [
    run_started(jobs=12),
    ev.JobReused(NOON, "extract", "unchanged"),
    attempt_started("load"),
    ev.JobRetrying(NOON, "load", 2, 30.0, "exit code 3"),
    attempt_started("load", number=2),
    job_finished("load", "failed", exit_code=3, attempts=2, duration=83.0),
    skipped("report"),
    attempt_started("clean"),
    job_finished("clean", duration=0.25),
    ev.Notice(NOON, "warning", "the disk is nearly full"),
    ev.Notice(NOON, "info", "stopping"),
]


def test_a_line_for_each_start_and_end_all_aligned() -> None:
    assert told(STORY).splitlines() == [
        "nightly run 12: 12 jobs, 2 workers, logs in /var/log/ex/12",
        "[ 1/12] = extract                   unchanged",
        "[ 1/12] ▸ load",
        "[ 1/12] ↻ load                      attempt 2 in 30.0s: exit code 3",
        "[ 1/12] ▸ load                      attempt 2",
        "[ 2/12] ✗ load              1m 23s  failed: exit code 3 (2 attempts)",
        "[ 3/12] ↷ report                    skipped: load failed",
        "[ 3/12] ▸ clean",
        "[ 4/12] ✓ clean              0.25s",
        "warning: the disk is nearly full",
        "stopping",
    ]


def test_quiet_tells_failures_and_warnings_only() -> None:
    assert told(STORY, verbosity=-1).splitlines() == [
        "[ 2/12] ✗ load              1m 23s  failed: exit code 3 (2 attempts)",
        "warning: the disk is nearly full",
    ]


@pytest.mark.parametrize("verbosity", [-1, 0])
def test_a_log_that_may_be_cut_off_is_never_passed_over(verbosity: int) -> None:
    cut = ev.LogTruncated(NOON, "load", 1, "/var/log/ex/12/load.1.log")
    expected = "warning: load: its log may be cut off, no space was left for it: /var/log/ex/12/load.1.log\n"
    assert told([cut], verbosity=verbosity) == expected


def test_verbose_adds_the_commands() -> None:
    assert "▸ clean                     do clean" in told(STORY, verbosity=1)


def test_a_terminal_sees_colours_and_the_same_words() -> None:
    coloured = told(STORY, color="always")
    assert "\x1b[31;1m✗\x1b[0m" in coloured
    plain = re.sub(r"\x1b\[[\d;]*m", "", coloured)
    assert CLOCK.sub("", plain) == told(STORY)


@pytest.mark.parametrize("event", EVERY_KIND, ids=lambda event: ev.kind(event))
def test_no_event_breaks_the_display_or_its_line(event: ev.Event) -> None:
    for verbosity in (-1, 0, 1):
        assert told([event], verbosity=verbosity).count("\n") <= 1


def test_ids_and_reasons_cannot_drive_the_terminal() -> None:
    text = told([job_finished("a\x1b[2Jb", "failed", reason="c\r\nd")])
    assert "\x1b" not in text
    assert text.count("\n") == 1
    assert "\r" not in text


def test_wide_ids_keep_the_columns() -> None:
    rows = told([job_finished("日本語の仕事"), job_finished("plain")]).splitlines()
    assert len({width(row) for row in rows}) == 1


def test_a_pager_that_waits_holds_nothing_up_and_asks_for_ticks() -> None:
    reading, writing = os.pipe()
    with os.fdopen(writing, "w") as stream:
        lines = Lines(Console(), stream)
        assert lines.interval is None
        for n in range(3000):
            lines.read([job_finished(f"job{n}")])
        assert lines.interval is not None
        got = b""
        while lines.interval is not None:
            got += os.read(reading, 1 << 20)
            lines.tick()
        got += os.read(reading, 1 << 20)
    os.close(reading)
    assert re.findall(rb"job(\d+) ", got) == [b"%d" % n for n in range(3000)]
