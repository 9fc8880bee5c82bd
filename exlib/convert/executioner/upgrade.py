"""A document of the original brought up to date: old spellings mended, keys without effect kept as notes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from exlib.convert.account import Account, Place
from exlib.document import Document, Editor
from exlib.document.edit import Splice
from exlib.findings import Pointer
from exlib.fix import mend
from exlib.rules.keys import WITHOUT_EFFECT
from exlib.workflow import LEGACY_JOB_KEYS, LEGACY_TOP_KEYS, job_id

_LONGEST = 80  # characters of a member that a reason shows


def upgraded(document: Document, account: Account) -> bytes:
    """The bytes of the document brought up to date; every key is told of, and what is not named stays byte for byte."""
    mended = mend(document)
    renamed = {pointer: _note_name(document, pointer) for pointer, _ in _idle(document)}
    reasons = dict(_idle(document))
    for pointer in _keys(document):
        place, job = _place(document, pointer), _job_of(document, pointer)
        if pointer in reasons:
            name = renamed[pointer]
            account.dropped(place, str(pointer[-1]), f"kept as {name}: {reasons[pointer]}", job=job)
        elif made := _changed(document, pointer, mended.splices):
            account.exact(place, "old spelling", f"now {made}", job=job)
        else:
            account.exact(place, str(pointer[-1]), job=job)
    return _renamed(Document(mended.raw, document.name), renamed)


def _keys(document: Document) -> Iterator[Pointer]:
    """Every key of the document and of its jobs, in their order; what is below them goes with them."""
    for key in document.data:
        if key != "jobs":
            yield (key,)
            continue
        if not document.jobs:
            yield ("jobs",)
        for index, raw in enumerate(document.jobs):
            if isinstance(raw, dict) and raw:
                yield from (("jobs", index, name) for name in raw)
            else:
                yield ("jobs", index)


def _idle(document: Document) -> Iterator[tuple[Pointer, str]]:
    """The keys that do nothing, with the reason: those of the original, and old spellings beside the new ones."""
    for key, reason in WITHOUT_EFFECT.items():
        if key in document.data:
            yield (key,), f"it has no effect; {reason}"
    yield from _beaten((), document.data, LEGACY_TOP_KEYS)
    for index, raw in enumerate(document.jobs):
        if isinstance(raw, dict):
            yield from _beaten(("jobs", index), raw, LEGACY_JOB_KEYS)


def _beaten(at: Pointer, raw: Mapping[str, Any], legacy: Mapping[str, str]) -> Iterator[tuple[Pointer, str]]:
    for old, new in legacy.items():
        if old in raw and new in raw:
            yield (*at, old), f"{new} is there too, and counts"


def _note_name(document: Document, pointer: Pointer) -> str:
    holder: Any = document.data
    for step in pointer[:-1]:
        holder = holder[step]
    name = f"x-{pointer[-1]}"
    while name in holder:
        name += "_"
    return name


def _renamed(document: Document, renamed: Mapping[Pointer, str]) -> bytes:
    editor = Editor(document)
    for pointer, name in renamed.items():
        editor.rename_key(pointer, name)
    return editor.result() if renamed else document.raw


def _changed(document: Document, pointer: Pointer, splices: Sequence[Splice]) -> str:
    """The member as it is after the mends, on one line; empty if they left it alone."""
    start, end = _extent(document, pointer)
    inside = [splice for splice in splices if start <= splice[0] and splice[1] <= end]
    if not inside:
        return ""
    text, at = "", start
    for first, last, new in sorted(inside):
        text += document.text[at:first] + new
        at = last
    said = " ".join((text + document.text[at:end]).split())
    return said if len(said) <= _LONGEST else f"{said[: _LONGEST - 1]}…"


def _extent(document: Document, pointer: Pointer) -> tuple[int, int]:
    span = document.positions.span(pointer)
    return (span.key_start if span.key_start >= 0 else span.start), span.end


def _place(document: Document, pointer: Pointer) -> Place:
    start, end = _extent(document, pointer)
    line, last = (document.positions.line_column(offset)[0] for offset in (start, end))
    path = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in pointer).lstrip(".")
    return Place(document.name, line, last, path, document.text[start:end], True)


def _job_of(document: Document, pointer: Pointer) -> str | None:
    return job_id(document.jobs[pointer[1]]) if len(pointer) > 1 and isinstance(pointer[1], int) else None
