"""The comments of a crontab: which of them tell of the entry below, and how they are written."""

from __future__ import annotations

import re

from exlib.convert.crontab.entry import switched_off
from exlib.convert.notes import read_note
from exlib.convert.source import CONTROL

_HEADER = re.compile(
    r"\W*(?:m(?:in(?:ute)?)?s?)[\W_]+h(?:(?:ou)?r)?s?\b.*|[\W_]*min(?:ute)?s?\b.*\b0?0\W{1,5}59\b.*|[|\u2502\u250c\u2514\u251c`].*",
    re.IGNORECASE,
)


def said(line: str) -> str:
    """The text of a line that is a comment."""
    text = line.strip(" \t")[1:]
    return (text[1:] if text.startswith(" ") else text).rstrip()


def written(text: str) -> str:
    """A line that is a comment with the text."""
    return f"# {text}".rstrip()


def is_entry(text: str, *, users: bool) -> bool:
    """Whether the comment is an entry that is switched off."""
    return len(text.split()) > 1 and switched_off(text, users=users)


def is_header(text: str) -> bool:
    """Whether the comment only names the columns."""
    return _HEADER.fullmatch(text) is not None


def tells(text: str, *, users: bool) -> bool:
    """Whether the text comes back as it is from a comment that describes an entry."""
    return (
        "\n" not in text
        and not CONTROL.search(text)
        and said(written(text)) == text
        and read_note(written(text)) is None
        and not is_entry(text, users=users)
        and not is_header(text)
    )
