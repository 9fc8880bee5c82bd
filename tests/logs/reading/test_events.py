"""Event streams as a person finds them: whole, cut anywhere, damaged, several runs in one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exlib.events import JobReused, to_json
from exlib.logs.model import Job, Reading, Source
from exlib.logs.reading.events import EventReader, last_states, read_events
from exlib.logs.sink import Collector
from tests.logs.story import NEW_YEAR, finished, raw, told, tried


def only(reading: Reading) -> dict[str, Job]:
    assert len(reading.executions) == 1
    return {job.record.job: job for job in reading.executions[0].jobs}


def test_a_run_is_read_whole() -> None:
    reading = read_events([raw(told())], "events.jsonl")
    assert not reading.damages
    assert not reading.damaged
    run = reading.executions[0].run
    assert run.source == Source("events", "events.jsonl")
    assert (run.run, run.attempt, run.application, run.status, run.exit_code) == (1, 1, "nightly", "failed", 1)
    assert (run.started, run.ended, run.duration) == (NEW_YEAR, NEW_YEAR + 7, 7.0)
    assert (run.workers, run.total, run.document, run.log_dir) == (2, 3, "nightly.json", "/logs/run-1")
    assert run.messages == ((NEW_YEAR + 7, "warning", "no mail was sent"),)
    jobs = only(reading)
    assert [job.record.status for job in jobs.values()] == ["success", "failed", "skipped"]
    load = jobs["load"]
    assert [(one.number, one.status, one.started, one.duration, one.log) for one in load.tries] == [
        (1, "failed", NEW_YEAR + 2, 1.0, "/logs/load.1.log"),
        (2, "failed", NEW_YEAR + 4, 3.0, "/logs/load.2.log"),
    ]
    assert (load.record.retries, load.record.duration, load.record.fingerprint) == (1, 5.0, "f00d")
    assert jobs["report"].record.started is None
    assert not jobs["report"].ran


@given(st.lists(st.integers(1, 400), max_size=30))
def test_pieces_of_any_size_say_the_same(sizes: list[int]) -> None:
    data = raw(told()) + raw(told(2))
    pieces, at = [], 0
    for size in sizes:
        pieces.append(data[at : at + size])
        at += size
    assert read_events([*pieces, data[at:]], "x") == read_events([data], "x")


WHOLE = raw(told())


@settings(max_examples=300)
@given(st.integers(0, len(WHOLE)))
def test_cut_at_every_byte_the_rest_is_told_right(end: int) -> None:
    part = WHOLE[:end]
    reading = read_events([part], "x")
    last = part[part.rfind(b"\n") + 1 :]
    parses = bool(last) and last + b"\n" in WHOLE
    assert reading.damaged == ({"the last line is cut off": 1} if last and not parses else {})
    expected = only(read_events([WHOLE], "x"))
    for execution in reading.executions:
        for job in execution.jobs:
            if job.record.status == "unfinished":
                assert job.record.started == expected[job.record.job].record.started
            else:
                assert job == expected[job.record.job] or job.record.log_truncated
        assert execution.run.status == ("failed" if b"run_finished" in part and not last else execution.run.status)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"{", "no JSON"),
        (b"not an event", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b'{"run": ' + b"9" * 5000 + b"}", "no JSON"),
        (b"\xff\xfe\x00", "no JSON"),
        (b'{"version": 1} {}', "no JSON: something follows the object"),
        (b"[1, 2]", "no event: a JSON object with a key event is expected"),
        (b'{"version": 1, "event": "job_exploded", "time": "x"}', "an unknown event: job_exploded"),
        (b'{"version": 1, "event": ["a"]}', "an unknown event: a list"),
        (b'{"version": 2, "event": "job_finished"}', "a newer version: 2, this release reads 1"),
        (b'{"version": "1", "event": "job_finished"}', "no version: an event of version 1 is expected"),
        (
            b'{"version": 1, "event": "job_reused", "time": "yesterday", "job": "a", "reason": ""}',
            "an event that is not as it should be: 'yesterday' is no time",
        ),
        (
            b'{"version": 1, "event": "job_reused", "time": 5, "job": "a", "reason": ""}',
            "an event that is not as it should be: job_reused: time is 5",
        ),
        (
            b'{"version": 1, "event": "log_truncated"}',
            "an event that is not as it should be: log_truncated: time is missing",
        ),
    ],
)
def test_a_damaged_line_is_named_and_the_rest_is_read(line: bytes, why: str) -> None:
    lines = WHOLE.splitlines(keepends=True)
    reading = read_events([b"".join([*lines[:3], line, b"\n\n", *lines[3:]])], "x")
    assert [(damage.line, damage.why) for damage in reading.damages] == [(4, why)]
    assert reading.damaged == {why.partition(": ")[0]: 1}
    assert reading.executions == read_events([WHOLE], "x").executions


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-1", "1e999", "1e300"])
def test_a_span_that_cannot_be_reckoned_with_is_damage(value: str) -> None:
    event = to_json(finished("load", NEW_YEAR, NEW_YEAR - 1)).replace('"duration": 1.0', f'"duration": {value}')
    reading = read_events([event.encode() + b"\n"], "x")
    assert list(reading.damaged) == ["an event that is not as it should be"]


def test_what_is_not_known_yet_is_passed_over() -> None:
    lines = [json.dumps(json.loads(line) | {"weather": "fine"}) for line in WHOLE.splitlines()]
    assert read_events(["\n".join(lines).encode()], "x") == read_events([WHOLE], "x")


def test_a_line_that_never_ends_is_not_held() -> None:
    collector = Collector()
    reader = EventReader(Source("events", "x"), collector)
    for _ in range(40):
        reader.feed(b"x" * (1 << 20))
    reader.feed(b"\n" + WHOLE)
    reader.finish()
    assert reader.damages.counts == {"a line is longer than 16 MiB": 1}
    assert len(collector.executions) == 1


def test_several_runs_and_one_that_was_killed() -> None:
    events = told()
    killed = events[:8]  # extract ended, load's first try ended
    begun = [*events[:5], events[5]]
    reading = read_events([raw(told(1)) + raw(killed) + raw(begun) + raw(told(4))], "x")
    assert [execution.run.status for execution in reading.executions] == [
        "failed",
        "unfinished",
        "unfinished",
        "failed",
    ]
    load = reading.executions[1].jobs[-1]
    assert (load.record.job, load.record.status, len(load.tries)) == ("load", "unfinished", 1)
    under_way = reading.executions[2].jobs[-1]
    assert under_way.tries[-1].status == "unfinished"
    assert under_way.tries[-1].duration is None


def test_a_stream_that_begins_in_the_middle() -> None:
    reading = read_events([raw(told()[5:])], "x")
    run = reading.executions[0].run
    assert (run.run, run.status, run.started) == (1, "failed", NEW_YEAR)
    assert [job.record.job for job in reading.executions[0].jobs] == ["load", "report"]


def test_tries_without_a_beginning_or_an_end_are_told_and_do_not_stay() -> None:
    torn = tried("load", NEW_YEAR, 1, "failed")[2:]
    first, second = read_events([raw(torn) + raw(told(2))], "x").executions
    (load,) = first.jobs
    assert (load.record.status, load.record.started, len(load.tries)) == ("unfinished", NEW_YEAR, 1)
    assert [len(job.tries) for job in second.jobs] == [1, 2, 0]


def test_last_states_look_through_what_was_reused(tmp_path: Path) -> None:
    at = NEW_YEAR + 100
    resumed = [
        told(1, 2, at)[0],
        JobReused(at, "extract", "succeeded in attempt 1"),
        *tried("load", at, 1, took=4.0),
        finished("load", at + 4, at),
    ]
    run, states, damages = last_states(raw(told()) + raw(resumed), "x")
    assert not damages
    assert run is not None
    assert (run.run, run.attempt, run.application) == (1, 2, "nightly")
    assert {job: (state.record.status, state.record.duration) for job, state in states.items()} == {
        "extract": ("success", 2.0),
        "load": ("success", 4.0),
        "report": ("skipped", None),
    }
    assert last_states(b"", "x") == (None, {}, ())
