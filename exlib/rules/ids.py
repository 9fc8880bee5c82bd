"""Ids: unique, usable as names of files, and not to be mistaken for each other."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from exlib.findings import Pointer
from exlib.rules.subject import Subject, shown

MAX_BYTES = 200
_HARMLESS = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:+@-]{0,199}")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def id_pointer(index: int, raw: Mapping[str, Any]) -> Pointer:
    """Where the id of a raw job stands."""
    return ("jobs", index, "id" if "id" in raw else "job_id")


def check_ids(subject: Subject) -> None:
    """Report E301, E305, E306 and W307 to W309."""
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
    if control := _CONTROL.search(name):
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
        subject.report(
            "W309",
            f"the id {shown(name)} begins or ends with a blank",
            at,
            mend=f"write {shown(name.strip())} (ex-validate --fix does it)",
        )


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
