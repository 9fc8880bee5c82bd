"""The rules of a makefile as they stand in it, and names of files as make compares them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from exlib.convert.account import Place

_WORD = re.compile(r"(?:\\.|[^\s\\])+", re.DOTALL)
_ESCAPED = re.compile(r"\\([ \t:#])")


@dataclass
class RecipeLine:
    """A line of a recipe as it stands, without the sign that begins it."""

    text: str
    place: Place


@dataclass
class Setting:
    """A variable of some targets: set where they are made, and where what they need is made."""

    pattern: str
    name: str
    operator: str
    value: str
    private: bool
    override: bool
    exported: bool | None


@dataclass
class Rule:
    """A rule. ``stem_pattern`` is that of a static pattern rule; ``reasons`` say why a person has to look at it."""

    targets: list[str]
    prerequisites: list[str]
    order_only: list[str]
    place: Place
    double: bool = False
    grouped: bool = False
    stem_pattern: str | None = None
    second: str | None = None
    built_in: bool = False
    recipe: list[RecipeLine] | None = None
    reasons: list[str] = field(default_factory=list)
    comments: list[tuple[str, Place]] = field(default_factory=list)
    description: str = ""
    note: dict[str, object] = field(default_factory=dict)
    said: bool = False
    undecided: bool = False
    origin: Rule | None = None

    @property
    def is_pattern(self) -> bool:
        """Whether its targets hold a ``%``, and it says how files of such names are made."""
        return self.stem_pattern is None and any("%" in target.replace("\\%", "") for target in self.targets)


def file_words(text: str) -> list[str]:
    """The names of files in a text, as make compares them."""
    return [plain_name(word) for word in _WORD.findall(text)]


def plain_name(word: str) -> str:
    """A name without what says nothing: a leading ``./``, the backslash before a blank or a colon."""
    word = _ESCAPED.sub(r"\1", word)
    while word.startswith("./") and len(word.lstrip("./")) > 0:
        word = word[2:].lstrip("/")
    return word


SPECIAL = {
    ".PHONY": "its targets always run",
    ".SUFFIXES": "",
    ".DEFAULT": "",
    ".PRECIOUS": "nothing is deleted",
    ".INTERMEDIATE": "",
    ".SECONDARY": "nothing is deleted",
    ".SECONDEXPANSION": "",
    ".DELETE_ON_ERROR": "",
    ".IGNORE": "",
    ".LOW_RESOLUTION_TIME": "",
    ".SILENT": "commands are not printed anyway",
    ".EXPORT_ALL_VARIABLES": "",
    ".NOTPARALLEL": "jobs run one at a time",
    ".ONESHELL": "",
    ".POSIX": "",
}
"""Targets that are none, with what is to be said of each."""
