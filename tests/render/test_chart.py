"""Charts: that each value is drawn and told, that text stays text, and that a page shows them without a complaint."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from exlib.render.chart import STYLES, Bar, Change, Point, bars, line, spark
from exlib.render.page import page, section
from exlib.render.palette import LOOKS
from tests.browser import opened

HOSTILE = "</title></svg><script>alert(1)</script>\"'&"


def series(number: int) -> list[Point]:
    statuses = ["success", "success", "failed", "timeout", "cancelled"]
    return [Point(10 + at % 7, str(at + 1), f"run {at + 1}", statuses[at % 5]) for at in range(number)]


def parsed(text: str) -> ElementTree.Element:
    return ElementTree.fromstring(text)


@pytest.mark.parametrize("number", [0, 1, 2, 60, 500])
def test_every_point_tells_itself_under_the_pointer(number: int) -> None:
    drawn = parsed(line(series(number), "durations"))
    assert [tip.text for tip in drawn.iter("title")] == [f"run {at + 1}" for at in range(number)]


@pytest.mark.parametrize("number", [1, 2, 60, 500])
def test_all_is_inside_and_names_do_not_touch(number: int) -> None:
    drawn = parsed(line(series(number), "durations"))
    names = [float(text.get("x", "")) for text in drawn.iter("text") if text.get("text-anchor") == "middle"]
    gaps = [one - other for one, other in pairwise(names)]
    assert names
    assert min(gaps, default=99) >= 30
    numbers = [float(x) for path in drawn.iter("path") for x in re.findall(r"[ML](-?[\d.]+) ", path.get("d", ""))]
    assert 0 <= min(numbers) <= max(numbers) <= 1000


def test_a_status_has_its_own_shape_besides_its_colour() -> None:
    drawn = parsed(line(series(5), "durations"))
    shapes = {path.get("data-status"): path.get("d", "") for path in drawn.iter("path") if path.get("data-status")}
    assert set(shapes) == {"failed", "timeout", "cancelled"}
    assert len({re.sub(r"[-\d. ]", "", shape) for shape in shapes.values()}) == 3
    assert set(shapes) <= set(LOOKS)


def test_twice_as_much_is_twice_as_high() -> None:
    drawn = line([Point(5, "1", ""), Point(10, "2", "")], "x", "number")
    first, second = map(float, re.findall(r"[ML][\d.]+ ([\d.]+)", re.findall(r'class="line" d="([^"]*)"', drawn)[0]))
    zero = float(re.findall(r'class="axis" d="M[\d.]+ ([\d.]+)', drawn)[0])
    assert zero - second == pytest.approx(2 * (zero - first))


def test_a_change_stands_before_its_first_point_with_what_was_usual() -> None:
    drawn = line(series(10), "x", change=Change(6, 12, 20, "slower since run 7"))
    place = float(re.findall(r'class="since" d="M([\d.]+)', drawn)[0])
    spots = [float(rect.get("x", "")) for rect in parsed(drawn).iter("rect")]
    assert place == pytest.approx(spots[6], abs=0.2)
    assert "slower since run 7" in drawn


def test_bars_are_as_long_as_their_values() -> None:
    drawn = parsed(bars([Bar("a", 3, "a: 3", "failed", 6), Bar("b", 6, "b: 6")], "x", "number"))
    lengths = [float(rect.get("width", "")) for rect in drawn.iter("rect") if "bar" in rect.get("class", "")]
    assert lengths[1] == pytest.approx(lengths[2])
    assert lengths[0] * 2 == pytest.approx(lengths[1])
    assert [text.text for text in drawn.iter("text")][-3:] == ["3 / 6", "b", "6"]


def test_a_spark_crosses_what_failed() -> None:
    assert 'data-status="failed"' in spark([1, 2, None, 3], "x", bad=[1])
    assert 'data-status="failed"' not in spark([1, 2, None, 3], "x")
    parsed(spark([], "nothing"))


@pytest.mark.parametrize("dark", [False, True])
def test_a_browser_shows_them_and_runs_nothing(browser: Any, tmp_path: Path, dark: bool) -> None:
    hostile = [Point(1, HOSTILE, HOSTILE, HOSTILE), *series(50)]
    body = line(hostile, HOSTILE, change=Change(3, 1, 2, HOSTILE), band=[(1, 2)] * 51)
    body += bars([Bar(HOSTILE, 2, HOSTILE, HOSTILE, 1)], HOSTILE) + spark([1, 2], HOSTILE)
    file = tmp_path / "page.html"
    file.write_text(page("charts", section("all", body), styles=STYLES), "utf-8")
    with opened(browser, file, dark=dark) as shown:
        assert shown.locator("svg.chart").count() == 3
        assert shown.locator("svg.chart title").first.text_content() == HOSTILE
        hit = shown.locator("svg.chart .hit").nth(5)
        idle = hit.evaluate("one => getComputedStyle(one).fillOpacity")
        hit.hover()
        assert hit.evaluate("one => getComputedStyle(one).fillOpacity") != idle
        assert shown.evaluate("document.documentElement.scrollWidth <= innerWidth")
