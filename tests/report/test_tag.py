from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exlib.console import Console
from exlib.masking import Mask
from exlib.report.tag import Tagged
from tests.report.story import attempt_finished, attempt_started, run_started


class Desk:
    """A display writing to a file, and jobs that write their logs."""

    def __init__(self, directory: Path, *, color: str = "never", mask: Mask | None = None) -> None:
        self.directory = directory
        self.out = directory / "out"
        self.stream = self.out.open("w")
        console = Console()
        console.color = color
        self.tagged = Tagged(console, self.stream, mask=mask or Mask())
        self.tagged.read([run_started(log_dir=str(directory))])

    def start(self, job: str, number: int = 1) -> None:
        self.tagged.read([attempt_started(job, f"{job}.{number}.log", number=number)])

    def write(self, job: str, data: bytes, number: int = 1) -> None:
        with (self.directory / f"{job}.{number}.log").open("ab") as log:
            log.write(data)

    def end(self, job: str, number: int = 1) -> None:
        self.tagged.read([attempt_finished(job, number=number)])

    def shown(self) -> bytes:
        return self.out.read_bytes()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    yield desk
    desk.stream.close()


def squeezed(desk: Desk) -> list[str]:
    """The lines shown, many x as one."""
    return re.sub(rb"x+", b"x", desk.shown()).decode().splitlines()


def test_lines_appear_whole_with_their_job_before_them(desk: Desk) -> None:
    desk.start("load")
    desk.start("ex")
    desk.write("load", b"one\ntw")
    desk.write("ex", b"first\n")
    desk.tagged.tick()
    assert desk.shown().decode() == "load │ one\nex   │ first\n"
    desk.write("load", b"o\n")
    desk.tagged.tick()
    assert desk.shown().decode().endswith("load │ two\n")


def test_an_attempt_is_shown_to_its_end_when_it_ends(desk: Desk) -> None:
    desk.start("load")
    desk.write("load", b"\nno line end")
    desk.end("load")
    assert desk.shown().decode() == "load │ \nload │ no line end\n"
    desk.write("load", b"a straggler's words\n")
    desk.tagged.tick()
    desk.tagged.close()
    assert b"straggler" not in desk.shown()


def test_each_try_has_its_own_log(desk: Desk) -> None:
    for number in (1, 2):
        desk.start("load", number)
        desk.write("load", b"try %d\n" % number, number)
        desk.end("load", number)
    assert desk.shown().decode() == "load │ try 1\nload │ try 2\n"


def test_a_job_without_a_log_is_no_error(desk: Desk) -> None:
    desk.start("load")
    desk.tagged.tick()
    desk.end("load")
    desk.end("never started")
    desk.tagged.close()
    assert desk.shown() == b""


def test_what_runs_at_the_end_is_shown_by_close(desk: Desk) -> None:
    desk.start("load")
    desk.write("load", b"x\n" * 2_000_000)
    desk.tagged.close()
    assert desk.shown().count(b"\n") == 2_000_000


def test_a_line_of_megabytes_is_passed_on_in_one_line_while_the_others_wait(desk: Desk) -> None:
    desk.start("big")
    desk.start("small")
    desk.write("big", b"x" * 3_000_000)
    desk.tagged.tick()
    desk.write("small", b"me too\n")
    desk.write("big", b"x" * 1_000_000 + b"\n")
    desk.end("big")
    desk.tagged.close()
    assert squeezed(desk) == ["big   │ x", "small │ me too"]
    assert desk.shown().count(b"x") == 4_000_000


def test_a_writer_that_pauses_within_such_a_line_stops_nobody(desk: Desk) -> None:
    desk.start("big")
    desk.start("small")
    desk.write("big", b"x" * 200_000)
    desk.tagged.tick()
    desk.write("small", b"me too\n")
    desk.tagged.tick()
    assert squeezed(desk) == ["big   │ x", "small │ me too"]
    desk.write("big", b"y\n")
    desk.end("big")
    assert squeezed(desk)[-1] == "big   │ y"
    assert desk.shown().count(b"x") == 200_000


@given(
    st.lists(
        st.tuples(st.sampled_from("ab"), st.binary(max_size=40) | st.sampled_from([b"z" * 70_000, b"\n"])), max_size=12
    )
)
def test_without_the_tags_every_job_wrote_exactly_that(
    tmp_path_factory: pytest.TempPathFactory, writes: list[tuple[str, bytes]]
) -> None:
    desk = Desk(tmp_path_factory.mktemp("desk"))
    wrote = {"a": b"", "b": b""}
    for job in wrote:
        desk.start(job)
    for job, data in writes:
        desk.write(job, data)
        wrote[job] += data
        desk.tagged.tick()
    for job in wrote:
        desk.end(job)
    desk.tagged.close()
    desk.stream.close()
    shown = desk.shown()
    assert shown.endswith(b"\n") or not shown
    for job, data in wrote.items():
        tag = f"{job} │ ".encode()
        mine = [line.removeprefix(tag) for line in shown.split(b"\n") if line.startswith(tag)]
        # Only where a long line was interrupted may a line end have been added.
        assert b"".join(mine) == data.replace(b"\n", b"")
        if len(data) < 60_000:
            assert mine == data.removesuffix(b"\n").split(b"\n") if data else mine == []


def test_colours_tell_the_jobs_apart_and_are_reset_before_each_tag(tmp_path: Path) -> None:
    desk = Desk(tmp_path, color="always")
    for job in ("a", "b"):
        desk.start(job)
        desk.write(job, b"\x1b[31mred\n")
        desk.end(job)
    desk.stream.close()
    first, second = desk.shown().splitlines()
    assert first.startswith(b"\x1b[0m\x1b[36ma")
    assert second.startswith(b"\x1b[0m\x1b[32mb")
    assert first.endswith(b"\x1b[31mred")


def test_secrets_are_masked_even_across_pieces(tmp_path: Path) -> None:
    desk = Desk(tmp_path, mask=Mask(["hunter22"]))
    desk.start("a")
    desk.write("a", b"password hunter22\n" + b"x" * 65_530 + b"hunter22" + b"y" * 65_530)
    desk.end("a")
    desk.tagged.close()
    desk.stream.close()
    assert desk.shown().count(b"********") == 2
    assert b"hunt" not in desk.shown()


def test_a_terminal_that_takes_nothing_holds_nothing_up(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    with os.fdopen(writing, "w") as stream:
        tagged = Tagged(Console(), stream)
        (tmp_path / "a.log").write_bytes(b"0123456789\n" * 500_000)
        tagged.read([run_started(log_dir=str(tmp_path)), attempt_started("a", "a.log")])
        for _ in range(5):
            tagged.tick()
        tagged.read([attempt_finished("a")])
        got = 0
        while got < 500_000:
            got += os.read(reading, 1 << 20).count(b"\n")
            tagged.tick()
        os.close(reading)
        tagged.tick()
        tagged.close()


FLOOD = """
import resource, sys
from exlib.console import Console
from exlib.report.tag import Tagged
from tests.report.story import attempt_finished, attempt_started, run_started
tagged = Tagged(Console(), sys.stdout)
tagged.read([run_started(log_dir=sys.argv[1]), attempt_started("a", "a.log")])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
tagged.read([attempt_finished("a")])
tagged.close()
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, file=sys.stderr)
"""


def test_memory_does_not_grow_with_a_line_of_200_megabytes(tmp_path: Path) -> None:
    with (tmp_path / "a.log").open("wb") as log:
        log.truncate(200 << 20)
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", FLOOD, str(tmp_path)],
        cwd=root,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=True,
    )
    assert int(done.stderr) < 8 << 10, "KiB"
