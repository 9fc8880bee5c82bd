"""From a job's command to the argv that is executed."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Mapping
from functools import lru_cache
from os import X_OK, access

from exlib.engine.executor import CannotStart

DEFAULT_SHELL = ("/bin/sh", "-c")
_PLAIN = re.compile(r"[A-Za-z0-9_@%+:,./-][A-Za-z0-9_@%+:,./=-]*(?: +[A-Za-z0-9_@%+:,./=-]+)*\Z")
_SHELL_WORDS = frozenset(
    "! . : [ alias bg break builtin case cd command continue coproc declare do done echo elif else enable esac eval "
    "exec exit export fc fg fi for function getopts hash help history if in jobs kill let local logout printf pwd read "
    "readonly return select set shift shopt source suspend test then time times trap type typeset ulimit umask unalias "
    "unset until wait while".split()
)
"""Words that mean something else to the shell than the program of that name; ``true`` and ``false`` do not."""


def argv_for(command: str, shell: tuple[str, ...] | None, env: Mapping[str, str], cwd: str) -> tuple[str, ...]:
    """The argv of a command, argv[0] being a path. Raises CannotStart when there is no such program.

    Under the default shell a command of plain words is executed directly: the same program with the same words,
    half a millisecond sooner. Anything the shell could read differently goes to the shell.
    """
    path = env.get("PATH", os.defpath)
    if shell is None:
        return _without_shell(command, path, cwd)
    if shell == DEFAULT_SHELL:
        words = _plain_words(command)
        program = find_program(words[0], path, cwd) if words else None
        return (*shell, command) if program is None else (program, *words[1:])
    program = find_program(shell[0], path, cwd)
    if program is None:
        raise CannotStart(f"the shell {shell[0]} does not exist or cannot be executed")
    return (program, *shell[1:], command)


@lru_cache(maxsize=256)
def _plain_words(command: str) -> tuple[str, ...]:
    """The words of a command in which the shell would see nothing but words; empty for any other."""
    words = tuple(filter(None, command.split(" "))) if _PLAIN.match(command) else ()
    return () if words and (words[0] in _SHELL_WORDS or "=" in words[0]) else words


def _without_shell(command: str, path: str, cwd: str) -> tuple[str, ...]:
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise CannotStart(f"the command cannot be split into words: {error}") from None
    if not words:
        raise CannotStart("the command is empty")
    program = find_program(words[0], path, cwd)
    if program is None:
        raise CannotStart(f"{words[0]}: no such program on PATH")
    return (program, *words[1:])


def find_program(name: str, path: str, cwd: str) -> str | None:
    """The executable file that ``name`` means now: an earlier job may have made it."""
    if "/" in name:
        full = os.path.join(cwd, name)
        return full if _executable(full) else None
    for full in _candidates(name, path, cwd):
        if _executable(full):
            return full
    return None


@lru_cache(maxsize=256)
def _candidates(name: str, path: str, cwd: str) -> tuple[str, ...]:
    """Where a program of this name may be, in the order of PATH; which of them exist may change with every job."""
    return tuple(os.path.join(cwd, directory, name) for directory in path.split(os.pathsep))


def _executable(path: str) -> bool:
    if not access(path, X_OK):
        return False
    if path in _FILES:
        return True  # should a folder have taken its place, the kernel says so
    if os.path.isfile(path):
        _FILES.add(path)
        return True
    return False


_FILES: set[str] = set()
"""Programs that were seen to be files and not folders."""
