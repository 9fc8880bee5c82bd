"""A job's output on its way through a mask into its log.

The job writes to a pipe, and the engine's loop moves what comes from there to the log, a piece at a time. So a job that
prints faster than that waits, as it would for a slow disk, and the engine's memory does not grow.

The pipe outlives the job if something it left behind holds it open. Nobody waits for that: when the job ends, what is
in the pipe is taken, and the pipe is closed.
"""

from __future__ import annotations

import os

from exlib.engine import process
from exlib.engine.executor import TryLater
from exlib.engine.watch import Watch
from exlib.masking import Mask, MaskStream

_PIECE = 64 << 10
"""Bytes taken at a time."""
_ROOM = 1 << 20
"""Bytes that a pipe can hold at most, unless the machine's administrator says otherwise."""


class Piped:
    """The pipe of one job; ``writer`` is the end for the job."""

    def __init__(self, log: int, mask: Mask, watch: Watch) -> None:
        """Takes over the descriptor ``log``. Raises TryLater."""
        try:
            self._reader, self.writer = os.pipe()
        except OSError as error:
            raise TryLater(process.reason(error)) from None
        os.set_blocking(self._reader, False)
        self._log = log
        self._masked = MaskStream(mask)
        self._watch = watch
        self._open = True
        self._whole = True

    def listen(self) -> None:
        """Begin to move what the job prints. Raises OSError."""
        self._watch.listen(self._reader, self._move)

    def close(self) -> bool:
        """Move what was printed so far, wait for nothing more, and say whether all of it is in the log."""
        left = _ROOM
        while self._open and left > 0:
            left -= self._move() or left
        self._hang_up()
        self._write(self._masked.flush())
        os.close(self._log)
        return self._whole

    def _move(self) -> int:
        """Move one piece; returns its size, 0 if there is none."""
        try:
            data = os.read(self._reader, _PIECE)
        except BlockingIOError:
            return 0
        if data:
            self._write(self._masked.feed(data))
        else:
            self._hang_up()
        return len(data)

    def _hang_up(self) -> None:
        if self._open:
            self._open = False
            self._watch.ignore(self._reader)
            os.close(self._reader)

    def _write(self, data: bytes) -> None:
        """Add to the log. What finds no room there is lost, as it would be if the job wrote itself."""
        left = memoryview(data)
        while left and self._whole:
            try:
                left = left[os.write(self._log, left) :]
            except OSError:
                self._whole = False
