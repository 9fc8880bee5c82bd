"""The redo log: what happened in a run since its tables were last written, in a file beside the database.

A transaction a turn of the engine's loop would be the dearest part of a short job. So a turn is appended here, with one
write, and the tables are written for many turns together, in a quiet moment. What was appended belongs to the kernel
and survives the death of the process; whoever opens the history after that writes it into the tables first
(``settling``). Every event may be applied twice, so a file that was applied and not emptied yet does no harm.

A power cut may leave anything here, and tables that are older than the file. What was written before the machine last
started is therefore not applied: the tables alone are whole then.

The file is a sequence of frames, a frame a turn: length and CRC-32 (both little-endian, 4 bytes), then the events as
``marshal`` has them, format 4, which every Python since 3.4 reads. A frame that is cut off or spoilt ends the file.
"""

from __future__ import annotations

import contextlib
import errno
import marshal
import os
import struct
import zlib
from collections.abc import Iterator, Sequence
from typing import Any

from exlib import events as ev
from exlib.errors import StorageError
from exlib.events import Event
from exlib.history.lock import is_held

_BEGIN, _ENDING = "run-", ".redo"
_HEAD = struct.Struct("<II")
_FORMAT = 4
_FLAGS = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
_KEPT: dict[type[Any], str] = {
    cls: cls.__name__
    for cls in (
        ev.RunStarted,
        ev.JobReused,
        ev.JobWaiting,
        ev.AttemptStarted,
        ev.AttemptSpawned,
        ev.AttemptFinished,
        ev.LogTruncated,
        ev.JobRetrying,
        ev.JobFinished,
        ev.RunFinished,
    )
}
_CLASSES: dict[str, type[Any]] = {name: cls for cls, name in _KEPT.items()}


def path_of(db_path: str, run: int) -> str:
    """Where the redo log of a run is: beside its lock."""
    return os.path.join(f"{db_path}.locks", f"{_BEGIN}{run}{_ENDING}")


def any_left(db_path: str) -> bool:
    """Whether the redo log of a run whose engine is dead holds anything."""
    with contextlib.suppress(OSError), os.scandir(f"{db_path}.locks") as entries:
        filled = [entry.name for entry in entries if entry.name.endswith(_ENDING) and entry.stat().st_size]
        runs = (name.removeprefix(_BEGIN).removesuffix(_ENDING) for name in filled)
        return any(run.isdecimal() and not is_held(db_path, int(run)) for run in runs)
    return False


def remove(db_path: str, run: int) -> None:
    """Forget what was kept of a run; only its lock's holder may do so, after writing it up."""
    with contextlib.suppress(OSError):
        os.unlink(path_of(db_path, run))


class Redo:
    """The redo log of one run, for its engine."""

    def __init__(self, path: str) -> None:
        """Begin with an empty file. Raises StorageError if it cannot be made."""
        self.path = path
        try:
            self._fd = os.open(path, _FLAGS | os.O_TRUNC, 0o600)
        except OSError as error:
            raise _refused(path, error) from None
        self._size = 0

    def append(self, events: Sequence[Event]) -> None:
        """Keep one turn. Raises StorageError, having kept nothing, if there is no room."""
        turn = [(_KEPT[type(event)], *event) for event in events if type(event) in _KEPT]
        if not turn:
            return
        try:
            body = marshal.dumps(turn, _FORMAT)
        except ValueError:  # a member of an enumeration, such as an exit code
            body = marshal.dumps(_plain(turn), _FORMAT)
        frame = _HEAD.pack(len(body), zlib.crc32(body)) + body
        try:
            # Where the last whole frame ends: half a frame on a disk that is nearly full is written over by the next.
            written = os.pwrite(self._fd, frame, self._size)
            if written != len(frame):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError as error:
            raise _refused(self.path, error) from None
        self._size += written

    def clear(self) -> None:
        """All of it is in the tables. If emptying it fails, it is applied again one day and changes nothing."""
        with contextlib.suppress(OSError):
            os.ftruncate(self._fd, 0)
            self._size = 0

    def close(self, *, keep: bool) -> None:
        """Let go of the file, and remove it unless what it holds is still to be applied."""
        os.close(self._fd)
        if not keep:
            with contextlib.suppress(OSError):
                os.unlink(self.path)


def turns(path: str) -> Iterator[list[Event]]:
    """The turns that a redo log holds, up to the first that is not whole, or that another release wrote."""
    try:
        with open(path, "rb") as stream:
            data = stream.read()
    except FileNotFoundError:
        return
    at = 0
    while at + _HEAD.size <= len(data):
        size, check = _HEAD.unpack_from(data, at)
        body = data[at + _HEAD.size : at + _HEAD.size + size]
        at += _HEAD.size + size
        if not size or len(body) != size or zlib.crc32(body) != check:
            return
        try:
            turn = [_CLASSES[name](*fields) for name, *fields in marshal.loads(body)]
        except (EOFError, KeyError, TypeError, ValueError):
            return
        yield turn


def _plain(value: Any) -> Any:
    """Members of enumerations as the strings and numbers they are."""
    if isinstance(value, dict):
        return {_plain(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return next((kind(value) for kind in (bool, int, str, float) if isinstance(value, kind)), value)


def _refused(path: str, error: OSError) -> StorageError:
    return StorageError(
        f"cannot write {path} beside the history: {(error.strerror or str(error)).lower()}",
        mend="make room there, or name another history with --db or EX_DB",
    )
