"""The Gantt chart: what is drawn of few bars and of thousands, and how it answers in a real browser."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exlib.render.gantt import MOST_ROWS, WIDTH, Bar, Mark, gantt
from exlib.render.page import asset, page
from tests.browser import opened

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "</script><img src=x onerror=alert(1)>&\"'"


def drawn(*bars: Bar, lanes: int = 1, **more: Any) -> ElementTree.Element:
    """The chart as a tree: it is well-formed whatever it holds."""
    text = gantt(bars, [f"lane {number}" for number in range(lanes)], label="a chart", **more)
    return ElementTree.fromstring(text.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))


def boxes(chart: ElementTree.Element) -> list[tuple[float, float]]:
    return [(float(box.get("x", "")), float(box.get("width", ""))) for box in chart.iter(f"{SVG}rect")]


def test_bars_are_as_long_as_they_took() -> None:
    (_, one), (at, two) = boxes(drawn(Bar(0, 0, 30, "a"), Bar(1, 30, 90, "b"), lanes=2))
    assert two + 1 == pytest.approx(2 * (one + 1), abs=0.1)
    assert at > one


@given(
    st.lists(
        st.tuples(st.integers(0, 700), st.floats(0, 1e6), st.floats(0, 1e6), st.booleans()), min_size=1, max_size=60
    )
)
def test_every_bar_is_inside_the_chart_and_none_is_lost(made: list[tuple[int, float, float, bool]]) -> None:
    bars = [Bar(lane, start, start + took, "j", critical=late) for lane, start, took, late in made]
    chart = drawn(*bars, lanes=701)
    assert all(x >= 0 and x + wide <= WIDTH + 1 for x, wide in boxes(chart))
    told = [title.text or "" for title in chart.iter(f"{SVG}title")]
    assert sum(int(found[1]) if (found := re.match(r"(\d+) bars", text)) else 1 for text in told) == len(bars)


def test_thousands_of_bars_are_merged_and_a_critical_one_is_not_lost_among_them() -> None:
    bars = [Bar(0, number, number + 1, f"j{number}", critical=number == 7000) for number in range(20_000)]
    chart = drawn(*bars)
    assert len(boxes(chart)) == 3
    assert len([group for group in chart.iter(f"{SVG}g") if "critical" in (group.get("class") or "")]) == 1


def test_lanes_beyond_what_a_screen_can_show_share_rows() -> None:
    bars = [Bar(number, number, number + 1, f"j{number}") for number in range(2000)]
    chart = drawn(*bars, lanes=2000)
    assert len({box.get("y") for box in chart.iter(f"{SVG}rect")}) == MOST_ROWS
    assert float((chart.get("viewBox") or "").split()[3]) < 1500


def test_a_status_is_told_by_its_mark_too() -> None:
    chart = drawn(Bar(0, 0, 10, "load", "failed"), Bar(0, 10, 20, "next", "skipped"))
    assert [text.text for text in chart.iter(f"{SVG}text") if "load" in (text.text or "")] == ["✗ load"]
    assert [group.get("data-status") for group in chart.iter(f"{SVG}g")] == ["failed", "skipped"]


def test_nothing_is_drawn_of_nothing() -> None:
    assert boxes(drawn()) == []


@pytest.mark.parametrize("dark", [False, True])
def test_a_bar_tells_its_details(browser: Any, tmp_path: Path, dark: bool) -> None:
    bars = [Bar(0, 0, 5, HOSTILE, key="a", title=HOSTILE), Bar(1, 5, 9, "second", "failed", True, key="b")]
    chart = gantt(bars, ["one", HOSTILE], label=HOSTILE, marks=[Mark(5, HOSTILE)])
    facts = {"a": {"title": HOSTILE, "facts": [["took", "5s"], ["command", HOSTILE]]}, "b": {"title": "second"}}
    text = page(
        "Chart",
        f'{chart}<div id="bar-detail"><p>Point at a bar.</p></div>',
        styles=asset("gantt.css"),
        script=asset("gantt.js"),
        data={"bars": facts},
    )
    file = tmp_path / "chart.html"
    file.write_text(text, encoding="utf-8")
    with opened(browser, file, dark=dark) as shown:
        detail = shown.locator("#bar-detail")
        shown.locator('.bar[data-key="a"] rect').hover()
        assert detail.locator("h3").text_content() == HOSTILE
        assert detail.locator("dd").all_text_contents() == ["5s", HOSTILE]
        shown.locator('.bar[data-key="b"] rect').click()
        shown.locator("h1").hover()
        assert detail.locator("h3").text_content() == "second"
        shown.locator('.bar[data-key="b"]').press("ArrowLeft")
        assert detail.locator("h3").text_content() == HOSTILE
        shown.keyboard.press("Escape")
        assert detail.text_content() == "Point at a bar."
