"""``--events``: the run as JSON Lines, to a file, a pipe or a descriptor."""

from __future__ import annotations

import errno
import os
import re
import stat
import sys
from collections.abc import Sequence

from exlib.errors import StorageError, UsageError
from exlib.events import Event, Reader, to_json
from exlib.report.outlet import Outlet

_LIMIT = 16 << 20
"""Bytes that wait for a reader of a pipe; the run comes first, so one that stays behind further is left."""


class EventWriter(Reader):
    """Writes one JSON line an event, at once after each turn of the engine.

    ``target`` is a file's path, ``-`` for stdout or ``fd:N``. A reader that goes away ends the writing silently,
    one that does not keep up ends it with a warning. Raises UsageError for a target that cannot be opened, and
    StorageError, once, when a file cannot be written.
    """

    def __init__(self, target: str) -> None:
        self._target = target
        self._owned = target != "-" and not target.startswith("fd:")
        self._fd = _open(target)
        mode = os.fstat(self._fd).st_mode
        self._has_reader = stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) or os.isatty(self._fd)
        self._stream = os.fdopen(self._fd, "w", encoding="utf-8", closefd=self._owned)
        self._outlet = Outlet(self._stream, _LIMIT)
        self._open = True

    @property
    def interval(self) -> float | None:  # type: ignore[override]
        """Ticks are wanted only while a slow reader leaves something unwritten."""
        return 0.1 if self._outlet.backlog else None

    def read(self, events: Sequence[Event]) -> None:
        """Write the events of one turn. Raises StorageError if the file takes no more."""
        if not self._open or not events:
            return
        data = "".join(to_json(event) + "\n" for event in events).encode("utf-8", "backslashreplace")
        if not self._has_reader:
            self._write_whole(data)
        elif self._outlet.backlog + len(data) > _LIMIT:
            self._open = False
            _warn(f"--events {self._target}: the reader is {_LIMIT >> 20} MiB behind; no further events are written")
        else:
            self._outlet.write(data)

    def tick(self) -> None:
        """Pass on what a slow reader can take by now."""
        self._outlet.pump()

    def close(self) -> None:
        """Pass on everything and close what was opened here."""
        self._outlet.drain()
        self._open = False
        if self._owned:
            self._stream.close()

    def _write_whole(self, data: bytes) -> None:
        left = memoryview(data)
        try:
            while left:
                left = left[os.write(self._fd, left) :]
        except OSError as error:
            self._open = False
            if error.errno != errno.EPIPE:
                raise StorageError(
                    f"cannot write events to {self._target}: {_reason(error)}",
                    mend="the run's history is complete without them; see ex-history export",
                ) from None


def _open(target: str) -> int:
    if target == "-":
        if sys.stdout is None:
            raise UsageError("--events -: standard output is closed", mend="name a file instead")
        sys.stdout.flush()
        return sys.stdout.fileno()
    if target.startswith("fd:"):
        return _descriptor(target)
    try:
        return os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o666)
    except (OSError, ValueError) as error:
        raise UsageError(f"--events {target}: {_reason(error)}", mend="name a file that can be written") from None


def _descriptor(target: str) -> int:
    if not re.fullmatch(r"fd:\d{1,6}", target, re.ASCII):
        raise UsageError(
            f"--events {target}: a descriptor is written fd:3", mend="for a file of that name use ./fd:..."
        )
    fd = int(target[3:])
    try:
        import fcntl

        writable = fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_ACCMODE != os.O_RDONLY
        os.set_inheritable(fd, fd <= 2)  # the jobs must not keep the reader's pipe open
    except OSError:
        writable = False
    if not writable:
        raise UsageError(
            f"--events {target}: descriptor {fd} is not open for writing",
            mend=f"open it in the shell, e.g. {fd}>events.jsonl",
        )
    return fd


def _warn(text: str) -> None:
    from exlib.console import Console

    Console().warn(text)


def _reason(error: OSError | ValueError) -> str:
    return (getattr(error, "strerror", None) or str(error)).lower()
