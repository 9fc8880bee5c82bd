from __future__ import annotations

import os
import pty
import resource
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from exlib.commands.contract import read_bytes, write_file
from exlib.errors import InputError, StorageError

ROOT = Path(__file__).resolve().parents[2]
PREAMBLE = "import os, signal, sys\nfrom exlib.commands.contract import *\nfrom exlib.errors import ExecutionerError\n"
SAID = """
try:
    {body}
except ExecutionerError as error:
    print(error.message, "|", error.mend, file=sys.stderr)
    os._exit(error.exit_code)
"""


def python(body: str, redirection: str = "", **more: object) -> subprocess.CompletedProcess[bytes]:
    """Run a statement in a process of its own, its descriptors arranged by the shell."""
    script = PREAMBLE + SAID.format(body=body)
    command = ["sh", "-c", f'exec "$@" {redirection}', "sh", sys.executable, "-c", script]
    return subprocess.run(command, capture_output=True, env={**os.environ, "PYTHONPATH": str(ROOT)}, **more)  # type: ignore[call-overload,no-any-return]


def test_a_file_is_read_as_it_is(tmp_path: Path) -> None:
    content = b'\xef\xbb\xbf{"a": 1}\r\n\0\xff'
    (tmp_path / "wf.json").write_bytes(content)
    assert read_bytes(str(tmp_path / "wf.json")) == content
    (tmp_path / "empty.json").write_bytes(b"")
    assert read_bytes(str(tmp_path / "empty.json")) == b""


def test_a_file_that_is_not_there_is_answered_with_its_nearest_neighbour(tmp_path: Path) -> None:
    (tmp_path / "nightly.json").write_bytes(b"{}")
    with pytest.raises(InputError) as caught:
        read_bytes(str(tmp_path / "nigthly.json"))
    assert caught.value.exit_code == 2
    assert caught.value.message.endswith("nigthly.json: no such file or directory")
    assert caught.value.mend == f"did you mean {tmp_path}/nightly.json?"
    with pytest.raises(InputError) as caught:
        read_bytes(str(tmp_path / "nowhere" / "x.json"))
    assert caught.value.mend is None
    (tmp_path / "gone.json").symlink_to("nowhere")
    with pytest.raises(InputError) as caught:
        read_bytes(str(tmp_path / "gone.json"))
    assert caught.value.mend is None, "what was named is no mend"


def test_a_directory_is_no_document(tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    with pytest.raises(InputError, match="is a directory") as caught:
        read_bytes(str(tmp_path / "runs"))
    assert caught.value.mend == "name a file in it"
    answer = python("read_bytes('-')", "<.", cwd=tmp_path)
    assert answer.returncode in (1, 2)  # some Pythons refuse such a stdin before any code of ours runs
    assert b"directory" in answer.stderr


def test_stdin_is_read_whole() -> None:
    content = b'{"a":\0\xff' + b" " * 200_000 + b"}"
    answer = python("sys.stdout.buffer.write(read_bytes('-')); sys.stdout.flush()", input=content)
    assert (answer.stdout, answer.returncode) == (content, 0)


@pytest.mark.parametrize("content", [b"", b"\n", b" \t\r\n"])
def test_empty_stdin_means_that_the_stage_before_failed(content: bytes) -> None:
    answer = python("read_bytes('-')", input=content)
    assert answer.returncode == 3
    assert answer.stderr.startswith(b"standard input is empty: the stage before this one failed")


def test_closed_stdin_is_said_to_be_closed() -> None:
    answer = python("read_bytes('-')", "<&-")
    assert answer.returncode == 3
    assert answer.stderr == b"standard input is closed | name a FILE, or pipe a workflow in\n"


def test_a_terminal_is_not_waited_for() -> None:
    body = "tool('ex-try')(file_argument(lambda console, file: read_bytes(file))).main([], prog_name='ex-try')"
    controller, terminal = pty.openpty()
    try:
        answer = python(body, stdin=terminal)
    finally:
        os.close(controller)
        os.close(terminal)
    assert (answer.stdout, answer.returncode) == (b"", 2)
    assert answer.stderr.startswith(b"Usage: ex-try [OPTIONS] [FILE]\n\nName a FILE")


def test_a_new_file_has_the_mode_that_the_umask_leaves(tmp_path: Path) -> None:
    old = os.umask(0o027)
    try:
        write_file(str(tmp_path / "new"), b"x")
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o640


def test_a_replaced_file_keeps_its_mode_and_is_another_file(tmp_path: Path) -> None:
    target = tmp_path / "out.json"
    target.write_bytes(b"old")
    target.chmod(0o604)
    reader = target.open("rb")
    write_file(str(target), b"new")
    assert target.read_bytes() == b"new"
    assert reader.read() == b"old"
    assert stat.S_IMODE(target.stat().st_mode) == 0o604
    assert os.listdir(tmp_path) == ["out.json"]


def test_a_replaced_file_keeps_its_owner_and_group(tmp_path: Path) -> None:
    target = tmp_path / "out.json"
    target.write_bytes(b"old")
    # Only root may give a file away; everybody may choose among their own groups.
    owner, group = (1234, 4321) if os.geteuid() == 0 else (os.geteuid(), [os.getegid(), *os.getgroups()][-1])
    os.chown(target, owner, group)
    write_file(str(target), b"new")
    assert (target.stat().st_uid, target.stat().st_gid) == (owner, group)


def test_a_symlink_stays_one_and_its_target_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real/file")
    write_file(str(tmp_path / "link"), b"made")
    write_file(str(tmp_path / "link"), b"again")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real" / "file").read_bytes() == b"again"


def test_a_directory_that_is_missing_is_named_with_the_mend(tmp_path: Path) -> None:
    with pytest.raises(StorageError) as caught:
        write_file(str(tmp_path / "no" / "out.json"), b"x")
    assert caught.value.exit_code == 74
    assert caught.value.message == f"cannot write {tmp_path}/no/out.json: no such file or directory"
    assert caught.value.mend == f"create the directory {tmp_path}/no"


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="no /proc")
def test_a_directory_that_takes_no_files_is_not_to_be_created() -> None:
    with pytest.raises(StorageError) as caught:
        write_file("/proc/x.svg", b"x")
    assert caught.value.mend == "no file can be made in /proc: name another directory"


