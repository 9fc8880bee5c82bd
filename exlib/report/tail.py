"""The end of a job's log, read in bounded pieces and made safe to show."""

from __future__ import annotations

import os
import re

from exlib.console import printable
from exlib.masking import UNMASKED, Mask

_ESCAPES = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\^_])")


def last_lines(path: str | None, count: int, *, limit: int = 8192, mask: Mask = UNMASKED) -> list[str]:
    """The last lines of a file, printable, from at most ``limit`` bytes of it; empty if it cannot be read."""
    data = last_bytes(path, limit + mask.longest) if path else None
    if not data:
        return []
    whole = len(data) < limit + mask.longest
    # What the cut left of a secret stands in the first bytes, and is no longer recognised.
    data = mask(data)[0 if whole else mask.longest :]
    lines = data.rstrip(b"\r\n\t \0").split(b"\n")
    if not whole and len(lines) > 1:
        del lines[0]  # cut off somewhere in its middle
    # Once more: what colours stood between is one word now.
    return [mask.text(shown(line)) for line in lines[-count:]]


def last_bytes(path: str, limit: int) -> bytes | None:
    """At most ``limit`` bytes from the end of a regular file; None if it cannot be read."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError):
        return None
    try:
        size = os.fstat(fd).st_size
        return os.pread(fd, limit, max(0, size - limit))
    except OSError:
        return None
    finally:
        os.close(fd)


def shown(line: bytes) -> str:
    """One line as a terminal would end up showing it: the last state of a progress line, no escapes, no controls."""
    line = _ESCAPES.sub(b"", line.rstrip(b"\r\n"))
    line = line.rsplit(b"\r", 1)[-1].expandtabs(8)
    return printable(line.decode("utf-8", "replace"))
