"""Checks as commands of a POSIX shell: exit code 0 where the check would pass, a line on stderr where it would not.

They leave no variable behind. A file that cannot be read does not pass, as everywhere.
"""

from __future__ import annotations

import math
import re
import shlex
from collections.abc import Callable, Mapping
from typing import Any

from exlib.convert.shell.patterns import grep
from exlib.convert.shell.words import path_words, word
from exlib.environment import REFERENCE
from exlib.workflow import Check

_UNITS = {"min_gb": 1 << 20, "min_mb": 1 << 10}  # in blocks of 1024 bytes, as df -P prints them
_HIDDEN = re.compile(r"(?:^|/)\.[*?\[]")
_LINES = "sed \"s/$(printf '\\r')*\\$//\""  # a return before the line's end is no part of the line
_BLANKS = "sed 's/[[:space:]]*,[[:space:]]*/,/g; s/^[[:space:]]*//; s/[[:space:]]*$//'"


def shell_check(check: Check, job: str, *, allow_shell: bool = True) -> str | None:
    """The command for a check of a job; None for one that only ex-run can try.

    ``allow_shell`` is the workflow's: without, the command of a check is no text for a shell.
    """
    if check.name == "check_command" and not allow_shell:
        check = Check(check.name, {**check.params, "command": " ".join(_plain_words(check.params["command"]))})
    write = _WRITERS.get(check.name)
    test = write(check.params, job) if write is not None else None
    if test is None:
        return None
    said = shlex.quote(f"{job}: {check.name} did not pass")
    return f"{test} || {{ printf '%s\\n' {said} >&2; false; }}"


def allowed(reason: str, job: str) -> str:
    """The command that fails until a person allows the job, as check_allowed does."""
    name = shlex.quote(job)
    said = shlex.quote(f"{job}: {reason}; EX_ALLOW={name} lets it run")
    listed = f',"$(printf %s "${{EX_ALLOW-}}" | {_BLANKS})",'
    one_of = ",all," if "," in job else f",all,|*,{name},*"
    return (
        f'case "${{EX_ALLOW-}}" in {name}) ;; *) case {listed} in {one_of}) ;; '
        f"*) printf '%s\\n' {said} >&2; false ;; esac ;; esac"
    )


def direct(command: str) -> str:
    """The words of a command that no shell reads, for a shell: what it names is a program, never a builtin."""
    return " ".join(_plain_words(command))


def _plain_words(command: str) -> list[str]:
    try:
        words = shlex.split(command)
    except ValueError:
        return ["false"]
    program = [] if not words or "=" in words[0] or words[0].startswith("-") else ["env"]
    return [*program, *map(shlex.quote, words)]


def _exists(params: Mapping[str, Any], _job: str) -> str:
    if is_fixed(params["path"]):
        return f"[ -f {word(params['path'])} ]"
    return f'( IFS=; {_each(params["path"])} [ -f "$file" ] && exit 0; done; exit 1 )'


def _not_empty(params: Mapping[str, Any], _job: str) -> str:
    return _every_file(params["path"], lambda file: f"[ -s {file} ]", besides="-f")


def _no_ora(params: Mapping[str, Any], _job: str) -> str:
    return _every_file(params["log_file"], lambda file: _absent(f"LC_ALL=C grep -q -e ORA- -- {file}"))


def _no_ora_or_sp2(params: Mapping[str, Any], _job: str) -> str:
    return _every_file(params["log_file"], lambda file: _absent(f"LC_ALL=C grep -q -e ORA- -e SP2- -- {file}"))


def _pattern(params: Mapping[str, Any], _job: str) -> str | None:
    find = grep(params["pattern"], "-c")
    return find and _every_file(_file(params), lambda file: _present(f"{_LINES} <{file} | {find}"))


def _no_pattern(params: Mapping[str, Any], _job: str) -> str | None:
    find = grep(params["pattern"])
    return find and _every_file(_file(params), lambda file: f"[ -r {file} ] && {_absent(f'{_LINES} <{file} | {find}')}")


def _present(count: str) -> str:
    """That the count is not 0: to stop at the first line would be a failure to what is before in the pipe."""
    return f'[ "$({count})" -gt 0 ]'


def _absent(search: str) -> str:
    """That a search finds nothing, which is not the same as that it fails."""
    return f"{{ {search}; [ $? -eq 1 ]; }}"


def _command(params: Mapping[str, Any], _job: str) -> str | None:
    run = f"/bin/sh -c {shlex.quote(params['command'])} </dev/null"
    code, output = params.get("expect_exit_code", 0), params.get("expect_output")
    if output is None:
        return run if code == 0 else f"( {run}; [ $? -eq {code} ] )"
    find = grep(output, "-c")
    said = f"said=$({run}; printf 'x%s' $?)"
    found = _present(f"printf '%s' \"${{said%x*}}\" | {_LINES} | {find}")
    return find and f'( {said}; [ "${{said##*x}}" -eq {code} ] && {found} )'


def _disk_space(params: Mapping[str, Any], _job: str) -> str:
    tests = [f"$4 >= {math.ceil(params[name] * unit)}" for name, unit in _UNITS.items() if params.get(name) is not None]
    if params.get("min_percent") is not None:
        tests.append(f"100 * $4 >= {params['min_percent']!r} * ($3 + $4 ? $3 + $4 : 1)")
    program = f"NR == 2 {{ enough = {' && '.join(tests)} }} END {{ exit !enough }}"
    return f"df -P -k -- {word(params.get('path', '.'))} | awk {shlex.quote(program)}"


def _allowed(params: Mapping[str, Any], job: str) -> str:
    return allowed(str(params.get("reason", "")), job)


def _file(params: Mapping[str, Any]) -> str:
    return str(params["path"] if params.get("log_file") is None else params["log_file"])


def _every_file(path: str, test: Callable[[str], str], *, besides: str = "") -> str:
    """Whether there is a file and all pass; what is no regular file does not, or with ``besides`` is passed over."""
    if is_fixed(path):
        return f"[ -f {word(path)} ] && {test(word(path))}"
    there = f'[ {besides} "$file" ]' if besides else '[ -e "$file" ] || [ -L "$file" ]'
    passes = test('"$file"')
    tried = passes if besides else f'[ -f "$file" ] && {passes}'
    return f'( IFS=; none=1; {_each(path)} {there} || continue; none=0; {tried} || exit 1; done; exit "$none" )'


def is_fixed(path: str) -> bool:
    """Whether a path means one file, whatever is there and whatever the variables are."""
    return path_words(path) == word(path) and not REFERENCE.search(path)


def _each(path: str) -> str:
    """The beginning of a loop over the files that a path may mean: a shell's ``.*`` names the folder itself too."""
    skip = ' case "/$file/" in */./*|*/../*) continue ;; esac;' if _HIDDEN.search(path) else ""
    return f"for file in {path_words(path)}; do{skip}"


_WRITERS: dict[str, Callable[[Mapping[str, Any], str], str | None]] = {
    "check_allowed": _allowed,
    "check_command": _command,
    "check_disk_space": _disk_space,
    "check_file_exists": _exists,
    "check_file_not_empty": _not_empty,
    "check_no_ora_errors": _no_ora,
    "check_no_ora_or_sp2_errors": _no_ora_or_sp2,
    "check_no_pattern": _no_pattern,
    "check_pattern": _pattern,
}
