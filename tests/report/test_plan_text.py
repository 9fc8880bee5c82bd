"""A plan on a terminal: what stands in it, that it fits, and that no document drives the terminal."""

from __future__ import annotations

import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exlib.console import Console, width
from exlib.report.plan_text import MOST_JOBS, as_text, clipped
from exlib.report.plan_words import Told
from exlib.report.wording import Voice
from exlib.simulation.outlook import Wanted, look_ahead
from tests.engine.fakes import job
from tests.report.plans import hostile, plans, small, units
from tests.simulation.plans import known


def voice(encoding: str = "utf-8", color: str = "never") -> Voice:
    console = Console()
    console.color = color
    return Voice(console, io.TextIOWrapper(io.BytesIO(), encoding))


def text(told: Told, columns: int = 80, whole: bool = False) -> str:
    return as_text(told, voice(), columns, whole=whole)


def many(count: int) -> Told:
    jobs = [job(number, f"job_{number}", command="run", timeout=60.0) for number in range(count)]
    return Told("many", look_ahead(jobs, known(jobs, [1.0] * count), Wanted(40, ())))


def test_the_head_says_when_all_is_done() -> None:
    lines = text(small()).splitlines()
    assert lines[0] == "nightly: 5 jobs in 3 levels, 2 workers; nothing is started"
    assert re.fullmatch(r"  ends after 1m 15s +1m 0\ds to 1m [34]\ds in 8 of 10 cases \(200 rounds\)", lines[2])
    assert lines[3] == "  one worker 1m 45s  speed-up 1.40, the workers are busy 70% of the time"


def test_each_job_has_a_line_with_its_bar_and_those_on_the_critical_path_a_mark() -> None:
    lines = text(small()).splitlines()
    at = lines.index("Schedule  ◆ on the critical path")
    rows = [line.split() for line in lines[at + 2 : at + 7]]
    assert [row[2] for row in rows if row[2] == "◆"] == ["◆"] * 3
    left = next(line for line in lines[at:] if " left " in line)
    right = next(line for line in lines[at:] if " right " in line)
    assert left.count("█") > right.count("█") > 0
    assert left.index("█") == right.index("█")


@given(plans(), st.integers(70, 120))
def test_no_line_is_longer_than_the_terminal_is_wide(told: Told, columns: int) -> None:
    assert max(map(width, text(told, columns).splitlines())) <= columns


def test_long_ids_and_long_times_fit_too() -> None:
    jobs = [job(number, f"NFCORE_BACASS.BACASS.ASSEMBLY.UNICYCLER_{number}", command="run") for number in range(9)]
    told = Told("long", look_ahead(jobs, known(jobs, [99_999.0] * 9), Wanted(2)))
    printed = text(told)
    assert max(map(width, printed.splitlines())) <= 80
    assert "NICYCLER_8" in printed


@pytest.mark.parametrize("name", ["abcdefghij", "日本語のとても長い名前の仕事", "a" * 50 + "日本"])
def test_a_clipped_id_keeps_its_ends_and_fits(name: str) -> None:
    for columns in range(4, 30):
        assert width(clipped(name, columns)) <= columns
    assert clipped("abcdefghijklmnop", 9) == "abcd…mnop"


def test_many_jobs_are_not_all_listed_unless_they_are_asked_for() -> None:
    told = many(MOST_JOBS + 5)
    assert "and 5 jobs more: --all lists them" in text(told)
    assert "job_64" not in text(told).partition("Workers")[0]
    assert "job_64" in text(told, whole=True)


def test_many_workers_are_not_all_drawn() -> None:
    assert "and 24 workers more" in text(many(50))


def test_control_characters_do_not_reach_the_terminal() -> None:
    printed = text(hostile())
    assert "\x1b" not in printed
    assert "\\x1b[31m" in printed
    assert max(map(width, printed.splitlines())) <= 80


def test_colour_is_in_it_only_when_it_is_wanted() -> None:
    assert "\x1b[" in as_text(small(), voice(color="always"))
    assert "\x1b[" not in text(small())


def test_a_plain_terminal_gets_plain_marks() -> None:
    printed = as_text(small(), voice("ascii"))
    assert printed.isascii()
    assert "#####" in printed
    assert "\\u" not in printed


def test_units_are_not_called_seconds() -> None:
    printed = text(units(*small().outlook.jobs))
    assert "ends after 3 units" in printed
    assert not re.search(r"\d\.\d+s\b|\d+m ", printed.partition("Risks")[0])


def test_risks_come_with_their_mend() -> None:
    printed = text(small())
    assert "▲ 1 job on the critical path has no timeout (no-timeout)\n    left\n    mend: state" in printed
    quiet = [job(0, "a", command="run", timeout=60.0)]
    assert text(Told("a", look_ahead(quiet, known(quiet, [10.0]), Wanted(), frozenset([0])))).endswith(
        "\nNo risks were found\n"
    )


def test_a_comparison_says_what_changes() -> None:
    told = small()
    other = small(workers=1)
    printed = text(other._replace(before=told.outlook, changes=["left takes 5s, not 1m 00s"]))
    assert "What if\n  left takes 5s, not 1m 00s\n" in printed
    assert re.search(r"ends after +1m 15s +1m 45s +30\.0s later \(\+40%\)", printed)
    assert re.search(r"critical path +1m 15s +1m 15s +the same", printed)


def test_what_is_many_times_as_long_is_told_in_times() -> None:
    jobs = [job(0, "a", command="run")]
    before, then = (look_ahead(jobs, known(jobs, [seconds]), Wanted()) for seconds in (1.0, 374.0))
    assert "6m 13s later (374 times)" in text(Told("w", then, before, ["a takes 6m 14s, not 1.0s"]))
    nearly = look_ahead(jobs, known(jobs, [11.0]), Wanted())
    assert "10.0s later (+1000%)" in text(Told("w", nearly, before, ["a takes 11s, not 1.0s"]))


def test_an_id_of_any_length_fits_on_the_critical_path() -> None:
    jobs = [job(0, "x" * 200, command="run"), job(1, "b", ["x" * 200], command="run")]
    printed = text(Told("w", look_ahead(jobs, known(jobs, [1.0, 2.0]), Wanted())))
    path = printed.partition("Critical path")[2].partition("Schedule")[0]
    assert "…" in path
    assert max(map(width, path.splitlines())) <= 80


def test_a_single_job_and_none_are_plans_too() -> None:
    alone = [job(0, "a", command="run", timeout=60.0)]
    assert "1 job in 1 level, 1 worker" in text(Told("a", look_ahead(alone, known(alone, [10.0]), Wanted())))
    assert "0 jobs in 0 levels" in text(Told("a", look_ahead([], known([], []), Wanted())))
