"""Which reader a file or a pipe needs, told by its first lines; and all of them poured into one Sink."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable, Iterator
from typing import Protocol

from exlib.console import printable
from exlib.document import STDIN_NAME
from exlib.errors import EmptyInput, InputError
from exlib.logs.model import Damage, Source
from exlib.logs.reading.events import EventReader
from exlib.logs.reading.joblog import HEADING, JoblogReader
from exlib.logs.reading.linewise import LineReader
from exlib.logs.reading.original import OriginalReader, is_original_log
from exlib.logs.reading.runlog import RunLogReader, is_run_log
from exlib.logs.sink import Sink

CHUNK = 1 << 18
_LOOK_AT = 1 << 16
_LINES = 50
_GZIP = b"\x1f\x8b"
_OURS = '{"version": '

READERS: dict[str, Callable[[Source, Sink], LineReader]] = {
    "events": EventReader,
    "run log": RunLogReader,
    "joblog": JoblogReader,
    "original log": OriginalReader,
}


class Readable(Protocol):
    """What bytes are read from."""

    def read(self, size: int, /) -> bytes: ...  # noqa: D102


class Intake:
    """Reads sources one after another into a Sink, and gathers what of them was damaged.

    ``said`` is told the kind of each source.
    """

    def __init__(self, sink: Sink, said: Callable[[str], None] = lambda _: None) -> None:
        self.damages: list[Damage] = []
        self.damaged: dict[str, int] = {}
        self._sink = sink
        self._said = said

    def file(self, path: str) -> None:
        """Read a file, plain or gzipped; Raises InputError."""
        try:
            with open(path, "rb", buffering=0) as stream:
                if stream.read(2) == _GZIP:
                    stream.seek(0)
                    with gzip.open(stream) as unpacked:
                        self.stream(unpacked, path)
                else:
                    if stream.seekable():
                        stream.seek(0)
                    self.stream(stream, path)
        except (OSError, EOFError, zlib.error) as error:
            raise InputError(f"cannot read {path}: {_reason(error)}") from None

    def stream(self, stream: Readable, name: str) -> None:
        """Read to its end. Raises EmptyInput if standard input has nothing, InputError for what is none of ours."""
        chunks = iter(lambda: stream.read(CHUNK), b"")
        head = _head(chunks)
        if not head.strip():
            if name == STDIN_NAME:
                raise EmptyInput("standard input is empty: the stage before this one failed")
            self._said(f"{printable(name)}: empty")
            return
        kind = recognise(head)
        if kind is None:
            raise InputError(
                f"{name} is none of the logs that can be read here",
                mend="event streams (ex-run --events), run logs, GNU parallel's job logs and logs of the original can",
            )
        self._said(f"{printable(name)}: {kind}")
        reader = READERS[kind](Source(kind, name), self._sink)
        reader.feed(head)
        for chunk in chunks:
            reader.feed(chunk)
        reader.finish()
        self.gather(reader)

    def gather(self, reader: LineReader) -> None:
        """Take over what a reader found damaged."""
        self.damages += reader.damages.first
        for why, number in reader.damages.counts.items():
            self.damaged[why] = self.damaged.get(why, 0) + number


def recognise(head: bytes) -> str | None:
    """The kind of a source by its beginning; a damaged line or two at its beginning do not mislead."""
    lines = [line for line in head.decode("utf-8", "replace").split("\n")[:_LINES] if line.strip()]
    if any(line.startswith(HEADING) for line in lines[:1]):
        return "joblog"
    for line in lines:
        if is_run_log(line):
            return "run log"
        if is_original_log(line):
            return "original log"
        if _is_event(line):
            return "events"
    # Nothing whole stands there: it may be an event stream that was cut within its first line.
    first = lines[0].strip() if len(lines) == 1 else ""
    return "events" if first and (first.startswith(_OURS) or _OURS.startswith(first)) else None


def _is_event(line: str) -> bool:
    try:
        body = json.loads(line)
    except (ValueError, RecursionError):
        return False
    return isinstance(body, dict) and "event" in body


def _head(chunks: Iterator[bytes]) -> bytes:
    """Enough of the beginning to tell what it is: more than blank lines, and a whole line if it is not endless."""
    head = b""
    for chunk in chunks:
        head += chunk
        if len(head) > _LOOK_AT or b"\n" in head.lstrip():
            break
    return head


def _reason(error: OSError | EOFError | zlib.error) -> str:
    known = getattr(error, "strerror", None)
    return (known or str(error) or "it ends too soon").lower()
