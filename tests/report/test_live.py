from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from exlib import events as ev
from exlib.console import Console
from exlib.masking import Mask
from exlib.report import live as live_module
from exlib.report.estimate import Estimate
from exlib.report.live import Live
from tests.graphs import of_jobs
from tests.report.screen import Screen
from tests.report.story import (
    EVERY_KIND,
    NOON,
    attempt_finished,
    attempt_started,
    job_finished,
    run_finished,
    run_started,
    skipped,
)

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def draw_at_every_tick(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FIRST", "FRAME", "_SHARE"):
        monkeypatch.setattr(live_module, name, 0)


@pytest.fixture
def screen() -> Iterator[Screen]:
    screen = Screen()
    yield screen
    screen.close()


def view(
    screen: Screen,
    *,
    color: str = "never",
    now: float = NOON + 7,
    estimate: Estimate | None = None,
    mask: Mask | None = None,
) -> Live:
    console = Console()
    console.color = color
    return Live(console, screen.stream, estimate=estimate, mask=mask or Mask(), clock=lambda: now)


def test_running_jobs_counts_and_elapsed_time(screen: Screen) -> None:
    live = view(screen, now=100.0)
    live.read([run_started(jobs=10), attempt_started("load")])
    live._clock = lambda: 105.0
    live.read([attempt_started("index", time=NOON - 86_400, number=2)])  # somebody set the clock back
    live.read([job_finished("extract"), skipped("report")])
    live._clock = lambda: 107.0
    live.tick()
    lines = screen.look()
    assert re.fullmatch(r"nightly run 12  ━+╸? +2/10  0:07", lines[0])
    assert lines[1] == "  2 running  ✓ 1 success  ↷ 1 skipped  6 to come"
    assert re.fullmatch(r"   load   ·+  0:07", lines[2])
    assert re.fullmatch(r"   index  ·+  0:02, attempt 2", lines[3])


def test_bars_and_the_time_left_come_from_earlier_runs(screen: Screen) -> None:
    estimate = Estimate(of_jobs({"load": [], "report": ["load"]}), {"load": 14.0, "report": 30.0})
    live = view(screen, estimate=estimate, now=100.0)
    live.read([run_started(jobs=2), attempt_started("load")])
    live._clock = lambda: 107.0
    live.tick()
    lines = screen.look()
    assert lines[0].endswith("0/2  0:07  about 37.0s left")
    assert re.fullmatch(r"   load  ━+[╸╺]? +0:07 of about 14.0s", lines[2])


@pytest.mark.parametrize("now", [1, 30])
def test_frames_that_shrink_and_grow_leave_nothing_of_each_other(screen: Screen, now: int) -> None:
    """They stand in the first row too: the screen refuses to be cleared from there, for the sake of tmux."""
    live = view(screen)
    live.read([run_started(jobs=40)])
    for count in (now, 31 - now, 5):
        live.read([attempt_started(f"a name of {count} letters {n}") for n in range(count)])
        live.tick()
        live.read([attempt_finished(f"a name of {count} letters {n}") for n in range(count)])
        assert [line for line in screen.look() if "letters" in line and f"of {count} " not in line] == []
        assert len([line for line in screen.look() if line.startswith("nightly")]) == 1
    live.close()
    assert screen.look() == []


@pytest.mark.parametrize(("rows", "running"), [(40, 30), (40, 37), (40, 50), (12, 9), (12, 10)])
def test_running_jobs_take_the_height_there_is(rows: int, running: int) -> None:
    screen = Screen(120, rows)
    live = view(screen)
    live.read([run_started(jobs=99), *(attempt_started(f"job {n}") for n in range(running))])
    live.tick()
    lines = screen.look()
    shown = [line for line in lines if line.startswith("   job ")]
    if running + 2 <= rows - 1:
        assert len(shown) == running
    else:
        assert (len(shown), len(lines), lines[-1]) == (rows - 4, rows - 1, f"   and {running - rows + 4} more")
    screen.close()


def test_failures_and_warnings_stay_above_the_view(screen: Screen) -> None:
    live = view(screen)
    live.read([run_started()])
    live.tick()
    live.read([job_finished("load", "failed", exit_code=3), ev.Notice(NOON, "warning", "nearly full")])
    live.tick()
    live.tick()
    assert screen.look()[:2] == ["✗ load failed after 1.5s: exit code 3", "warning: nearly full"]
    assert screen.look()[2].startswith("nightly run 12")


def test_close_leaves_only_what_stays_and_the_terminal_as_it_was(screen: Screen) -> None:
    screen.stream.write("$ ex-run\n")
    live = view(screen, color="always")
    live.read([run_started(), attempt_started("load")])
    live.tick()
    live.read([job_finished("load", "failed", exit_code=3)])
    live.close()
    live.close()
    live.tick()
    assert screen.look() == ["$ ex-run", "✗ load failed after 1.5s: exit code 3"]
    assert screen.cursor_at_line_start()
    assert screen.untouched()


def test_the_end_of_the_run_takes_the_view_away(screen: Screen) -> None:
    live = view(screen)
    live.read([run_started()])
    live.tick()
    live.read([run_finished()])
    assert screen.look() == []


def test_the_newest_output_is_of_the_job_that_wrote_last(screen: Screen, tmp_path: Path) -> None:
    live = view(screen, mask=Mask(["hunter22"]))
    live.read([run_started(log_dir=str(tmp_path)), attempt_started("load"), attempt_started("index")])
    (tmp_path / "load.1.log").write_bytes(b"old\n")
    os.utime(tmp_path / "load.1.log", (1, 1))
    (tmp_path / "index.1.log").write_bytes(b"1\n2\n3\nhunter22 \xff\x1b[2J\x07" + b"x" * 500 + b"\n")
    live.tick()
    lines = screen.look()
    assert " ┌ index" in lines
    at = lines.index(" ┌ index")
    assert lines[at + 1 : at + 3] == [" │ 2", " │ 3"]
    assert re.fullmatch(r" │ \*{8} �\\x07x+…", lines[at + 3])
    (tmp_path / "load.1.log").write_bytes(b"new\n")
    os.utime(tmp_path / "load.1.log", (NOON * 2, NOON * 2))
    live.tick()
    assert screen.look()[-2:] == [" ┌ load", " │ new"]


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (40, 10), (20, 5), (10, 3), (4, 2), (1, 1), (300, 100)])
def test_it_fits_every_terminal(columns: int, rows: int, tmp_path: Path) -> None:
    screen = Screen(columns, rows)
    live = view(screen)
    live.read([run_started(jobs=200, application="an application of a rather long name", log_dir=str(tmp_path))])
    live.read([attempt_started(f"a job of a long name with 日本語 {n}", "x.log") for n in range(50)])
    live.read([job_finished("a"), job_finished("b", "cancelled"), skipped("c")])
    (tmp_path / "x.log").write_text("日本語" * 200)
    for _ in range(3):
        live.tick()
        lines = screen.look()
        assert len(lines) <= max(rows - 1, 1)
        assert all(live_module_width(line) <= max(columns - 1, 1) for line in lines)
    live.close()
    assert screen.look() == []
    screen.close()


