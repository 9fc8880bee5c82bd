"""The command of an entry: what cron makes of its signs of percent, and how a command is written so that cron makes it.

An unescaped ``%`` ends the command; what is behind it is its standard input, where each further one is a line feed.
``\\%`` is a sign of percent, and a backslash before anything else stays.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence

from exlib.convert.source import CONTROL

_PRINTED = re.compile(r"""eval "\$\(printf %b '((?:[^'\\]|\\(?:\\|n|0(?!000)[01][0-7]{2}))*)'\)\"""")
_SPECIAL = re.compile("[\\\\%'\x00-\x08\n-\x1f\x7f]")
_ESCAPE = re.compile(r"\\(\\|n|0(?!000)[01][0-7]{2})")
_UNSAYABLE = re.compile(r"(?<!\\)(?:\\\\)*\\%")
DEFAULT_SHELL = "/bin/sh"


def split(text: str) -> tuple[str, str | None]:
    """The command, and its standard input as cron hands it over; None if there is none."""
    command: list[str] = []
    escaped = False
    for place, character in enumerate(text):
        if escaped:
            if character == "%":
                command.pop()
            escaped = False
        elif character == "\\":
            escaped = True
        elif character == "%":
            return "".join(command), _input(text[place + 1 :]) or None
        command.append(character)
    return "".join(command), None


def _input(text: str) -> str:
    said = re.sub(r"(\\?)%", lambda match: "%" if match[1] else "\n", text)
    return said if not said or said.endswith("\n") else said + "\n"


def joined(raw: str, variables: Mapping[str, str], shell: str, *, plain: bool = False) -> tuple[str, str | None]:
    """The command for a job, and the shell that it needs if it is another than ``/bin/sh``.

    ``variables`` are those whose values a document would expand: the command sets them itself. ``plain``: a sign of
    percent is nothing special.
    """
    command, stdin = (raw, None) if plain else split(raw)
    if stdin is None:
        command = told(command)
    if stdin is None and not variables:
        return command, None if shell == DEFAULT_SHELL else shlex.quote(shell)
    lines = [f"export {name}={shlex.quote(value)}" for name, value in variables.items()]
    # As one word, so that a quote that is left open in it does not reach what is behind it.
    command = f"{shlex.quote(shell)} -c {shlex.quote(command)}"
    if stdin is None:
        return "\n".join([*lines, command]), None
    end = "STDIN"
    while end in stdin.split("\n"):
        end += "_"
    return "\n".join([*lines, f"{command} <<'{end}'", f"{stdin}{end}"]), None


def chain(commands: Sequence[str]) -> str:
    """One command that runs several, each after the success of the one before, each with a shell of its own."""
    return " && ".join(f"{DEFAULT_SHELL} -c {shlex.quote(command)}" for command in commands)


def links(command: str) -> list[str]:
    """The commands that ``chain`` made one of; empty for any other command."""
    try:
        commands = shlex.split(command)[2::4]
    except ValueError:
        return []
    return commands if chain(commands) == command else []


def told(command: str) -> str:
    """The command that ``line`` wrote as a text for printf; another one as it is."""
    printed = _PRINTED.fullmatch(command)
    if printed is None:
        return command
    return _ESCAPE.sub(lambda match: {"\\": "\\", "n": "\n"}.get(match[1]) or chr(int(match[1], 8)), printed[1])


def line(command: str, *, plain: bool = False) -> str:
    """The command on one line, as cron has to find it; ``joined`` makes the same command of it."""
    bare = command.strip(" \t")
    if plain:
        return bare if "\n" not in bare and not CONTROL.search(bare) else _printed(command, "%b")
    if not CONTROL.search(bare) and "\n" not in bare and not _UNSAYABLE.search(bare) and not bare.startswith("*"):
        return bare.replace("%", "\\%")
    return _printed(command, "\\%b")


def _escape(match: re.Match[str]) -> str:
    return {"\\": "\\\\", "\n": "\\n"}.get(match[0]) or f"\\0{ord(match[0]):03o}"


def _printed(command: str, form: str) -> str:
    text = _SPECIAL.sub(_escape, command.strip("\n"))
    return f"eval \"$(printf {form} '{text}')\""
