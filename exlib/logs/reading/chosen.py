"""Which runs of the history are meant, by the options that choose them."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from exlib.errors import AnswerNo, UsageError
from exlib.history.lookup import find_run, no_run_of
from exlib.history.sqlite import SqliteStore, open_store
from exlib.history.store import RunRecord


def chosen_runs(
    store: SqliteStore, chosen: Mapping[str, Any], limit: int | None
) -> Sequence[tuple[RunRecord, int | None]]:
    """The runs that options name, oldest first, each with the attempt that alone is meant, if one is.

    Raises UsageError for options that contradict each other, AnswerNo if no run is left; ``limit`` holds where no
    option says how many.
    """
    if chosen["runs"]:
        if chosen["last"] or chosen["since"] or chosen["application"]:
            alone = chosen["runs"] == ("last",) and not (chosen["last"] or chosen["since"])
            mend = f"--run {shlex.quote('last:' + chosen['application'])}" if alone else None
            raise UsageError("--run names runs, --last, --since and --app choose some: not both", mend=mend)
        found = [(find_run(store, run), run) for run in chosen["runs"]]
        return [(record, record.attempt if "." in run else None) for record, run in found]
    limit = chosen["last"] or (None if chosen["since"] is not None else limit)
    records = store.runs(application=chosen["application"], since=chosen["since"], limit=limit)
    if not records:
        if chosen["application"] and not store.runs(application=chosen["application"], limit=1):
            raise no_run_of(store, chosen["application"])
        raise AnswerNo("no run matches", mend="ex-history list shows the runs")
    return [(record, None) for record in records[::-1]]


@contextmanager
def opened(db: str | None) -> Iterator[SqliteStore]:
    """The history, to read."""
    store = open_store(db, readonly=True)
    try:
        yield store
    finally:
        store.close()
