"""A live event stream: a line an event as it comes, until the run ends."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from exlib import events as ev
from exlib.engine.process import start_time
from exlib.errors import InputError
from exlib.logs.model import Source
from exlib.logs.reading.eventline import Body
from exlib.logs.reading.events import EventReader
from exlib.logs.sink import Sink

LOOK_EVERY = 0.2
"""Seconds between looks at a file that does not grow: the kernel tells of no end of a file that is not to come."""
_CHUNK = 1 << 16
_SHOWN: dict[str, type[Any]] = {
    "run_started": ev.RunStarted,
    "job_reused": ev.JobReused,
    "job_waiting": ev.JobWaiting,
    "attempt_started": ev.AttemptStarted,
    "job_retrying": ev.JobRetrying,
    "log_truncated": ev.LogTruncated,
    "job_finished": ev.JobFinished,
    "notice": ev.Notice,
}


class Follower:
    """Reads until a run has ended; ``reader`` is shown what happens, ``sink`` takes it for the summary.

    A run whose engine was seen alive on this machine and is gone has ended too, without a word. ``interrupted`` is
    whether a person ended the following before the run did.
    """

    def __init__(self, name: str, reader: ev.Reader, sink: Sink, said: Callable[[str], None]) -> None:
        self.status: str | None = None
        self.met = False
        self.interrupted = False
        self.events = EventReader(Source("events", name), sink, self._heard)
        self._name = name
        self._reader = reader
        self._said = said
        self._engine: tuple[int, object] | None = None

    def pipe(self, descriptor: int) -> None:
        """Read a pipe until the run ends or nobody writes any more.

        Ctrl-C at a terminal goes to all stages of a pipe, and the engine lets its jobs come to an end: so does this,
        for what they come to. The second one ends it (KeyboardInterrupt).
        """
        with _patient(lambda: self._said("interrupted: the run is followed to its end; again, and this ends at once")):
            while self.status is None and (data := os.read(descriptor, _CHUNK)):
                self.events.feed(data)
            self._finish()

    def file(self, path: str) -> None:
        """Read a file that grows, once it is there; one that is written anew is read anew. Raises InputError.

        Ctrl-C ends the following, not the run, which another terminal has.
        """
        descriptor = self._open(path)
        try:
            self._grow(path, descriptor)
        except KeyboardInterrupt:
            self.interrupted = True
            self._said("interrupted: this is what there is so far")
        finally:
            os.close(descriptor)
        self._finish()

    def _grow(self, path: str, descriptor: int) -> None:
        try:
            at = 0
            while self.status is None:
                alive = self._is_alive()  # before the look, so that its last word is not missed
                data = os.read(descriptor, _CHUNK)
                at += len(data)
                if data:
                    self.events.feed(data)
                elif not alive:
                    self._said("the engine is gone: the run ended without a word")
                    break
                elif os.fstat(descriptor).st_size < at:
                    self.events.cut()
                    at = os.lseek(descriptor, 0, os.SEEK_SET)
                else:
                    time.sleep(LOOK_EVERY)
        except OSError as error:
            raise InputError(f"cannot read {path}: {(error.strerror or str(error)).lower()}") from None

    def _open(self, path: str) -> int:
        waited = False
        while True:
            try:
                return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            except FileNotFoundError:
                if not os.path.isdir(os.path.dirname(path) or "."):
                    raise InputError(f"cannot read {path}: its directory does not exist") from None
                if not waited:
                    self._said(f"waiting for {path}")
                waited = True
                time.sleep(LOOK_EVERY)
            except OSError as error:
                raise InputError(f"cannot read {path}: {(error.strerror or str(error)).lower()}") from None

    def _heard(self, body: Body) -> None:
        kind = body["event"]
        self.met = True
        if kind == "run_finished":
            self.status = body["status"]
        elif kind == "run_started" and type(body.get("pid")) is int:
            began = start_time(body["pid"])
            self._engine = None if began is None else (body["pid"], began)
        shown = _SHOWN.get(kind)
        if shown is not None:
            self._reader.read([shown(*(body.get(name) for name in shown._fields))])

    def _is_alive(self) -> bool:
        return self._engine is None or start_time(self._engine[0]) == self._engine[1]

    def _finish(self) -> None:
        self.events.finish()
        self._reader.close()


@contextmanager
def _patient(note: Callable[[], None]) -> Iterator[None]:
    """Let the first Ctrl-C be no more than a note; where it is ignored, as in the background, it stays so."""
    before = signal.getsignal(signal.SIGINT)

    def first(_number: int, _frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, before)
        note()

    if before is not signal.default_int_handler:
        yield
        return
    signal.signal(signal.SIGINT, first)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
