"""FILE or standard input: bytes, and the document in them with what it includes."""

from __future__ import annotations

import os
import re
import sys

from exlib.commands.contract.declaring import show_short_help
from exlib.console import is_terminal
from exlib.document import STDIN_NAME, Document
from exlib.errors import EmptyInput, InputError

_EVENT = re.compile(rb'\s*\{"version": ?\d+, ?"event": ?"[a-z_]+", ?"time": ?"')
"""How a line of an event stream begins."""
_EVENTS_MEND = "'ex-analyze-logs FILE' tells what it holds"


def load(file: str, events_mend: str = _EVENTS_MEND) -> Document:
    """The document from FILE or stdin with what it includes. Raises InputError, EmptyInput or DocumentRefused.

    ``events_mend`` says what is to be done with a stream of events, which is easily taken for a document.
    """
    return with_includes(load_alone(file, events_mend))


def load_alone(file: str, events_mend: str = _EVENTS_MEND) -> Document:
    """The document from FILE or stdin as it stands there, its includes not read."""
    raw, name = read_bytes(file), STDIN_NAME if file == "-" else file
    refuse_events(raw, name, events_mend)
    return Document(raw, name)


def refuse_events(raw: bytes, name: str, mend: str = _EVENTS_MEND) -> None:
    """Raise InputError for a stream of events, which is easily taken for a document."""
    if _EVENT.match(raw):
        raise InputError("this is a stream of events of ex-run, not a workflow", place=name, mend=mend)


def with_includes(document: Document) -> Document:
    """The document with what it includes; itself if it includes nothing."""
    if "includes" not in document.data:
        return document
    from exlib.merge.includes import resolved

    return resolved(document)


def read_bytes(file: str) -> bytes:
    """All bytes of FILE, ``-`` being stdin; on a terminal the tool's short help is shown instead (exit 2)."""
    if file != "-":
        try:
            with open(file, "rb") as stream:
                return stream.read()
        except OSError as error:
            raise InputError(
                f"cannot read {file}: {(error.strerror or str(error)).lower()}", mend=_read_mend(file, error)
            ) from None
    if sys.stdin is None:
        raise EmptyInput("standard input is closed", mend="name a FILE, or pipe a workflow in")
    if is_terminal(sys.stdin):
        show_short_help()
    try:
        raw = sys.stdin.buffer.read()
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise InputError(f"cannot read standard input: {why}") from None
    if not raw.strip():
        raise EmptyInput("standard input is empty: the stage before this one failed")
    return raw


def _read_mend(file: str, error: OSError) -> str | None:
    if isinstance(error, IsADirectoryError):
        return "name a file in it"
    if not isinstance(error, FileNotFoundError):
        return None
    import difflib

    directory, wanted = os.path.split(file)
    try:
        others = [name for name in os.listdir(directory or ".") if name != wanted]
    except OSError:
        return None
    close = difflib.get_close_matches(wanted, others, n=1, cutoff=0.75)
    return f"did you mean {os.path.join(directory, close[0])}?" if close else None
