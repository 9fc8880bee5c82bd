"""The file that takes what a job prints: never a link, a pipe or a device, and looked at for a full disk.

A job writes to its log itself, so the error of a full disk is the job's; the engine only sees the disk.
"""

from __future__ import annotations

import errno
import os
import stat

from exlib.engine import process

_MADE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
_APPENDED = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
_SCARCE = 1 << 20
"""Bytes left from which on a closer look is taken. Below that a file system may refuse a write: of what it counts as
free it keeps some to itself, and root is told of blocks that it does not get either (ext4)."""
_ROOM = 1 << 16
"""Bytes that must fit for the disk not to be full: a few blocks come free again by themselves after a refused write,
when the file system writes out what it held back and needs less for it than it had put aside."""


def open_log(path: str, *, fresh: bool) -> int:
    """Open a log of mode 0600 for appending; it must not exist if it is ``fresh``. Raises OSError with the reason."""
    try:
        fd = os.open(path, _MADE if fresh else _APPENDED, 0o600)
    except OSError as error:
        raise OSError(error.errno, _what_is_there(path) or error.strerror) from None
    if fresh or stat.S_ISREG(os.fstat(fd).st_mode):
        return fd
    os.close(fd)
    raise FileExistsError(errno.EEXIST, _what_is_there(path))


def _what_is_there(path: str) -> str | None:
    """What stands where a log belongs, None if nothing does."""
    try:
        mode = os.lstat(path).st_mode
    except OSError:
        return None
    if stat.S_ISREG(mode):
        return None
    kinds = {stat.S_IFLNK: "symbolic link", stat.S_IFIFO: "pipe", stat.S_IFDIR: "directory", stat.S_IFSOCK: "socket"}
    return f"a {kinds.get(stat.S_IFMT(mode), 'device')} is in its place"


def is_full(log: str) -> bool:
    """Whether next to nothing can be written where a log is. Costs one system call unless little is left."""
    try:
        room = os.statvfs(log)
    except OSError:
        return False
    return room.f_bavail * room.f_frsize < _SCARCE and room.f_blocks > 0 and not _has_room(log)


def _has_room(log: str) -> bool:
    """Whether something can be written beside a log, to a file without a name."""
    from tempfile import TemporaryFile

    try:
        with TemporaryFile(dir=os.path.dirname(log), buffering=0) as stream:
            return stream.write(b"\0" * _ROOM) == _ROOM
    except OSError as error:
        return error.errno in process.BUSY  # no descriptor left says nothing about the disk
