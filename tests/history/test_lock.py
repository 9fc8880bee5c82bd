from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from exlib.errors import AnswerNo, StorageError
from exlib.history import lock
from exlib.history.lock import RunLock, is_held
from tests.history.processes import Process


def test_a_second_engine_is_refused_and_told_who_holds_the_run(tmp_path: Path) -> None:
    db = str(tmp_path / "h.db")
    first = RunLock(db, 7)
    first.acquire()
    with pytest.raises(AnswerNo, match=rf"run 7 is still going on: pid {os.getpid()} on "):
        RunLock(db, 7).acquire()
    RunLock(db, 8).acquire()
    first.release()
    again = RunLock(db, 7)
    again.acquire()
    assert again.held


def test_it_is_seen_from_outside_while_its_holder_lives_and_no_longer(tmp_path: Path) -> None:
    db = str(tmp_path / "h.db")
    assert not is_held(db, 1)
    holder = Process(f"lock = RunLock({db!r}, 1); lock.acquire(); say('held'); wait()")
    assert holder.heard() == "held"
    assert is_held(db, 1)
    assert not is_held(db, 2)
    holder.kill()
    assert not is_held(db, 1)
    assert Path(RunLock(db, 1).path).exists()  # a killed engine leaves the file, and only the file
    RunLock(db, 1).acquire()


@pytest.mark.parametrize("before", [b"", b"pid 4194305 on {host}\n"], ids=["no name yet", "the name of a dead one"])
def test_one_who_is_refused_waits_for_the_name_of_a_new_holder(
    tmp_path: Path, before: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    db = str(tmp_path / "h.db")
    first = RunLock(db, 7)
    first.acquire()
    path = Path(first.path)
    name = path.read_bytes()
    path.write_bytes(before.replace(b"{host}", os.uname().nodename.encode()))
    monkeypatch.setattr("exlib.history.lock.time.sleep", lambda _seconds: path.write_bytes(name))
    with pytest.raises(AnswerNo, match=f"pid {os.getpid()} on "):
        RunLock(db, 7).acquire()
    path.write_bytes(b"pid 4194305 on elsewhere\n")
    with pytest.raises(AnswerNo, match="pid 4194305 on elsewhere holds it"):
        RunLock(db, 7).acquire()


def test_children_do_not_inherit_it(tmp_path: Path) -> None:
    db = str(tmp_path / "h.db")
    holder = Process(
        f"lock = RunLock({db!r}, 1); lock.acquire()\n"
        "import subprocess; child = subprocess.Popen(['sleep', '60'], close_fds=False, stdout=-3, stdin=-3)\n"
        "say(child.pid); wait()"
    )
    child = int(holder.heard())
    holder.kill()
    try:
        assert not is_held(db, 1)
    finally:
        os.kill(child, 9)


def test_looking_never_makes_an_engine_fail(tmp_path: Path) -> None:
    db = str(tmp_path / "h.db")
    keep = RunLock(db, 1)
    keep.acquire()
    keep.release()
    looker = Process(
        f"path = {RunLock(db, 1).path!r}\nsay('looking')\nseen = 0\n"
        f"while os.path.exists({str(tmp_path)!r} + '/go'):\n    seen += is_held({db!r}, 1)\nsay(seen)"
    )
    (tmp_path / "go").touch()
    assert looker.heard() == "looking"
    for _ in range(2000):
        lock = RunLock(db, 1)
        lock.acquire()
        lock.release()
    (tmp_path / "go").unlink()
    assert looker.end() == 0


def test_many_at_once_have_one_winner_each_time(tmp_path: Path) -> None:
    db = str(tmp_path / "h.db")
    code = f"""
from exlib.errors import AnswerNo
inside = {str(tmp_path / "inside")!r}
won = 0
while won < 100:
    lock = RunLock({db!r}, 1)
    try:
        lock.acquire()
    except AnswerNo:
        continue
    os.close(os.open(inside, os.O_CREAT | os.O_EXCL))  # fails if another is inside
    won += 1
    os.unlink(inside)
    lock.release()
say(won)
"""
    processes = [Process(code) for _ in range(4)]
    assert [process.end() for process in processes] == [0] * 4
    assert [process.rest for process in processes] == ["100\n"] * 4


def test_a_file_that_its_holder_removed_meanwhile_is_no_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second, late = (RunLock(str(tmp_path / "h.db"), 1) for _ in range(3))
    first.acquire()
    lock_file = lock._lock

    def meanwhile(fd: int) -> bool:
        """The first one goes and a second one comes, between the opening of the file and its locking."""
        monkeypatch.setattr(lock, "_lock", lock_file)
        first.release()
        second.acquire()
        return lock_file(fd)

    monkeypatch.setattr(lock, "_lock", meanwhile)
    with pytest.raises(AnswerNo):
        late.acquire()
    assert second.held


def test_release_leaves_nothing_behind(tmp_path: Path) -> None:
    lock = RunLock(str(tmp_path / "h.db"), 1)
    lock.acquire()
    assert os.stat(lock.path).st_mode & 0o777 == 0o600
    assert os.stat(os.path.dirname(lock.path)).st_mode & 0o777 == 0o700
    lock.release()
    lock.release()
    assert os.listdir(os.path.dirname(lock.path)) == []


def test_a_place_that_cannot_hold_locks_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match=r"cannot make the lock .*file/h.db.locks/run-1: not a directory"):
        RunLock(str(tmp_path / "file" / "h.db"), 1).acquire()


def test_a_disk_without_room_for_a_lock_is_named_with_its_history(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "pwrite", full)
    db = str(tmp_path / "h.db")
    lock = RunLock(db, 1)
    with pytest.raises(StorageError, match=r"cannot write the lock .*/run-1 of the history .*/h.db: no space left"):
        lock.acquire()
    assert not lock.held
    assert not is_held(db, 1)
