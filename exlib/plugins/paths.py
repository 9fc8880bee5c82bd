"""Which files a path parameter means: relative to the job's directory, with ``*``, ``?`` and ``[…]``."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator

from exlib.environment import references


def matches(path: str, cwd: str) -> list[str]:
    """Existing paths that ``path`` names, sorted; the name itself counts even when it holds glob characters."""
    from glob import escape, glob, has_magic

    whole = os.path.join(cwd, path)
    found = {whole} if path and os.path.lexists(whole) else set()
    if has_magic(path):
        pattern = path if os.path.isabs(path) else os.path.join(escape(cwd), path)
        found.update(glob(pattern))
    return sorted(found)


def regular_files(path: str, cwd: str) -> Iterator[tuple[str, os.stat_result]]:
    """The regular files among ``matches``, symbolic links followed, each with its status."""
    for found in matches(path, cwd):
        try:
            status = os.stat(found)
        except OSError:
            continue
        if stat.S_ISREG(status.st_mode):
            yield found, status


def absence(path: str, cwd: str) -> str:
    """Why ``path`` names no regular file, as a person would want to read it."""
    if not path:
        return "the path is empty"
    unset = references(path)
    if unset:
        return f"no file {path}: {unset[0]} is not set in the job's environment"
    found = matches(path, cwd)
    if found:
        return _reason(found[0], cwd)
    if path.startswith("~"):
        return f"no file {path}: ~ is not expanded here, write ${{HOME}}"
    verb = "matches" if any(c in path for c in "*?[") else "is called"
    return f"no file {verb} {path}" if os.path.isabs(path) else f"no file {verb} {path} in {cwd}"


def shown(path: str, cwd: str) -> str:
    """A found path as a message names it: relative to the job's directory when it is below it."""
    return path.removeprefix(os.path.join(cwd, "")) or path


def why_unreadable(error: OSError) -> str:
    """The system's reason in lower case."""
    return (error.strerror or str(error)).lower()


def _reason(path: str, cwd: str) -> str:
    name = shown(path, cwd)
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:
        return f"{name} is a symbolic link to nothing"
    except OSError as error:
        return f"{name} cannot be looked at: {why_unreadable(error)}"
    kind = "a directory" if stat.S_ISDIR(mode) else "a device, pipe or socket"
    return f"{name} is {kind}, not a file"
