"""What may stand where a log belongs, and how a full disk is told from one that is nearly full."""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from exlib.engine.logfile import is_full, open_log


def test_a_log_belongs_to_its_owner_and_is_appended_to(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    for fresh, text in ((True, b"one"), (False, b"two")):
        fd = open_log(str(path), fresh=fresh)
        os.write(fd, text)
        os.close(fd)
    assert path.read_bytes() == b"onetwo"
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        open_log(str(path), fresh=True)


@pytest.mark.parametrize("fresh", [True, False])
@pytest.mark.parametrize("kind", ["symbolic link", "link to nothing", "pipe", "pipe with a reader", "directory"])
def test_nothing_else_is_taken_for_a_log(tmp_path: Path, kind: str, fresh: bool) -> None:
    path = tmp_path / "a.log"
    reader = -1
    if "link" in kind:
        path.symlink_to(tmp_path / "target")
        if kind == "symbolic link":
            (tmp_path / "target").write_text("precious")
    elif "pipe" in kind:
        os.mkfifo(path)
        if "reader" in kind:
            reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    else:
        path.mkdir()
    word = next(word for word in ("symbolic link", "pipe", "directory") if word.split()[-1] in kind)
    with pytest.raises(OSError, match=f"a {word} is in its place"):
        open_log(str(path), fresh=fresh)
    assert not (tmp_path / "target").exists() or (tmp_path / "target").read_text() == "precious"
    if reader >= 0:
        os.close(reader)


def test_a_device_is_no_log(tmp_path: Path) -> None:
    if os.geteuid():
        pytest.skip("only root makes devices")
    os.mknod(tmp_path / "a.log", stat.S_IFCHR | 0o600, os.makedev(1, 3))
    with pytest.raises(OSError, match="a device is in its place"):
        open_log(str(tmp_path / "a.log"), fresh=False)


@pytest.mark.parametrize(
    ("error", "full"),
    [(None, False), (errno.ENOSPC, True), (errno.EDQUOT, True), (errno.EROFS, True), (errno.EMFILE, False)],
)
def test_little_room_is_looked_at_by_writing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: int | None, full: bool
) -> None:
    log = str(tmp_path / "a.log")
    Path(log).touch()
    scarce = SimpleNamespace(f_bavail=3, f_frsize=4096, f_blocks=1000)

    class Disk:
        def __init__(self, **_: object) -> None:
            if error:
                raise OSError(error, os.strerror(error))

        def __enter__(self) -> Disk:
            return self

        def __exit__(self, *_: object) -> None: ...

        def write(self, data: bytes) -> int:
            return len(data)

    monkeypatch.setattr(tempfile, "TemporaryFile", Disk)
    assert not is_full(log)
    monkeypatch.setattr(os, "statvfs", lambda _path: scarce)
    assert is_full(log) is full
    assert os.listdir(tmp_path) == ["a.log"]


def test_a_log_that_is_gone_is_not_on_a_full_disk(tmp_path: Path) -> None:
    assert not is_full(str(tmp_path / "gone.log"))