def live_module_width(line: str) -> int:
    from exlib.console import width

    return width(line)


def test_a_resize_leaves_nothing_behind(screen: Screen) -> None:
    screen.stream.write("$ ex-run\n")
    live = view(screen)
    live.read([run_started(), *(attempt_started(f"job {n}") for n in range(5))])
    for columns, rows in ((80, 24), (50, 24), (120, 24), (33, 20), (80, 24)):
        screen.resize(columns, rows)
        live.tick()
        lines = screen.look()
        assert lines[0] == "$ ex-run"
        assert len([line for line in lines if "nightly" in line]) == 1
    live.close()
    assert screen.look() == ["$ ex-run"]


def test_a_terminal_that_goes_away_makes_it_silent(screen: Screen) -> None:
    live = view(screen)
    live.read([run_started()])
    live.tick()
    os.close(screen.master)
    live.read([job_finished("load", "failed")])
    live.tick()
    live.tick()
    live.close()


def test_a_stopped_terminal_holds_nothing_up(screen: Screen) -> None:
    import termios

    live = view(screen)
    live.read([run_started(jobs=5000)])
    live.tick()
    termios.tcflow(screen.stream.fileno(), termios.TCOOFF)  # as Ctrl-S does
    for n in range(2000):
        live.read([job_finished(f"job{n}", "failed")])
        live.tick()
    termios.tcflow(screen.stream.fileno(), termios.TCOON)
    while "job1999 failed" not in screen.written:
        screen.look()
        live.tick()
    assert [int(n) for n in re.findall(r"job(\d+) failed", screen.written)] == list(range(2000))


