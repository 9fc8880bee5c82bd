"""The process above the engine that sweeps up after it.

``stand`` forks. The parent becomes the guard and never returns; the child returns and is the engine. Then:

* the guard is the subreaper (Linux): whatever the engine's jobs leave behind becomes the guard's child when the
  engine dies, processes in sessions of their own too, so killing children until none is left leaves no orphan;
* the engine ended by itself: the guard ends with the same exit code and touches nothing, because a job that
  detached on purpose lives on;
* the engine was killed: the guard kills every descendant, says so, and ends as a shell would (128 + signal);
* the guard was killed: the engine gets SIGTERM from the kernel and ends its jobs as for any other SIGTERM.

The engine stands in a session of its own, without a terminal. So jobs, which are process groups of that session,
cannot reach the terminal either, and signals reach the guard alone, whether a process sent them or a keystroke: it
passes them on. Whoever kills the group that was started (``kill -9 -PGID``, ``timeout -s KILL``) kills the guard
alone. Ctrl-Z stops the engine with the guard, and what runs goes on.
Elsewhere than on Linux there is no guard; docs/guarantees.md says what is lost.
"""

from __future__ import annotations

import contextlib
import ctypes
import mmap
import os
import signal
import sys
from collections.abc import Callable

from exlib.engine import process

_PR_SET_PDEATHSIG = 1
_PR_SET_NAME = 15
_PR_SET_CHILD_SUBREAPER = 36
_WILL = 64
_PASSED_ON = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2)

_engine = 0
"""The process that ``stand`` returned in below a guard."""


def available() -> bool:
    """Whether this platform has what a guard needs."""
    return sys.platform == "linux" and hasattr(signal, "sigwaitinfo") and os.path.isdir("/proc/self")


def stands() -> bool:
    """Whether this process is an engine with a guard above it."""
    return _engine == os.getpid()


def stand(epitaph: Callable[[str, str], None]) -> Callable[[str], None]:
    """Put a guard above this process; returns in the engine.

    If the engine is killed, the guard calls ``epitaph`` with what happened and with what the engine had last passed
    to the function returned here (the number of the run).
    """
    global _engine
    libc = ctypes.CDLL(None, use_errno=True) if available() else None
    if libc is None or libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        return lambda _word: None
    will = mmap.mmap(-1, _WILL)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # ignored by our parent, it would never be sent
    watched = {signal.SIGCHLD, signal.SIGTSTP, *_PASSED_ON}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, watched)
    guard_pid = os.getpid()
    try:
        engine = os.fork()
    except OSError:  # no process left: what the jobs will meet too, and the engine can wait for
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        return lambda _word: None
    if engine == 0:
        _engine = os.getpid()
        os.setsid()
        process.read_no_more()
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        libc.prctl(_PR_SET_NAME, b"ex-run engine", 0, 0, 0)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        if os.getppid() != guard_pid:
            os.kill(os.getpid(), signal.SIGTERM)  # the guard died before the kernel was told to watch it
        return lambda word: will.__setitem__(slice(0, _WILL), word.encode()[:_WILL].ljust(_WILL, b"\0"))
    libc.prctl(_PR_SET_NAME, b"ex-run guard", 0, 0, 0)
    _watch_over(engine, watched, lambda what: epitaph(what, will[:].rstrip(b"\0").decode()))
    raise AssertionError("the guard has left")


def _watch_over(engine: int, watched: set[signal.Signals], epitaph: Callable[[str], None]) -> None:
    """Wait for the engine, passing signals on; then leave as it did. Does not return."""
    while True:
        info = signal.sigwaitinfo(watched)
        if info.si_signo == signal.SIGCHLD:
            status = _reap(engine)
            if status is not None:
                break
        elif info.si_signo == signal.SIGTSTP:
            _pause(engine)
        else:
            _pass_on(engine, info.si_signo)
    if os.WIFEXITED(status):
        os._exit(os.WEXITSTATUS(status))
    number = os.WTERMSIG(status)
    swept = sweep()
    with contextlib.suppress(Exception):
        name = signal.Signals(number).name
        epitaph(f"the engine was killed ({name}); {swept} process{'es' * (swept != 1)} of its jobs ended")
    os._exit(128 + number)


def _pass_on(engine: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(engine, number)


def _pause(engine: int) -> None:
    """Stop with the engine until the shell lets us go on; where there is none to do that the kernel stops nobody."""
    _pass_on(engine, signal.SIGSTOP)
    os.kill(os.getpid(), signal.SIGTSTP)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTSTP})
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTSTP})
    _pass_on(engine, signal.SIGCONT)


def in_foreground() -> bool:
    """Whether the terminal belongs to the group that was started; true for an engine without guard or terminal."""
    try:
        with open(f"/proc/{os.getppid()}/stat", "rb") as stream:
            group, _, terminal, owner = stream.read().rpartition(b")")[2].split()[2:6]
    except (OSError, ValueError):
        return True
    return int(terminal) == 0 or group == owner


def has_orphans() -> bool:
    """Whether anything that jobs started may have outlived its parents; without a guard to ask that is possible."""
    above = os.getppid()
    try:
        with open(f"/proc/{above}/task/{above}/children", "rb") as stream:
            return not stands() or len(stream.read().split()) > 1
    except OSError:
        return available()


def _reap(engine: int) -> int | None:
    """Reap every child that ended; the engine's wait status once it is among them."""
    status = None
    with contextlib.suppress(ChildProcessError):
        while True:
            pid, code = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                break
            if pid == engine:
                status = code
    return status


def sweep() -> int:
    """Kill all descendants of this process until none is left; returns how many processes were ended.

    A killed process's children become ours, so that nothing escapes by having been born in between.
    """
    ended = 0
    while True:
        process.signal_each(process.descendants(os.getpid()), signal.SIGKILL)
        try:
            os.waitpid(-1, 0)
            ended += 1
        except ChildProcessError:
            return ended
