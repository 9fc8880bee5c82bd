"""Other durations and fewer jobs: the same plan with something changed, for comparison."""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from exlib.console import printable, read_span
from exlib.document import Document
from exlib.errors import UsageError
from exlib.select import Roster, cut, rewire
from exlib.simulation.durations import Durations, Guess
from exlib.workflow import Job


class Change(NamedTuple):
    """A job's new duration: ``seconds``, or with ``factor`` a multiple of what it takes."""

    seconds: float | None
    factor: float | None = None

    def applied(self, guess: Guess) -> Guess:
        """What a guess becomes; a factor keeps its spread, a fixed duration has none."""
        if self.factor is None:
            return Guess(self.seconds or 0.0, "set")
        factor = self.factor
        return guess._replace(
            seconds=guess.seconds * factor, source="set", samples=tuple(one * factor for one in guess.samples)
        )


class Dropped(NamedTuple):
    """A document without some jobs. ``rewired`` are the jobs that wait for others now, with these (ids)."""

    document: Document
    removed: list[str]
    rewired: list[tuple[str, list[str]]]


def read_changes(values: Sequence[str], roster: Roster) -> dict[str, Change]:
    """From ``JOB=90``, ``JOB=1h30m`` and ``JOB=x2``; an id may hold ``=`` itself. Raises UsageError."""
    changes: dict[str, Change] = {}
    for value in values:
        name, sign, amount = value.rpartition("=")
        if not sign or not name:
            raise UsageError(f'--set: "{value}" names no job and duration', mend="write --set JOB=90, 1h30m or x2")
        changes[name] = _change(amount.strip(), value)
    roster.nodes(changes, "--set")
    return changes


def _change(amount: str, value: str) -> Change:
    if factor := re.fullmatch(r"[x×*](\d+(?:\.\d+)?)", amount):
        return Change(None, float(factor[1]))
    seconds = read_span(amount)
    if seconds is None:
        raise UsageError(f'--set: "{amount}" in "{value}" is no duration', mend="write seconds, 10m, 1h30m, or x2")
    return Change(seconds)


def drop(roster: Roster, ids: Sequence[str]) -> Dropped:
    """The document without these jobs, as ex-filter cuts it: they hand their dependencies on."""
    gone = roster.nodes(ids, "--drop")
    kept = [node for node in range(len(roster)) if node not in gone]
    if not kept:
        raise UsageError("--drop leaves no job", mend="keep at least one")
    rewiring = rewire(roster, kept)
    document = Document(cut(roster, kept, rewiring), roster.document.name)
    made = Roster(document)
    new = {name: [made.ids[other] for other in made.graph.dependencies[node]] for node, name in enumerate(made.ids)}
    changed = [(roster.ids[node], new[roster.ids[node]]) for node in rewiring.entries]
    return Dropped(document, [roster.ids[node] for node in sorted(gone)], changed)


def changed(jobs: Sequence[Job], durations: Durations, changes: Mapping[str, Change]) -> Durations:
    """The durations with some of them replaced. Raises UsageError for a job that has nothing to run."""
    for job, guess in zip(jobs, durations.guesses, strict=True):
        if job.id in changes and guess.source == "nothing":
            raise UsageError(f"--set: job {printable(job.id)} has nothing to run, so it takes no time")
    guesses = [
        changes[job.id].applied(guess) if job.id in changes else guess
        for job, guess in zip(jobs, durations.guesses, strict=True)
    ]
    return durations._replace(guesses=guesses)
