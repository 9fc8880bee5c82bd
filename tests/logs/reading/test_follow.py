"""A live stream, followed while a real ex-run writes it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest

from tests.logs.story import raw, told

GATED = {
    "application_name": "gated",
    "jobs": [
        {"id": "first", "command": "true"},
        {"id": "gate", "command": "until test -e go; do sleep 0.05; done", "dependencies": ["first"]},
        {"id": "last", "command": "test ! -e bad", "dependencies": ["gate"]},
    ],
}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "gated.json").write_text(json.dumps(GATED))
    return tmp_path


@contextmanager
def started(place: Path, *argv: str) -> Iterator[subprocess.Popen[str]]:
    """A process that a failing test does not wait for."""
    process = subprocess.Popen(
        argv, cwd=place, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    with process:
        try:
            yield process
        except BaseException:
            process.terminate()
            raise


def lines_until(stream: IO[str] | None, word: str) -> list[str]:
    assert stream is not None
    lines = []
    for line in stream:
        lines.append(line)
        if word in line:
            return lines
    raise AssertionError(f"{word!r} never came: {lines}")


def test_a_file_that_is_not_there_yet_is_followed_until_the_run_ends(place: Path) -> None:
    with started(place, "ex-analyze-logs", "--follow", "live.jsonl") as follower:
        lines_until(follower.stderr, "waiting for live.jsonl")
        with started(place, "ex-run", "-q", "gated.json", "--events", "live.jsonl") as engine:
            seen = lines_until(follower.stdout, "▸ gate")
            assert any("✓ first" in line for line in seen)
            assert engine.poll() is None  # told while the run goes on
            (place / "go").touch()
            rest = follower.communicate(timeout=60)[0]
    assert follower.returncode == 0
    assert "✓ last" in rest
    assert "1 run of gated" in rest
    assert "100% succeeded: 1 success" in rest


def test_a_pipe_is_followed_and_a_failed_run_is_1(place: Path) -> None:
    (place / "go").touch()
    (place / "bad").touch()
    pipe = "ex-run -q gated.json --events - 2>/dev/null | ex-analyze-logs --follow --errors-only"
    done = subprocess.run(["bash", "-c", pipe], cwd=place, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (1, "")
    assert "✗ last" in done.stdout
    assert "exit code 1" in done.stdout
    assert "ex-run --resume 1" in done.stdout


def piped(place: Path, *argv: str) -> tuple[subprocess.Popen[str], subprocess.Popen[str]]:
    """An engine and the follower of its events, in a process group of their own, as a shell makes one of a pipe."""
    engine = subprocess.Popen(
        ["ex-run", "-q", "gated.json", "--events", "-"],
        cwd=place,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        process_group=0,
    )
    follower = subprocess.Popen(
        ["ex-analyze-logs", "--follow", *argv],
        cwd=place,
        stdin=engine.stdout,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        process_group=engine.pid,
    )
    assert engine.stdout is not None
    engine.stdout.close()
    return engine, follower


def test_ctrl_c_lets_a_piped_run_come_to_its_end(place: Path) -> None:
    engine, follower = piped(place)
    with engine, follower:
        lines_until(follower.stdout, "▸ gate")
        os.killpg(engine.pid, signal.SIGINT)
        lines_until(follower.stderr, "interrupted: the run is followed to its end")
        (place / "go").touch()
        out, _ = follower.communicate(timeout=60)
    assert follower.returncode == 1
    assert "✓ gate" in out
    assert "1 run of gated" in out
    assert "1 cancelled" in out


def test_a_second_ctrl_c_ends_the_follower(place: Path) -> None:
    engine, follower = piped(place)
    with engine, follower:
        lines_until(follower.stdout, "▸ gate")
        follower.send_signal(signal.SIGINT)
        lines_until(follower.stderr, "again, and this ends at once")
        follower.send_signal(signal.SIGINT)
        out, _ = follower.communicate(timeout=60)
        (place / "go").touch()
    assert follower.returncode == 130
    assert "1 run of" not in out


def test_ctrl_c_ends_the_following_of_a_file_and_shows_what_there_is(place: Path) -> None:
    (place / "live.jsonl").write_bytes(raw(told())[:2000])
    with started(place, "ex-analyze-logs", "--follow", "live.jsonl") as follower:
        lines_until(follower.stdout, "extract")
        follower.send_signal(signal.SIGINT)
        out, err = follower.communicate(timeout=60)
    assert follower.returncode == 130
    assert "interrupted: this is what there is so far" in err
    assert "1 run of nightly" in out
    assert "1 unfinished" in out


def test_an_engine_that_was_killed_ends_the_waiting(place: Path) -> None:
    with started(place, "ex-run", "-q", "gated.json", "--events", "live.jsonl") as engine:
        with started(place, "ex-analyze-logs", "--follow", "live.jsonl") as follower:
            lines_until(follower.stdout, "▸ gate")
            pid = json.loads((place / "live.jsonl").read_text().splitlines()[0])["pid"]
            os.kill(pid, signal.SIGKILL)
            out, err = follower.communicate(timeout=60)
        engine.wait(timeout=60)
    assert follower.returncode == 1
    assert err.endswith("the engine is gone: the run ended without a word\n")
    assert "1 unfinished" in out


def test_a_file_that_is_written_anew_is_read_anew(place: Path) -> None:
    live = place / "live.jsonl"
    live.write_bytes(raw(told())[:2000])
    with started(place, "ex-analyze-logs", "--follow", "live.jsonl") as follower:
        lines_until(follower.stdout, "extract")
        live.write_bytes(raw(told(2))[:400])
        lines_until(follower.stdout, "run 2")
        with live.open("ab") as stream:
            stream.write(raw(told(2))[400:])
        out, _ = follower.communicate(timeout=60)
    assert follower.returncode == 1
    assert "2 runs of nightly" in out


def test_an_empty_pipe_is_3(place: Path) -> None:
    done = subprocess.run(
        ["bash", "-c", "true | ex-analyze-logs --follow"], cwd=place, capture_output=True, check=False
    )
    assert (done.returncode, done.stdout) == (3, b"")


@pytest.mark.parametrize(
    "argv",
    [
        ["--follow"],
        ["--follow", "a", "b"],
        ["--follow", "a", "--last", "3"],
        ["--follow", "a", "--format", "json"],
        ["--follow", "a", "-o", "x"],
        ["--follow", "not/there/a"],
    ],
)
def test_what_cannot_be_followed_is_2(place: Path, argv: list[str]) -> None:
    done = subprocess.run(
        ["ex-analyze-logs", *argv], cwd=place, capture_output=True, stdin=subprocess.DEVNULL, check=False, timeout=60
    )
    assert (done.returncode, done.stdout) == (2, b"")
