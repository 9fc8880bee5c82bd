"""Pieces of a POSIX shell text: words with variables in them, scripts as Jenkins runs them, ways to join commands."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Sequence
from typing import NamedTuple

from exlib.convert.jenkins.scope import SET_BY_JENKINS, Pieces

WORKSPACE = "WORKSPACE"
"""The folder where a job begins; the text of a job sets it if Jenkins does not."""

_READS_TEXT = re.compile(r"(?:ba|da|k|mk|z|a)?sh|python[\d.]*")
_SHELLS = re.compile(r"(?:ba|da|k|mk|z|a)?sh")
_USED = re.compile(r"\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))")
_SETTLED = r"\$\{%s:?[-=?+]|^\s*(?:export\s+)?%s="


class Script(NamedTuple):
    """A known script and the program that reads it: ``shell`` as the key of a job has it, None for ``/bin/sh``."""

    shell: str | None
    text: str
    sh: bool
    """Whether a POSIX shell reads it, or one that is near enough."""


def word(text: Pieces) -> str:
    """A word for a text; a variable that nothing here sets ends the command if it is not set."""
    pieces = [
        shlex.quote(piece)
        if isinstance(piece, str)
        else f'"${{{piece.name}:?not set}}"'
        if piece.needed and piece.name != WORKSPACE
        else f'"${{{piece.name}}}"'
        for piece in text
    ]
    return "".join(pieces) or "''"


def plain_script(text: str) -> Script | None:
    """A script without interpolation as a job of its own; None if its interpreter takes no text as an argument."""
    if not text.startswith("#!"):
        return Script("sh -xe", _led(_tidy(text)), True)
    head, _, rest = text.partition("\n")
    interpreter = _interpreter(head)
    if not interpreter or not _READS_TEXT.fullmatch(_program(interpreter)):
        return None
    shell = " ".join(shlex.quote(each) for each in interpreter)
    posix = _SHELLS.fullmatch(_program(interpreter)) is not None
    return Script(None if shell == "/bin/sh" else shell, _led(rest), posix)


def _interpreter(head: str) -> list[str]:
    """The program and its one argument, as the kernel takes them; ``env -S`` splits its own."""
    words = head[2:].strip().split(None, 1)
    if len(words) == 2 and os.path.basename(words[0]) == "env" and words[1].startswith("-S"):
        try:
            return shlex.split(words[1][2:])
        except ValueError:
            return []
    return words


def _program(interpreter: Sequence[str]) -> str:
    name = os.path.basename(interpreter[0])
    return os.path.basename(interpreter[1]) if name == "env" and len(interpreter) == 2 else name


def run_script(text: Pieces) -> str:
    """The command that runs a script as the step sh does; interpolated parts are pasted in before a shell reads it."""
    first = text[0] if text and isinstance(text[0], str) else ""
    if not first.startswith("#!"):
        led = (" ", *text) if first[:1] in ("-", "+") or (text and not isinstance(text[0], str)) else text
        if len(led) == 1 and isinstance(led[0], str):
            led = (_tidy(led[0]),)
        return f"sh -xec {word(led)}"
    head, _, _ = first.partition("\n")
    interpreter = _interpreter(head) or ["sh"]
    program = " ".join(shlex.quote(each) for each in interpreter)
    if _READS_TEXT.fullmatch(_program(interpreter)):
        return f"{program} -c {word(text)}"
    made = 'ex_script="$(mktemp)" && trap \'rm -f "$ex_script"\' EXIT'
    return f'({made} && printf %s {word(text)} >"$ex_script" && {program} "$ex_script")'


def _led(text: str) -> str:
    """A shell takes a text that begins with a sign for options."""
    return f" {text}" if text[:1] in ("-", "+") else text


def _tidy(text: str) -> str:
    """Without blank lines at either end; indented less where no quote and no document spans lines."""
    lines = text.split("\n")
    while len(lines) > 1 and not lines[0].strip() and not lines[1].lstrip().startswith("#!"):
        lines.pop(0)
    while len(lines) > 1 and not lines[-1].strip():
        lines.pop()
    if "<<" not in text and not _spans_lines(lines):
        margins = [line[: len(line) - len(line.lstrip(" \t"))] for line in lines if line.strip()]
        shared = min(margins, key=len, default="")
        shared = shared if all(margin.startswith(shared) for margin in margins) else ""
        lines = [line[len(shared) :] if line.strip() else "" for line in lines]
    joined = "\n".join(lines)
    return text if joined.startswith("#!") or not joined.strip() else joined


def _spans_lines(lines: Sequence[str]) -> bool:
    """Whether a quoted text goes on over the end of a line."""
    for line in lines:
        quote, at = "", 0
        while at < len(line):
            sign = line[at]
            if sign == "\\" and quote != "'":
                at += 1
            elif quote:
                quote = "" if sign == quote else quote
            elif sign in "'\"`":
                quote = sign
            at += 1
        if quote:
            return True
    return False


def missing(text: str, known: frozenset[str]) -> list[str]:
    """The variables that a shell text takes from Jenkins, and that nothing sets here."""
    found = dict.fromkeys(name for pair in _USED.findall(text) for name in pair if name in SET_BY_JENKINS)
    return [name for name in found if name not in known and not re.search(_SETTLED % (name, name), text, re.MULTILINE)]


def demand(names: Sequence[str]) -> list[str]:
    """Commands that fail unless the variables are set; the workspace is the folder where the job begins."""
    lines = []
    for name in names:
        if name == WORKSPACE:
            lines.append('export WORKSPACE="${WORKSPACE-$PWD}"')
        else:
            lines.append(f': "${{{name}:?not set}}"')
    return lines


def chain(commands: Sequence[str]) -> str:
    """The commands one after the other, each only if the one before succeeded, whatever stands around them."""
    return " &&\n".join(commands) if commands else ":"


def group(commands: Sequence[str], first: Sequence[str] = ()) -> str:
    """The commands in a shell of their own."""
    return f"(\n{chain([*first, *commands])}\n)"


def failing(message: Pieces) -> str:
    """A line on stderr, and a failure."""
    return f"{{ printf '%s\\n' {word(message)} >&2; false; }}"


def retried(commands: Sequence[str], tries: int) -> str:
    """The commands, tried so often."""
    return (
        f"(\nex_try=1\nuntil {group(commands)}\n"
        f'do ex_code=$?; [ "$ex_try" -lt {tries} ] || exit "$ex_code"; ex_try=$((ex_try + 1)); done\n)'
    )


def limited(commands: Sequence[str], seconds: float) -> str:
    """The commands, ended after so many seconds."""
    return f"timeout -k 10 {seconds:g} sh -c {shlex.quote(chain(commands))}"
