"""A terminal: a real pseudo-terminal, and what stands on its screen after all that was written to it."""

from __future__ import annotations

import codecs
import contextlib
import fcntl
import os
import re
import select
import struct
import termios
from typing import Any

from exlib.report.wording import width

_TOKEN = re.compile(r"\x1b\[\??[\d;]*[A-Za-z]|\r|\n|[^\x1b\r\n]+")


class Screen:
    """Lines fold at the right edge and refold when the width changes, as they do in tmux and most terminals.

    Understands what the live view may use, and no more: anything else is an error of the view.
    """

    def __init__(self, columns: int = 80, rows: int = 24) -> None:
        self.master, slave = os.openpty()
        self.columns, self.rows = columns, rows
        self.stream = os.fdopen(slave, "w", encoding="utf-8")
        self.modes: list[Any] = termios.tcgetattr(slave)
        self.written = ""
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._unread = ""
        self._lines = [""]
        self._at = 0
        self._column = 0
        self.resize(columns, rows)

    def resize(self, columns: int, rows: int) -> None:
        self.look() if columns != self.columns else None
        self.columns, self.rows = columns, rows
        fcntl.ioctl(self.stream.fileno(), termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def look(self) -> list[str]:
        """The lines on the screen and above it, without trailing blanks."""
        while select.select([self.master], [], [], 0)[0]:
            data = self._unread + self._decoder.decode(os.read(self.master, 1 << 20))
            self.written += data[len(self._unread) :]
            end = 0
            for token in _TOKEN.finditer(data):
                self._take(token[0])
                end = token.end()
            self._unread = data[end:]
            assert self._unread.startswith("\x1b") or not self._unread
        lines = [line.rstrip() for line in self._lines]
        while lines and not lines[-1]:
            lines.pop()
        return lines

    def cursor_at_line_start(self) -> bool:
        self.look()
        return self._column == 0 and not self._lines[self._at]

    def untouched(self) -> bool:
        """Whether the modes are as they were and no mode but synchronised output was switched."""
        return termios.tcgetattr(self.stream.fileno()) == self.modes and set(
            re.findall(r"\x1b\[\?(\d+)", self.written)
        ) <= {"2026"}

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self.stream.close()
        with contextlib.suppress(OSError):
            os.close(self.master)

    def _take(self, token: str) -> None:
        if token == "\r":
            self._column = 0
        elif token == "\n":
            self._at += 1
            if self._at == len(self._lines):
                self._lines.append("")
        elif not token.startswith("\x1b"):
            line = self._lines[self._at]
            assert self._column == len(line), "writing over text"
            self._lines[self._at] = line + token
            self._column += len(token)
        elif token.endswith("A"):
            self._up(int(token[2:-1] or 1))
        elif token.endswith("J"):
            assert self._column == 0
            self._lines[self._at :] = [""]
        else:
            assert token.endswith("m") or token in ("\x1b[?2026h", "\x1b[?2026l"), repr(token)

    def _up(self, rows: int) -> None:
        """Up by rows of the screen, of which a folded line has several; never above the screen."""
        while rows > 0 and self._at > 0:
            self._at -= 1
            rows -= max(1, -(-width(self._lines[self._at]) // self.columns))
        assert rows == 0, "moved into the middle of a folded line"
