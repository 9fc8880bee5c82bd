"""Programs that a command starts and that are not there."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any

from exlib.environment import layered
from exlib.rules.commands import check_commands, runs_directly, runs_in_shell
from exlib.rules.paths import folder_of
from exlib.rules.script import Script, Simple, Word
from exlib.rules.subject import Grouped, Subject, shown
from exlib.rules.words import read
from exlib.workflow import env_text

BUILTINS = frozenset(
    ". : [ [[ alias bg break builtin caller cd command compgen complete compopt continue coproc declare dirs disown "
    "echo enable eval exec exit export false fc fg getopts hash help history jobs kill let local logout mapfile popd "
    "printf pushd pwd read readarray readonly return set shift shopt source suspend test times trap true type typeset "
    "ulimit umask unalias unset wait".split()
)
_HEADS = re.compile(r"(?:^|[;|(\n]|(?<![<>])&)[;|&\s]*([^\s;|&()]*)")
"""What stands where a program may stand, and more: if all of it is found, the command need not be read."""
_ASKS = frozenset(["command", "type", "which", "hash", "alias", "enable"])
_MOVES = frozenset(["cd", "pushd", "popd"])
_SOURCES = frozenset([".", "source", "eval"])


def check_programs(subject: Subject) -> None:
    """Report W401: each program that is on no PATH, once."""
    lookup = _Lookup(subject)
    missing = Grouped()
    fine = set(BUILTINS)
    for index, raw in enumerate(subject.jobs):
        if "pre_checks" in raw or "post_checks" in raw:
            _check_checks(subject, raw, index, lookup, missing)
        command = raw.get("command")
        if not command:
            continue
        direct = runs_directly(subject, raw)
        plain = not direct and "PATH" not in (raw.get("env_variables") or ())
        if plain and "shell" not in raw and fine.issuperset(_HEADS.findall(command)):
            continue
        if not direct and not runs_in_shell(subject, raw):
            programs = [str(raw["shell"]).split()[0]]
        else:
            programs = _programs(read(command), direct=direct)
        for program in programs:
            if (problem := lookup.problem(program, raw)) is not None:
                missing.add("W401", problem, ("jobs", index, "command"), _mend(program))
            elif plain and ("/" not in program or program.startswith("/")):
                fine.add(program)
    missing.report(subject)


def _check_checks(subject: Subject, raw: Mapping[str, Any], index: int, lookup: _Lookup, missing: Grouped) -> None:
    direct = not subject.top.get("allow_shell", True)
    for command, at in check_commands(raw, index):
        for program in _programs(read(command), direct=direct):
            if (problem := lookup.problem(program, raw)) is not None:
                missing.add("W401", problem, at, _mend(program))


def _mend(program: str) -> str:
    if "/" in program:
        return "check the path, or make the file executable"
    return "install it, add its folder to PATH in env_variables, or write its full path"


def _programs(script: Script, *, direct: bool) -> list[str]:
    """The programs that a command surely starts, as they are written."""
    if direct:
        first = script.sure[0] if script.sure and not script.operators else Simple()
        return [first.words[0].text] if first.words and not first.assignments and not first.words[0].dynamic else []
    programs: list[str] = []
    moved = False
    for simple in script.sure:
        if simple.program in _ASKS or any(word.text.startswith("PATH=") for word in _assigned(simple)):
            break
        if simple.program in _SOURCES:
            break  # what follows may be defined there
        moved = moved or simple.program in _MOVES
        if not simple.words or simple.words[0].dynamic or simple.words[0].glob:
            continue
        program = simple.words[0].text
        if program not in BUILTINS and not program.startswith("~") and not (moved and "/" in program[1:]):
            programs.append(program)
    return programs


def _assigned(simple: Simple) -> list[Word]:
    return simple.words if simple.program in ("export", "declare", "typeset") else simple.assignments


class _Lookup:
    """Looks each program up once for each PATH and folder."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self._top_env = {key: env_text(value) for key, value in (subject.top.get("env_variables") or {}).items()}
        self._path = self._resolve({})
        self._known: dict[tuple[str, str | None], str | None] = {}

    def problem(self, program: str, raw: Mapping[str, Any]) -> str | None:
        """What is wrong with a program, None if it can be started."""
        env = raw.get("env_variables") or {}
        path = self._resolve(env) if "PATH" in env else self._path
        relative = "/" in program and not program.startswith("/")
        folder = folder_of(self._subject, raw) if relative or ":." in f":{path}" else None
        if relative and folder is None:
            return None
        key = (program, folder if relative else path)
        if key not in self._known:
            self._known[key] = _at_path(program, folder) if "/" in program else _on_path(program, path, folder)
        return self._known[key]

    def _resolve(self, env: Mapping[str, Any]) -> str:
        own = {key: env_text(value) for key, value in env.items()}
        return layered(self._subject.inherited, self._top_env, own).get("PATH", os.defpath)


def _on_path(program: str, path: str, folder: str | None) -> str | None:
    for part in path.split(os.pathsep):
        if "${" in part:
            return None  # not known here
        if not os.path.isabs(part) and folder is None:
            continue
        if _executable(os.path.join(folder or "/", part, program)):
            return None
    return f"the program {shown(program)} is not on PATH"


def _at_path(program: str, folder: str | None) -> str | None:
    file = os.path.join(folder or "/", program)
    if _executable(file):
        return None
    what = "is a folder" if os.path.isdir(file) else "is not executable" if os.path.exists(file) else "does not exist"
    return f"the program {shown(program)} {what}" + (f" in {folder}" if folder and not os.path.isabs(program) else "")


def _executable(file: str) -> bool:
    return os.path.isfile(file) and os.access(file, os.X_OK)
