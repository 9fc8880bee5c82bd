"""Two documents that changed a third, made into one: by job id and by key, never by line.

What only one side changed counts. What both changed in different ways is a conflict, and so is a job that one side
deleted and the other changed. Then the graph is looked at: two changes that fit line by line may still let jobs wait
for each other, or for a job that is gone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from exlib.document import Document
from exlib.document.patchwork import Listing, Made, Piece, Table, Taken, value, write
from exlib.merge.conflicts import MARK, Conflict, Kind, Side, records
from exlib.merge.keywise import Judge, Versions, conflict, merged_keys, newer, written
from exlib.merge.order import woven
from exlib.merge.sameness import job_meaning, keys_of, settings_of
from exlib.merge.soundness import Circle, Edge, circles
from exlib.select import Roster
from exlib.workflow import dependency_ids, job_id


@dataclass
class Outcome:
    """What came of it. ``raw`` is the merged document, with marks where there are conflicts.

    ``missing`` are dependencies on a job that the other side deleted, ``circles`` cycles that neither side has.
    """

    raw: bytes = b""
    conflicts: list[Conflict] = field(default_factory=list)
    settled: list[Conflict] = field(default_factory=list)
    circles: list[Circle] = field(default_factory=list)
    missing: list[Edge] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Whether nobody has to look at it."""
        return not (self.conflicts or self.circles or self.missing)


def threeway(base: Document, ours: Document, theirs: Document, *, favour: Side | None = None) -> Outcome:
    """Merge what two sides made of the base. Raises InputError unless each has a list of jobs with ids of their own."""
    rosters = [Roster(document) for document in (base, ours, theirs)]
    judge = Judge(favour)
    settings = merged_keys(Versions(*(Taken(each.document) for each in rosters)), settings_of, None, judge)
    of_document = list(judge.conflicts)
    jobs: dict[str, Piece] = {}
    for name in woven(*(each.ids for each in rosters)):
        before = len(judge.conflicts)
        piece = _job(name, rosters, judge)
        if piece is not None:
            jobs[name] = _marked(piece, judge.conflicts[before:])
    first, mine, other = rosters
    made = Outcome(conflicts=judge.conflicts, settled=judge.settled)
    raw_jobs = {name: value(piece) for name, piece in jobs.items()}
    wanted = {name: dependency_ids(raw) for name, raw in raw_jobs.items()}
    sides = {(job, target): _side(job, target, mine, other) for job, targets in wanted.items() for target in targets}
    made.missing = [
        Edge(job, target, side)
        for (job, target), side in sides.items()
        if target not in wanted and not _was_missing(job, target, mine) and not _was_missing(job, target, other)
    ]
    made.circles = [
        circle for circle in circles(wanted, sides) if not any(_has_all(circle, side) for side in (mine, other))
    ]
    made.raw = _written(settings, jobs, of_document, first, mine, other)
    return made


def _job(name: str, rosters: Sequence[Roster], judge: Judge) -> Piece | None:
    base, ours, theirs = (_taken(roster, name) for roster in rosters)
    first, mine, other = (None if side is None else job_meaning(side.value) for side in (base, ours, theirs))
    if mine == other:
        return newer(base, ours, theirs)
    if ours is None or theirs is None:
        if first in (mine, other):
            return theirs if first == mine else ours
        kind: Kind = "deleted-by-ours" if ours is None else "deleted-by-theirs"
        return judge.decide(conflict(kind, name, None, base, ours, theirs), ours, theirs)
    for side, changed in ((ours, theirs), (theirs, ours)):
        if base is not None and written(base) == written(side):
            return changed
    return Table(merged_keys(Versions(base, ours, theirs), keys_of, name, judge), ours)


def _taken(roster: Roster, name: str) -> Taken | None:
    place = roster.index.get(name)
    return None if place is None else Taken(roster.document, ("jobs", place))


def _marked(piece: Piece, conflicts: Sequence[Conflict]) -> Piece:
    """The job with its conflicts under the mark."""
    if not conflicts:
        return piece
    if isinstance(piece, Taken):
        piece = Table({key: piece.below(key) for key in piece.value}, piece)
    assert isinstance(piece, Table)
    return Table({**piece.members, MARK: Made(records(conflicts))}, piece.home)


def _written(
    settings: dict[str, Piece],
    jobs: dict[str, Piece],
    conflicts: Sequence[Conflict],
    base: Roster,
    ours: Roster,
    theirs: Roster,
) -> bytes:
    """The document in our style; byte for byte that of one side where the other changed nothing."""
    if ours.document.raw in (base.document.raw, theirs.document.raw):
        return theirs.document.raw
    if theirs.document.raw == base.document.raw:
        return ours.document.raw
    style = ours.document
    members: dict[str, Piece] = dict(settings)
    if conflicts:
        members[MARK] = Made(records(conflicts))
    listing = Listing(list(jobs.values()), Taken(style, ("jobs",)))
    keys = list(style.data)
    behind = keys[keys.index("jobs") + 1 :]
    whole = {key: piece for key, piece in members.items() if key not in behind}
    whole["jobs"] = listing
    whole |= {key: piece for key, piece in members.items() if key in behind}
    return write(Table(whole, Taken(style)), style)


def _side(job: str, target: str, ours: Roster, theirs: Roster) -> str:
    """Where a dependency came from."""
    mine, other = (_waits(roster, job, target) for roster in (ours, theirs))
    return "both" if mine and other else "ours" if mine else "theirs"


def _waits(roster: Roster, job: str, target: str) -> bool:
    place = roster.index.get(job)
    return place is not None and target in dependency_ids(roster.document.jobs[place])


def _was_missing(job: str, target: str, side: Roster) -> bool:
    return target not in side.index and _waits(side, job, target)


def _has_all(circle: Circle, side: Roster) -> bool:
    """Whether a cycle was there before."""
    return all(edge.target in side.index and _waits(side, edge.job, edge.target) for edge in circle.edges)


def is_workflow(document: Document) -> bool:
    """Whether a document has jobs that can be told apart, so that it can be merged by them."""
    ids = [job_id(job) for job in document.jobs]
    return isinstance(document.data.get("jobs"), list) and all(ids) and len(set(ids)) == len(ids)
