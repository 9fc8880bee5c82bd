"""Scripts that ex-convert wrote, read back: the order and the commands from the lines, the rest from the notes."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, NamedTuple

from exlib.convert.account import Account
from exlib.convert.bash.writer import FORM, text_of
from exlib.convert.draft import Draft
from exlib.convert.notes import read_note
from exlib.convert.outgoing import Outgoing
from exlib.convert.source import Source
from exlib.document import Document
from exlib.errors import ExecutionerError

_JOB = re.compile(r"job (\d+ .*) <<'(END_*)'")
_ASKS = re.compile(r': "\$\{\w+:\?it is a secret')
_BARE = ("id", "command", "dependencies")


class _Lines(NamedTuple):
    """What the lines of a job say; the lines are those of its comments to the end of its command."""

    first: int
    last: int
    comments: list[str]
    noted: dict[str, Any]
    words: list[str]
    text: str


def is_own(source: Source) -> bool:
    """Whether the script is one of ours."""
    noted = read_note(source.lines[1]) if len(source.lines) > 1 else None
    return noted is not None and noted.get("form") == FORM


def read(source: Source, draft: Draft, account: Account) -> None:
    """Fill the draft. Raises InputError if a job of it cannot be read."""
    found = list(_jobs(source))
    if not found:
        raise source.refuse(2, "no job stands in it", "write it anew with ex-convert --to bash")
    head = read_note(source.lines[1]) or {}
    del head["form"]
    description, comments = _opening(source, found[0].first)
    if description:
        head.setdefault("description", description)
    name = head.pop("application_name", None)
    draft.settings = {**({"application_name": name} if name else draft.settings), **head}
    if comments:
        draft.kept["comments"] = comments
    ids = {lines.words[0]: lines.words[3] for lines in found}
    for lines in found:
        draft.jobs.append(_job(source, lines, ids, draft))
        account.exact(source.place(lines.first, lines.last), "job", job=lines.words[3])
    account.exact(source.place(1, found[0].first - 1, text=""), "opening", "read from its notes")
    account.exact(source.place(found[-1].last, len(source.lines), text=""), "closing")
    for before, after in pairwise(found):
        if any(source.lines[number - 1].strip() for number in range(before.last + 1, after.first)):
            account.dropped(source.place(before.last + 1, after.first - 1), "lines", "between jobs only jobs are read")


def _opening(source: Source, end: int) -> tuple[str, list[str]]:
    """The description and the comments that stand at the top."""
    blocks: list[list[str]] = [[]]
    for line in source.lines[2 : end - 1]:
        if line.startswith("#"):
            blocks[-1].append(line.removeprefix("#").removeprefix(" "))
        elif not line.strip():
            blocks.append([])
        else:
            break
    return "\n".join(blocks[0]), [line for block in blocks[1:-1] for line in block]


def _jobs(source: Source) -> Iterator[_Lines]:
    comments: list[str] = []
    noted: dict[str, Any] = {}
    at, first = 0, 0
    while at < len(source.lines):
        line = source.lines[at]
        match = _JOB.fullmatch(line)
        if match is not None:
            end = next((n for n in range(at + 1, len(source.lines)) if source.lines[n] == match[2]), None)
            if end is None:
                raise source.refuse(at + 1, f"the command that begins here does not end with {match[2]}")
            text = "\n".join(source.lines[at + 1 : end])
            yield _Lines(first or at + 1, end + 1, comments, noted, _words(source, at + 1, match[1]), text)
            at = end
            comments, noted, first = [], {}, 0
        elif line.startswith("#"):
            first = first or at + 1
            known = read_note(line)
            if known is not None:
                noted = known
            else:
                comments.append(line.removeprefix("#").removeprefix(" "))
        else:
            comments, noted, first = [], {}, 0
        at += 1


def _words(source: Source, line: int, text: str) -> list[str]:
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise source.refuse(line, f"the words of this job cannot be read: {error}") from None
    if len(words) < 4 or words[1] not in ("stop", "go-on"):
        raise source.refuse(line, "a job has a number, stop or go-on, a shell and an id, in this order")
    return words


def _job(source: Source, lines: _Lines, ids: dict[str, str], draft: Draft) -> dict[str, Any]:
    """The job as its note has it, unless its text is another one by now: then that is its command."""
    _, after, shell, wanted, *needs = lines.words
    unknown = [number for number in needs if number not in ids]
    if unknown:
        raise source.refuse(lines.first, f"it needs job {unknown[0]}, and there is none")
    job: dict[str, Any] = {"id": wanted}
    if lines.comments:
        job["description"] = "\n".join(lines.comments)
    noted = dict(lines.noted)
    if "command" not in noted:
        job["command"] = lines.text
        if shell != "/bin/sh":
            job["shell"] = shell
    job |= noted
    if needs and "dependencies" not in noted:
        job["dependencies"] = [ids[number] for number in needs]
    if after == "go-on" and not draft.settings.get("continue_on_error"):
        job["continue_on_error"] = True
    if "command" in noted and not _is_said(job, lines.text, draft):
        job = {key: value for key, value in job.items() if key in (*_BARE, "description", "continue_on_error")}
        job["command"] = lines.text
    return job


def _is_said(job: dict[str, Any], text: str, draft: Draft) -> bool:
    """Whether the job would be written as it stands there."""
    alone = {**job, "dependencies": [entry for entry in job.get("dependencies") or () if isinstance(entry, dict)]}
    data = {**draft.settings, "jobs": [alone]}
    try:
        outgoing = Outgoing(Document(json.dumps(data).encode(), source_name(draft)), Account())
        return _settled(text_of(outgoing.jobs[0])[1]) == _settled(text)
    except (ExecutionerError, TypeError, ValueError, AttributeError, KeyError):
        return False


def _settled(text: str) -> tuple[list[str], list[str]]:
    """The text with the secrets that it asks for in one order: which of them is asked for first means nothing."""
    lines = text.split("\n")
    return sorted(filter(_ASKS.match, lines)), [line for line in lines if not _ASKS.match(line)]


def source_name(draft: Draft) -> str:
    """A name for a document that is none yet."""
    return f"<{draft.name}>"
