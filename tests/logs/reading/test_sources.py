"""Every source is told by what is in it."""

from __future__ import annotations

import contextlib
import gzip
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exlib.document import STDIN_NAME
from exlib.errors import EmptyInput, InputError
from exlib.logs.reading.sources import Intake, recognise
from exlib.logs.sink import Collector
from tests.logs.reading.test_joblog import LOG
from tests.logs.reading.test_original import PRINTED
from tests.logs.story import raw, told

EVENTS = raw(told())
RUN_LOG = b"2026-01-31 23:59:59.123 load: success in 1.0s, cpu 0.00s\n"


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (EVENTS, "events"),
        (b"\n\n" + EVENTS, "events"),
        (b"garbage\n" + EVENTS, "events"),
        (EVENTS[:40], "events"),
        (RUN_LOG, "run log"),
        (b"cut off\n" + RUN_LOG, "run log"),
        (LOG.encode(), "joblog"),
        (PRINTED.encode(), "original log"),
        (b"hello\nworld\n", None),
        (b'{"jobs": []}\n', None),
        (b"\x89PNG\r\n", None),
        (b"[" * 100_000, None),
    ],
)
def test_the_kind_of_a_source(head: bytes, kind: str | None) -> None:
    assert recognise(head) == kind


def test_files_of_all_kinds_are_read_one_after_another(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(EVENTS + b"oops\n")
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(EVENTS))
    (tmp_path / "c.log").write_bytes(RUN_LOG)
    (tmp_path / "d.joblog").write_text(LOG)
    (tmp_path / "e.log").write_text(PRINTED)
    (tmp_path / "f.log").write_text("")
    said: list[str] = []
    collector = Collector()
    intake = Intake(collector, said.append)
    for path in sorted(tmp_path.iterdir()):
        intake.file(str(path))
    assert [line.rpartition(": ")[2] for line in said] == [
        "events",
        "events",
        "run log",
        "joblog",
        "original log",
        "empty",
    ]
    kinds = [one.run.source.kind for one in collector.executions]
    assert kinds == ["events", "events", "run log", "joblog", "original log"]
    assert intake.damaged == {"no JSON": 1}
    assert intake.damages[0].source.name.endswith("a.jsonl")


def test_what_is_none_of_them_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "wf.json"
    path.write_text('{"jobs": []}\n')
    with pytest.raises(InputError, match="none of the logs"):
        Intake(Collector()).file(str(path))
    with pytest.raises(InputError, match="no such file"):
        Intake(Collector()).file(str(tmp_path / "nothing"))
    with pytest.raises(InputError, match="is a directory"):
        Intake(Collector()).file(str(tmp_path))


def test_a_damaged_gzip_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.gz"
    path.write_bytes(gzip.compress(EVENTS)[:-12])
    with pytest.raises(InputError):
        Intake(Collector()).file(str(path))


@pytest.mark.parametrize("data", [b"", b" \n\n"])
def test_an_empty_pipe_means_that_the_stage_before_failed(data: bytes) -> None:
    with pytest.raises(EmptyInput):
        Intake(Collector()).stream(io.BytesIO(data), STDIN_NAME)


@given(st.binary(max_size=300))
def test_no_bytes_are_too_much(data: bytes) -> None:
    with contextlib.suppress(InputError):
        Intake(Collector()).stream(io.BytesIO(data), "x")
