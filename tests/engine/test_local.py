"""Real processes behind the executor's four verbs."""

from __future__ import annotations

import errno
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from exlib.engine.executor import CannotStart, Ended, Task, TryLater
from exlib.engine.executors import local
from exlib.engine.executors.local import LocalExecutor
from exlib.engine.watch import PidfdWatch
from exlib.errors import StorageError
from tests.commands.run.lab import wait_until_gone


@pytest.fixture
def executor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalExecutor]:
    monkeypatch.chdir(tmp_path)  # the executor moves about
    made = LocalExecutor(2)
    yield made
    made.close()


def task(tmp_path: Path, command: str, key: int = 0, **more: object) -> Task:
    log = str(tmp_path / f"{key}.log")
    env = {b"PATH": os.fsencode(os.environ["PATH"]), b"EX_LOG": os.fsencode(log)}
    return Task(key, ("/bin/sh", "-c", command), env, str(tmp_path), log, **more)  # type: ignore[arg-type]


def run(executor: LocalExecutor, wanted: Task) -> Ended:
    executor.start(wanted)
    while not (ended := executor.wait(None)):
        pass
    return ended[0]


def test_how_a_process_ended(executor: LocalExecutor, tmp_path: Path) -> None:
    assert run(executor, task(tmp_path, "exit 7"))[1:3] == (7, None)
    assert run(executor, task(tmp_path, "kill -KILL $$", 1))[1:3] == (None, signal.SIGKILL)


def test_only_so_many_at_a_time_but_for_those_that_do_not_count(executor: LocalExecutor, tmp_path: Path) -> None:
    executor.start(task(tmp_path, "sleep 987", 0))
    executor.start(task(tmp_path, "sleep 987", 1, counted=False))
    assert executor.can_start()
    assert not executor.can_start(1)
    executor.start(task(tmp_path, "sleep 987", 2))
    assert not executor.can_start()


def test_an_answer_is_read_from_descriptor_3(executor: LocalExecutor, tmp_path: Path) -> None:
    assert run(executor, task(tmp_path, "echo answer >&3", verdict=True)).verdict == b"answer\n"


def test_a_log_that_is_there_already_is_refused(executor: LocalExecutor, tmp_path: Path) -> None:
    (tmp_path / "target").write_text("precious")
    (tmp_path / "0.log").symlink_to(tmp_path / "target")
    with pytest.raises(StorageError, match=r"cannot create the log .*/0\.log: a symbolic link is in its place"):
        executor.start(task(tmp_path, "echo overwritten"))
    assert (tmp_path / "target").read_text() == "precious"


def test_an_earlier_log_is_not_written_into(executor: LocalExecutor, tmp_path: Path) -> None:
    (tmp_path / "0.log").write_text("precious")
    with pytest.raises(StorageError, match="file exists"):
        executor.start(task(tmp_path, "echo more"))
    (tmp_path / "1.log").symlink_to(tmp_path / "0.log")
    with pytest.raises(StorageError, match="cannot create the log"):
        executor.start(task(tmp_path, "echo more", 1, fresh=False))
    assert (tmp_path / "0.log").read_text() == "precious"


def test_a_full_disk_is_seen_when_a_job_ends(
    executor: LocalExecutor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not run(executor, task(tmp_path, "true")).log_full
    monkeypatch.setattr(local, "is_full", lambda _path: True)
    assert run(executor, task(tmp_path, "true", 1)).log_full


def test_a_process_that_cannot_be_watched_does_not_run_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    executor = LocalExecutor(1)
    seen: list[int] = []

    def refuse(pid: int) -> None:
        seen.append(pid)
        raise OSError(24, "Too many open files")

    executor._watch.add = refuse  # type: ignore[method-assign]
    with pytest.raises(CannotStart, match="too many open files"):
        executor.start(task(tmp_path, "sleep 3; touch survived"))
    assert not os.path.exists(f"/proc/{seen[0]}")
    assert not (tmp_path / "survived").exists()
    assert executor.can_start()
    executor.close()


@pytest.mark.parametrize(
    ("call", "number", "kind"),
    [
        ("posix_spawn", errno.EAGAIN, TryLater),
        ("posix_spawn", errno.ENOMEM, TryLater),
        ("posix_spawn", errno.EMFILE, TryLater),
        ("posix_spawn", errno.EACCES, CannotStart),
        ("posix_spawn", errno.E2BIG, CannotStart),
        ("chdir", errno.ENOENT, CannotStart),
        ("memfd_create", errno.ENFILE, TryLater),
        ("open", errno.EMFILE, TryLater),
        ("open", errno.ENOSPC, StorageError),
    ],
)
def test_what_the_system_refuses_is_told_apart(
    executor: LocalExecutor,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    call: str,
    number: int,
    kind: type[Exception],
) -> None:
    def refuse(*_args: object, **_more: object) -> int:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(os, call, refuse)
        with pytest.raises(kind):
            executor.start(task(tmp_path, "exit 4", verdict=True))
    assert executor.can_start(1)
    if kind is TryLater:
        assert run(executor, task(tmp_path, "exit 4", verdict=True)).exit_code == 4, "the same task starts later"


def test_what_cannot_be_watched_is_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    watch = PidfdWatch()
    executor = LocalExecutor(1, watch)
    register = watch._poll.register

    def refuse(_fd: int, _events: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    watch._poll = SimpleNamespace(register=refuse)  # type: ignore[assignment]
    before = os.listdir("/proc/self/fd")
    with pytest.raises(CannotStart, match="cannot be watched"):
        executor.start(task(tmp_path, "sleep 987"))
    assert os.listdir("/proc/self/fd") == before
    watch._poll = register.__self__
    executor.close()


def test_closing_leaves_nothing_running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    executor = LocalExecutor(2)
    pids = [executor.start(task(tmp_path, "trap '' TERM; exec sleep 987", number)) for number in range(2)]
    executor.close()
    assert not any(os.path.exists(f"/proc/{pid}") for pid in pids)


def test_a_child_that_left_the_group_without_its_environment_ends_too(executor: LocalExecutor, tmp_path: Path) -> None:
    command = f"setsid env -i sh -c 'echo $$ > {tmp_path}/pid; exec /bin/sleep 987' & wait"
    executor.start(task(tmp_path, command))
    while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
        executor.wait(time.monotonic() + 0.01)
    executor.abort(0, grace=5.0)
    while not executor.wait(None):
        pass
    wait_until_gone([int((tmp_path / "pid").read_text())])


def test_ending_one_leaves_the_other(executor: LocalExecutor, tmp_path: Path) -> None:
    executor.start(task(tmp_path, "trap '' TERM; echo ready > ready; sleep 987", 0))
    executor.start(task(tmp_path, "until test -s ready; do sleep 0.01; done; sleep 0.4; exit 3", 1))
    while not (tmp_path / "ready").exists():
        executor.wait(time.monotonic() + 0.01)
    executor.abort(0, grace=0.05)
    ended: list[Ended] = []
    while len(ended) < 2:
        ended += executor.wait(None)
    assert [(one.key, one.exit_code, one.signal) for one in ended] == [(0, None, signal.SIGKILL), (1, 3, None)]
