"""Two runs of the history beside each other: how their jobs ended, and how their documents differ."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from exlib.delta.difference import Difference
from exlib.delta.hiding import Hiding
from exlib.document import Document
from exlib.errors import ExecutionerError, InputError
from exlib.history.sqlite import SqliteStore
from exlib.history.store import RunRecord
from exlib.logs.comparison import Comparison, compare
from exlib.logs.views.comparison import run_names
from exlib.logs.views.named import side_of
from exlib.session.differing import difference, hiding


class Runs(NamedTuple):
    """``difference`` is of the documents as the history has them: without their secrets."""

    comparison: Comparison
    difference: Difference
    hiding: Hiding

    @property
    def equal(self) -> bool:
        """Whether all ended alike by the same document; durations do not count."""
        return self.comparison.equal and self.difference.equal


def two_runs(store: SqliteStore, runs: Sequence[str], *, renames: bool, ordered: bool, variables: bool) -> Runs:
    """Read and compare. Raises InputError where the history has no document of a run."""
    before, after = (side_of(store, run) for run in runs)
    compared = compare(before, after, None)
    names = run_names(compared)
    one, other = (_document(store, side.record, name) for side, name in zip((before, after), names, strict=True))
    called = (f"run {names[0]}", f"run {names[1]}")
    found = difference(one, other, renames=renames, ordered=ordered, names=called)
    return Runs(compared, found, hiding((one, other), variables=variables))


def _document(store: SqliteStore, record: RunRecord, name: str) -> Document:
    kept = store.document(record.run, record.attempt)
    if kept is not None:
        try:
            return Document(kept.raw, kept.name)
        except ExecutionerError:
            pass
    raise InputError(
        f"the history has no document of run {name} that can be read",
        mend="ex-analyze-logs --compare tells how the jobs ended, without it",
    )
