"""A text to convert: its bytes checked, its lines, and the files beside it that it may bring in."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator

from exlib.convert.account import UNREAD, Account, Place
from exlib.document import STDIN_NAME
from exlib.errors import InputError

LARGEST = 8 << 20
"""Bytes of a source that are read; no workflow that a person wrote comes near."""
CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")
"""What no text holds."""


class Source:
    """A source by name. ``text`` is its text with line feeds alone; formats that are no text take ``raw``."""

    def __init__(self, raw: bytes, name: str = STDIN_NAME, *, root: str | None = None) -> None:
        """Take the bytes. Raises InputError if there are too many; ``root`` is the folder that includes start from."""
        self.raw = raw
        self.name = name
        self.folder = os.getcwd() if name == STDIN_NAME else os.path.dirname(os.path.abspath(name))
        self.root = root or self.folder
        if len(raw) > LARGEST:
            raise InputError(
                f"{len(raw) / (1 << 20):.0f} MB are no workflow: up to {LARGEST >> 20} MB are read",
                place=name,
                mend="split it, or convert the part that you need",
            )

    @property
    def text(self) -> str:
        """The text. Raises InputError if the bytes are none."""
        if not hasattr(self, "_text"):
            self._text = self._decoded()
        return self._text

    @property
    def lines(self) -> list[str]:
        """The lines, without their ends; the first is line 1."""
        if not hasattr(self, "_lines"):
            text = self.text
            self._lines = (text[:-1] if text.endswith("\n") else text).split("\n") if text else []
        return self._lines

    def place(self, line: int, end_line: int = 0, path: str = "", text: str | None = None) -> Place:
        """The place of lines ``line`` to ``end_line``, with their text unless another is given."""
        last = max(line, end_line)
        return Place(
            self.name, line, last, path, "\n".join(self.lines[line - 1 : last]) if text is None else text, True
        )

    def refuse(self, line: int, message: str, mend: str | None = None) -> InputError:
        """The error to raise about a line: the place, the cause, the mend."""
        place = f"{self.name}:{line}" if line else self.name
        return InputError(message, place=place, mend=mend)

    def settle(self, account: Account) -> None:
        """Say of every line that nothing was said of that it is dropped; blank ones are nothing."""
        covered = account.covered_lines(self.name)
        for first, last in self._runs(covered):
            account.dropped(self.place(first, last), "line" if first == last else "lines", UNREAD)

    def _runs(self, covered: set[int]) -> Iterator[tuple[int, int]]:
        first = 0
        for number, line in enumerate([*self.lines, ""], 1):
            unread = bool(line.strip()) and number not in covered
            if unread and not first:
                first = number
            elif not unread and first:
                yield first, number - 1
                first = 0

    def beside(self, path: str, *, at: int = 0) -> Source:
        """The file at ``path``, from the root, which ``at`` (a line) asks for. Raises InputError if it is outside."""
        self._refuse_nul(path, at)
        wanted = os.path.realpath(os.path.join(self.root, path.lstrip("/")))
        root = os.path.realpath(self.root)
        if os.path.commonpath([wanted, root]) != root:
            raise self.refuse(at, f"{path} is outside of {self.root}, and is not read", "move it below, or inline it")
        return self.opened(wanted, at=at)

    def opened(self, path: str, *, at: int = 0) -> Source:
        """The file at ``path``, from this file's folder, wherever that is. Raises InputError if it cannot be read."""
        self._refuse_nul(path, at)
        full = os.path.join(self.folder, path)
        try:
            if not stat.S_ISREG(os.stat(full).st_mode):  # a pipe would be waited for
                raise self.refuse(at, f"cannot read {path}: it is no file")
            with open(full, "rb") as stream:
                raw = stream.read(LARGEST + 1)
        except OSError as error:
            raise self.refuse(at, f"cannot read {path}: {(error.strerror or str(error)).lower()}") from None
        return Source(raw, full if os.path.isabs(self.name) else os.path.relpath(full), root=self.root)

    def _refuse_nul(self, path: str, at: int) -> None:
        if "\0" in path:
            raise self.refuse(at, f"cannot read {path!r}: no path holds the character U+0000")

    def _decoded(self) -> str:
        try:
            text = self.raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = self.raw[: error.start].count(b"\n") + 1
            raise self.refuse(line, f"byte {error.start + 1} is no UTF-8: this is no text", None) from None
        text = text.replace("\r\n", "\n")
        if found := CONTROL.search(text):
            line = text[: found.start()].count("\n") + 1
            raise self.refuse(line, f"the control character U+{ord(found[0]):04X} is in it: this is no text")
        return text