def test_a_directory_is_no_target(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="is a directory"):
        write_file(str(tmp_path), b"x")


@pytest.fixture
def small_files() -> Iterator[int]:
    """Files may grow to 10,000 bytes and no more, as on a disk that is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    old = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, hard))
    yield 10_000
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    signal.signal(signal.SIGXFSZ, old)


def test_a_full_disk_leaves_the_old_file(tmp_path: Path, small_files: int) -> None:
    target = tmp_path / "out.json"
    target.write_bytes(b"old")
    with pytest.raises(StorageError, match=r"out\.json: file too large"):
        write_file(str(target), b"x" * (small_files + 1))
    assert target.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["out.json"]


def test_a_kill_before_the_rename_leaves_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "out.json"
    target.write_bytes(b"old")
    hook = "lambda event, _: os.kill(os.getpid(), signal.SIGKILL) if event == 'os.rename' else None"
    answer = python(f"sys.addaudithook({hook}); write_file({str(target)!r}, b'new')")
    assert answer.returncode == -signal.SIGKILL
    assert target.read_bytes() == b"old"


def test_an_interrupt_leaves_no_temporary_file(tmp_path: Path) -> None:
    target = tmp_path / "out.json"
    hook = "lambda event, _: signal.raise_signal(signal.SIGINT) if event == 'os.rename' else None"
    answer = python(f"sys.addaudithook({hook}); write_file({str(target)!r}, b'new')")
    assert answer.returncode != 0
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("name", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"])
def test_a_descriptor_by_name_is_written_where_it_stands(tmp_path: Path, name: str) -> None:
    """Opened by name the file would be cut to nothing; renamed over, ``>>`` would lose what stood there."""
    if not os.path.exists(name):
        pytest.skip(f"this system has no {name}")
    log = tmp_path / "log"
    log.write_bytes(b"before\n")
    answer = python(f"write_file({name!r}, b'after')", ">>log", cwd=tmp_path)
    assert (answer.returncode, log.read_bytes()) == (0, b"before\nafter")
    assert python(f"write_file({name!r}, b'piped')").stdout == b"piped"


def test_dev_stderr() -> None:
    assert python("write_file('/dev/stderr', b'said')").stderr == b"said"


def test_a_closed_descriptor_by_name_is_a_plain_message() -> None:
    answer = python("write_file('/dev/fd/77', b'x')")
    assert answer.returncode == 74
    assert answer.stderr == b"cannot write /dev/fd/77: bad file descriptor | None\n"


def test_a_named_pipe_is_written_into_and_stays(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()))
    reader.start()
    write_file(str(pipe), b"x" * 100_000)
    reader.join()
    assert got == [b"x" * 100_000]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")
@pytest.mark.parametrize("body", ["write_file('/dev/full', b'x')", "write_output('x', '/dev/full')"])
def test_a_full_device_is_a_storage_error(body: str) -> None:
    answer = python(body)
    assert answer.returncode == 74
    assert b"cannot write /dev/full: no space left on device" in answer.stderr


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")
@pytest.mark.parametrize(
    ("redirection", "reason"), [(">/dev/full", "no space left on device"), (">&-", "it is closed")]
)
def test_a_product_that_finds_no_room_on_stdout_is_a_storage_error(redirection: str, reason: str) -> None:
    answer = python("write_output('x' * 100_000)", redirection)
    assert answer.returncode == 74
    assert answer.stderr.decode().startswith(f"cannot write to standard output: {reason}")


def test_a_file_name_that_is_no_text_is_written_back_as_it_was() -> None:
    assert python("write_output(os.fsdecode(b'a\\xff'))").stdout == b"a\xff"
