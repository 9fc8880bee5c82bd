from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

from exlib import events as ev
from exlib.console import Console
from exlib.masking import Mask
from exlib.report.summary import Collector, outcome, summary_text
from tests.report.story import (
    EVERY_KIND,
    NOON,
    attempt_finished,
    job_finished,
    run_finished,
    run_started,
    skipped,
)


def gathered(*events: ev.Event) -> Collector:
    collector = Collector()
    collector.read(events)
    return collector


def summary(collector: Collector, *, verbosity: int = 0, color: str = "never", **settings: Any) -> str:
    console = Console()
    console.verbosity, console.color = verbosity, color
    return summary_text(collector, console, stream=io.StringIO(), **settings)


def test_a_clean_run_takes_three_lines() -> None:
    done = [job_finished(name, duration=seconds) for name, seconds in (("a", 2.0), ("b", 7.5), ("c", 0.5))]
    assert summary(gathered(run_started(), *done, run_finished())).splitlines() == [
        "✓ nightly: 3 jobs succeeded in 1m 23s (run 12)",
        "  slowest: b 7.5s, a 2.0s, c 0.50s",
        "  logs:    /var/log/ex/12",
    ]


def test_quiet_says_nothing_of_a_clean_run_and_all_of_a_failed_one() -> None:
    assert summary(gathered(run_started(), run_finished()), verbosity=-1) == ""
    bad = gathered(run_started(), job_finished("a", "failed"), run_finished("failed"))
    assert summary(bad, verbosity=-1) == summary(bad) != ""


def test_a_failed_run_tells_why_with_the_last_lines_and_how_to_go_on(tmp_path: Path) -> None:
    (tmp_path / "load.3.log").write_bytes(b"one\ntwo\nORA-12541: \x1b[31mno listener\x1b[0m\npassword=hunter22\n")
    (tmp_path / "odd.1.log").write_bytes(b"\xff\n")
    collector = gathered(
        run_started(jobs=8, log_dir=str(tmp_path)),
        ev.JobReused(NOON, "extract", "unchanged"),
        attempt_finished("load", "failed", number=2),
        attempt_finished("load", "failed", number=3),
        job_finished("load", "failed", exit_code=3, attempts=3, log="load.3.log"),
        job_finished("odd", "timeout", reason="ran longer than 60s", log="odd.1.log", duration=60.0),
        skipped("report"),
        skipped("publish"),
        skipped("index", "odd timed out"),
        job_finished("clean"),
        job_finished("tidy", "cancelled", reason="the run was interrupted"),
        run_finished("failed"),
    )
    assert summary(collector, tail=2, mask=Mask(["hunter22"])).splitlines() == [
        "",
        "✗ load failed after 1.5s and 3 attempts: exit code 3",
        "  │ ORA-12541: no listener",
        "  │ password=********",
        f"  log:     {tmp_path}/load.3.log",
        "",
        "◷ odd timed out after 1m 00s: ran longer than 60s",
        "  │ �",
        f"  log:     {tmp_path}/odd.1.log",
        "",
        "↷ 2 skipped · load failed · report, publish",
        "↷ 1 skipped · odd timed out · index",
        "■ 1 cancelled · the run was interrupted · tidy",
        "",
        "✗ nightly: 2 of 8 jobs failed in 1m 23s (run 12)",
        "  jobs:    2 success · 1 failed · 1 timeout · 3 skipped · 1 cancelled · 1 reused · 2 retried",
        "  slowest: odd 1m 00s, load 1.5s, clean 1.5s",
        f"  logs:    {tmp_path}",
        "  resume:  ex-run --resume 12",
    ]


def test_logs_that_may_be_cut_off_are_named() -> None:
    cut = ev.LogTruncated(NOON, "a", 1, "/var/log/ex/12/a.1.log")
    done = gathered(run_started(), cut, job_finished("a"), run_finished("failed", exit_code=74))
    assert "  cut off: /var/log/ex/12/a.1.log: no space was left for it" in summary(done, verbosity=-1).splitlines()


def test_the_command_that_resumes_is_the_one_given() -> None:
    text = summary(gathered(run_started(), run_finished("failed")), resume="ex-run --resume 12 --db x.db")
    assert text.endswith("resume:  ex-run --resume 12 --db x.db")


def test_colour_adds_nothing_but_colour() -> None:
    collector = gathered(*EVERY_KIND)
    assert re.sub(r"\x1b\[[\d;]*m", "", summary(collector, color="always")) == summary(collector)


