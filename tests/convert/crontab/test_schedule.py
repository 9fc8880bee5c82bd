from __future__ import annotations

from datetime import UTC, datetime

import pytest
from cronsim import CronSim, CronSimError
from hypothesis import given
from hypothesis import strategies as st

from exlib.convert.crontab import schedule
from exlib.convert.crontab.schedule import FIVE, SEVEN, SIX, flaw, is_plain, is_schedule

GOOD = [
    "* * * * *", "*/5 0 1,15 * 1-5", "30 4 1 jan-mar sun", "0 22 * * Mon-fri", "59 23 31 12 7", "1-59/2 */3 * * *",
    "0,30 8-18/2 * JUL,AUG 0", "5/10 * * * *",
]  # fmt: skip
BAD = {
    "61 * * * *": (0, "0 to 59"),
    "* 24 * * *": (1, "0 to 23"),
    "* * 0 * *": (2, "1 to 31"),
    "* * 32 * *": (2, "1 to 31"),
    "* * * 13 *": (3, "jan to dec"),
    "* * * * 8": (4, "sun to sat"),
    "*/0 * * * *": (0, "step"),
    "5-1 * * * *": (0, "backwards"),
    "* * * foo *": (3, '"foo"'),
    "jan * * * *": (0, '"jan"'),
    "1- * * * *": (0, '"1-"'),
    ", * * * *": (0, '""'),
    "*/x * * * *": (0, "step"),
    "-5 * * * *": (0, '"-5"'),
    "5-1~9 * * * *": (0, "no minute"),
    "? * * * *": (0, "no minute"),
}


@pytest.mark.parametrize("text", GOOD)
def test_what_cron_takes_is_taken(text: str) -> None:
    assert flaw(text.split(), FIVE) is None
    assert is_plain(text)
    CronSim(text, datetime(2026, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize("text", BAD)
def test_what_cron_refuses_is_refused_with_its_field(text: str) -> None:
    found = flaw(text.split(), FIVE)
    assert found is not None
    place, said = BAD[text]
    assert found.field == place
    assert said in found.message


@pytest.mark.parametrize(
    "text", ["0~30 * * * *", "~ * * * *", "10~ 1~5 * * *", "0 0 L * *", "0 0 15W * *", "0 0 * * 5L", "0 0 * * 1#2"]
)
def test_what_some_crons_take_is_taken_and_told(text: str) -> None:
    assert is_schedule(text)
    assert not is_plain(text)


def test_supercronic_has_seconds_and_years() -> None:
    assert flaw("*/10 * * * * * *".split(), SEVEN) is None
    assert flaw("0 0 1 1 ? 2030-2040".split(), SIX) is None
    assert flaw("61 * * * * * *".split(), SEVEN) is not None
    assert flaw("0 0 1 1 * 1900".split(), SIX) is not None


TERM = st.one_of(
    st.just("*"),
    st.integers(0, 70).map(str),
    st.tuples(st.integers(0, 33), st.integers(0, 33)).map("{0[0]}-{0[1]}".format),
    st.tuples(st.sampled_from(["*", "1-5", "3", "mon-fri"]), st.integers(0, 9)).map("{0[0]}/{0[1]}".format),
    st.sampled_from(["mon", "JAN", "sun-tue", "", "x", "1-", "-1", "1,2", "1,,2", "٣"]),
)


@given(st.lists(TERM, min_size=5, max_size=5))
def test_it_agrees_with_another_reader_of_schedules(terms: list[str]) -> None:
    try:
        CronSim(" ".join(terms), datetime(2026, 1, 1, tzinfo=UTC))
        other = len(" ".join(terms).split()) == len(terms)
    except CronSimError:
        other = False
    ours = flaw(terms, FIVE) is None
    # cronsim refuses days that no month has, in sum; each of the fields can still be read.
    impossible = terms[2].isdigit() and int(terms[2]) in (30, 31)
    assert ours == other or (ours and impossible), terms


def test_names_stand_for_schedules() -> None:
    assert all(is_schedule(name) for name in schedule.NICKNAMES)
    assert not is_schedule("@never")
    assert not is_schedule(None)
