"""One report in three forms: what each shows, that text stays text in all of them, and that lines have an end."""

from __future__ import annotations

import io
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from exlib.console import Console, printable, width
from exlib.render.chart import Point, line
from exlib.report.sheet import (
    Bars,
    Cell,
    Code,
    Commands,
    Facts,
    Figure,
    Line,
    Listing,
    Loud,
    Number,
    Points,
    Section,
    Series,
    Sheet,
    Status,
    Table,
    Words,
)
from exlib.report.sheet_html import sheet_html
from exlib.report.sheet_markdown import cell, code, fenced, plain, sheet_markdown
from exlib.report.sheet_text import sheet_text, wrapped
from exlib.report.wording import Voice
from tests.browser import opened

HOSTILE = (
    "</script><script>alert(1)</script><img src=x onerror=alert(2)> | `x` **b** _u_ [l](http://x) $m$ \x1b[31m \ud800"
)


def voice(encoding: str = "utf-8", color: str = "never") -> Voice:
    console = Console()
    console.color = color
    return Voice(console, io.TextIOWrapper(io.BytesIO(), encoding=encoding))


def full(text: str = "plain") -> Sheet:
    """Everything that a report can hold, with a text wherever one can stand."""
    row: list[Cell] = [text, Code(text), Number("1.5s", 1.5), Loud(text, "bad"), Status("failed"), Series([1, 2], [1])]
    parts = [
        Words(Line((text, " ", Code(text), Status(text[:30])))),
        Points([text, Loud(text)]),
        Facts([("fact", text), ("code", Code(text))]),
        Table(["text", "code", "number", "loud", "status", "series"], [row, row], right=(2,)),
        Table(["bars"], [[Bars([(0, 1, "success"), (1, 2, "failed")], 2)]]),
        Listing(f"{text}\n```\nlast", (0,), text),
        Listing(f"@@ {text}\n- {text}\n+ {text}", language="diff"),
        Commands([(text, text)]),
        Figure(line([Point(1, "1", "tip")], "a chart"), text, text=[Words(text)]),
    ]
    return Sheet(
        text, text, [Section(text, parts, text), Section("more", [Words(text)], level=3)], [("3", text)], text, text
    )


# -- text ------------------------------------------------------------------------------------------------------------


def test_a_terminal_is_told_all_of_it() -> None:
    row = [Code("load"), Number("2.0s", 2), Series([1, 2, 4])]
    sheet = Sheet(
        "Trends of nightly",
        "3 runs",
        [
            Section(
                "Jobs",
                [Table(["Job", "Took", "Runs"], [row], right=(1,))],
            ),
            Section("None", [Table(["Job"], [])]),
            Section("Next", [Commands([("ex-run", "again")])], "What follows."),
        ],
        [("3", "runs"), ("12s", "each")],
    )
    assert sheet_text(sheet, voice()) == (
        "Trends of nightly\n3 runs\n\n    3  runs\n  12s  each\n\n"
        "Jobs\n  JOB   TOOK  RUNS\n  load  2.0s  ▃▅█\n\n"
        "Next\n  What follows.\n  ex-run  again\n"
    )


def test_it_can_be_told_in_ascii() -> None:
    shown = sheet_text(full("naïve ✓"), voice("ascii"))
    assert shown.isascii()
    assert "na\\xefve" in shown
    assert "x failed" in shown


def test_control_characters_reach_no_terminal() -> None:
    shown = sheet_text(full(HOSTILE), voice())
    assert all(c.isprintable() for c in shown.replace("\n", ""))


def test_a_table_that_is_too_wide_is_folded() -> None:
    words = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen"
    table = Table(["Key", "Value", "Other"], [["k", words, "z" * 70], ["l", "m", "n"]])
    sheet = Sheet("t", "", [Section("s", [table])])
    lines = sheet_text(sheet, voice(), 60).splitlines()
    assert max(map(width, lines)) <= 60
    assert "".join(re.findall("z+", "".join(lines))) == "z" * 70
    assert " ".join(re.findall(r"[a-z]{3,}", re.sub("z{2,}", "", " ".join(lines)))).endswith("thirteen fourteen")


def test_rows_that_are_left_out_are_counted() -> None:
    table = Table(["n"], [[str(number)] for number in range(5)], most=3)
    assert "  and 2 more rows\n" in sheet_text(Sheet("t", "", [Section("s", [table])]), voice())
    assert "more rows" not in sheet_markdown(Sheet("t", "", [Section("s", [table])]))


def test_styles_change_no_column() -> None:
    plainly, coloured = (sheet_text(full("some words"), voice(color=color)) for color in ("never", "always"))
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == plainly
    assert "\x1b[31m" in coloured


