from __future__ import annotations

import time
from datetime import datetime

import pytest

from exlib.errors import AnswerNo, UsageError
from exlib.history.lookup import find_run, point_in_time
from exlib.history.sqlite import SqliteStore
from tests.history.story import Story


@pytest.fixture
def filled(store: SqliteStore) -> SqliteStore:
    Story(store, ["a"]).finishes("failed", 1)
    Story(store, ["a"], name="weekly").finishes()
    Story(store, ["a"], resumed=1).finishes()
    return store


@pytest.mark.parametrize(
    ("wanted", "run", "attempt"),
    [("1", 1, 2), ("01", 1, 2), ("1.1", 1, 1), ("1.2", 1, 2), ("last", 2, 1), ("last:nightly", 1, 2)],
)
def test_a_run_is_found_by_what_people_write(filled: SqliteStore, wanted: str, run: int, attempt: int) -> None:
    found = find_run(filled, wanted)
    assert (found.run, found.attempt) == (run, attempt)


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ("12", "there is no run 12"),
        ("1.3", "run 1 has no attempt 3"),
        ("last:hourly", 'there is no run of "hourly" in the history'),
    ],
)
def test_a_run_that_is_not_there_is_a_no(filled: SqliteStore, wanted: str, message: str) -> None:
    with pytest.raises(AnswerNo, match=message):
        find_run(filled, wanted)


@pytest.mark.parametrize("wanted", ["", "-1", "one", "1.", "1.2.3", "lastly", "१", "9" * 30])
def test_what_names_no_run_is_a_usage_error(filled: SqliteStore, wanted: str) -> None:
    with pytest.raises(UsageError, match="names no run") as caught:
        find_run(filled, wanted)
    assert "last:APPLICATION" in (caught.value.mend or "")


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("10m", 600), ("2h", 7200), ("3d", 259_200), ("1w", 604_800)]
)
def test_a_span_counts_back_from_now(text: str, seconds: int) -> None:
    before = time.time()
    found = point_in_time(text)
    assert before - seconds <= found <= time.time() - seconds


def test_dates_are_local_unless_they_say() -> None:
    assert point_in_time("2026-01-31") == datetime(2026, 1, 31).timestamp()
    assert point_in_time("2026-01-31 18:30") == datetime(2026, 1, 31, 18, 30).timestamp()
    assert point_in_time("2026-01-31T18:30:00Z") == 1_769_884_200.0


def test_until_a_date_is_until_its_end() -> None:
    assert point_in_time("2026-01-31", end_of_day=True) == pytest.approx(datetime(2026, 2, 1).timestamp(), abs=0.01)
    assert point_in_time("2026-01-31 18:30", end_of_day=True) == datetime(2026, 1, 31, 18, 30).timestamp()


@pytest.mark.parametrize("text", ["", "yesterday", "3 days", "2026-13-01", "h", "-3d", "9999999999d"])
def test_what_is_no_time_is_refused_with_the_forms(text: str) -> None:
    with pytest.raises(ValueError, match="is no time: write 2026-01-31"):
        point_in_time(text)
