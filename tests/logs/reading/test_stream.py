"""Long streams: read whole, and in memory that does not grow with them."""

from __future__ import annotations

import tracemalloc

import pytest

from bench.stream import events
from exlib.events import to_json
from exlib.logs.model import Source
from exlib.logs.reading.events import EventReader
from exlib.logs.summary import Summary
from exlib.logs.views import errors
from exlib.logs.views.errors import Failed
from tests.logs.story import NEW_YEAR, finished, raw, told


def test_the_streams_that_are_measured_are_sound() -> None:
    data = "".join(to_json(event) + "\n" for event in events(5_000, 100)).encode()
    summary = Summary()
    reader = EventReader(Source("events", "x"), summary)
    reader.feed(data)
    reader.finish()
    assert not reader.damages.counts
    assert summary.job_spans.count == sum(figures.ran for figures in summary.jobs.values()) == 100 * summary.attempts
    assert summary.retries
    assert summary.statuses["failed"]


def peak(count: int) -> int:
    """Bytes that reading so many events needs at the most."""
    lines = [f"{to_json(event)}\n".encode() for event in events(count, 50)]
    tracemalloc.start()
    try:
        reader = EventReader(Source("events", "x"), Summary())
        for line in lines:
            reader.feed(line)
        reader.finish()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_the_stream() -> None:
    """A further event, of 290 bytes, leaves less than 20: statuses of runs, and buckets of spans."""
    assert peak(30_000) - peak(10_000) < 20 * 20_000


def test_a_run_with_very_many_failures_is_cut_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(errors, "MANY", 3)
    failed = Failed()
    reader = EventReader(Source("events", "x"), failed)
    begun, *_, ended = told()
    for run in range(3):
        bad = [finished(f"job {number}", NEW_YEAR + 1, NEW_YEAR, "failed") for number in range(2 + 2 * run)]
        reader.feed(raw([begun, *bad, ended]))
    reader.finish()
    assert (failed.bad, failed.untold) == (3, 1 + 3)
    assert [len(found.failures) for found in failed.kept] == [3]
