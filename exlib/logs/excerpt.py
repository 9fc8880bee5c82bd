"""The lines of a job's log that tell why it failed: found by what is known of errors, else its end.

Of a log however large no more than the last WINDOW bytes are read.
"""

from __future__ import annotations

from typing import NamedTuple

from exlib.logs.failures import Failure
from exlib.logs.patterns import Pattern, recognise
from exlib.masking import UNMASKED, Mask
from exlib.report.tail import last_bytes, shown

WINDOW = 1 << 18
_LINE = 4096
_BEFORE, _AFTER, _LONGEST = 2, 2, 10


class Excerpt(NamedTuple):
    """Lines to show, printable; which of them says it (None: this is only the log's end), and the kind of error.

    ``missing`` says why there are none.
    """

    lines: tuple[str, ...]
    at: int | None
    pattern: Pattern | None
    missing: str | None = None

    @property
    def message(self) -> str | None:
        """The line that says it."""
        return None if self.at is None else self.lines[self.at]


def printed(failure: Failure) -> bool:
    """Whether there may be something to see in a failed job's log: what cannot be read here may be read elsewhere."""
    log = failure.job.record.log
    if not log:
        return False
    end = last_bytes(log, _LINE)
    return end is None or bool(end.strip(b"\r\n\t \0"))


def excerpt(path: str | None, mask: Mask = UNMASKED, *, tail: int = 5) -> Excerpt:
    """What of a log tells why its job failed."""
    if not path:
        return Excerpt((), None, None, "it has no log")
    data = last_bytes(path, WINDOW + mask.longest)
    if data is None:
        return Excerpt((), None, None, "its log is not there any more, or cannot be read")
    whole = len(data) < WINDOW + mask.longest
    data = mask(data)[0 if whole else mask.longest :]
    raw = data.rstrip(b"\r\n\t \0").split(b"\n")
    if not whole and len(raw) > 1:
        del raw[0]  # cut off somewhere in its middle
    if raw == [b""]:
        return Excerpt((), None, None, "it printed nothing")
    lines = [shown(line[:_LINE]) for line in raw]
    found = _cause(lines)
    if found is None:
        return Excerpt(_masked(lines[-tail:], mask), None, None)
    at, pattern = found
    first, last = _around(lines, at, pattern)
    return Excerpt(_masked(lines[first:last], mask), at - first, pattern)


def _cause(lines: list[str]) -> tuple[int, Pattern] | None:
    """The line that tells the cause: the first that is known by name, for what follows it often follows from it.

    Of a traceback it is the last line, and of those that are merely loud the last.
    """
    vague: tuple[int, Pattern] | None = None
    traceback: tuple[int, Pattern] | None = None
    for at, line in enumerate(lines):
        pattern = recognise(line)
        if pattern is None:
            continue
        if pattern.vague:
            vague = at, pattern
        elif pattern.name == "Python traceback":
            traceback = traceback or (at, pattern)
        else:
            return at, pattern
    return traceback or vague


def _around(lines: list[str], at: int, pattern: Pattern) -> tuple[int, int]:
    """Which lines to show: the traceback that a line ends, if it does; else some before it and behind it."""
    if pattern.begins is not None:
        for begin in range(at - 1, max(at - 60, -1), -1):
            if pattern.begins.search(lines[begin]):
                return max(begin, at - _LONGEST + 1), at + 1
    return max(at - _BEFORE, 0), min(at + 1 + _AFTER, len(lines))


def _masked(lines: list[str], mask: Mask) -> tuple[str, ...]:
    return tuple(mask.text(line) for line in lines)
