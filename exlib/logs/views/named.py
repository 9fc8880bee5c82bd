"""The views of runs that are named: one run's post-mortem, and two runs beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from exlib.errors import UsageError
from exlib.history.lookup import find_run
from exlib.history.sqlite import SqliteStore
from exlib.logs.comparison import Comparison, Side, compare
from exlib.logs.jsonreports import comparison_json, post_mortem_json
from exlib.logs.postmortem import PostMortem, document_delta, post_mortem
from exlib.logs.reading.history import read_run
from exlib.logs.views import Telling
from exlib.logs.views.comparison import comparison_sheet
from exlib.logs.views.postmortem import post_mortem_sheet
from exlib.logs.views.writing import written
from exlib.report.sheet import Sheet


def autopsy(store: SqliteStore, run: str, form: str, telling: Telling) -> str:
    """The report on one run."""
    write = _known(_POST_MORTEM, form, "--post-mortem")
    return str(write(post_mortem(store, find_run(store, run), store.path), telling))


def comparison(store: SqliteStore, runs: Sequence[str], form: str, telling: Telling) -> tuple[str, bool]:
    """Two runs beside each other, and whether their jobs ended alike."""
    write = _known(_COMPARE, form, "--compare")
    before, after = (side_of(store, run) for run in runs)
    delta = document_delta(store, before.record, after.record)
    found = compare(before, after, delta)
    return str(write(found, telling)), found.equal


def side_of(store: SqliteStore, run: str) -> Side:
    """A run that is named, as one side of a comparison."""
    record = find_run(store, run)
    return Side(record, next(iter(read_run(store, record.run, store.path, record.attempt))))


def _known(forms: dict[str, Any], form: str, option: str) -> Any:
    if form not in forms:
        raise UsageError(f"{option} is not written as {form}", mend=f"it can be {', '.join(forms)}")
    return forms[form]


def _autopsy_sheet(found: PostMortem, telling: Telling) -> Sheet:
    return post_mortem_sheet(found, telling.mask(found.execution.run), telling.db)


def _comparison_sheet(found: Comparison, telling: Telling) -> Sheet:
    masks = [telling.mask(side.execution.run) for side in (found.before, found.after)]
    return comparison_sheet(found, lambda text: masks[1].text(masks[0].text(text)))


_POST_MORTEM: dict[str, Any] = {**written(_autopsy_sheet), "json": post_mortem_json}
_COMPARE: dict[str, Any] = {**written(_comparison_sheet), "json": comparison_json}
