from __future__ import annotations

import io
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exlib.console import Console, cut, names, pad, span, width
from exlib.report.wording import MARKS, Voice, cause, failure
from tests.report.story import attempt_finished, job_finished

PRINTABLE = st.text(st.characters(exclude_categories=["C", "Z"]), max_size=30)


def ascii_stream() -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), encoding="ascii")


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


def test_an_encoding_without_the_marks_gets_plain_ones() -> None:
    voice = Voice(Console(), ascii_stream())
    for status in MARKS:
        assert voice.mark(status).isascii()
        assert len(voice.mark(status)) == 1
    assert voice.plain("tägä\x1b[2J") == "t\\xe4g\\xe4\\x1b[2J"


def test_the_cause_is_the_most_telling_thing_known() -> None:
    assert cause(job_finished("a", "failed", reason="post-check failed", exit_code=3)) == "post-check failed"
    assert cause(attempt_finished("a", "failed", signal="SIGSEGV", exit_code=None)) == "ended by SIGSEGV"
    assert cause(attempt_finished("a", "failed", exit_code=3)) == "exit code 3"
    assert cause(attempt_finished("a", "lost", exit_code=None)) == "no reason is known"


def test_a_failure_in_one_line() -> None:
    voice = Voice(Console(), io.StringIO())
    late = job_finished("load\n", "timeout", reason="ran longer than 60s", attempts=2, duration=125.0)
    assert failure(late, voice) == "✗ load\\n timed out after 2m 05s and 2 attempts: ran longer than 60s"


def test_a_job_that_never_began_failed_after_no_time() -> None:
    never = job_finished("load", "failed", reason="waited longer than 1 s", attempts=0, started=None, duration=0.0)
    assert failure(never, Voice(Console(), io.StringIO())) == "✗ load failed: waited longer than 1 s"
