"""A run log read back tells what the events of the same run tell."""

from __future__ import annotations

from pathlib import Path

import pytest

from exlib.logs.model import Execution, Source
from exlib.logs.reading.events import read_events
from exlib.logs.reading.runlog import RunLogReader, is_run_log
from exlib.logs.sink import Collector
from exlib.report.runlog import RunLog
from tests.logs.reading.test_history import run, workflow
from tests.logs.story import NEW_YEAR, raw, told


def read(data: bytes, name: str = "run.log") -> tuple[list[Execution], dict[str, int]]:
    collector = Collector()
    reader = RunLogReader(Source("run log", name), collector)
    reader.feed(data)
    reader.finish()
    return collector.executions, reader.damages.counts


def written(tmp_path: Path) -> bytes:
    log = RunLog(str(tmp_path / "run.log"))
    log.read(told())
    log.close()
    return (tmp_path / "run.log").read_bytes()


def test_what_runlog_writes_is_read_back(tmp_path: Path) -> None:
    executions, damaged = read(written(tmp_path), str(tmp_path / "run.log"))
    assert not damaged
    (found,) = executions
    (expected,) = read_events([raw(told())], "x").executions
    for name in (
        "run",
        "attempt",
        "application",
        "status",
        "started",
        "ended",
        "duration",
        "exit_code",
        "workers",
        "total",
    ):
        assert getattr(found.run, name) == getattr(expected.run, name)
    assert found.run.log_dir == str(tmp_path)
    assert found.run.messages == expected.run.messages
    assert len(found.jobs) == len(expected.jobs) == 3
    for one, other in zip(found.jobs, expected.jobs, strict=True):
        for name in ("job", "status", "reason", "started", "ended", "duration", "retries", "memory", "log_truncated"):
            assert getattr(one.record, name) == getattr(other.record, name), name
        assert [(t.number, t.status, t.duration, t.log) for t in one.tries] == [
            (t.number, t.status, t.duration, t.log) for t in other.tries
        ]


def test_a_real_run_log(tmp_path: Path) -> None:
    workflow(tmp_path)
    run(tmp_path, "nightly.json", "--events", "events.jsonl")
    (log,) = tmp_path.rglob("run.log")
    executions, damaged = read(log.read_bytes(), str(log))
    assert not damaged
    (found,) = executions
    (expected,) = read_events([(tmp_path / "events.jsonl").read_bytes()], "x").executions
    statuses = {job.record.job: (job.record.status, job.record.exit_code, job.record.signal) for job in expected.jobs}
    told = {job.record.job: (job.record.status, job.record.exit_code, job.record.signal) for job in found.jobs}
    assert told.pop("late")[0] == statuses.pop("late")[0] == "timeout"  # the log does not say by which signal it ended
    assert told.pop("stopped") == ("failed", None, "SIGKILL")
    statuses.pop("stopped")
    assert told == statuses
    assert [len(job.tries) for job in found.jobs] == [len(job.tries) for job in expected.jobs]


def test_cut_at_every_byte_the_rest_is_told(tmp_path: Path) -> None:
    whole = written(tmp_path)
    for end in range(len(whole)):
        executions, damaged = read(whole[:end])
        assert sum(damaged.values()) <= 1
        assert sum(len(one.jobs) for one in executions) <= 3


@pytest.mark.parametrize(
    "line", ["", "2026-01-31 23:59:59.123 hello", "run 1 of x started", "2026-01-31 load: success"]
)
def test_other_lines_are_no_run_log(line: str) -> None:
    assert not is_run_log(line)


def test_a_line_that_says_nothing_is_damage(tmp_path: Path) -> None:
    whole = written(tmp_path)
    executions, damaged = read(
        b"what is this\n" + whole + b"2026-13-77 99:99:99.000 load: success in 1.0s, cpu 0.00s\n"
    )
    assert damaged == {"no line of a run log": 2}
    assert len(executions) == 1
    assert executions[0].run.started == NEW_YEAR
