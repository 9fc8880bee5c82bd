"""A difference in one sentence: ``3 jobs added, 1 renamed, load now waits for verify``."""

from __future__ import annotations

from collections.abc import Iterator

from exlib.console import plural
from exlib.delta.effects import Effects
from exlib.delta.meaning import Edge, Meaning
from exlib.delta.model import Delta, JobDelta, Order

_MOST = 3
"""Dependencies that are told one by one; of more only the number is."""


def sentence(found: Delta, means: Meaning, effects: Effects | None = None, order: Order | None = None) -> str:
    """The sentence, without a full stop; ids stand in it as they are."""
    told = [*_jobs(found), *_edges(found, means), *_settings(found, effects)]
    if order:
        told.append("the order differs" if told else "only the order differs")
    return ", ".join(told) or "no difference"


def _jobs(found: Delta) -> Iterator[str]:
    counts = {"added": found.added, "removed": found.removed, "renamed": found.renamed, "changed": edited(found)}
    noun = False
    for word, jobs in counts.items():
        if jobs:
            yield f"{len(jobs):,} {word}" if noun else f"{plural(len(jobs), 'job')} {word}"
            noun = True


def edited(found: Delta) -> list[JobDelta]:
    """Jobs of which more than the dependencies changed."""
    return [one for one in found.changed if any(change.key != "dependencies" for change in one.changes)]


def own_edges(found: Delta, edges: tuple[Edge, ...]) -> list[Edge]:
    """Those between jobs that are in both documents: the others came and went with their jobs."""
    apart = {*found.added, *found.removed}
    return [edge for edge in edges if edge[0] not in apart and edge[1] not in found.removed]


def _edges(found: Delta, means: Meaning) -> Iterator[str]:
    came, went = own_edges(found, means.added), own_edges(found, means.removed)
    if len(came) + len(went) <= _MOST:
        yield from (f"{job} now waits for {other}" for job, other in came)
        yield from (f"{job} no longer waits for {other}" for job, other in went)
        return
    for edges, word in ((came, "added"), (went, "removed")):
        if edges:
            yield f"{plural(len(edges), 'dependency', 'dependencies')} {word}"


def _settings(found: Delta, effects: Effects | None) -> Iterator[str]:
    if found.settings:
        yield f"{plural(len(found.settings), 'setting')} changed"
    inherited = effects.inherited if effects else ()
    if inherited:
        jobs = {job for one in inherited for job in one.jobs}
        keys = {one.key for one in inherited}
        what = f"another {min(keys)}" if len(keys) == 1 else "other values"
        yield f"{plural(len(jobs), 'job inherits', 'jobs inherit')} {what}"
