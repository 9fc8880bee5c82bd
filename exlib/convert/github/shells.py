"""The shells of steps, with the flags that GitHub documents for each."""

from __future__ import annotations

import os
import shlex
from typing import NamedTuple

_NAMED = {
    "": ("bash", "-e"),
    "bash": ("bash", "--noprofile", "--norc", "-eo", "pipefail"),
    "sh": ("sh", "-e"),
    "python": ("python",),
}
_POSIX = frozenset(["sh", "bash", "dash", "ksh", "zsh", "ash"])
_WINDOWS = frozenset(["cmd", "powershell", "pwsh"])
FILE = "{0}"


class Shell(NamedTuple):
    """What reads a script. ``argv`` is followed by ``-c`` and the script unless ``file``: then it holds ``{0}``.

    ``posix``: it is a shell that expands ``${NAME?}``. ``missing``: it cannot be had here, and why.
    """

    argv: tuple[str, ...]
    file: bool = False
    posix: bool = True
    missing: str = ""

    @property
    def setting(self) -> str:
        """The document's key ``shell``."""
        return shlex.join(self.argv)


def shell(name: str) -> Shell | None:
    """The shell by what ``shell:`` says, empty if it says nothing; None for what GitHub would refuse."""
    if name in _NAMED:
        return Shell(_NAMED[name], posix=name != "python")
    if name in _WINDOWS:
        return Shell(("sh", "-e"), posix=False, missing=f"a script for {name}")
    try:
        words = tuple(shlex.split(name))
    except ValueError:
        return None
    if not words or FILE not in name:
        return None
    posix = os.path.basename(words[0]) in _POSIX
    if posix and words[-1] == FILE and not any(FILE in word for word in words[:-1]):
        return Shell(words[:-1])
    return Shell(words, file=True, posix=posix)


def command(used: Shell, script: str, before: str = "") -> str:
    """The command that runs a script; ``before`` (assignments, a limit) goes right before the program."""
    if not used.file:
        return f"{before}{shlex.join(used.argv)} -c {quoted(script)}"
    words = []
    for each in used.argv:
        pieces = [quoted(part) if part else "" for part in each.split(FILE)]
        words.append('"$script"'.join(pieces) or "''")
    return (
        "(script=$(mktemp) || exit 1; trap 'rm -f \"$script\"' EXIT; "
        f'printf %s {quoted(script)} >"$script"; {before}{" ".join(words)})'
    )


def quoted(text: str) -> str:
    """A word of a POSIX shell; single quotes within are written so that a person can read them."""
    if text and not text.strip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=@%+,"):
        return text
    return "'" + text.replace("'", "'\\''") + "'"
