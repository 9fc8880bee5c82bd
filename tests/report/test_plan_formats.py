"""A plan as CSV, Markdown and a page; the page in a real browser."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from exlib.masking import Mask
from exlib.report.plan_csv import COLUMNS, as_csv
from exlib.report.plan_html import as_html
from exlib.report.plan_markdown import as_markdown, plain
from exlib.report.plan_words import Told
from exlib.simulation.outlook import Wanted, look_ahead
from tests.browser import chromium, opened
from tests.engine.fakes import job
from tests.report.plans import HOSTILE, hostile, plans, small
from tests.simulation.plans import known


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as started:
        yield started


def page(folder: Path, told: Told) -> Path:
    file = folder / "plan.html"
    file.write_text(as_html(told), encoding="utf-8", errors="backslashreplace")
    return file


@given(plans())
def test_csv_has_a_line_for_each_job_in_the_order_of_starts(told: Told) -> None:
    rows = list(csv.DictReader(io.StringIO(as_csv(told))))
    assert [row["order"] for row in rows] == [str(number + 1) for number in range(len(told.outlook.jobs))]
    assert sorted(row["job"] for row in rows) == sorted(told.outlook.graph.ids)
    starts = [float(row["start"]) for row in rows]
    assert starts == sorted(starts)


def test_csv_of_a_small_plan() -> None:
    rows = {row["job"]: row for row in csv.DictReader(io.StringIO(as_csv(small())))}
    assert tuple(rows["left"]) == COLUMNS
    assert [rows["left"][name] for name in ("start", "end", "duration", "p10", "p90", "samples", "critical")] == [
        "10", "70", "60", "52", "84", "3", "yes",
    ]  # fmt: skip
    assert (rows["lone"]["worker"], rows["last"]["dependencies"]) == ("", "left right")


def test_csv_holds_any_text() -> None:
    rows = list(csv.DictReader(io.StringIO(as_csv(hostile()), newline="")))
    assert [row["job"] for row in rows] == [HOSTILE, f"{HOSTILE}2"]


@given(plans())
def test_tables_of_markdown_have_as_many_cells_in_every_line(told: Told) -> None:
    for block in re.findall(r"(?:^\|.*\n)+", as_markdown(told), re.MULTILINE):
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}) == 1


def test_markdown_of_a_small_plan() -> None:
    text = as_markdown(small())
    assert "| ends after | **1m 15s** |" in text
    assert "1. first, 10.0s\n2. left, 1m 00s\n3. last, 5.0s\n" in text
    assert "| 3 | **left** | 2 | 1 | 10.0s | 1m 10s | 1m 00s | 3 runs, 52.0s to 1m 24s |  |" in text
    assert "*Mend:*" in text


def test_markdown_shows_markup_and_does_not_use_it() -> None:
    assert plain("<b>|`*_") == r"\<b\>\|\`\*\_"
    text = as_markdown(hostile())
    assert not re.search(r"(?<!\\)[<|]img", text)
    assert "\x1b" not in text


@pytest.mark.parametrize("dark", [False, True])
def test_a_bar_tells_of_its_job_on_hover_click_and_by_keyboard(browser: Any, tmp_path: Path, dark: bool) -> None:
    with opened(browser, page(tmp_path, small("run it")), dark=dark) as shown:
        detail = shown.locator("#bar-detail")
        shown.locator('.gantt .bar[data-key="1"] rect').first.hover()
        assert detail.locator("h3").text_content() == "left"
        facts = dict(
            zip(detail.locator("dt").all_text_contents(), detail.locator("dd").all_text_contents(), strict=True)
        )
        assert facts["takes"] == "1m 00s (3 runs, 52.0s to 1m 24s)"
        assert facts["runs"] == "from 10.0s to 1m 10s"
        assert (facts["after"], facts["before"], facts["command"]) == ("first", "last", "run it")
        shown.locator('.gantt .bar[data-key="2"]').first.click()
        shown.locator("h1").hover()
        assert detail.locator("h3").text_content() == "right"
        shown.keyboard.press("ArrowLeft")
        assert detail.locator("h3").text_content() != "right"
        assert shown.locator(".gantt .bar.critical").count() == 6  # in the chart by worker and in that by job


def test_a_page_shows_markup_and_does_not_run_it(browser: Any, tmp_path: Path) -> None:
    with opened(browser, page(tmp_path, hostile())) as shown:
        assert HOSTILE.replace("\x1b", "\\x1b") in shown.locator("h1").text_content()
        shown.locator('.gantt .bar[data-key="0"]').first.click()
        assert "<img src=x" in shown.locator("#bar-detail").text_content()
        assert shown.locator("img").count() == 0


def test_a_page_says_what_a_change_makes_of_the_plan(browser: Any, tmp_path: Path) -> None:
    told = small()
    changed = small(workers=1)._replace(before=told.outlook, changes=["with one worker"])
    with opened(browser, page(tmp_path, changed)) as shown:
        section = shown.locator("section", has_text="What if")
        assert "with one worker" in section.text_content()
        assert section.locator("tr", has_text="ends after").text_content() == "ends after1m 15s1m 45s30.0s later (+40%)"


def test_secrets_are_in_no_page() -> None:
    text = as_html(small(command="login --password hunter22", mask=Mask(["hunter22"])))
    assert "login --password" in text
    assert "hunter22" not in text


@given(plans())
def test_every_plan_is_a_page(told: Told) -> None:
    assert as_html(told).endswith("</html>\n")


def test_ten_thousand_jobs_are_a_page_that_a_browser_shows(browser: Any, tmp_path: Path) -> None:
    jobs = [job(n, f"job_{n}", [f"job_{n - 97}"] if n >= 97 else [], command="run") for n in range(10_000)]
    told = Told("big", look_ahead(jobs, known(jobs, [float(n % 7 + 1) for n in range(10_000)]), Wanted(16)))
    with opened(browser, page(tmp_path, told)) as shown:
        assert shown.locator(".gantt .bar").count() < 20_000
        assert "The first 2,000" in shown.locator("section", has_text="Known from").last.text_content()
