"""The page that all tools write: what it shows, what it never runs, and how it behaves in a real browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from exlib.render.page import chip, escape, figures, page, section, table
from exlib.render.palette import LOOKS
from tests.browser import opened

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)> & \" ' \u2028"


def written(folder: Path, text: str) -> Path:
    file = folder / "page.html"
    file.write_text(text, encoding="utf-8", errors="backslashreplace")
    return file


def sample(hostile: str = "plain") -> str:
    rows = [[escape(f"job {number}"), str(number)] for number in (10, 9, 100)]
    body = figures([("3", hostile)]) + section(hostile, table(["Job", "Seconds"], rows, right=[1]), hostile)
    return page(hostile, body + chip("failed"), subtitle=hostile, data={hostile: hostile})


def test_text_is_shown_and_not_run(browser: Any, tmp_path: Path) -> None:
    with opened(browser, written(tmp_path, sample(HOSTILE))) as shown:
        assert shown.locator("h1").text_content().startswith("</script><script>alert(1)")
        assert shown.locator("script:not([type])").count() == 1
        assert shown.evaluate("JSON.parse(document.getElementById('data').textContent)") == {HOSTILE: HOSTILE}


def test_a_name_that_is_no_text_breaks_no_page() -> None:
    page("\ud800", "", data={"file": "\ud800"}).encode("utf-8", "backslashreplace")


def test_a_heading_sorts_its_table_by_number(browser: Any, tmp_path: Path) -> None:
    with opened(browser, written(tmp_path, sample())) as shown:
        head, cells = shown.locator("th", has_text="Seconds"), shown.locator("td.number")
        head.click()
        assert cells.all_text_contents() == ["9", "10", "100"]
        head.press("Enter")
        assert cells.all_text_contents() == ["100", "10", "9"]


@pytest.mark.parametrize("dark", [False, True])
def test_the_page_follows_the_reader_s_light_and_can_be_switched(browser: Any, tmp_path: Path, dark: bool) -> None:
    paper = ["rgb(255, 255, 255)", "rgb(20, 23, 26)"]
    with opened(browser, written(tmp_path, sample()), dark=dark) as shown:
        colour = "getComputedStyle(document.body).backgroundColor"
        assert shown.evaluate(colour) == paper[dark]
        shown.locator("#theme").click()
        assert shown.evaluate(colour) == paper[not dark]


def test_a_request_is_refused_by_the_page_itself(browser: Any, tmp_path: Path) -> None:
    text = page("p", '<img src="https://example.com/x.png">')
    with pytest.raises(AssertionError), opened(browser, written(tmp_path, text)) as shown:
        shown.wait_for_load_state("networkidle")


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("status", LOOKS)
@pytest.mark.parametrize("dark", [0, 1])
def test_a_status_can_be_read(status: str, dark: int) -> None:
    """WCAG 2.2: text needs a contrast of 4.5 to what is behind it."""
    look = LOOKS[status]
    one, other = sorted([_luminance(look.strong[dark]), _luminance(look.fill[dark])])
    assert (other + 0.05) / (one + 0.05) >= 4.5


def test_no_two_statuses_share_their_mark() -> None:
    marks = [look.mark for look in LOOKS.values()]
    assert len(set(marks)) == len(marks)
