from __future__ import annotations

import io
import threading
import time
from pathlib import Path

import pytest

from exlib.errors import AnswerNo
from exlib.history.logs import all_logs, copy, find_log, next_log
from exlib.history.lookup import find_run
from exlib.history.sqlite import SqliteStore, open_store
from tests.history.processes import Process
from tests.history.story import Story

EVERY_BYTE = bytes(range(256)) * 3000


def two_attempts(store: SqliteStore, log_dir: Path) -> None:
    story = Story(store, ["a", "b"], log_dir=log_dir)
    story.starts("a")
    story.retries("a", 1)
    story.starts("a", 2)
    story.ends("a", "failed", 1, 2)
    story.skips("b")
    story.finishes("failed", 1)
    (log_dir / "a.1.log").write_bytes(b"first\n")
    (log_dir / "a.2.log").write_bytes(EVERY_BYTE)


def test_the_last_try_is_meant_unless_another_is_named(store: SqliteStore, tmp_path: Path) -> None:
    two_attempts(store, tmp_path)
    run = find_run(store, "1")
    assert find_log(store, run, "a").path == str(tmp_path / "a.2.log")
    assert find_log(store, run, "a", 1).path == str(tmp_path / "a.1.log")


def test_an_earlier_attempt_of_the_run_can_be_meant(store: SqliteStore, tmp_path: Path) -> None:
    (tmp_path / "first").mkdir()
    two_attempts(store, tmp_path / "first")
    story = Story(store, ["a"], resumed=1, log_dir=tmp_path / "second")
    story.runs("a")
    story.finishes()
    assert find_log(store, find_run(store, "1"), "a").path == str(tmp_path / "second" / "a.1.log")
    assert find_log(store, find_run(store, "1.1"), "a", whole=False).path == str(tmp_path / "first" / "a.2.log")


def test_bytes_are_copied_as_they_are(store: SqliteStore, tmp_path: Path) -> None:
    two_attempts(store, tmp_path)
    target = io.BytesIO()
    copy(store, find_log(store, find_run(store, "1"), "a"), target)
    assert target.getvalue() == EVERY_BYTE


@pytest.mark.parametrize(
    ("job", "number", "message"),
    [
        ("aa", None, 'run 1 has no job "aa"'),
        ("a", 3, 'job "a" of run 1 has no try 3'),
        ("b", None, 'job "b" of run 1 has no log: it is skipped and never started'),
    ],
)
def test_what_has_no_log_is_a_no(
    store: SqliteStore, tmp_path: Path, job: str, number: int | None, message: str
) -> None:
    two_attempts(store, tmp_path)
    for wait in (False, True):  # the run is over: there is nothing to wait for
        with pytest.raises(AnswerNo, match=message):
            find_log(store, find_run(store, "1"), job, number, wait=wait)


def test_a_log_that_is_gone_is_named(store: SqliteStore, tmp_path: Path) -> None:
    two_attempts(store, tmp_path)
    (tmp_path / "a.2.log").unlink()
    with pytest.raises(AnswerNo, match=r"a\.2\.log cannot be read: no such file"):
        copy(store, find_log(store, find_run(store, "1"), "a"), io.BytesIO())


def test_the_next_try_is_waited_for_while_one_may_follow(
    store: SqliteStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = Story(store, ["a"], log_dir=tmp_path)
    story.starts("a")
    first = find_log(store, find_run(store, "1"), "a")
    steps = [lambda: story.retries("a", 1), lambda: story.starts("a", 2)]
    monkeypatch.setattr(time, "sleep", lambda _: steps.pop(0)())
    second = next_log(store, first)
    assert second is not None
    assert (second.number, second.path, steps) == (2, str(tmp_path / "a.2.log"), [])
    steps = [lambda: story.ends("a", "failed", 1, 2)]
    assert next_log(store, second) is None


def test_a_run_of_which_nothing_started_has_no_logs(store: SqliteStore) -> None:
    Story(store, ["a"]).skips("a")
    with pytest.raises(AnswerNo, match="run 1 has no logs"):
        all_logs(store, find_run(store, "1"), io.BytesIO())


class Pieces(io.RawIOBase):
    """A target that says when something arrived."""

    def __init__(self) -> None:
        self.data = b""
        self.arrived = threading.Semaphore(0)

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self.data += data
        self.arrived.release()
        return len(data)


@pytest.mark.parametrize("end", ["story.ends('a')", "os.kill(os.getpid(), 9)"])
def test_following_ends_with_the_try_however_it_ends(db: str, tmp_path: Path, end: str) -> None:
    engine = Process(f"""
log = open({str(tmp_path / "a.1.log")!r}, 'ab', buffering=0)
story = Story(open_store({db!r}), ['a'], log_dir={str(tmp_path)!r})
say('begun'); wait()
log.write(b'one'); story.starts('a'); wait()
log.write(b'two'); wait()
log.write(b'three')
{end}
""")
    assert engine.heard() == "begun"
    pieces = Pieces()

    def follow() -> None:
        store = open_store(db, readonly=True)
        log = find_log(store, find_run(store, "last"), "a", wait=True)
        copy(store, log, pieces, follow=True)  # type: ignore[arg-type]
        store.close()

    follower = threading.Thread(target=follow)
    follower.start()
    for seen in (b"one", b"onetwo"):
        engine.go_on()
        assert pieces.arrived.acquire(timeout=60)
        assert pieces.data == seen
    assert follower.is_alive()
    engine.go_on()
    engine.end()
    follower.join(timeout=60)
    assert not follower.is_alive()
    assert pieces.data == b"onetwothree"
