"""Findings as text: the place, the line, the underline exactly below, and nothing that drives a terminal."""

from __future__ import annotations

import io
import os
import re
from unicodedata import combining, east_asian_width

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exlib.console import Console
from exlib.document import Document
from exlib.errors import Exit
from exlib.findings import DocumentRefused, Finding
from exlib.report.findings import Checked, as_text, counted, source_excerpt

LINE = '      "timeout": "60",'
TIMEOUT = Finding(
    "E203",
    "error",
    'timeout must be a number, got "60"',
    "nightly.json",
    202,
    18,
    22,
    LINE,
    mend="write 60 without quotes",
    job="load",
    pointer=("jobs", 3, "timeout"),
)
KEY = Finding("W501", "warning", 'the key "tmeout" is unknown', "nightly.json", 3, 7, 15, '      "tmeout": 1')


def plain() -> Console:
    console = Console()
    console.color = "never"
    return console


def test_a_finding_reads_as_a_compiler_would_print_it() -> None:
    assert as_text([TIMEOUT, KEY], plain()) == (
        'nightly.json:202:18: error E203: job "load": timeout must be a number, got "60"\n'
        '   202 |       "timeout": "60",\n'
        "       |                  ^~~~\n"
        "       mend: write 60 without quotes\n"
        "\n"
        'nightly.json:3:7: warning W501: the key "tmeout" is unknown\n'
        '     3 |       "tmeout": 1\n'
        "       |       ^~~~~~~~\n"
        "\n"
        "1 error, 1 warning in nightly.json"
    )


def test_no_findings_are_no_text() -> None:
    assert as_text([], plain()) == ""


def test_the_job_is_named_once() -> None:
    told = Finding("E302", "error", 'job "load": there is no job "x"', "f", job="load")
    assert as_text([told], plain()).count('job "load"') == 1


def test_a_finding_without_a_place_has_no_line() -> None:
    text = as_text([Finding("E100", "error", "cannot be read: no such file or directory", "gone.json")], plain())
    assert text == "gone.json: error E100: cannot be read: no such file or directory\n\n1 error in gone.json"


@pytest.mark.parametrize(
    ("findings", "files", "closing"),
    [
        ([TIMEOUT] * 2, 1, "2 errors in nightly.json"),
        ([KEY], 1, "1 warning in nightly.json"),
        ([TIMEOUT, KEY, KEY], 5, "1 error, 2 warnings in 1 of 5 files"),
        ([KEY, KEY._replace(file="b.json")], 2, "2 warnings in 2 files"),
        ([KEY] * 1200, 1, "1,200 warnings in nightly.json"),
    ],
)
def test_the_closing_line_counts(findings: list[Finding], files: int, closing: str) -> None:
    assert as_text(findings, plain(), checked=files).splitlines()[-1] == closing


def test_counting_nothing() -> None:
    assert counted([]) == "no findings"


def test_colour_follows_the_console_and_changes_no_word() -> None:
    console = Console()
    console.color = "always"
    colored = as_text([TIMEOUT, KEY], console)
    assert "\x1b[1;31merror E203:" in colored
    assert "\x1b[1;33mwarning W501:" in colored
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == as_text([TIMEOUT, KEY], plain())


def test_off_a_terminal_nothing_is_coloured() -> None:
    assert "\x1b" not in as_text([TIMEOUT], Console(), stream=io.StringIO())


@pytest.mark.parametrize("hidden", ["\x1b[2J", "\x9b31m", "\u202e", "\x07", "\r", "\x00"])
def test_a_document_cannot_drive_the_terminal(hidden: str) -> None:
    finding = Finding("E302", "error", hidden, f"{hidden}.json", 1, 1, 2, f'"{hidden}"', mend=hidden, job=f"j{hidden}")
    assert all(c.isprintable() or c == "\n" for c in as_text([finding], plain()))


def columns(text: str) -> int:
    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)


@pytest.mark.parametrize("before", ["", "\t\t", "名前", "e\u0301", "\x1b\x9b", "x" * 500, "\t" * 300, "…"])
@pytest.mark.parametrize("after", ["", " ", "y" * 500, "\t\t"])
def test_the_underline_stands_below_the_spot(before: str, after: str) -> None:
    finding = Finding("E1", "error", "", "f", 1, len(before) + 1, len(before) + 5, f"{before}SPOT{after}")
    excerpt, (indent, mark) = source_excerpt(finding, 80)
    at = excerpt.index("SPOT")
    assert columns(excerpt[:at]) == len(indent)
    assert mark == "^~~~"


@given(st.text(st.characters(exclude_characters="\n\r", codec="utf-8"), max_size=300), st.data())
def test_any_line_and_any_span_can_be_shown(line: str, data: st.DataObject) -> None:
    column = data.draw(st.integers(1, len(line) + 1))
    end = data.draw(st.integers(column, len(line) + 1))
    finding = Finding("E1", "error", "", "f", 1, column, end, line)
    excerpt, (indent, mark) = source_excerpt(finding, 60)
    assert excerpt.isprintable()
    assert mark[0] == "^"
    if all(32 <= ord(c) < 127 for c in line):
        assert len(excerpt) <= 60
        assert len(indent) + len(mark) <= 61
        if column <= len(line) and line[column - 1] != " ":
            assert excerpt[len(indent)] == line[column - 1]


def test_tabs_are_four_columns() -> None:
    assert source_excerpt(Finding("E1", "error", "", "f", 1, 3, 4, "\t\tx"), 80) == (" " * 8 + "x", (" " * 8, "^"))


def test_a_long_line_is_cut_around_the_spot() -> None:
    line = "[" + "0," * 400 + '"here"' + ",1" * 400 + "]"
    at = line.index('"here"')
    excerpt, (indent, mark) = source_excerpt(Finding("E1", "error", "", "f", 1, at + 1, at + 7, line), 80)
    assert excerpt.startswith("…")
    assert excerpt.endswith("…")
    assert len(excerpt) == 80
    assert excerpt[len(indent) : len(indent) + len(mark)] == '"here"'


def test_a_document_of_one_line_keeps_that_line_once() -> None:
    text = "[" + "1," * 1000 + "1]"
    document = Document(f'{{"jobs": {text}}}'.encode())
    found = [document.finding("E203", "error", "x", ("jobs", place)) for place in range(1000)]
    assert len({id(finding.source_line) for finding in found}) == 1


def test_refused_documents_show_where_they_break_off() -> None:
    with pytest.raises(DocumentRefused) as refused:
        Document(b'{"jobs": [\n  {"id": "a",}\n]}', "f.json")
    text = as_text(refused.value.findings, plain())
    assert text.startswith("f.json:2:13: error E102: a comma before the closing }\n")
    assert '     2 |   {"id": "a",}\n       |             ^\n' in text


@pytest.mark.parametrize(
    ("findings", "unreadable", "code"),
    [([], None, 0), ([KEY], None, 0), ([KEY, TIMEOUT], None, 1), ([TIMEOUT], Exit.USAGE, 2)],
)
def test_what_was_found_decides_the_exit_code(findings: list[Finding], unreadable: Exit | None, code: int) -> None:
    assert Checked("f", tuple(findings), unreadable).exit_code == code


def test_the_width_of_a_terminal_counts() -> None:
    leader, follower = os.openpty()
    with open(follower, "w") as stream:
        import fcntl
        import struct
        import termios

        fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 50, 0, 0))
        long = Finding("E1", "error", "", "f", 1, 200, 201, "x" * 400)
        excerpt = as_text([long], plain(), stream=stream).splitlines()[1]
    os.close(leader)
    assert len(excerpt) == 50
