"""Commands as processes of this machine."""

from __future__ import annotations

import os
import resource
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from exlib.engine import guard, process
from exlib.engine.executor import CannotStart, Ended, Task, TryLater
from exlib.engine.executors.piped import Piped
from exlib.engine.logfile import is_full, open_log
from exlib.engine.watch import Watch, child_watch
from exlib.errors import StorageError
from exlib.masking import Mask

_RSS_UNIT = 1024 if sys.platform == "darwin" else 1  # bytes there, KiB elsewhere


@dataclass(slots=True)
class _Child:
    task: Task
    verdict: int | None
    piped: Piped | None
    kill_at: float | None = None
    escaped: set[process.Process] = field(default_factory=set)
    ending: bool = False


class LocalExecutor:
    """Runs each task as a process group of its own, at most ``workers`` counted ones at a time.

    With a ``mask`` what tasks print goes through it; without one straight to their logs.
    """

    def __init__(self, workers: int, watch: Watch | None = None, mask: Mask | None = None) -> None:
        process.keep_descriptors()
        self._workers = workers
        self._mask = mask
        self._watch = watch or child_watch()
        self._children: dict[int, _Child] = {}
        self._pids: dict[int, int] = {}
        self._counted = 0
        self._here = ""
        self._ending = False
        self._engine_peak = 0

    def can_start(self, chosen: int = 0) -> bool:
        """Whether a counted task may start besides ``chosen`` ones that are about to."""
        return self._counted + chosen < self._workers

    def start(self, task: Task) -> int:
        """Start a task and return its process id. Raises CannotStart, TryLater or StorageError (its log)."""
        output = _open_log(task)
        verdict = piped = None
        try:
            if self._mask is not None:
                piped = Piped(output, self._mask, self._watch)
                output = piped.writer
            if task.verdict:
                verdict = _anonymous_file()
            if task.cwd != self._here:
                process.enter(task.cwd)
                self._here = task.cwd
            pid = process.spawn(task.argv, task.env, output, verdict)
        except BaseException as error:
            _let_go(verdict, piped)
            if task.fresh and isinstance(error, TryLater):
                os.unlink(task.log)
            raise
        finally:
            os.close(output)
        try:
            if piped is not None:
                piped.listen()
            self._watch.add(pid)
        except OSError as error:
            # A process whose end we would never learn of must not run on unknown to anybody.
            process.signal_group(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            _let_go(verdict, piped)
            raise CannotStart(f"its process cannot be watched: {process.reason(error)}") from None
        self._children[pid] = _Child(task, verdict, piped)
        self._pids[task.key] = pid
        self._counted += task.counted
        return pid

    def wait(self, until: float | None) -> list[Ended]:
        """Wait until a task ends, a signal arrives or the clock reads ``until``; returns what ended, maybe nothing."""
        if not self._ending:
            return [self._reap(pid) for pid in self._watch.wait(until)]
        deadlines = [child.kill_at for child in self._children.values() if child.kill_at is not None]
        if until is not None:
            deadlines.append(until)
        pids = self._watch.wait(min(deadlines, default=None))
        ending = [(pid, self._children[pid]) for pid in pids if self._children[pid].ending]
        if ending:
            self._look_for_escaped(ending)
        ended = [self._reap(pid) for pid in pids]
        self._kill_overdue()
        self._ending = any(child.ending for child in self._children.values())
        return ended

    def abort(self, key: int | None = None, *, grace: float = 0.0) -> None:
        """Begin to end one task, or all: TERM, then KILL after ``grace`` seconds. ``wait`` still reports each end."""
        pids = list(self._children) if key is None else filter(None, [self._pids.get(key)])
        children = [(pid, self._children[pid]) for pid in pids]
        if not children:
            return
        self._ending = True
        kill_at = time.monotonic() + grace
        self._look_for_escaped(children)
        for pid, child in children:
            child.ending = True
            child.kill_at = kill_at if child.kill_at is None else min(kill_at, child.kill_at)
            if grace > 0:
                process.signal_group(pid, signal.SIGTERM)
                process.signal_group(pid, signal.SIGCONT)
        if grace > 0:
            for _, child in children:
                process.signal_each(child.escaped, signal.SIGTERM)
        self._kill_overdue()

    def close(self) -> None:
        """Leave nothing running, whatever happened before."""
        self.abort()
        while self._children:
            self.wait(None)
        self._watch.close()

    def _kill_overdue(self) -> None:
        now = time.monotonic()
        due = [(pid, one) for pid, one in self._children.items() if one.kill_at is not None and one.kill_at <= now]
        if not due:
            return
        self._look_for_escaped(due)
        for pid, child in due:
            process.signal_group(pid, signal.SIGKILL)
            child.kill_at = None
        for _, child in due:
            process.signal_each(child.escaped, signal.SIGKILL)

    def _look_for_escaped(self, children: Sequence[tuple[int, _Child]]) -> None:
        """Note what left the groups of these children; one look at all processes serves them all."""
        table = process.snapshot()
        marked = process.by_log(table)
        for pid, child in children:
            log = child.task.env.get(b"EX_LOG", b"")
            child.escaped |= process.descendants(pid, table) | marked.get(log, set())

    def _reap(self, pid: int) -> Ended:
        child = self._children.pop(pid)
        task = child.task
        del self._pids[task.key]
        self._counted -= task.counted
        self._watch.remove(pid)
        if not task.detach or child.ending:
            process.signal_group(pid, signal.SIGKILL)  # what the leader left in its group
        if child.ending:
            process.signal_each(child.escaped, signal.SIGKILL)
        _, status, usage = os.wait4(pid, 0)
        if status and not (child.ending or task.detach or task.verdict) and guard.has_orphans():
            # It failed and may be tried again: what it left in other sessions must not be in the way.
            left = process.by_log(process.snapshot()).get(task.env.get(b"EX_LOG", b""), set())
            process.signal_each(left, signal.SIGKILL)
        whole = child.piped is None or child.piped.close()
        killed = os.WIFSIGNALED(status)
        return Ended(
            key=task.key,
            exit_code=None if killed else os.waitstatus_to_exitcode(status),
            signal=os.WTERMSIG(status) if killed else None,
            cpu=usage.ru_utime + usage.ru_stime,
            memory=self._peak(usage.ru_maxrss),
            verdict=b"" if child.verdict is None else _read_and_close(child.verdict),
            log_full=not whole or is_full(task.log),
        )

    def _peak(self, peak: int) -> int:
        """The peak memory of a child in KiB, 0 if it cannot be told.

        Between vfork and exec a child is counted with the engine's memory, so only a peak above that is its own.
        """
        if peak > self._engine_peak:
            self._engine_peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak // _RSS_UNIT if peak > self._engine_peak else 0


def _let_go(verdict: int | None, piped: Piped | None) -> None:
    if verdict is not None:
        os.close(verdict)
    if piped is not None:
        piped.close()


def _open_log(task: Task) -> int:
    try:
        return open_log(task.log, fresh=task.fresh)
    except OSError as error:
        if error.errno in process.BUSY:
            raise TryLater(error.strerror) from None
        raise StorageError(f"cannot create the log {task.log}: {process.reason(error)}") from None


def _anonymous_file() -> int:
    """A file without a name that a process may write its verdict to."""
    try:
        if hasattr(os, "memfd_create"):
            return os.memfd_create("verdict")
        import tempfile

        with tempfile.TemporaryFile() as stream:
            return os.dup(stream.fileno())
    except OSError as error:
        raise TryLater(process.reason(error)) from None


def _read_and_close(fd: int) -> bytes:
    try:
        return os.pread(fd, 65_536, 0)
    finally:
        os.close(fd)
