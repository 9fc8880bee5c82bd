"""Events: what the engine does, as it happens. Display, history, logs and reports are readers of these.

In the process an event is one of the classes below; outside it is one JSON line (``schemas/event.schema.json``).
``time`` is seconds since the epoch, ``duration`` and other spans are seconds.
"""

import json
import time as clock
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

VERSION = 1


class RunStarted(NamedTuple):
    """A run (or a further attempt of it, after ``--resume``) begins; ``log_dir`` is that run's own directory."""

    time: float
    run: int
    attempt: int
    application: str
    document: str
    jobs: int
    workers: int
    working_dir: str
    log_dir: str
    pid: int


class JobReused(NamedTuple):
    """A job that an earlier attempt of the run finished; it is not run again."""

    time: float
    job: str
    reason: str


class JobWaiting(NamedTuple):
    """A job whose other dependencies are done waits for a dependency plugin."""

    time: float
    job: str
    reason: str


class AttemptStarted(NamedTuple):
    """One try of a job begins; recorded before its first process is started."""

    time: float
    job: str
    number: int
    command: str
    log: str
    fingerprint: str


class AttemptSpawned(NamedTuple):
    """A process of this attempt is running under ``pid``, which is also its process group."""

    time: float
    job: str
    number: int
    pid: int


class AttemptFinished(NamedTuple):
    """One try ended. ``memory`` is the peak in KiB, ``cpu`` user plus system seconds.

    A peak below the engine's own memory (some 20 MiB) cannot be told and is 0."""

    time: float
    job: str
    number: int
    status: str
    exit_code: int | None
    signal: str | None
    duration: float
    cpu: float
    memory: int
    reason: str | None


class LogTruncated(NamedTuple):
    """No space was left for the log of this try while it ran: what it printed may be missing there from some place on.

    Told before the try's end, and only then."""

    time: float
    job: str
    number: int
    log: str


class JobRetrying(NamedTuple):
    """The job will be tried again as attempt ``number`` after ``delay`` seconds."""

    time: float
    job: str
    number: int
    delay: float
    reason: str


class JobFinished(NamedTuple):
    """A job reached its final status: success, failed, timeout, skipped, cancelled or lost.

    ``started`` is the time of its first attempt (None if it never ran); ``duration`` spans all attempts and
    the delays between them.
    """

    time: float
    job: str
    status: str
    reason: str | None
    command: str
    attempts: int
    started: float | None
    duration: float
    exit_code: int | None
    signal: str | None
    cpu: float
    memory: int
    log: str | None


class Notice(NamedTuple):
    """Something a person should know that changes no status: a stop was asked for, a mail failed."""

    time: float
    level: str
    message: str


class RunFinished(NamedTuple):
    """The run ended. ``counts`` maps each final status to its number of jobs (``reused`` ones count as success)."""

    time: float
    run: int
    attempt: int
    status: str
    exit_code: int
    duration: float
    counts: dict[str, int]
    reason: str | None


Event = (
    RunStarted
    | JobReused
    | JobWaiting
    | AttemptStarted
    | AttemptSpawned
    | AttemptFinished
    | LogTruncated
    | JobRetrying
    | JobFinished
    | Notice
    | RunFinished
)


class Reader:
    """Anything that follows a run: history, display, run log, event file. Methods must not block."""

    interval: float | None = None
    """Seconds between calls of ``tick``, None for a reader that needs none."""

    def read(self, events: Sequence[Event]) -> None:
        """Take the events of one or several turns of the engine's loop, in order."""

    def keep(self, events: Sequence[Event]) -> None:
        """See to it that the death of this process does not lose one turn's events; ``read`` follows with them."""

    def tick(self) -> None:
        """Redraw, or look at what grew meanwhile."""

    def close(self) -> None:
        """The run is over: write what is left."""


def kind(event: Event) -> str:
    """The event's name in JSON: ``job_finished`` for JobFinished."""
    return _KINDS[type(event)]


def to_json(event: Event) -> str:
    """One JSON line, without the line end. Encode it with ``backslashreplace``: a file name need not be text."""
    body: dict[str, Any] = {"version": VERSION, "event": _KINDS[type(event)]}
    for name in _FIELDS[type(event)]:
        value = getattr(event, name)
        body[name] = iso(value) if name in ("time", "started") and value is not None else value
    return json.dumps(body, ensure_ascii=False)


def iso(seconds: float) -> str:
    """Seconds since the epoch as ISO 8601 in UTC with milliseconds: ``2026-01-31T23:59:59.123Z``."""
    whole, milli = divmod(round(seconds * 1000), 1000)
    return f"{_second(whole)}.{milli:03d}Z"


@lru_cache(maxsize=16)
def _second(whole: int) -> str:
    """A busy run stamps thousands of events in one second."""
    return clock.strftime("%Y-%m-%dT%H:%M:%S", clock.gmtime(whole))


def _snake(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")


_CLASSES: tuple[type[Any], ...] = Event.__args__
_KINDS: dict[type[Any], str] = {cls: _snake(cls.__name__) for cls in _CLASSES}
_FIELDS: dict[type[Any], tuple[str, ...]] = {cls: cls._fields for cls in _CLASSES}
