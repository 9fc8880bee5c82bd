"""The log directory of a run, and how long old ones are kept."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from exlib.engine.site import log_name
from exlib.errors import StorageError
from exlib.history.retention import remove_logs
from exlib.session.request import Request

if TYPE_CHECKING:
    from exlib.history.sqlite import SqliteStore


def make_parent(root: str, application: str) -> str:
    """Make and return the directory that holds an application's log directories. Raises StorageError."""
    parent = os.path.join(os.path.abspath(root), log_name(application))
    try:
        os.makedirs(parent, mode=0o700, exist_ok=True)
    except OSError as error:
        raise _refused(parent, error.strerror) from None
    if not os.access(parent, os.W_OK | os.X_OK):
        raise _refused(parent, "permission denied")
    return parent


def make_log_dir(parent: str, run: int, attempt: int) -> str:
    """Make and return the directory of one attempt of a run (mode 0700). Raises StorageError."""
    name = f"run-{run}" if attempt == 1 else f"run-{run}.{attempt}"
    path, other = os.path.join(parent, name), 1
    while True:
        try:
            os.mkdir(path, 0o700)
        except FileExistsError:  # another history used the same number for the same log directory
            other += 1
            path = os.path.join(parent, f"{name}-{other}")
        except OSError as error:
            raise _refused(path, error.strerror) from None
        else:
            return path


def _refused(path: str, reason: str | None) -> StorageError:
    mend = "name a directory that you can write with --log-dir"
    return StorageError(f"cannot make the log directory {path}: {(reason or 'refused').lower()}", mend=mend)


def prune(store: SqliteStore, request: Request, application: str) -> None:
    """Remove old runs of this application, and their logs, as ``--keep-runs`` and ``--keep-days`` ask."""
    if request.keep_runs is None and request.keep_days is None:
        return
    before = None if request.keep_days is None else time.time() - request.keep_days * 86_400
    removed = store.prune(before=before, keep=request.keep_runs, application=application)
    remove_logs(removed, store.log_dirs())
