"""The product: its format, and where it goes, whole or not at all."""

from __future__ import annotations

import contextlib
import os
import re
import sys
from collections.abc import Sequence

from exlib.errors import StorageError, UsageError

_STANDARD = {"/dev/stdout": 1, "/dev/stderr": 2}
_DESCRIPTOR = re.compile(r"/dev/std(?:out|err)|/(?:dev|proc/self)/fd/([0-9]{1,9})")
SUFFIXES = {
    ".txt": "text", ".json": "json", ".csv": "csv", ".md": "markdown", ".markdown": "markdown", ".html": "html",
    ".htm": "html", ".sh": "shell", ".prom": "openmetrics", ".joblog": "joblog", ".dot": "dot", ".gv": "dot",
    ".mmd": "mermaid", ".mermaid": "mermaid", ".svg": "svg", ".png": "png", ".pdf": "pdf",
}  # fmt: skip
"""Which format a file's name tells, where --format does not."""


def chosen_format(wanted: str | None, output: str, formats: Sequence[str], *, strict: bool = False) -> str:
    """The format that --format says, else the suffix of -o FILE, else text.

    A suffix that tells a format which the tool does not write is refused; ``strict``, every other one is, too.
    """
    if wanted:
        return wanted
    form = SUFFIXES.get(os.path.splitext(output)[1].lower())
    if form in formats and form is not None:
        return form
    no_file = output == "-" or not os.path.basename(output).strip(".") or output.startswith("/dev/")
    if no_file or (form is None and not strict):
        return "text"
    known = ", ".join(suffix for suffix, form in SUFFIXES.items() if form in formats)
    raise UsageError(f"the suffix of {output} tells no format here", mend=f"add --format, or use one of {known}")


def refuse_overwriting(output: str | None, *read: str) -> None:
    """Raise UsageError if what is written would take the place of a file that is read, and is something else."""
    if output in (None, "-") or not os.path.isfile(output):
        return
    if any(file != "-" and os.path.exists(file) and os.path.samefile(file, output) for file in read):
        raise UsageError(f"{output} is read here, and what is written would take its place", mend="name another file")


def write_output(product: bytes | str, output: str = "-") -> None:
    """Write the whole product to stdout, or to a file through a temporary one and a rename."""
    data = product.encode("utf-8", "surrogateescape") if isinstance(product, str) else product
    if output != "-":
        write_file(output, data)
        return
    if sys.stdout is None:
        raise StorageError("cannot write to standard output: it is closed")
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise StorageError(f"cannot write to standard output: {why}") from None


def write_file(path: str, data: bytes) -> None:
    """Replace a file atomically, keeping its mode. Raises StorageError and then leaves it as it was."""
    try:
        if match := _DESCRIPTOR.fullmatch(path):  # opened by its name, a file would lose what it holds already
            _write_through(os.dup(_STANDARD.get(path) or int(match[1])), data)
        elif os.path.exists(path) and not os.path.isfile(path):  # a pipe or a device cannot be renamed over
            _write_through(os.open(path, os.O_WRONLY), data)
        else:
            _replace(os.path.realpath(path), data)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise StorageError(
            f"cannot write {path}: {(error.strerror or str(error)).lower()}", mend=_write_mend(path, error)
        ) from None


def _write_through(descriptor: int, data: bytes) -> None:
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(data)


def _replace(target: str, data: bytes) -> None:
    import tempfile

    handle, temporary = tempfile.mkstemp(dir=os.path.dirname(target), prefix=".ex-")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        _keep_owner_and_mode(target, temporary)
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def _keep_owner_and_mode(target: str, temporary: str) -> None:
    try:
        old = os.stat(target)
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(temporary, 0o666 & ~mask)
        return
    with contextlib.suppress(PermissionError):  # only root may give files away
        os.chown(temporary, old.st_uid, old.st_gid)
    os.chmod(temporary, old.st_mode & 0o7777)


def _write_mend(path: str, error: OSError) -> str | None:
    directory = os.path.dirname(os.path.realpath(path))
    if isinstance(error, FileNotFoundError):
        if os.path.isdir(directory):  # such as /proc
            return f"no file can be made in {directory}: name another directory"
        return f"create the directory {directory}"
    if isinstance(error, PermissionError):
        return f"the directory {directory} must be writable, as a file is replaced whole"
    return None
