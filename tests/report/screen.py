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

from exlib.console import width

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
        self._rows = [""]
        self._folded = [False]
        """Whether each row is the continuation of the one above it."""
        self._top = 0
        self._at = 0
        self._column = 0
        self.resize(columns, rows)

    def resize(self, columns: int, rows: int) -> None:
        self.look() if columns != self.columns else None
        self.columns, self.rows = columns, rows
        self._refold()
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
        lines = [line.rstrip() for line in self._lines()]
        while lines and not lines[-1]:
            lines.pop()
        return lines

    def cursor_at_line_start(self) -> bool:
        self.look()
        return self._column == 0 and not self._rows[self._at]

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

    def _lines(self) -> list[str]:
        lines: list[str] = []
        for row, folded in zip(self._rows, self._folded, strict=True):
            if folded:
                lines[-1] += row
            else:
                lines.append(row)
        return lines

    def _refold(self) -> None:
        """Fold all lines anew; the cursor stays in its line, which is empty whenever a test resizes."""
        lines = self._lines()
        line = self._at - sum(self._folded[: self._at + 1])
        self._rows, self._folded = [], []
        for number, text in enumerate(lines):
            if number == line:
                self._at = len(self._rows)
            for place, piece in enumerate(_pieces(text, self.columns)):
                self._rows.append(piece)
                self._folded.append(place > 0)
        self._top = max(self._top, self._at - self.rows + 1)

    def _take(self, token: str) -> None:
        if token == "\r":
            self._column = 0
        elif token == "\n":
            self._down()
        elif not token.startswith("\x1b"):
            self._write(token)
        elif token.endswith("A"):
            self._at = max(self._top, self._at - int(token[2:-1] or 1))
            assert not self._folded[self._at], "moved into the middle of a folded line"
        elif token.endswith("K"):
            self._rows[self._at] = _pieces(self._rows[self._at], max(self._column, 1))[0] if self._column else ""
        elif token.endswith("J"):
            assert self._column == 0
            assert self._at > self._top, "clearing the whole screen makes tmux keep it in the scrollback"
            del self._rows[self._at :], self._folded[self._at :]
            self._rows.append("")
            self._folded.append(False)
        else:
            assert token.endswith("m") or token in ("\x1b[?2026h", "\x1b[?2026l"), repr(token)

    def _write(self, text: str) -> None:
        """Over what stands in the row; the rest of it stays."""
        for place, piece in enumerate(_pieces(text, self.columns, self._column)):
            if place:
                self._down()
                self._folded[self._at] = True
            left = self._rows[self._at]
            end = self._column + width(piece)
            before = _pieces(left, self._column)[0] if self._column else ""
            self._rows[self._at] = before + piece + left[len(_pieces(left, end)[0]) if end else 0 :]
            self._column = end

    def _down(self) -> None:
        self._at += 1
        self._column = 0  # the terminal driver adds the carriage return
        if self._at == len(self._rows):
            self._rows.append("")
            self._folded.append(False)
        self._top = max(self._top, self._at - self.rows + 1)


def _pieces(text: str, columns: int, used: int = 0) -> list[str]:
    """``text`` as it folds at the right edge, the first row having ``used`` columns taken."""
    pieces = [""]
    for c in text:
        if used and used + width(c) > columns:
            pieces.append("")
            used = 0
        pieces[-1] += c
        used += width(c)
    return pieces
