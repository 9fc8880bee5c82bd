"""One line of a crontab: an entry, a variable, a comment or nothing."""

from __future__ import annotations

import re
from typing import NamedTuple

from exlib.convert.crontab import schedule
from exlib.convert.source import Source
from exlib.errors import InputError

_WORD = re.compile(r"[^ \t]+")
_NAMED = re.compile(r"""[ \t]*(?:"([^"=]*)"|'([^'=]*)'|([^\s=]+))[ \t]*=[ \t]*(.*)""")
_YEARLIKE = re.compile(r"[*?]|(?:19|20)[0-9]{2}(?:[-,/][0-9]+)*")


class Entry(NamedTuple):
    """An entry. ``command`` is as it stands, with its signs of percent; ``form`` is how many fields, 1 for a name."""

    schedule: str
    user: str | None
    command: str
    form: int
    quiet: bool = False


class Variable(NamedTuple):
    """A line that sets a variable for all entries below it; nothing in the value is replaced."""

    name: str
    value: str


def parse(source: Source, line: int, *, users: bool) -> Entry | Variable:
    """Read a line that is neither blank nor a comment. Raises InputError, with the column, for what cron refuses."""
    text = source.lines[line - 1]
    variable = _variable(source, line, text)
    return variable if variable is not None else _entry(source, line, text, users)


def switched_off(comment: str, *, users: bool) -> bool:
    """Whether the text of a comment is an entry that somebody put behind the sign of a comment."""
    try:
        found = _entry(Source(b""), 0, comment, users)
    except InputError:
        return False
    return bool(found.command)


def _variable(source: Source, line: int, text: str) -> Variable | None:
    match = _NAMED.fullmatch(text)
    if match is None:
        return None
    name = next(group for group in match.groups()[:3] if group is not None)
    value = match[4].rstrip()
    if value[:1] in ("'", '"'):
        end = value.find(value[0], 1)
        if end < 0 or value[end + 1 :].strip():
            said = "the quote of the value is never closed" if end < 0 else "text stands behind the quoted value"
            raise refused(source, line, match.start(4), said, "cron takes one quoted text, or a text without quotes")
        value = value[1:end]
    return Variable(name, value)


def _entry(source: Source, line: int, text: str, users: bool) -> Entry:
    words = list(_WORD.finditer(text))
    texts = [word[0] for word in words]
    quiet = texts[0].startswith("-") and len(texts[0]) > 1
    if quiet:
        texts[0] = texts[0][1:]
    form = _form(source, line, texts, words, users)
    user = None
    behind = form
    if users and len(texts) > form:
        user, behind = texts[form], form + 1
    if len(words) <= behind:
        where = words[-1].end()
        what = "no command stands behind the user" if users and user else "no command stands behind the schedule"
        raise refused(
            source, line, where, what, "five fields, the user, the command" if users else "five fields, the command"
        )
    return Entry(" ".join(texts[:form]), user, text[words[behind].start() :], form, quiet)


def _form(source: Source, line: int, texts: list[str], words: list[re.Match[str]], users: bool) -> int:
    """How many of the words are the schedule."""
    if texts[0].startswith("@"):
        if texts[0] not in schedule.NICKNAMES:
            known = ", ".join(schedule.NICKNAMES)
            raise refused(source, line, words[0].start(), f"cron knows no {texts[0]}", f"it knows {known}")
        return 1
    if not users:
        # A command never begins with * in a crontab: cron refuses it, so these can only be further fields.
        for fields in (schedule.SEVEN, schedule.SIX):
            count = len(fields)
            if (
                len(texts) > count
                and _YEARLIKE.fullmatch(texts[count - 1])
                and not schedule.flaw(texts[:count], fields)
            ):
                return count
    count = len(schedule.FIVE)
    found = schedule.flaw(texts[:count], schedule.FIVE[: len(texts)])
    if found is not None:
        raise refused(source, line, words[found.field].start(), found.message, "minute hour day month weekday command")
    if len(texts) < count:
        missing = schedule.FIVE[len(texts)].name
        raise refused(
            source,
            line,
            words[-1].end(),
            f"the line ends before its {missing}",
            "minute hour day month weekday command",
        )
    return count


def refused(source: Source, line: int, column: int, message: str, mend: str | None) -> InputError:
    """The error about a line, with the column (from 0) where it is wrong."""
    return InputError(message, place=f"{source.name}:{line}:{column + 1}", mend=mend)
