"""The built-in waits: for a file, for a time of day, for another workflow. They are polled and keep nothing."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any, NamedTuple

from exlib.errors import InputError
from exlib.plugins import paths
from exlib.plugins.kinds import Kind, Parameter, Problem, duration, settled
from exlib.plugins.verdict import Verdict, one_line

if TYPE_CHECKING:
    from exlib.workflow import Wait

_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?")
_DAYS = ("nearest", "today", "next")
_STATUSES = ("success", "failed", "timeout", "skipped", "cancelled", "lost", "any")


class Sighting(NamedTuple):
    """A file as it was first seen: when it had changed, its size, and how long the job had waited by then."""

    changed: int
    size: int
    waited: float


@dataclass
class WaitContext:
    """What a wait is judged by. ``now`` and ``started`` (when this job began to wait) are epoch seconds.

    ``last_job`` gives the newest record of an application's job, or of its whole run for job None; a record has
    ``status`` and ``ended``. ``waited`` is seconds since ``started`` on the monotonic clock, ``seen`` is kept from one
    poll to the next, and ``clock_was_set`` tells that the other clock ran away from this one meanwhile.
    """

    now: float
    started: float
    env: Mapping[str, str]
    cwd: str
    last_job: Callable[[str, str | None], Any]
    waited: float = 0.0
    seen: dict[str, Sighting] = field(default_factory=dict)
    clock_was_set: bool = False


def poll_builtin(wait: Wait, context: WaitContext) -> Verdict:
    """Whether the wait is over; if not, the message says what for. Raises InputError when it never can be."""
    kind = WAITS.get(wait.plugin)
    if kind is None or kind.run is None:
        raise InputError(f'there is no built-in wait "{wait.plugin}"', mend=f"there are {', '.join(WAITS)}")
    bound, found = settled(kind, wait.params, context.env)
    if found:
        raise InputError(f'wait "{wait.plugin}": {found[0].message}', mend=found[0].mend)
    passed, message = kind.run(bound, context)
    return Verdict(passed, one_line(message))


def wait_for_file(params: Mapping[str, Any], context: WaitContext) -> Verdict:
    """A regular file that matches, whose last change is long enough ago."""
    quiet = duration(params["settled"])
    young = None
    for found, status in paths.regular_files(params["path"], context.cwd):
        age = _age(found, status, context)
        name = paths.shown(found, context.cwd)
        if age >= quiet or not quiet:
            return Verdict(True, f"{name} is there")
        young = f"waiting for {name} to settle: it changed {age:.0f} s ago, {quiet:g} s are required"
    return Verdict(False, young or f"waiting for a file: {paths.absence(params['path'], context.cwd)}")


def _age(path: str, status: os.stat_result, context: WaitContext) -> float:
    """Seconds since a file changed: as its times say, or as long as it was seen as it is, whichever is longer.

    The times say nothing once somebody set the clock.
    """
    # The change time moves with every write and cannot be set back, as cp -p does with the modification time.
    sighting = Sighting(status.st_ctime_ns, status.st_size, context.waited)
    first = context.seen.get(path)
    if first is None or first[:2] != sighting[:2]:
        first = context.seen[path] = sighting
    watched = context.waited - first.waited
    return watched if context.clock_was_set else max(watched, context.now - status.st_ctime)


def wait_for_time(params: Mapping[str, Any], context: WaitContext) -> Verdict:
    """A time of day: by default its occurrence nearest to the moment when the job began to wait."""
    zone = _zone(params["tz"])
    due = occurrence(params["at"], params["day"], context.started, zone)
    where = f" {params['tz']}" if params["tz"] else ""
    shown = f"{datetime.fromtimestamp(due, zone):%Y-%m-%d %H:%M:%S}{where}"
    if context.now >= due:
        return Verdict(True, f"it is past {shown}")
    return Verdict(False, f"waiting for {shown}")


def wait_for_workflow(params: Mapping[str, Any], context: WaitContext) -> Verdict:
    """The last run of another workflow, or one of its jobs, having ended as wanted and recently enough."""
    application, job, wanted = params["application"], params["job"], params["status"]
    what = f'job "{job}" of "{application}"' if job else f'"{application}"'
    record = context.last_job(application, job)
    if record is None:
        return Verdict(False, f"waiting for {what}: it has not run yet")
    if record.ended is None:
        return Verdict(False, f"waiting for {what}: its last run has not ended")
    if wanted not in ("any", record.status):
        return Verdict(False, f"waiting for {what} to end as {wanted}: its last run ended as {record.status}")
    age = context.now - record.ended
    if params["within"] is not None and age > duration(params["within"]):
        return Verdict(False, f"waiting for {what}: its last run ended {_long(age)} ago, more than {params['within']}")
    return Verdict(True, f"{what} ended as {record.status} {_long(age)} ago")


def occurrence(at: str, day: str, started: float, zone: tzinfo | None) -> float:
    """When ``at`` (HH:MM or HH:MM:SS) falls, in epoch seconds; ``zone`` None is the machine's local time.

    ``today`` is on the day of ``started``, ``next`` the first one after it, ``nearest`` the one with the least
    distance from it. A time that a clock change skips falls that much later; one that comes twice, the first time.
    """
    hour, minute, second = (int(part or 0) for part in _TIME.fullmatch(at).groups())  # type: ignore[union-attr]
    today = datetime.fromtimestamp(started, zone).date()

    def on(which: date) -> float:
        return datetime(which.year, which.month, which.day, hour, minute, second, tzinfo=zone).timestamp()

    if day == "today":
        return on(today)
    around = [on(today + timedelta(days=offset)) for offset in (-1, 0, 1, 2)]
    if day == "next":
        return min(due for due in around if due > started)
    return min(around, key=lambda due: abs(due - started))


def _zone(name: str | None) -> tzinfo | None:
    if name is None:
        return None
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        mend = "write a name such as Europe/Berlin; on a machine without time zone data install tzdata"
        raise InputError(f'time zone "{name}" is unknown', mend=mend) from None


def _long(seconds: float) -> str:
    seconds = max(seconds, 0)
    for size, name in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.3g} {name}"
    return f"{seconds:.0f} s"


def _file_problems(params: Mapping[str, Any]) -> Iterator[Problem]:
    yield from _span_problems("settled", params)


def _time_problems(params: Mapping[str, Any]) -> Iterator[Problem]:
    at = params["at"]
    if at is not None and not _TIME.fullmatch(at):
        yield Problem("at", f'parameter "at" is not a time of day: "{at}"', "write HH:MM or HH:MM:SS")
    yield from _choice("day", _DAYS, params)
    zone = params.get("tz")
    if zone is not None:
        try:
            _zone(zone)
        except InputError as error:
            yield Problem("tz", error.message, error.mend)


def _workflow_problems(params: Mapping[str, Any]) -> Iterator[Problem]:
    yield from _choice("status", _STATUSES, params)
    yield from _span_problems("within", params)


def _choice(name: str, choices: tuple[str, ...], params: Mapping[str, Any]) -> Iterator[Problem]:
    value = params.get(name)
    if value is not None and value not in choices:
        yield Problem(name, f'parameter "{name}" must not be "{value}"', f"write one of {', '.join(choices)}")


def _span_problems(name: str, params: Mapping[str, Any]) -> Iterator[Problem]:
    value = params.get(name)
    try:
        if value is None or duration(value) >= 0:
            return
    except ValueError:
        pass
    yield Problem(name, f'parameter "{name}" is not a length of time: {value!r}', "write 30s, 15m, 24h, 7d or seconds")


_FILE = (
    Parameter("path", "string", True, "the file; * and ? may stand for several, any will do"),
    Parameter("settled", "duration", False, "how long ago its last change must be", 0),
)
_TIME_OF_DAY = (
    Parameter("at", "string", True, "the time of day, HH:MM or HH:MM:SS"),
    Parameter("tz", "string", False, "a time zone such as Europe/Berlin; without it the machine's local time"),
    Parameter("day", "string", False, "which one: nearest, today or next", "nearest"),
)
_WORKFLOW = (
    Parameter("application", "string", True, "the other workflow's application_name"),
    Parameter("job", "string", False, "one of its jobs; without it the whole run"),
    Parameter("status", "string", False, f"how it must have ended: {', '.join(_STATUSES)}", "success"),
    Parameter("within", "duration", False, "how long ago it may have ended; without it, any time"),
)

WAITS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("file", "a file is there", _FILE, True, wait_for_file, _file_problems),
        Kind("time", "a time of day has come", _TIME_OF_DAY, True, wait_for_time, _time_problems),
        Kind("workflow", "another workflow has run", _WORKFLOW, True, wait_for_workflow, _workflow_problems),
    )
}
"""The built-in waits by name."""
