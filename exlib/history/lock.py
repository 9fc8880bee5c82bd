"""One engine a run: an flock that lives as long as the engine, and tells the living from the dead.

The lock is on a file's open description, so the kernel frees it when its last holder ends, however it ends.
Its file is there only while a run goes on, or after its engine was killed; a clean release removes it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import time

from exlib.errors import AnswerNo, StorageError

_SIGNING = 1.0
"""Seconds that one who is refused gives a new holder to write down its name."""


class RunLock:
    """The right to write run ``run`` of the history at ``db_path``; the descriptor is not inherited by jobs."""

    def __init__(self, db_path: str, run: int) -> None:
        self.run = run
        self._db_path = db_path
        self.path = os.path.join(f"{db_path}.locks", f"run-{run}")
        self._fd = -1

    @property
    def held(self) -> bool:
        """Whether this object holds the lock."""
        return self._fd >= 0

    def acquire(self) -> None:
        """Take the lock. Raises AnswerNo that names the holder, StorageError if the file cannot be made."""
        while self._fd < 0:
            try:
                os.makedirs(os.path.dirname(self.path), mode=0o700, exist_ok=True)
                fd = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
            except OSError as error:
                raise StorageError(
                    f"cannot make the lock {self.path}: {(error.strerror or str(error)).lower()}",
                    mend="name a history that you can write with --db or EX_DB",
                ) from None
            if not _lock(fd):
                holder = _holder(fd)
                os.close(fd)
                raise going_on(self.run, holder)
            if _is_file(fd, self.path):
                self._fd = fd
            else:  # its holder removed the file between our opening and our locking it
                os.close(fd)
        self._sign()

    def _sign(self) -> None:
        """Write down who holds it. Raises StorageError, and lets go, if there is no room for that."""
        try:
            os.ftruncate(self._fd, 0)
            os.pwrite(self._fd, f"pid {os.getpid()} on {os.uname().nodename}\n".encode(), 0)
        except OSError as error:
            self.release()
            raise StorageError(
                f"cannot write the lock {self.path} of the history {self._db_path}: "
                f"{(error.strerror or str(error)).lower()}",
                mend="make room there, or name another history with --db or EX_DB",
            ) from None

    def release(self) -> None:
        """Let go and remove the file; nothing happens if the lock is not held."""
        if self._fd >= 0:
            with contextlib.suppress(OSError):
                os.unlink(self.path)
            os.close(self._fd)
            self._fd = -1


def going_on(run: int, holder: str) -> AnswerNo:
    """The run has an engine."""
    return AnswerNo(
        f"run {run} is still going on: {holder} holds it",
        mend=f"wait for it, or look at it with: ex-history show {run}",
    )


def is_held(db_path: str, run: int) -> bool:
    """Whether an engine that is alive holds the run."""
    try:
        fd = os.open(RunLock(db_path, run).path, os.O_RDONLY)
    except FileNotFoundError:
        return False
    except OSError:
        return True  # not ours to look at: leave the word "running" as it stands
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(fd)
    return False


def _lock(fd: int) -> bool:
    """Lock exclusively, outlasting those who only look (``is_held``), yielding to a real holder."""
    while True:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            pass
        try:
            fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        fcntl.flock(fd, fcntl.LOCK_UN)
        time.sleep(0.0005 + os.getpid() % 7 / 10_000)


def _holder(fd: int) -> str:
    """Who holds it, as it says in the file; whoever took it this moment is about to write that."""
    until = time.monotonic() + _SIGNING
    while True:
        name = os.pread(fd, 200, 0).decode(errors="replace").strip()
        if (name and not _is_of_the_dead(name)) or time.monotonic() > until:
            return name or "another process"
        time.sleep(0.01)


def _is_of_the_dead(name: str) -> bool:
    """Whether it is the name of a holder before, which was killed, on this machine."""
    _, pid, _, host = [*name.split(maxsplit=3), "", "", "", ""][:4]
    if host != os.uname().nodename or not pid.isdecimal():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except (PermissionError, OverflowError):
        pass
    return False


def _is_file(fd: int, path: str) -> bool:
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return False
    own = os.fstat(fd)
    return (own.st_dev, own.st_ino) == (found.st_dev, found.st_ino)
