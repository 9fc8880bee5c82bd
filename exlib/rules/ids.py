"""Ids: unique, usable as names of files, and not to be mistaken for each other."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from exlib.findings import Pointer
from exlib.rules.subject import Subject, shown

MAX_BYTES = 200
_HARMLESS = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:+@-]{0,199}")
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""Characters that end a line, steer a terminal or turn the direction of writing."""
_BLANK_BY_SIGHT = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Letters and marks that are drawn as nothing."""
_JOINER = re.compile(r"(?<=[^\x00-\u058f\u2000-\u206f])[\u200c\u200d](?=[^\x00-\u058f\u2000-\u206f])")
"""The joiners inside emoji and words of Persian and Indian languages, where they are to be."""


def id_pointer(index: int, raw: Mapping[str, Any]) -> Pointer:
    """Where the id of a raw job stands."""
    return ("jobs", index, "id" if "id" in raw else "job_id")


def check_ids(subject: Subject) -> None:
    """Report E301, E305, E306, W307 to W309 and W311."""
    first: dict[str, int] = {}
    harmless = _HARMLESS.fullmatch
    for index, name in enumerate(subject.ids):
        if name is None:
            continue
        at = id_pointer(index, subject.jobs[index])
        known = first.setdefault(name, index)
        if known != index:
            line = subject.line(id_pointer(known, subject.jobs[known]))
            subject.report(
                "E301",
                f"the id {shown(name)} is already that of the job on line {line}",
                at,
                mend="give one of the two another id",
            )
        elif not harmless(name):
            _characters(subject, name, at)
    _clashes(subject, first)


def _characters(subject: Subject, name: str, at: Pointer) -> None:
    if control := CONTROL.search(name):
        subject.report(
            "E305", f"the id holds the control character U+{ord(control[0]):04X}", at, mend="remove the character"
        )
    if (size := len(name.encode("utf-8", "replace"))) > MAX_BYTES:
        subject.report(
            "E306",
            f"the id has {size:,} bytes, at most {MAX_BYTES} are allowed",
            at,
            mend="shorten it and put the rest into the description",
        )
    if "/" in name or "\\" in name or name in (".", ".."):
        subject.report(
            "W308",
            f"the id {shown(name)} looks like a path; its log file gets another name",
            at,
            mend="use letters, digits, _ and - only",
        )
    if name != name.strip():
        subject.report("W309", f"the id {shown(name)} begins or ends with a blank", at, mend=_trimmed(subject, name))
    if (unseen := _unseen(name)) is not None:
        subject.report("W311", f"the id holds {unseen}, which nobody sees", at, mend="remove the character")


def _trimmed(subject: Subject, name: str) -> str | None:
    """What to do about blanks around an id: that ``--fix`` does it only where it does."""
    bare = name.strip()
    if name in subject.trimmed_ids:
        return f"write {shown(bare)} (ex-validate --fix does it)"
    return f"write {shown(bare)}, or another id if that is taken" if bare else "write another id"


def _unseen(name: str) -> str | None:
    """The first character of an id that is not to be seen, or looks like a blank and is none, described."""
    if name.isascii():
        return None
    from unicodedata import category
    from unicodedata import name as name_of

    for char in _JOINER.sub("", name):
        if char == " " or CONTROL.match(char):
            continue
        if category(char) in ("Cf", "Co", "Zs") or char in _BLANK_BY_SIGHT:
            return f"U+{ord(char):04X} ({name_of(char, 'for private use')})"
    return None


def _clashes(subject: Subject, first: Mapping[str, int]) -> None:
    """Ids that one file system or one reader takes for the same."""
    folded: dict[str, str] = {}
    for name, index in first.items():
        other = folded.setdefault(_folded(name), name)
        if other != name:
            how = "letter case" if other.casefold() == name.casefold() else "Unicode form"
            subject.report(
                "W307",
                f"the ids {shown(name)} and {shown(other)} (line {_line(subject, first[other])}) differ only by {how}",
                id_pointer(index, subject.jobs[index]),
                mend="make them differ by more",
            )


def _folded(name: str) -> str:
    if name.isascii():
        return name.lower()
    from unicodedata import normalize

    return normalize("NFC", normalize("NFC", name).casefold())


def _line(subject: Subject, index: int) -> int:
    return subject.line(id_pointer(index, subject.jobs[index]))
