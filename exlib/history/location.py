"""Where the history and the logs live: ``--db``, ``EX_DB``, else the user's state directory."""

from __future__ import annotations

import os
from collections.abc import Mapping

RUN_LOG = "run.log"
"""The engine's own log in each run's log directory; ``prune`` removes no directory without it."""


def state_dir(environ: Mapping[str, str] = os.environ) -> str:
    """``$XDG_STATE_HOME/executioner``, else ``~/.local/state/executioner``; absolute, it need not exist."""
    base = environ.get("XDG_STATE_HOME", "")
    if not os.path.isabs(base):  # the XDG rules: a relative value is to be ignored
        home = environ.get("HOME") or os.path.expanduser("~")
        base = os.path.join(home, ".local", "state")
    return os.path.join(base, "executioner")


def database_path(path: str | None = None, environ: Mapping[str, str] = os.environ) -> str:
    """The database's real path: ``path``, else ``EX_DB``, else ``history.db`` in the state directory.

    Links are followed, so that all who use one database agree on the locks beside it.
    """
    return os.path.realpath(path or environ.get("EX_DB") or os.path.join(state_dir(environ), "history.db"))


def log_root(environ: Mapping[str, str] = os.environ) -> str:
    """The directory that holds each run's own log directory when neither document nor option names one."""
    return os.path.join(state_dir(environ), "logs")
