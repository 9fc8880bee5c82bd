"""Checks as commands of a POSIX shell: exit code 0 where the check would pass, a line on stderr where it would not."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping
from typing import Any

from exlib.convert.shellwords import path_word, word
from exlib.workflow import Check

_UNITS = {"min_gb": 1 << 20, "min_mb": 1 << 10}  # in blocks of 1024 bytes, as df -P prints them
_BEYOND_GREP = re.compile(r"\(\?[aimsux]|\\[dDsSwWbBAZz]|\(\?[:=!<P]|[*+?}]\?")


def shell_check(check: Check, job: str) -> str | None:
    """The command for a check of a job; None for one that only ex-run can try."""
    write = _WRITERS.get(check.name)
    test = write(check.params, job) if write is not None else None
    if test is None:
        return None
    said = shlex.quote(f"{job}: {check.name} did not pass")
    return f"{{ {test}; }} || {{ printf '%s\\n' {said} >&2; false; }}"


def allowed(reason: str, job: str) -> str:
    """The command that fails until a person allows the job, as check_allowed does."""
    pattern = "|".join(dict.fromkeys(["all", f"*,{_literal(job)},*"]))
    said = shlex.quote(f"{job}: {reason}; EX_ALLOW={shlex.quote(job)} lets it run")
    return (
        f'case "${{EX_ALLOW-}}" in all) ;; *) case ",${{EX_ALLOW-}}," in {pattern}) ;; '
        f"*) printf '%s\\n' {said} >&2; false ;; esac ;; esac"
    )


def _literal(text: str) -> str:
    return shlex.quote(text)


def _exists(params: Mapping[str, Any], _job: str) -> str:
    return _some_file(params["path"], '[ -f "$file" ]')


def _not_empty(params: Mapping[str, Any], _job: str) -> str:
    return _every_file(params["path"], '[ -s "$file" ]')


def _no_ora(params: Mapping[str, Any], _job: str) -> str:
    return _every_file(params["log_file"], '! grep -q -e ORA- "$file"')


def _no_ora_or_sp2(params: Mapping[str, Any], _job: str) -> str:
    return _every_file(params["log_file"], '! grep -q -e ORA- -e SP2- "$file"')


def _pattern(params: Mapping[str, Any], _job: str) -> str:
    return _every_file(_file(params), f'{_grep(params["pattern"])} "$file"')


def _no_pattern(params: Mapping[str, Any], _job: str) -> str:
    return _every_file(_file(params), f'! {_grep(params["pattern"])} "$file"')


def _command(params: Mapping[str, Any], _job: str) -> str:
    run = f"/bin/sh -c {shlex.quote(params['command'])} </dev/null"
    code, output = params.get("expect_exit_code", 0), params.get("expect_output")
    if output is None:
        return run if code == 0 else f'code=0; {run} || code=$?; [ "$code" -eq {code} ]'
    found = f"printf '%s\\n' \"$said\" | {_grep(output)} -"
    return f'code=0; said=$({run}) || code=$?; [ "$code" -eq {code} ] && {found}'


def _disk_space(params: Mapping[str, Any], _job: str) -> str:
    asked = f"df -P -k {word(params.get('path', '.'))} | tail -n 1"
    tests = [f"$4 >= {int(params[name] * unit)}" for name, unit in _UNITS.items() if params.get(name) is not None]
    if params.get("min_percent") is not None:
        tests.append(f"100 * $4 >= {params['min_percent']:g} * ($3 + $4)")
    return f"{asked} | awk '{{exit !({' && '.join(tests)})}}'"


def _allowed(params: Mapping[str, Any], job: str) -> str:
    return allowed(str(params.get("reason", "")), job)


def _file(params: Mapping[str, Any]) -> str:
    return str(params["path"] if params.get("log_file") is None else params["log_file"])


def _grep(pattern: str) -> str:
    """Python's patterns are those of Perl, near enough; grep's own are enough for the plain ones."""
    return f"grep -q {'-P' if _BEYOND_GREP.search(pattern) else '-E'} -e {shlex.quote(pattern)}"


def _some_file(path: str, test: str) -> str:
    return f'found=1; for file in {path_word(path)}; do if {test}; then found=0; fi; done; [ "$found" -eq 0 ]'


def _every_file(path: str, test: str) -> str:
    tried = f'[ -f "$file" ] && {test}'
    return f'found=0; for file in {path_word(path)}; do {{ {tried}; }} || found=1; done; [ "$found" -eq 0 ]'


_WRITERS: dict[str, Callable[[Mapping[str, Any], str], str]] = {
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
