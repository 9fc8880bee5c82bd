"""A command of several lines on one line of a format that has no others: as words for printf, which sh reads back."""

from __future__ import annotations

import shlex

_BEFORE = "eval \"$(printf '%s\\n'"
_AFTER = ')"'


def one_line(command: str, between: str = " ") -> str:
    """A line for ``sh -c`` that does what the command does; ``between`` stands between the lines of the command."""
    return between.join([_BEFORE, *map(_quoted, command.split("\n"))]) + f"{between}{_AFTER}"


def several_lines(line: str) -> str | None:
    """The command that ``one_line`` wrote so; None if the line is another one."""
    if not line.startswith(_BEFORE) or not line.endswith(_AFTER):
        return None
    inner = line[len(_BEFORE) : -len(_AFTER)]
    try:
        words = shlex.split(inner.replace("\\\n", " ") if _is_continued(inner) else inner)
    except ValueError:
        return None
    command = "\n".join(words)
    return command if words and line in (one_line(command), one_line(command, " \\\n")) else None


def _is_continued(inner: str) -> bool:
    return inner.startswith(" \\\n")


def _quoted(line: str) -> str:
    return "'" + line.replace("'", "'\\''") + "'"
