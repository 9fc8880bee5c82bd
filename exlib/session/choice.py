"""Which jobs of a workflow are left out of a run on request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from exlib.engine.states import State
from exlib.errors import UsageError
from exlib.workflow import Job

Settled = dict[int, tuple[State, str]]
"""By a job's place in the document: the state of a job that is not run, and why."""


def left_out(jobs: Sequence[Job], skip: Iterable[str], only: Iterable[str]) -> Settled:
    """The jobs that ``--skip`` names or ``--only`` does not; what depends on them runs as if they were done.

    Raises UsageError, with the nearest id, for an id that no job has.
    """
    index = {job.id: node for node, job in enumerate(jobs)}
    settled: Settled = {}
    for node in _named(index, skip, "--skip"):
        settled[node] = (State.SKIPPED, "left out by --skip")
    wanted = set(_named(index, only, "--only"))
    if wanted:
        for node in range(len(jobs)):
            if node not in wanted:
                settled.setdefault(node, (State.SKIPPED, "left out by --only"))
    return settled


def _named(index: dict[str, int], values: Iterable[str], option: str) -> Iterator[int]:
    for value in values:
        for name in [value] if value in index else filter(None, map(str.strip, value.split(","))):
            if name not in index:
                from difflib import get_close_matches

                close = get_close_matches(name, index, n=1)
                raise UsageError(
                    f'{option}: there is no job "{name}"',
                    mend=f'did you mean "{close[0]}"?' if close else "ex-filter --list shows the ids",
                )
            yield index[name]
