"""What tasks print through a mask into their logs: exact but for the secrets, whatever they leave behind."""

from __future__ import annotations

import base64
import os
import resource
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from exlib.engine.executor import CannotStart, Ended, Task, TryLater
from exlib.engine.executors.local import LocalExecutor
from exlib.engine.watch import PidfdWatch, SigchldWatch, Watch
from exlib.masking import Mask
from tests.engine.test_local import run, task

SECRET = "hunter22-and-more"


@pytest.fixture(params=[PidfdWatch, SigchldWatch])
def executor(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[LocalExecutor]:
    monkeypatch.chdir(tmp_path)
    watch: Callable[[], Watch] = request.param
    made = LocalExecutor(4, watch(), mask=Mask([SECRET]))
    yield made
    made.close()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)


def descriptors() -> int:
    return len(os.listdir("/dev/fd"))


def test_the_log_has_the_bytes_of_the_job_but_for_secrets(executor: LocalExecutor, tmp_path: Path) -> None:
    (tmp_path / "data").write_bytes(os.urandom(300_000))
    printf = f"printf 'a {SECRET}\\0\\r\\n'"
    before = descriptors()
    assert run(executor, task(tmp_path, f"cat data; {printf}; {printf} >&2; cat data")).exit_code == 0
    data = (tmp_path / "data").read_bytes()
    assert (tmp_path / "0.log").read_bytes() == data + b"a ********\0\r\n" * 2 + data
    assert descriptors() == before


def test_a_secret_that_comes_byte_by_byte(executor: LocalExecutor, tmp_path: Path) -> None:
    encoded = base64.b64encode(f"user:{SECRET}".encode()).decode()
    slowly = "; ".join(f"printf %s '{char}'; sleep 0.002" for char in f"<{SECRET}><{encoded}>")
    run(executor, task(tmp_path, slowly))
    assert (tmp_path / "0.log").read_bytes() == b"<********><dXNlcjp********>"


def test_what_can_be_no_secret_is_in_the_log_at_once(executor: LocalExecutor, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    executor.start(task(tmp_path, "echo waiting for the lock; printf hunt; read never < fifo"))
    until = time.monotonic() + 30
    while (tmp_path / "0.log").read_bytes() != b"waiting for the lock\n":
        assert time.monotonic() < until
        executor.wait(time.monotonic() + 0.05)
    executor.abort(0)
    while not executor.wait(None):
        pass
    assert (tmp_path / "0.log").read_bytes() == b"waiting for the lock\nhunt"


def test_a_pipe_that_is_left_open_holds_nothing_up(executor: LocalExecutor, tmp_path: Path) -> None:
    before = descriptors()
    command = f"trap '' PIPE; (sleep 987 & echo $! > pid; wait) & until test -s pid; do sleep 0.01; done; echo {SECRET}"
    ended = run(executor, task(tmp_path, command, detach=True))
    left = int((tmp_path / "pid").read_text())
    try:
        assert ended.exit_code == 0
        assert os.path.exists(f"/proc/{left}") or not os.path.exists("/proc/self")
        assert (tmp_path / "0.log").read_bytes() == b"********\n"
        assert descriptors() == before
    finally:
        os.kill(left, signal.SIGKILL)


def test_a_pipe_that_is_flooded_by_what_was_left_holds_nothing_up(executor: LocalExecutor, tmp_path: Path) -> None:
    command = "yes & echo $! > pid; until test -s 0.log; do sleep 0.01; done"
    assert run(executor, task(tmp_path, command, detach=True)).exit_code == 0
    left = int((tmp_path / "pid").read_text())
    until = time.monotonic() + 30
    while os.path.exists(f"/proc/{left}") and time.monotonic() < until:  # it dies of its closed pipe
        time.sleep(0.01)
    assert not os.path.exists(f"/proc/{left}")


def test_a_job_may_close_its_output_and_go_on(executor: LocalExecutor, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    executor.start(task(tmp_path, f"printf {SECRET}; exec >&- 2>&-; read go < fifo; exit 3"))
    until = time.monotonic() + 30
    while (tmp_path / "0.log").read_bytes() != b"********":
        assert time.monotonic() < until
        executor.wait(time.monotonic() + 0.05)
    begun = time.process_time()
    executor.wait(time.monotonic() + 0.3)
    assert time.process_time() - begun < 0.2, "it waits without turning"
    (tmp_path / "fifo").open("w").close()
    while not (ended := executor.wait(None)):
        pass
    assert ended[0].exit_code == 3


def test_several_jobs_at_once_each_have_their_own(executor: LocalExecutor, tmp_path: Path) -> None:
    for key in range(4):
        executor.start(task(tmp_path, f"yes {key}-{SECRET} | head -n 20000", key))
    ended: list[Ended] = []
    while len(ended) < 4:
        ended += executor.wait(None)
    for key in range(4):
        assert (tmp_path / f"{key}.log").read_bytes() == b"%d-********\n" % key * 20_000


def test_a_log_that_takes_no_more_is_told_and_the_job_goes_on(executor: LocalExecutor, tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        ended = run(executor, task(tmp_path, "yes | head -c 1000000; exit 3"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert ended.exit_code == 3
    assert ended.log_full
    assert (tmp_path / "0.log").read_bytes() == b"y\n" * 50_000


def test_memory_does_not_grow_with_what_is_printed(executor: LocalExecutor, tmp_path: Path) -> None:
    run(executor, task(tmp_path, "yes some other words | head -c 1000000", 0))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    run(executor, task(tmp_path, "yes some other words | head -c 12000000", 1))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 4000
    assert (tmp_path / "1.log").stat().st_size == 12_000_000


@pytest.mark.parametrize("error", [CannotStart, TryLater])
def test_what_cannot_be_started_leaves_no_descriptor(
    executor: LocalExecutor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    def refuse(*_arguments: object, **_options: object) -> int:
        raise OSError(24 if error is TryLater else 2, "no")

    wanted: Task = task(tmp_path, "true")
    monkeypatch.setattr(os, "posix_spawn" if error is CannotStart else "pipe", refuse)
    before = descriptors()
    with pytest.raises(error):
        executor.start(wanted)
    assert descriptors() == before
    assert (tmp_path / "0.log").exists() is (error is CannotStart)
