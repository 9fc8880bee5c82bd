"""Waiting for child processes, signals and pipes in one place, without polling.

On Linux each child has a pidfd; elsewhere SIGCHLD writes to the same pipe that other signals write to, and the
running children are asked one by one.
"""

from __future__ import annotations

import contextlib
import math
import os
import select
import signal
import sys
import time
from collections.abc import Callable
from types import FrameType
from typing import Protocol


class Watch(Protocol):
    """Says which children ended."""

    def add(self, pid: int) -> None:
        """Begin to watch a child that is not reaped yet."""

    def remove(self, pid: int) -> None:
        """Forget a child, before or after it is reaped."""

    def listen(self, fd: int, heard: Callable[[], object]) -> None:
        """Call ``heard`` within ``wait`` whenever ``fd`` can be read or its other end is closed."""

    def ignore(self, fd: int) -> None:
        """Listen to ``fd`` no longer; to be called before it is closed."""

    def wait(self, until: float | None) -> list[int]:
        """Children that ended and are not reaped; empty when ``until`` (monotonic) is past or something else came."""

    def close(self) -> None:
        """Let go of all descriptors."""


def child_watch() -> Watch:
    """The best watch of this platform."""
    return PidfdWatch() if hasattr(os, "pidfd_open") and _pidfd_works() else SigchldWatch()


_LONGEST = 3600.0
"""Seconds of one wait: the kernel counts in milliseconds and has no room for more than 24 days."""


def _seconds(until: float | None) -> float | None:
    return None if until is None else min(max(0.0, until - time.monotonic()), _LONGEST)


class PidfdWatch:
    """One pidfd a child; readable when it ended."""

    def __init__(self) -> None:
        # If our parent ignored it, so do we, and the kernel would reap our children itself.
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self._wakeup = _Wakeup()
        self._poll = select.epoll()
        self._poll.register(self._wakeup.fd, select.EPOLLIN)
        self._pids: dict[int, int] = {}
        self._fds: dict[int, int] = {}
        self._heard: dict[int, Callable[[], object]] = {}

    def add(self, pid: int) -> None:
        """Begin to watch a child that is not reaped yet."""
        fd = os.pidfd_open(pid)
        try:
            self._poll.register(fd, select.EPOLLIN)
        except OSError:
            os.close(fd)
            raise
        self._pids[fd] = pid
        self._fds[pid] = fd

    def remove(self, pid: int) -> None:
        """Forget a child, before or after it is reaped."""
        fd = self._fds.pop(pid)
        del self._pids[fd]
        # Closing is not enough: a child that is just being executed still has a copy of the descriptor, which keeps
        # the old process in the set under a number that is given to a new one.
        self._poll.unregister(fd)
        os.close(fd)

    def listen(self, fd: int, heard: Callable[[], object]) -> None:
        """Call ``heard`` within ``wait`` whenever ``fd`` can be read or its other end is closed."""
        self._poll.register(fd, select.EPOLLIN)
        self._heard[fd] = heard

    def ignore(self, fd: int) -> None:
        """Listen to ``fd`` no longer; to be called before it is closed."""
        if self._heard.pop(fd, None) is not None:
            self._poll.unregister(fd)

    def wait(self, until: float | None) -> list[int]:
        """Children that ended and are not reaped; empty when ``until`` (monotonic) is past or something else came."""
        pids = []
        for fd, _ in self._poll.poll(_seconds(until)):
            if fd in self._pids:
                pids.append(self._pids[fd])
            elif fd == self._wakeup.fd:
                self._wakeup.drain()
            else:
                self._heard[fd]()
        return pids

    def close(self) -> None:
        """Let go of all descriptors."""
        for pid in list(self._fds):
            self.remove(pid)
        self._poll.close()
        self._wakeup.close()


class SigchldWatch:
    """The portable way: SIGCHLD wakes the loop, which then asks each running child."""

    def __init__(self) -> None:
        self._wakeup = _Wakeup()
        self._poll = select.poll()
        self._poll.register(self._wakeup.fd, select.POLLIN)
        self._pids: set[int] = set()
        self._heard: dict[int, Callable[[], object]] = {}
        signal.signal(signal.SIGCHLD, _ignore)

    def add(self, pid: int) -> None:
        """Begin to watch a child that is not reaped yet."""
        self._pids.add(pid)

    def remove(self, pid: int) -> None:
        """Forget a child, before or after it is reaped."""
        self._pids.discard(pid)

    def listen(self, fd: int, heard: Callable[[], object]) -> None:
        """Call ``heard`` within ``wait`` whenever ``fd`` can be read or its other end is closed."""
        self._poll.register(fd, select.POLLIN)
        self._heard[fd] = heard

    def ignore(self, fd: int) -> None:
        """Listen to ``fd`` no longer; to be called before it is closed."""
        if self._heard.pop(fd, None) is not None:
            self._poll.unregister(fd)

    def wait(self, until: float | None) -> list[int]:
        """Children that ended and are not reaped; empty when ``until`` (monotonic) is past or something else came."""
        ended = self._ended()
        if not ended:
            seconds = _seconds(until)
            for fd, _ in self._poll.poll(None if seconds is None else math.ceil(seconds * 1000)):
                if fd == self._wakeup.fd:
                    self._wakeup.drain()
                else:
                    self._heard[fd]()
            ended = self._ended()
        return ended

    def close(self) -> None:
        """Let go of all descriptors."""
        self._wakeup.close()

    def _ended(self) -> list[int]:
        flags = os.WEXITED | os.WNOHANG | os.WNOWAIT
        return [pid for pid in self._pids if os.waitid(os.P_PID, pid, flags) is not None]


class _Wakeup:
    """A pipe that every handled signal writes to, so that waiting ends when one arrives."""

    def __init__(self) -> None:
        self.fd, self._writer = os.pipe()
        os.set_blocking(self.fd, False)
        os.set_blocking(self._writer, False)
        self._previous = signal.set_wakeup_fd(self._writer, warn_on_full_buffer=False)

    def drain(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while os.read(self.fd, 512):
                pass

    def close(self) -> None:
        signal.set_wakeup_fd(self._previous)
        os.close(self.fd)
        os.close(self._writer)


def _pidfd_works() -> bool:
    """Old kernels and some sandboxes have the call and refuse it."""
    if sys.platform != "linux":
        return False
    try:
        os.close(os.pidfd_open(os.getpid()))
    except OSError:
        return False
    return True


def _ignore(_number: int, _frame: FrameType | None) -> None:
    """Do nothing: the handler exists so that the signal reaches the wakeup pipe."""
