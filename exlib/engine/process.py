"""One child process: spawn it as the leader of its own group, end the group, reap the leader.

Three orders matter here.

* The leader is a zombie until it is reaped, and while it is one its group id cannot be given to anybody else. So
  the group is signalled first and the leader reaped after.
* The engine goes to a job's directory before the spawn, because posix_spawn has no portable way to set it, and stays
  there: nothing may go wrong between the spawn and its pid being known. Every path of the engine is absolute, and it
  has one thread.
* A process that left the group for a session of its own is found as a descendant while its parents are alive, and by
  the ``EX_LOG`` in its environment when they are not. So it is looked for before the first signal and after the last.
"""

from __future__ import annotations

import contextlib
import errno
import os
import signal
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from exlib.engine.executor import CannotStart, TryLater

_RESET = [getattr(signal, name) for name in ("SIGPIPE", "SIGXFSZ", "SIGXFZ") if hasattr(signal, name)]
"""Python ignores these; a job must not inherit that."""
BUSY = frozenset({errno.EAGAIN, errno.ENOMEM, errno.EMFILE, errno.ENFILE})
"""Errors of a machine that has no process or descriptor left for the moment."""


Process = tuple[int, int]
"""Process id and start time, which name a process for good."""
Table = list[tuple[int, int, int]]


def keep_descriptors() -> None:
    """Have no child inherit what this process inherited besides the standard three: a lock, the end of a pipe."""
    with contextlib.suppress(OSError):
        for name in os.listdir("/dev/fd"):
            if int(name) > 2:
                with contextlib.suppress(OSError):  # the one that listed them is closed already
                    os.set_inheritable(int(name), False)


_EMPTY_INPUT: list[tuple[Any, ...]] = [(os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0)]
"""What gives a child an empty standard input; nothing once ours is empty too."""


def read_no_more() -> None:
    """Have this process, and so its children, read the end of file from here on."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    _EMPTY_INPUT.clear()


def spawn(argv: tuple[str, ...], env: Mapping[bytes, bytes], output: int, verdict: int | None) -> int:
    """Start a command as a process group without standard input or terminal; returns its pid, which is its group id.

    It runs in the current directory. Raises CannotStart (with the reason) or TryLater.
    """
    actions = [*_EMPTY_INPUT, (os.POSIX_SPAWN_DUP2, output, 1), (os.POSIX_SPAWN_DUP2, output, 2)]
    if verdict is not None:
        actions.append((os.POSIX_SPAWN_DUP2, verdict, 3))
    try:
        try:
            return _posix_spawn(argv, env, actions)
        except OSError as error:
            if error.errno != errno.ENOEXEC:
                raise
            # A script without a #! line: the shell reads it, as it would have.
            return _posix_spawn(("/bin/sh", *argv), env, actions)
    except OSError as error:
        if error.errno in BUSY:
            raise TryLater(reason(error)) from None
        if error.errno == errno.E2BIG:
            size = max(len(os.fsencode(word)) for word in argv)
            raise CannotStart(f"the command or its environment is too long for the kernel ({size:,} bytes)") from None
        raise CannotStart(f"{argv[0]}: {reason(error)}") from None


def enter(directory: str) -> None:
    """Go to a job's directory. Raises CannotStart with the reason."""
    try:
        os.chdir(directory)
    except OSError as error:
        raise CannotStart(f"working directory {directory}: {reason(error)}") from None


def _posix_spawn(argv: tuple[str, ...], env: Mapping[bytes, bytes], actions: list[tuple[Any, ...]]) -> int:
    return os.posix_spawn(argv[0], argv, env, file_actions=actions, setsigmask=(), setsigdef=_RESET, **_apart())


@cache
def _apart() -> Mapping[str, Any]:
    """How a job is kept from the terminal: below a guard there is none, and a group is quicker made than a session."""
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC))
    except OSError as error:
        if error.errno == errno.ENXIO:
            return {"setpgroup": 0}
    return {"setsid": True}


def signal_group(pid: int, number: int) -> None:
    """Send a signal to the group that ``pid`` leads; it may be gone."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


def signal_each(processes: Iterable[Process], number: int) -> None:
    """Send a signal to single processes, never to another one that got the pid of one that ended."""
    for pid, born in processes:
        if start_time(pid) == born:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, number)


def descendants(root: int, table: Table | None = None) -> set[Process]:
    """Every process below ``root`` (Linux; elsewhere nothing is known and the set is empty)."""
    children: dict[int, list[Process]] = {}
    for pid, parent, born in snapshot() if table is None else table:
        children.setdefault(parent, []).append((pid, born))
    found: set[Process] = set()
    stack = [root]
    while stack:
        for pid, born in children.get(stack.pop(), ()):
            if (pid, born) not in found:
                found.add((pid, born))
                stack.append(pid)
    return found


def by_log(table: Table) -> dict[bytes, set[Process]]:
    """Processes that this user may look into, by the ``EX_LOG`` in their environment."""
    found: dict[bytes, set[Process]] = {}
    for pid, _, born in table:
        try:
            with open(f"/proc/{pid}/environ", "rb") as stream:
                text = stream.read()
        except OSError:
            continue  # gone, or somebody else's
        start = text.find(b"\0EX_LOG=") + 1
        if start or text.startswith(b"EX_LOG="):
            end = text.find(b"\0", start)
            found.setdefault(text[start + 7 : end if end >= 0 else None], set()).add((pid, born))
    return found


def start_time(pid: int) -> int | None:
    """When a live process started, in clock ticks since boot; None if there is none or the platform does not tell."""
    row = _stat(pid)
    return None if row is None else row[1]


def lives(one: Process) -> bool:
    """Whether this very process is there, and not as a zombie (Linux; elsewhere nothing is known)."""
    row = _stat(one[0])
    return row is not None and row[1] == one[1] and row[2] not in b"ZX"


def snapshot() -> Table:
    """All processes now: pid, parent, start time."""
    return list(_rows())


def _rows() -> Iterator[tuple[int, int, int]]:
    try:
        names = os.listdir("/proc")
    except OSError:
        return
    for name in names:
        if name.isdigit():
            row = _stat(int(name))
            if row is not None:
                yield (int(name), *row[:2])


def _stat(pid: int) -> tuple[int, int, bytes] | None:
    """Parent, start time and state of a process."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as stream:
            # The program's name stands in parentheses and may hold anything, parentheses too.
            fields = stream.read().rpartition(b")")[2].split()
    except OSError:
        return None
    return int(fields[1]), int(fields[19]), fields[0]


def reason(error: OSError) -> str:
    """What an error of the system says, as part of a sentence."""
    return (error.strerror or str(error)).lower()