def test_after_a_stop_it_draws_anew_below(screen: Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    live = view(screen)
    live.read([run_started()])
    live.tick()
    screen.stream.write("[1]+ Stopped\n$ fg\n")
    screen.stream.flush()
    monkeypatch.setattr(live_module, "_STALL", -1)  # as if this tick came late
    live.tick()
    assert "$ fg" in screen.look()
    assert screen.look()[-2].startswith("nightly run 12")


def test_an_ascii_terminal_gets_ascii() -> None:
    screen = Screen()
    plain = os.fdopen(os.dup(screen.stream.fileno()), "w", encoding="ascii")
    live = Live(Console(), plain, clock=lambda: NOON)
    live.read([run_started(application="nächtlich"), attempt_started("lädt"), job_finished("a", "failed")])
    live.tick()
    live.tick()
    assert "\n".join(screen.look()).isascii()
    assert "#" not in screen.look()[0]
    plain.close()
    screen.close()


def test_the_frame_has_colours_where_they_are_wanted(screen: Screen) -> None:
    live = view(screen, color="always")
    live.read([run_started(), job_finished("a"), attempt_started("b")])
    live.tick()
    screen.look()
    assert "\x1b[32m" in screen.written
    before = len(screen.written)
    plain = view(screen, color="never")
    plain.read([run_started(), job_finished("a"), attempt_started("b")])
    plain.tick()
    screen.look()
    assert not re.search(r"\x1b\[[\d;]*m", screen.written[before:])


@pytest.mark.parametrize("event", EVERY_KIND, ids=lambda event: ev.kind(event))
def test_no_event_breaks_it_even_alone(event: ev.Event, screen: Screen) -> None:
    live = view(screen)
    live.read([event])
    live.tick()
    live.close()
    assert screen.untouched()


def test_a_short_run_loads_no_drawing_library() -> None:
    code = (
        "import sys; from exlib.console import Console; from exlib.report.live import Live\n"
        "from tests.report.story import *\n"
        "live = Live(Console()); live.read([run_started(), attempt_started('a'), attempt_finished('a')])\n"
        "live.tick(); live.read([job_finished('a', 'failed'), run_finished('failed')]); live.close()\n"
        "slow = {'rich', 'networkx', 'jsonschema', 'email', 'smtplib', 'tempfile', 'subprocess'} & set(sys.modules)\n"
        "sys.exit(str(slow) if slow else 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "✗ a failed" in done.stderr


def test_it_draws_seldom_however_often_it_is_ticked(screen: Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    now = 1000.0
    monkeypatch.setattr(live_module.time, "monotonic", lambda: now)
    live = view(screen)
    live.read([run_started(jobs=10_000)])
    for n in range(2000):  # two seconds
        now += 0.001
        live.read([attempt_started(f"j{n}"), attempt_finished(f"j{n}"), job_finished(f"j{n}", "failed")])
        live.tick()
        screen.look()
    assert 1 < screen.written.count("\x1b[?2026h") <= 20
