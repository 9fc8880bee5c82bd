"""One line of an event stream: parsed, and checked as far as it is used here."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from exlib.events import VERSION

Body = dict[str, Any]

_TEXT, _NONE = (str,), type(None)
_NUMBER, _INTEGER = (int, float), (int,)
_MAYBE_TEXT, _MAYBE_INTEGER = (str, _NONE), (int, _NONE)
_SHAPES: dict[str, tuple[tuple[str, tuple[type, ...]], ...]] = {
    "run_started": (
        *((name, _INTEGER) for name in ("run", "attempt", "jobs", "workers")),
        *((name, _TEXT) for name in ("time", "application", "document", "working_dir", "log_dir")),
    ),
    "job_reused": (("time", _TEXT), ("job", _TEXT), ("reason", _TEXT)),
    "job_waiting": (("time", _TEXT), ("job", _TEXT), ("reason", _TEXT)),
    "job_retrying": (
        *((name, _TEXT) for name in ("time", "job", "reason")),
        ("number", _INTEGER),
        ("delay", _NUMBER),
    ),
    "attempt_started": (
        ("number", _INTEGER),
        *((name, _TEXT) for name in ("time", "job", "command", "log", "fingerprint")),
    ),
    "attempt_finished": (
        *((name, _TEXT) for name in ("time", "job", "status")),
        *((name, _INTEGER) for name in ("number", "memory")),
        *((name, _NUMBER) for name in ("duration", "cpu")),
        *((name, _MAYBE_TEXT) for name in ("signal", "reason")),
        ("exit_code", _MAYBE_INTEGER),
    ),
    "log_truncated": (("time", _TEXT), ("job", _TEXT), ("number", _INTEGER), ("log", _TEXT)),
    "job_finished": (
        *((name, _TEXT) for name in ("time", "job", "status", "command")),
        *((name, _MAYBE_TEXT) for name in ("reason", "started", "signal", "log")),
        *((name, _INTEGER) for name in ("attempts", "memory")),
        *((name, _NUMBER) for name in ("duration", "cpu")),
        ("exit_code", _MAYBE_INTEGER),
    ),
    "notice": (("time", _TEXT), ("level", _TEXT), ("message", _TEXT)),
    "run_finished": (
        *((name, _INTEGER) for name in ("run", "attempt", "exit_code")),
        *((name, _TEXT) for name in ("time", "status")),
        ("duration", _NUMBER),
        ("reason", _MAYBE_TEXT),
    ),
}
"""What this reader takes from each kind of event: the fields and the types they have to be of."""
_PASSED_OVER = frozenset(["attempt_spawned"])
SPAWNED = '{"version": 1, "event": "attempt_spawned"'
"""How ex-run writes a quarter of all events, of which nothing is needed here: they are known without parsing them."""
_LONGEST_SPAN = 1e10
_MOST = 1 << 53


class Damaged(Exception):
    """A line is no event that can be read: the kind of damage, and what is particular to this line."""

    def __init__(self, why: str, detail: str = "") -> None:
        super().__init__(why, detail)
        self.why = why
        self.detail = detail


def parse(line: str) -> Body | None:
    """The event of a line, its times as seconds; None for a kind that is known and not needed. Raises Damaged."""
    try:
        body, end = _scan(line, 0) if line[0] == "{" else _scan(line.strip(), 0)
    except (StopIteration, ValueError, RecursionError):
        raise Damaged("no JSON") from None
    if end != len(line) and line[end:].strip() and line.strip()[end:]:
        raise Damaged("no JSON", "something follows the object")
    if type(body) is not dict or "event" not in body:
        raise Damaged("no event", "a JSON object with a key event is expected")
    version, kind = body.get("version"), body["event"]
    if version != VERSION or type(version) is not int:
        if type(version) is int and version > VERSION:
            raise Damaged("a newer version", f"{version}, this release reads {VERSION}")
        raise Damaged("no version", f"an event of version {VERSION} is expected")
    shape = _SHAPES.get(kind) if type(kind) is str else None
    if shape is None:
        if type(kind) is str and kind in _PASSED_OVER:
            return None
        raise Damaged("an unknown event", _told(kind))
    for name, types in shape:
        value = body.get(name, Damaged)
        if type(value) not in types:
            state = "is missing" if value is Damaged else f"is {_told(value)}"
            raise Damaged("an event that is not as it should be", f"{kind}: {name} {state}")
        if types is _INTEGER and not 0 <= value < _MOST:
            raise Damaged("an event that is not as it should be", f"{kind}: {name} is out of all bounds")
    if "time" in body:
        body["time"] = moment(body["time"])
    if "duration" in body:
        span(body["duration"])
    if "cpu" in body:
        span(body["cpu"])
    if kind == "job_retrying":
        span(body["delay"])
    if kind == "job_finished" and body["started"] is not None:
        body["started"] = moment(body["started"])
    return body


def _told(value: Any) -> str:
    return f"a {type(value).__name__}" if isinstance(value, list | dict) else str(value)[:40]


def moment(stamp: str) -> float:
    """Seconds since the epoch. Raises Damaged."""
    try:
        return datetime.fromisoformat(stamp).timestamp()
    except (ValueError, OverflowError):
        raise Damaged("an event that is not as it should be", f"{stamp[:40]!r} is no time") from None


def span(seconds: float) -> float:
    """A span that can be reckoned with. Raises Damaged."""
    if 0 <= seconds < _LONGEST_SPAN:
        return seconds
    raise Damaged("an event that is not as it should be", f"{seconds!r} is no span of seconds")


_scan: Callable[[str, int], tuple[Any, int]] = json.JSONDecoder().scan_once  # type: ignore[attr-defined]
