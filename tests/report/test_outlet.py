from __future__ import annotations

import io
import os
from collections.abc import Iterator
from typing import TextIO

import pytest

from exlib.report.outlet import Outlet


@pytest.fixture
def pipe() -> Iterator[tuple[int, TextIO]]:
    reading, writing = os.pipe()
    with os.fdopen(writing, "w") as stream:
        yield reading, stream
    os.close(reading)


def drop(fd: int) -> None:
    os.dup2(os.open(os.devnull, os.O_RDONLY), fd)


def test_a_reader_that_reads_nothing_holds_nothing_up_and_loses_nothing(pipe: tuple[int, TextIO]) -> None:
    reading, stream = pipe
    outlet = Outlet(stream)
    lines = [b"line %d\n" % n for n in range(40_000)]
    for line in lines:
        outlet.write(line)
    assert outlet.backlog > 0
    got = b""
    while outlet.backlog:
        got += os.read(reading, 1 << 20)
        outlet.pump()
    assert got + os.read(reading, 1 << 20) == b"".join(lines)


def test_beyond_the_limit_lines_are_left_out_and_counted(pipe: tuple[int, TextIO]) -> None:
    reading, stream = pipe
    outlet = Outlet(stream, limit=1000)
    for _ in range(20_000):
        outlet.write(b"0123456789\n")
    assert outlet.backlog <= 1000
    got = os.read(reading, 1 << 20)
    outlet.pump()
    outlet.write(b"last\n")
    outlet.drain()
    got += os.read(reading, 1 << 20)
    kept = got.count(b"0123456789\n")
    assert got.endswith(b"(%d lines left out: this output was not read in time)\nlast\n" % (20_000 - kept))


def test_a_reader_that_is_gone_makes_it_silent(pipe: tuple[int, TextIO]) -> None:
    reading, stream = pipe
    drop(reading)
    outlet = Outlet(stream)
    outlet.write(b"nobody hears\n")
    outlet.write(b"nothing\n")
    outlet.drain()
    assert not outlet.open
    assert outlet.backlog == 0


def test_a_full_disk_makes_it_silent() -> None:
    with open("/dev/full", "w") as full:
        outlet = Outlet(full)
        outlet.say("lost\n")
        assert not outlet.open


def test_a_closed_or_absent_stream_is_no_error() -> None:
    closed = io.StringIO()
    closed.close()
    for stream in (closed, None):
        outlet = Outlet(stream)
        outlet.say("nobody\n")
        outlet.drain()
        assert not outlet.open


def test_what_was_written_before_stays_before(tmp_path: os.PathLike[str]) -> None:
    path = os.path.join(tmp_path, "out")
    with open(path, "w") as stream:
        stream.write("first\n")
        Outlet(stream).say("second\n")
    with open(path) as stream:
        assert stream.read() == "first\nsecond\n"


def test_text_is_written_in_the_encoding_of_the_stream(tmp_path: os.PathLike[str]) -> None:
    path = os.path.join(tmp_path, "out")
    with open(path, "w", encoding="latin-1") as stream:
        Outlet(stream).say("ä✓\n")
    with open(path, "rb") as raw:
        assert raw.read() == b"\xe4\\u2713\n"


def test_a_non_blocking_descriptor_shared_with_others_is_waited_for(pipe: tuple[int, TextIO]) -> None:
    reading, stream = pipe
    os.set_blocking(stream.fileno(), False)
    outlet = Outlet(stream)
    outlet.write(b"x" * 200_000)
    got = 0
    while outlet.backlog:
        got += len(os.read(reading, 1 << 20))
        outlet.pump()
    got += len(os.read(reading, 1 << 20))
    assert got == 200_000