@given(st.text(st.characters(categories=["L", "P", "Zs"]), max_size=200), st.integers(20, 100))
def test_wrapped_lines_hold_every_word(text: str, columns: int) -> None:
    lines = wrapped(text, columns, "  ")
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(width(line) <= columns or " " not in line[2:] for line in lines)


# -- Markdown --------------------------------------------------------------------------------------------------------


class Shown(HTMLParser):
    """The text of a piece of HTML, and its elements."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.text, self.elements = "", []
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.elements.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def rendered(text: str) -> Shown:
    return Shown(MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(text))


characters = st.text(st.sampled_from("ab1 \\`*_[](){}<>#+-.!|~&;:$/=\"'é") | st.characters(exclude_categories=["Cs"]))


@given(characters)
@example("1. a")
@example("- a")
@example("<b>x</b> &amp; *a* _b_ [c](d)")
def test_text_in_markdown_is_shown_as_it_stands(text: str) -> None:
    shown = rendered(plain(text.strip()))
    assert shown.text.strip() == printable(text.strip()).strip()
    assert shown.elements == (["p"] if text.strip() else [])


def test_spaces_before_a_paragraph_make_no_code_of_it() -> None:
    sheet = Sheet("t", "", [Section("s", [Words("     one"), Points(["     two"])])], lead="     three")
    assert not {"pre", "code"} & set(rendered(sheet_markdown(sheet)).elements)


@given(characters)
@example(" 0 ")
@example(" ")
def test_code_in_markdown_is_shown_as_it_stands(text: str) -> None:
    shown = rendered(f"x {code(text)} y")
    assert not text.strip() or shown.text.strip() == f"x {printable(text)} y"
    assert shown.elements == ["p", "code"]


@given(st.lists(characters, min_size=1))
def test_lines_between_fences_are_shown_as_they_stand(lines: list[str]) -> None:
    text = "\n".join(line.replace("\n", " ") for line in lines)
    shown = rendered(fenced(text))
    assert shown.elements == ["pre", "code"]
    assert shown.text.rstrip("\n") == "\n".join(printable(line.expandtabs(4)) for line in text.split("\n")).rstrip("\n")


@given(characters)
def test_a_cell_stays_in_its_table(text: str) -> None:
    table = f"| a | b |\n| --- | --- |\n| {cell(text, in_table=True) or ' '} | {code(text, in_table=True)} |"
    shown = rendered(table)
    assert [name for name in shown.elements if name in ("td", "tr", "table")] == ["table", "tr", "tr", "td", "td"]


def test_the_whole_report_is_markdown() -> None:
    shown = rendered(sheet_markdown(full(HOSTILE)))
    assert not {"script", "img", "a", "em"} & set(shown.elements)
    assert shown.elements.count("table") == 2
    assert shown.elements.count("h1") == 1


# -- HTML ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dark", [False, True])
def test_a_page_shows_everything_and_runs_nothing(browser: Any, tmp_path: Path, dark: bool) -> None:
    file = tmp_path / "page.html"
    file.write_bytes(sheet_html(full(HOSTILE)).encode())
    with opened(browser, file, dark=dark) as shown:
        assert shown.locator("h1").text_content().startswith("</script><script>alert(1)")
        assert shown.locator("img").count() == 0
        assert shown.locator("h2").count() == 1
        assert shown.locator("table.data").count() == 2
        assert shown.locator("pre mark").count() == 1
        assert shown.locator("pre .went").count() == 1
        head = shown.locator("th", has_text="number")
        head.click()
        assert head.get_attribute("aria-sort") == "ascending"
        assert shown.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_narrow_page_scrolls_its_tables_alone(browser: Any, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_bytes(sheet_html(full("a text of a certain length " * 4)).encode())
    with opened(browser, file, width=400) as shown:
        assert shown.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_numbers_are_sorted_by_what_they_stand_for(browser: Any, tmp_path: Path) -> None:
    rows = [[Number("2m 00s", 120.0)], [Number("3.0s", 3.0)], [Number("-", -1.0)]]
    file = tmp_path / "page.html"
    file.write_text(sheet_html(Sheet("t", "", [Section("s", [Table(["Took"], rows, right=(0,))])])))
    with opened(browser, file) as shown:
        shown.locator("th").press("Enter")
        assert shown.locator("td").all_text_contents() == ["-", "3.0s", "2m 00s"]


def test_endless_tables_have_an_end() -> None:
    sheet = Sheet("t", "", [Section("s", [Table(["n"], [[str(number)] for number in range(2100)])])])
    for text in (sheet_html(sheet), sheet_markdown(sheet)):
        assert "and 100 more rows" in text
        assert "1999" in text
        assert "2000" not in text
