"""A stream that cannot hurt the run: what nobody reads waits in a bounded buffer, what is broken goes silent."""

from __future__ import annotations

import contextlib
import os
import select
import stat
from typing import TextIO

LIMIT = 1 << 20
"""Bytes that wait for a slow reader before more are dropped."""
_PIECE = 4096  # a pipe that polls as writable takes this much without blocking
_FILE_PIECE = 1 << 20


class Outlet:
    """Writes bytes to a stream without blocking and without raising.

    A terminal stopped with Ctrl-S, or a pager that reads no further, must not hold up the engine: its timeouts
    run in the same thread. ``open`` turns False for good once the stream is broken.
    """

    def __init__(self, stream: TextIO | None, limit: int = LIMIT) -> None:
        self.open = stream is not None
        self.encoding = getattr(stream, "encoding", None) or "utf-8"
        self._stream = stream
        self._limit = limit
        self._waiting = bytearray()
        self._lost = 0
        self._fd: int | None = None
        self._piece = _PIECE
        if stream is not None:
            with contextlib.suppress(OSError, ValueError):
                stream.flush()
                self._fd = _of_its_own(stream.fileno())
                self._piece = _FILE_PIECE if stat.S_ISREG(os.fstat(self._fd).st_mode) else _PIECE
        if self._fd is not None:
            self._poll = select.poll()
            self._poll.register(self._fd, select.POLLOUT)

    @property
    def backlog(self) -> int:
        """Bytes that the stream has not taken yet."""
        return len(self._waiting)

    def say(self, text: str) -> None:
        """Write text in the stream's own encoding."""
        self.write(text.encode(self.encoding, "backslashreplace"))

    def write(self, data: bytes) -> None:
        """Write now what the stream takes, keep the rest; beyond the limit drop it and say so later."""
        if not self.open or not data:
            return
        if len(self._waiting) + len(data) > max(self._limit, len(data)):
            self._lost += data.count(b"\n")
            self.pump()
            return
        if self._lost:
            self._waiting += b"(%d lines left out: this output was not read in time)\n" % self._lost
            self._lost = 0
        self._waiting += data
        self.pump()

    def pump(self) -> None:
        """Give the stream as much of the backlog as it takes without blocking."""
        self._send(0)

    def drain(self) -> None:
        """Give the stream all of the backlog, waiting for a reader that is slow."""
        self._send(None)

    def _send(self, patience: int | None) -> None:
        while self.open and self._waiting:
            try:
                if self._fd is None:
                    self._pass_on()
                    return
                if not self._poll.poll(patience):
                    return
                written = os.write(self._fd, self._waiting[: self._piece])
            except BlockingIOError:  # somebody made the shared description non-blocking
                if patience == 0:
                    return
                continue
            except (OSError, ValueError):
                self.open = False
                self._waiting.clear()
                return
            del self._waiting[:written]

    def _pass_on(self) -> None:
        assert self._stream is not None
        text = self._waiting.decode(self.encoding, "replace")
        self._waiting.clear()
        self._stream.write(text)
        self._stream.flush()


def _of_its_own(fd: int) -> int:
    """For a terminal a description of our own that never blocks; the shared one must stay as others expect it.

    Unlike a pipe, a terminal that polls as writable may take only a part of a piece, and a write would wait.
    """
    if not os.isatty(fd):
        return fd
    try:
        return os.open(os.ttyname(fd), os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:  # another user's terminal (su), or one from outside the container
        return fd
