"""What a shell command is made of once it is read: words, simple commands, subshells."""

from __future__ import annotations

import os
from dataclasses import dataclass, field


@dataclass(slots=True)
class Word:
    """One word: ``text`` without its quotes, references left in; ``raw`` as it is written."""

    text: str
    raw: str
    dynamic: bool = False
    quoted: bool = False
    glob: bool = False
    references: tuple[str, ...] = ()
    inner: tuple[str, ...] = ()
    """The commands in its substitutions, ``$(...)``, backquotes and ``<(...)``."""


class Subshell:
    """A pair of brackets around commands, and the one around that: what is changed inside stays inside."""

    __slots__ = ("outer",)

    def __init__(self, outer: Subshell | None) -> None:
        self.outer = outer


@dataclass(slots=True)
class Simple:
    """One simple command: assignments, then words; ``after`` is the operator before it (``|``, ``&&``, ...)."""

    after: str = ""
    assignments: list[Word] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)
    input: str = ""
    """Its here-documents and here-strings."""
    subshell: Subshell | None = None

    @property
    def program(self) -> str:
        """The program's name without its folder; empty when it is computed or there is none."""
        if not self.words or self.words[0].dynamic:
            return ""
        return os.path.basename(self.words[0].text)


@dataclass(slots=True)
class Script:
    """A command as it was read. ``beyond`` is the word or sign after which ``sure`` commands were certain."""

    commands: list[Simple]
    operators: list[str]
    words: list[Word]
    beyond: str = ""
    certain: int = 0
    comment: bool = False

    @property
    def sure(self) -> list[Simple]:
        """The commands that are certain to be ones."""
        return self.commands[: self.certain] if self.beyond else self.commands
