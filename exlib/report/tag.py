"""``--tag``: what the jobs write, live, each line with its job before it: ``load │ line``.

The jobs write to their log files and nowhere else; the lines are read from there. So a slow terminal slows no job,
and what has not been shown yet waits on the disk instead of in memory.
"""

from __future__ import annotations

import contextlib
import os
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TextIO

from exlib.console import Console, cut, pad, width
from exlib.events import AttemptFinished, AttemptStarted, Event, Reader, RunStarted
from exlib.masking import UNMASKED, Mask, MaskStream
from exlib.report.outlet import Outlet
from exlib.report.wording import Voice

_PIECE = 64 << 10
"""Bytes read at a time, and how much of a line is held back until its end comes."""
_TURN = 1 << 20
"""Bytes shown in one turn of the engine."""
_WIDEST = 24
_COLOURS = ("cyan", "green", "magenta", "blue", "yellow")


@dataclass(slots=True, eq=False)
class _Followed:
    """One attempt's log: how far it has been read, its unfinished line, and its size once the attempt is over."""

    key: tuple[str, int]
    path: str
    name: str
    colour: str
    masked: MaskStream
    offset: int = 0
    held: bytes = b""
    size: int | None = None


class Tagged(Reader):
    """Follows the logs of running attempts and writes their lines to ``stream``, whole and otherwise exact.

    A line longer than 64 KiB is passed on in pieces while the other jobs wait. Where its writer pauses in the
    middle of one, the line is ended so that the others can go on; so is an attempt's last line.
    """

    interval = 0.1

    def __init__(self, console: Console, stream: TextIO, *, id_width: int = 0, mask: Mask = UNMASKED) -> None:
        self._voice = Voice(console, stream)
        self._outlet = Outlet(stream)
        self._mask = mask
        self._id_width = min(id_width, _WIDEST)
        self._log_dir = ""
        self._logs: dict[tuple[str, int], _Followed] = {}
        self._turn: deque[_Followed] = deque()
        self._unfinished: _Followed | None = None
        self._colours: dict[str, str] = {}

    def read(self, events: Sequence[Event]) -> None:
        """Follow what starts, and show what ended to its end."""
        for event in events:
            if isinstance(event, AttemptStarted):
                self._follow(event)
            elif isinstance(event, AttemptFinished):
                self._ended(event)
            elif isinstance(event, RunStarted):
                self._log_dir = event.log_dir

    def tick(self) -> None:
        """Show what was written meanwhile, as much as one turn allows."""
        self._outlet.pump()
        left = _TURN
        while left > 0 and self._may_write():
            shown = self._round()
            if not shown:
                return
            left -= shown

    def close(self) -> None:
        """Show all the rest."""
        for log in self._logs.values():
            if log.size is None:
                log.size = _size(log.path)
        while self._outlet.open and self._logs:
            self._outlet.drain()
            if not self._round():
                break
        self._outlet.drain()

    def _follow(self, event: AttemptStarted) -> None:
        name = cut(self._voice.plain(event.job), _WIDEST, self._voice.pick("…", "~"))
        self._id_width = max(self._id_width, width(name))
        colour = self._colours.setdefault(event.job, _COLOURS[len(self._colours) % len(_COLOURS)])
        key = (event.job, event.number)
        log = _Followed(key, os.path.join(self._log_dir, event.log), name, colour, MaskStream(self._mask))
        self._logs[key] = log
        self._turn.append(log)

    def _ended(self, event: AttemptFinished) -> None:
        """Show an attempt to its end at once if it is short, so that it stands before what follows from it."""
        log = self._logs.get((event.job, event.number))
        if log is None:
            return
        log.size = _size(log.path)
        left = _TURN
        while left > 0 and log.key in self._logs and self._unfinished in (None, log) and self._may_write():
            left -= self._show(log)

    def _tag(self, log: _Followed) -> bytes:
        voice = self._voice
        reset = "\x1b[0m" if voice.coloured else ""  # a colour that another job left on
        tag = voice.style(f"{pad(log.name, self._id_width)} {voice.pick('│', '|')}", log.colour)
        return f"{reset}{tag} ".encode(voice.encoding, "backslashreplace")

    def _may_write(self) -> bool:
        return self._outlet.open and not self._outlet.backlog

    def _round(self) -> int:
        """One piece of every log that has something new; the bytes shown."""
        shown = 0
        if self._unfinished is not None:
            shown = self._show(self._unfinished)
            if self._unfinished is not None and shown:
                return shown  # the rest of its line first
        for log in tuple(self._turn):
            shown += self._show(log)
            if self._unfinished is not None or not self._may_write():
                break
        self._turn.rotate(-1)
        return shown

    def _show(self, log: _Followed) -> int:
        """Read one piece of a log and write its whole lines; forget the log at its end."""
        data = _read(log.path, log.offset, _PIECE if log.size is None else min(_PIECE, log.size - log.offset))
        log.offset += len(data)
        if data:
            self._write(log, log.held + log.masked.feed(data))
        if log.size is not None and (log.offset >= log.size or not data):
            self._finish(log)
        return len(data)

    def _write(self, log: _Followed, data: bytes) -> None:
        end = data.rfind(b"\n") + 1
        whole, log.held = data[:end], data[end:]
        if whole:
            lines = whole.split(b"\n")[:-1]
            tag = self._tag(log)
            self._put(log, b"".join(b"%b%b\n" % (tag, line) for line in lines))
            self._unfinished = None
        if len(log.held) > _PIECE:
            self._put(log, self._tag(log) + log.held)
            log.held = b""
            self._unfinished = log

    def _put(self, log: _Followed, text: bytes) -> None:
        """Write tagged text, going on in the unfinished line if it is this log's, ending it if it is another's."""
        if self._unfinished is log:
            text = text.removeprefix(self._tag(log))
        elif self._unfinished is not None:
            text = b"\n" + text
            self._unfinished = None
        self._outlet.write(text)

    def _finish(self, log: _Followed) -> None:
        self._write(log, log.held + log.masked.flush())
        if log.held:
            self._put(log, self._tag(log) + log.held + b"\n")
        elif self._unfinished is log:
            self._outlet.write(b"\n")
        if self._unfinished is log:
            self._unfinished = None
        log.held = b""
        del self._logs[log.key]
        self._turn.remove(log)


def _read(path: str, offset: int, limit: int) -> bytes:
    if limit <= 0:
        return b""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError):
        return b""
    try:
        return os.pread(fd, limit, offset)
    except OSError:
        return b""
    finally:
        os.close(fd)


def _size(path: str) -> int:
    with contextlib.suppress(OSError, ValueError):
        return os.stat(path).st_size
    return 0
