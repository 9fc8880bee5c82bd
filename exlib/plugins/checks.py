"""The built-in checks. Each says in one line what it found: the file, the line, the number, the pattern."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Iterator, Mapping
from typing import IO, TYPE_CHECKING, Any

from exlib.errors import InputError
from exlib.plugins import paths
from exlib.plugins.kinds import Kind, Parameter, Problem, settled, verify_pattern
from exlib.plugins.verdict import PluginContext, Verdict, one_line

if TYPE_CHECKING:
    from exlib.plugins.scan import Hit
    from exlib.workflow import Check

_UNITS = {"min_gb": 1 << 30, "min_mb": 1 << 20}


def run_instantly(check: Check, *, env: Mapping[str, str], cwd: str) -> Verdict:
    """Answer an instant check in this process. Wrong parameters are a verdict; a check that is not instant raises."""
    kind = CHECKS.get(check.name)
    if kind is None or kind.run is None or not kind.instant:
        raise InputError(f'check "{check.name}" cannot run inside the engine')
    return run_bound(kind, check.params, PluginContext(env, cwd))


def run_bound(kind: Kind, params: Mapping[str, Any], context: PluginContext) -> Verdict:
    """Run a built-in check with its parameters judged, expanded and judged again."""
    bound, found = settled(kind, params, context.env)
    if found:
        mend = f" ({found[0].mend})" if found[0].mend else ""
        return Verdict(False, one_line(f"{found[0].message}{mend}"))
    assert kind.run is not None
    try:
        passed, message = kind.run(bound, context)
    except InputError as error:
        return Verdict(False, one_line(error.message))
    return Verdict(passed, one_line(message))


def check_file_exists(params: Mapping[str, Any], context: PluginContext) -> Verdict:
    """Whether the path, or any path that matches it, is a regular file."""
    for found, _ in paths.regular_files(params["path"], context.cwd):
        return Verdict(True, f"{paths.shown(found, context.cwd)} exists")
    return Verdict(False, paths.absence(params["path"], context.cwd))


def check_file_not_empty(params: Mapping[str, Any], context: PluginContext) -> Verdict:
    """Whether every regular file that matches holds at least one byte, and there is one."""
    sizes = [
        (paths.shown(found, context.cwd), status.st_size)
        for found, status in paths.regular_files(params["path"], context.cwd)
    ]
    if not sizes:
        return Verdict(False, paths.absence(params["path"], context.cwd))
    for name, size in sizes:
        if not size:
            return Verdict(False, f"{name} is empty")
    if len(sizes) == 1:
        return Verdict(True, f"{sizes[0][0]} holds {sizes[0][1]} bytes")
    return Verdict(True, f"{len(sizes)} files hold {sum(size for _, size in sizes)} bytes, none is empty")


def check_disk_space(params: Mapping[str, Any], context: PluginContext) -> Verdict:
    """Whether the file system of a path has enough room for an ordinary user."""
    path = os.path.join(context.cwd, params["path"])
    try:
        room = os.statvfs(path)
    except OSError as error:
        return Verdict(False, f"cannot ask for the free space of {path}: {paths.why_unreadable(error)}")
    free = room.f_bavail * room.f_frsize
    usable = (room.f_blocks - room.f_bfree + room.f_bavail) or 1
    percent = 100 * room.f_bavail / usable
    state = f"{path} has {free / (1 << 30):.1f} GB free, {percent:.0f} %"
    for name, unit in _UNITS.items():
        if params[name] is not None and free < params[name] * unit:
            return Verdict(False, f"{state}; {params[name]:g} {name[-2:].upper()} are required")
    if params["min_percent"] is not None and percent < params["min_percent"]:
        return Verdict(False, f"{state}; {params['min_percent']:g} % are required")
    return Verdict(True, state)


def check_no_ora_errors(params: Mapping[str, Any], context: PluginContext) -> Verdict:
    """Whether there are matching log files and no line of any holds ``ORA-``."""
    return _without(params["log_file"], context, "ORA-")


def check_no_ora_or_sp2_errors(params: Mapping[str, Any], context: PluginContext) -> Verdict:
    """Whether there are matching log files and no line of any holds ``ORA-`` or ``SP2-``."""
    return _without(params["log_file"], context, "ORA-", "SP2-")


def check_pattern(params: Mapping[str, Any], context: PluginContext) -> Verdict:
    """Whether there are matching files and every one has a line that the regular expression matches."""
    hits = []
    for name, hit in _each(_files(params), context, _pattern_finder(params["pattern"])):
        if hit is None:
            return Verdict(False, f"{name}: no line matches /{params['pattern']}/")
        hits.append(f"{name}:{hit.line}: {hit.text}")
    if not hits:
        return Verdict(False, paths.absence(_files(params), context.cwd))
    return Verdict(True, hits[0] if len(hits) == 1 else f"each of {len(hits)} files matches /{params['pattern']}/")


def check_no_pattern(params: Mapping[str, Any], context: PluginContext) -> Verdict:
    """Whether there are matching files and none has a line that the regular expression matches."""
    return _clean(_files(params), context, _pattern_finder(params["pattern"]), f"/{params['pattern']}/")


def check_command(params: Mapping[str, Any], context: PluginContext) -> Verdict:
    """Whether a command ends as expected, and prints what is expected."""
    from exlib.plugins.command import run_command

    return run_command(params["command"], params["expect_exit_code"], params["expect_output"], context)


def check_allowed(params: Mapping[str, Any], context: PluginContext) -> Verdict:
    """Whether a person has allowed this job: ``EX_ALLOW`` lists its id, with commas, or is ``all``.

    It is ex-run's own variable too, as it is a person's answer and nothing that the job need inherit.
    """
    allowed = context.env.get("EX_ALLOW") or os.environ.get("EX_ALLOW", "")
    if allowed.strip() == "all" or context.job in (allowed, *(name.strip() for name in allowed.split(","))):
        return Verdict(True, f"EX_ALLOW allows it: {params['reason']}")
    return Verdict(False, f"{params['reason']}; EX_ALLOW={shlex.quote(context.job)} lets it run")


def _without(path: str, context: PluginContext, *needles: str) -> Verdict:
    from exlib.plugins.scan import find_literal

    encoded = [needle.encode("ascii") for needle in needles]
    return _clean(path, context, lambda stream: find_literal(stream, encoded), " or ".join(needles))


def _clean(path: str, context: PluginContext, find: Callable[[IO[bytes]], Hit | None], wanted: str) -> Verdict:
    names = []
    for name, hit in _each(path, context, find):
        if hit is not None:
            return Verdict(False, f"{name}:{hit.line}: {hit.text}")
        names.append(name)
    if not names:
        return Verdict(False, paths.absence(path, context.cwd))
    return Verdict(True, f"no line has {wanted} in {names[0] if len(names) == 1 else f'{len(names)} files'}")


def _each(
    path: str, context: PluginContext, find: Callable[[IO[bytes]], Hit | None]
) -> Iterator[tuple[str, Hit | None]]:
    """Search every file that ``path`` matches: its name for messages, and what was found."""
    for found in paths.matches(path, context.cwd):
        name = paths.shown(found, context.cwd)
        if not os.path.isfile(found):  # a pipe would never end; a directory has no lines
            raise InputError(paths.absence(found, context.cwd))
        try:
            with open(found, "rb", buffering=1 << 18) as stream:
                yield name, find(stream)
        except OSError as error:
            raise InputError(f"{name} cannot be read: {paths.why_unreadable(error)}") from None


def _pattern_finder(pattern: str) -> Callable[[IO[bytes]], Hit | None]:
    import re

    from exlib.plugins.scan import find_pattern

    compiled = re.compile(pattern)
    return lambda stream: find_pattern(stream, compiled)


def _files(params: Mapping[str, Any]) -> str:
    path = params["path"] if params["log_file"] is None else params["log_file"]
    return str(path)


def _one_file(params: Mapping[str, Any]) -> Iterator[Problem]:
    if "path" not in params and "log_file" not in params:
        yield Problem(None, 'parameter "path" is missing', "add it: the file to search, * and ? may stand for several")
    elif "path" in params and "log_file" in params:
        yield Problem("log_file", '"path" and "log_file" are two names of one parameter', "remove one of the two")
    yield from verify_pattern("pattern", params)


def _some_room(params: Mapping[str, Any]) -> Iterator[Problem]:
    names = ("min_gb", "min_mb", "min_percent")
    if not any(name in params for name in names):
        yield Problem(None, "how much space is required is missing", 'add "min_gb", "min_mb" or "min_percent"')
    for name in names:
        if name in params and not 0 <= params[name] <= (100 if name == "min_percent" else float("inf")):
            yield Problem(name, f'parameter "{name}" is out of range: {params[name]}', "write a number from 0 up")


def _some_command(params: Mapping[str, Any]) -> Iterator[Problem]:
    if params["command"] is not None and not params["command"].strip():
        yield Problem("command", 'parameter "command" is empty', "write the command to run")
    yield from verify_pattern("expect_output", params)


_ANY_FILE = (Parameter("path", "string", True, "the file; * and ? may stand for several, any will do"),)
_EVERY_FILE = (Parameter("path", "string", True, "the file; * and ? may stand for several, all must hold"),)
_LOG = (Parameter("log_file", "string", True, "the log to search; * and ? may stand for several"),)
_SEARCH = (
    Parameter("pattern", "string", True, "a Python regular expression, tried on each line"),
    Parameter("path", "string", False, "the file to search; * and ? may stand for several"),
    Parameter("log_file", "string", False, "another name for path"),
)
_ROOM = (
    Parameter("path", "string", False, "any path on the file system", "."),
    Parameter("min_gb", "number", False, "free space required, in GB of 1024³ bytes"),
    Parameter("min_mb", "number", False, "free space required, in MB of 1024² bytes"),
    Parameter("min_percent", "number", False, "free space required, in percent"),
)
_COMMAND = (
    Parameter("command", "string", True, "a command for /bin/sh"),
    Parameter("expect_exit_code", "integer", False, "the exit code that passes", 0),
    Parameter("expect_output", "string", False, "a regular expression that a line of its output must match"),
)
_ALLOWED = (Parameter("reason", "string", True, "why the job does not run by itself"),)

CHECKS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("check_file_exists", "a file exists", _ANY_FILE, True, check_file_exists),
        Kind("check_file_not_empty", "a file exists and is not empty", _EVERY_FILE, True, check_file_not_empty),
        Kind("check_no_ora_errors", "a log has no ORA- error", _LOG, False, check_no_ora_errors),
        Kind("check_no_ora_or_sp2_errors", "a log has no ORA- or SP2- error", _LOG, False, check_no_ora_or_sp2_errors),
        Kind("check_pattern", "a file has a line that matches", _SEARCH, False, check_pattern, _one_file),
        Kind("check_no_pattern", "a file has no line that matches", _SEARCH, False, check_no_pattern, _one_file),
        Kind(
            "check_command", "a command ends as expected", _COMMAND, False, check_command, _some_command, ("command",)
        ),
        Kind("check_allowed", "a person has allowed the job", _ALLOWED, True, check_allowed, None, ("reason",)),
        Kind("check_disk_space", "a file system has room", _ROOM, True, check_disk_space, _some_room),
    )
}
"""The built-in checks by name."""