def test_ten_failures_are_shown_whole_and_the_rest_by_a_line_or_a_number(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("last words\n")
    bad = [job_finished(f"j{n}", "failed", log="log") for n in range(150)]
    text = summary(gathered(run_started(jobs=150, log_dir=str(tmp_path)), *bad, run_finished("failed")))
    assert text.count("last words") == 10
    assert "✗ j99 failed" in text
    assert "✗ j100 failed" not in text
    assert "✗ and 50 more failed jobs" in text
    assert "150 of 150 jobs failed" in text


def test_the_last_lines_are_no_wider_than_the_terminal_or_the_eye(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"".join(b"%d" % n + b"\x00\xff" * 800 + b"\n" for n in range(5)))
    collector = gathered(run_started(log_dir=str(tmp_path)), job_finished("a", "failed", log="log"))
    lines = [line for line in summary(collector).splitlines() if "│" in line]
    assert [(len(line), line[4], line[-1]) for line in lines] == [(200, str(n), "…") for n in range(5)]


def test_skipped_jobs_are_named_as_far_as_the_line_goes() -> None:
    text = summary(
        gathered(run_started(jobs=2000), *(skipped(f"report_{n}") for n in range(2000)), run_finished("failed"))
    )
    (line,) = [line for line in text.splitlines() if "skipped · " in line]
    assert re.fullmatch(r"↷ 2000 skipped · load failed · report_0, report_1, .* and 199\d more", line)
    assert len(line) <= 100


def test_what_was_skipped_because_of_a_skipped_job_stands_with_the_first_cause() -> None:
    collector = gathered(
        run_started(jobs=6),
        job_finished("load", "failed"),
        skipped("report", 'its dependency "load" ended as failed'),
        skipped("publish", 'its dependency "report" was skipped'),
        job_finished("index", "failed"),
        skipped("search", 'its dependency "index" ended as failed'),
        skipped("suggest", 'its dependency "search" was skipped'),
        run_finished("failed"),
    )
    assert [line for line in summary(collector).splitlines() if line.startswith("↷")] == [
        '↷ 2 skipped · its dependency "load" ended as failed · report, publish',
        '↷ 2 skipped · its dependency "index" ended as failed · search, suggest',
    ]


def test_the_collector_does_not_grow_with_the_run() -> None:
    import tracemalloc

    def size(jobs: int) -> int:
        collector = Collector()
        tracemalloc.start()
        for n in range(jobs):
            collector.read(
                [skipped(f"s{n}", f"cause {n}"), job_finished(f"j{n}", "failed"), ev.Notice(NOON, "warning", f"{n}")]
            )
        grown, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return grown

    assert size(4000) < 1.5 * size(400)


def test_how_a_run_ended_in_words() -> None:
    begun = run_started(jobs=4)
    bad, good = job_finished("a", "failed"), job_finished("b")
    assert outcome(gathered(begun, bad, good, run_finished("failed"))) == "1 of 4 jobs failed"
    assert outcome(gathered(begun, good, run_finished("cancelled", reason="ended by SIGTERM"))) == (
        "1 of 4 jobs succeeded, ended by SIGTERM"
    )
    assert outcome(gathered(begun, good, run_finished("cancelled"))) == "1 of 4 jobs succeeded, the run was cancelled"
    assert outcome(gathered(begun, bad, run_finished("timeout"))) == "1 of 4 jobs failed, the run timed out"
    assert outcome(gathered(begun, good)) == "1 of 4 jobs succeeded, not finished"
    assert outcome(gathered(run_started(jobs=0), run_finished())) == "nothing to do"
    assert outcome(gathered(run_started(jobs=1), good, run_finished())) == "1 job succeeded"


def test_jobs_left_out_on_request_did_not_succeed() -> None:
    a, b = (skipped(name, "left out by --skip") for name in "ab")
    done = job_finished("c")
    assert outcome(gathered(run_started(jobs=2), a, b, run_finished())) == "nothing to do: 2 jobs left out"
    assert outcome(gathered(run_started(jobs=1), a, run_finished())) == "nothing to do: 1 job left out"
    assert outcome(gathered(run_started(jobs=3), a, b, done, run_finished())) == "1 job succeeded, 2 left out"
    reused = ev.JobReused(NOON, "c", "succeeded in attempt 1")
    assert outcome(gathered(run_started(jobs=2), a, reused, run_finished())) == "1 job succeeded, 1 left out"
