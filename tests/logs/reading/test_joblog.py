"""GNU parallel's job log, read and written."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from exlib.logs.model import Execution, Source
from exlib.logs.reading.events import read_events
from exlib.logs.reading.joblog import HEADING, JoblogReader, JoblogWriter
from exlib.logs.sink import Collector, pour
from tests.logs.story import NEW_YEAR, raw, told

LOG = f"""{HEADING}
1\t:\t1767225600.000\t     2.000\t0\t0\t0\t0\tgzip a b
2\tdb1\t1767225601.500\t     3.500\t0\t12\t3\t0\tload\tall
3\t:\t1767225601.500\t     0.500\t0\t0\t0\t9\tbig
"""


def read(data: bytes) -> tuple[list[Execution], dict[str, int]]:
    collector = Collector()
    reader = JoblogReader(Source("joblog", "/tmp/my.joblog"), collector)
    reader.feed(data)
    reader.finish()
    return collector.executions, reader.damages.counts


def test_a_file_is_a_run() -> None:
    (found,), damaged = read(LOG.encode())
    assert not damaged
    run = found.run
    assert (run.run, run.application, run.status, run.started, run.duration) == (
        None,
        "my.joblog",
        "failed",
        NEW_YEAR,
        5.0,
    )
    assert [(job.record.job, job.record.status, job.record.reason, job.record.duration) for job in found.jobs] == [
        ("gzip a b", "success", None, 2.0),
        ("load\tall", "failed", "exit code 3", 3.5),
        ("big", "failed", "killed by SIGKILL", 0.5),
    ]


@given(st.integers(0, len(LOG)))
def test_cut_anywhere_the_rest_is_told(end: int) -> None:
    executions, damaged = read(LOG[:end].encode())
    assert sum(damaged.values()) <= 1
    assert sum(len(one.jobs) for one in executions) <= LOG[:end].count("\n")


def test_what_is_no_number_is_damage() -> None:
    lines = [
        HEADING,
        "1\t:\tsoon\t1\t0\t0\t0\t0\tx",
        "1\t:\tnan\t1\t0\t0\t0\t0\tx",
        "1\t:\t1\tinf\t0\t0\t0\t0\tx",
        "1\t:\t1\t1\t0\t0\t\t0\tx",
        "x",
    ]
    executions, damaged = read(("\n".join(lines) + "\n").encode())
    assert (executions, damaged) == ([], {"no line of a job log": 5})


def test_what_is_written_is_read_back() -> None:
    writer = JoblogWriter()
    pour(read_events([raw(told())], "x").executions, writer)
    (found,), _ = read(writer.product().encode())
    assert [(job.record.job, job.record.status, job.record.exit_code) for job in found.jobs] == [
        ("run extract", "success", 0),
        ("run load", "failed", 1),
    ]
