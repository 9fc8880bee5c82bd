from __future__ import annotations

import io
import os
import pty
import subprocess
import sys
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exlib.console import Console, cut, is_terminal, names, pad, plural, printable, span, wants_color, width

ROOT = Path(__file__).resolve().parents[1]
PRINTABLE = st.text(st.characters(exclude_categories=["C", "Z"]), max_size=30)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("choice", "terminal", "environ", "wanted"),
    [
        ("auto", True, {}, True),
        ("auto", False, {}, False),
        ("auto", True, {"NO_COLOR": "1"}, False),
        ("auto", True, {"NO_COLOR": ""}, True),
        ("auto", False, {"FORCE_COLOR": "1"}, True),
        ("auto", False, {"FORCE_COLOR": ""}, False),
        ("auto", True, {"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
        ("auto", True, {"TERM": "dumb"}, False),
        ("auto", True, {"TERM": "dumb", "FORCE_COLOR": "1"}, True),
        ("always", False, {"NO_COLOR": "1"}, True),
        ("never", True, {"FORCE_COLOR": "1"}, False),
    ],
)
def test_who_decides_about_colour(choice: str, terminal: bool, environ: dict[str, str], wanted: bool) -> None:
    assert wants_color(choice, Terminal() if terminal else io.StringIO(), environ) is wanted


def test_what_is_closed_or_absent_is_no_terminal() -> None:
    closed = Terminal()
    assert is_terminal(closed)
    assert not is_terminal(None)
    gone = io.StringIO()
    gone.close()
    assert not is_terminal(gone)


def test_style(monkeypatch: pytest.MonkeyPatch) -> None:
    console = Console()
    console.color = "always"
    assert console.style("x", "red", "bold") == "\x1b[31;1mx\x1b[0m"
    assert console.style("x") == "x"
    console.color = "never"
    assert console.style("x", "red") == "x"
    console.color = "auto"
    monkeypatch.delenv("TERM", raising=False)
    assert console.style("x", "red", stream=Terminal()) == "\x1b[31mx\x1b[0m"
    assert console.style("x", "red", stream=io.StringIO()) == "x"


@pytest.mark.parametrize(
    ("verbosity", "said"),
    [(-1, "say warn"), (0, "say note warn"), (1, "say note detail warn"), (2, "say note detail warn")],
)
def test_what_is_said_at_each_verbosity(verbosity: int, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    console = Console()
    console.verbosity = verbosity
    console.say("say")
    console.note("note")
    console.detail("detail")
    console.warn("warn")
    streams = capsys.readouterr()
    assert streams.err.replace("warning: ", "").split() == said.split()
    assert streams.out == ""


def python(body: str, redirection: str = "", **more: Any) -> subprocess.CompletedProcess[bytes]:
    script = f"from exlib.console import *\nc = Console()\n{body}\nprint('alive')"
    argv = ["sh", "-c", f'exec "$@" {redirection}', "sh", sys.executable, "-c", script]
    return subprocess.run(argv, env={**os.environ, "PYTHONPATH": str(ROOT)}, **{"stdout": subprocess.PIPE, **more})


@pytest.mark.parametrize("redirection", ["2>&-", "2>/dev/full"])
def test_a_stderr_that_takes_nothing_loses_the_message_and_nothing_else(redirection: str) -> None:
    assert python("c.warn('x'); c.say(c.style('y', 'red'))", redirection).stdout == b"alive\n"


def test_nobody_reading_stderr_loses_the_message_and_nothing_else() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    assert python("c.say('x'); c.say('y')", stderr=writing).stdout == b"alive\n"
    os.close(writing)


def test_text_that_the_terminal_cannot_encode_is_still_said(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = python("c.say('n\\u00e4chtlich \\udcff')", stderr=subprocess.PIPE, input=b"")
    assert answer.stderr.startswith("n\u00e4chtlich ".encode())
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    narrow = python("c.say('n\\u00e4')", stderr=subprocess.PIPE)
    assert narrow.stderr == b"n\\xe4\n"


def test_colour_on_a_real_terminal() -> None:
    controller, terminal = pty.openpty()
    answer = python("c.warn('x')", stderr=terminal)
    os.close(terminal)
    said = os.read(controller, 1000)
    os.close(controller)
    assert answer.returncode == 0
    assert said == b"\x1b[33;1mwarning:\x1b[0m x\r\n"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain n\u00e4chtlich \U0001f600", "plain n\u00e4chtlich \U0001f600"),
        ("\x1b[2J", "\\x1b[2J"),
        ("a\nb\tc\r\0", "a\\nb\\tc\\r\\x00"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("\x9b31m", "\\x9b31m"),
        ("\udcff", "\\udcff"),
        ("", ""),
    ],
)
def test_a_document_cannot_drive_the_terminal(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_nouns_follow_their_number() -> None:
    assert [plural(n, "job") for n in (0, 1, 2, 1234)] == ["0 jobs", "1 job", "2 jobs", "1,234 jobs"]
    assert [plural(n, "dependency", "dependencies") for n in (1, 2)] == ["1 dependency", "2 dependencies"]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-1, "0.00s"),
        (0, "0.00s"),
        (0.994, "0.99s"),
        (0.996, "1.0s"),
        (59.94, "59.9s"),
        (59.96, "1m 00s"),
        (3599.4, "59m 59s"),
        (3599.6, "1h 00m"),
        (86_399, "1d 00h"),
        (100_000, "1d 04h"),
    ],
)
def test_a_span_never_shows_sixty_of_anything(seconds: float, text: str) -> None:
    assert span(seconds) == text


@given(st.floats(0, 1e8))
def test_a_span_takes_seven_columns_up_to_a_hundred_days(seconds: float) -> None:
    assert len(span(min(seconds, 8_600_000))) <= 7


@given(PRINTABLE, st.integers(0, 40))
def test_what_is_cut_fits_and_what_is_padded_fills(text: str, columns: int) -> None:
    assert width(cut(text, columns)) <= columns
    assert width(pad(text, columns)) == max(width(text), columns)


def test_wide_and_combining_characters_count_as_terminals_count_them() -> None:
    assert width("日本") == 4
    assert width(unicodedata.normalize("NFD", "é")) == 1
    assert cut("日本語", 5) == "日本…"
    assert cut("日本語", 4) == "日…"


@given(st.lists(PRINTABLE.filter(bool), min_size=1, max_size=20), st.integers(0, 9), st.integers(10, 80))
def test_names_name_at_least_one_and_count_the_rest(listed: list[str], unlisted: int, columns: int) -> None:
    total = len(listed) + unlisted
    text = names(listed, total, columns)
    assert text.startswith(listed[0])
    head, _, rest = text.rpartition(" and ")
    shown = len(listed) if not head else total - int(rest.removesuffix(" more"))
    assert text.startswith(", ".join(listed[:shown]))
    assert shown == 1 or width(", ".join(listed[:shown])) <= columns
