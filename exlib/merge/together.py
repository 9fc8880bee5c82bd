"""Any number of documents into one: whose jobs they are, what they are called now, and what they wait for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from exlib.console import printable
from exlib.document import Document
from exlib.document.patchwork import Listing, Made, Piece, Table, Taken, value
from exlib.errors import AnswerNo
from exlib.merge.chain import chained
from exlib.merge.includes import Resolved
from exlib.merge.parts import Part, parts_of
from exlib.merge.settings import Disagreement, Policy, settled
from exlib.merge.soundness import circles, is_cyclic, told
from exlib.merge.variants import Variants
from exlib.workflow import dependency_entries, dependency_target

Naming = Literal["on-conflict", "always", "never", "override"]


@dataclass
class Merged:
    """The merged document, and what is to be told of it. Documents are named by their number."""

    document: Document
    documents: Sequence[Document]
    jobs: int = 0
    renamed: list[tuple[int, str, str]] = field(default_factory=list)
    """(document, id, new id), in the order of the documents."""
    overridden: list[tuple[str, int]] = field(default_factory=list)
    """(id, document whose job counts)."""
    disagreements: list[Disagreement] = field(default_factory=list)
    spread: dict[int, list[str]] = field(default_factory=dict)
    widened: list[tuple[int, str, str, list[str]]] = field(default_factory=list)
    """(document, job, dependency, the jobs that it stands for now): an id that several other documents have."""
    unknown: list[tuple[int, str, str]] = field(default_factory=list)
    """(document, job, dependency) where no document has such a job."""

    @property
    def raw(self) -> bytes:
        """The bytes of the merged document."""
        return self.document.raw


def together(
    documents: Sequence[Document],
    *,
    naming: Naming = "on-conflict",
    policy: Policy = "first",
    chain: bool = False,
    application_name: str | None = None,
) -> Merged:
    """Merge. Raises AnswerNo if ids or settings are in conflict and may not be, InputError for what has no jobs."""
    parts = parts_of(documents)
    variants = Variants(parts)
    made = Merged(documents[0], documents)
    if naming == "never" and variants.conflicts:
        raise AnswerNo(_id_conflicts(parts, variants), mend="leave --no-prefix out, or take --override or --prefix")
    _name(parts, variants, naming, made)
    settings = settled(parts, policy)
    if policy == "fail" and settings.disagreements:
        raise AnswerNo(
            _settings_conflicts(parts, settings.disagreements), mend="make them equal, or take --settings first or last"
        )
    made.disagreements, made.spread = settings.disagreements, settings.spread
    members = settings.members
    if application_name is not None:
        members = _renamed(members, application_name)
    owners = _owners(parts, naming, made)
    extra = chained(parts, owners) if chain else {}
    items = [_job(parts, owners, name, extra.get(name, ()), made) for name in owners]
    made.jobs = len(items)
    _refuse_circles(parts, owners, extra)
    first = parts[0].document
    order = [*first.data, *(key for key in members if key not in first.data)]
    jobs = Listing(items, Taken(first, ("jobs",)))
    whole: dict[str, Piece] = {
        key: jobs if key == "jobs" else members[key] for key in order if key in (*members, "jobs")
    }
    made.document = Resolved(first, Table(_jobs_last(whole, first.data), Taken(first)))
    return made


def _refuse_circles(
    parts: Sequence[Part], owners: Mapping[str, tuple[int, str]], extra: Mapping[str, Sequence[str]]
) -> None:
    """Raise AnswerNo for a cycle that only the merge makes; one that was there before is ex-validate's to tell."""
    sides: dict[tuple[str, str], str] = {}
    wanted: dict[str, list[str]] = {}
    for name, (number, old) in owners.items():
        own = [target for each in parts[number].wanted[old] for target in _names_of(parts, number, each)]
        sides |= {(name, target): "--chain" for target in extra.get(name, ())}
        sides |= {(name, target): parts[number].document.name for target in own}
        wanted[name] = [*own, *extra.get(name, ())]
    if not is_cyclic(wanted) or any(is_cyclic(part.wanted) for part in parts):
        return
    lines = [line for circle in circles(wanted, sides) for line in told(circle.edges)]
    raise AnswerNo(
        "the merged jobs would wait for each other:\n" + "\n".join(f"  {printable(line)}" for line in lines),
        mend="remove one of these dependencies",
    )


def _jobs_last(members: Mapping[str, Piece], before: Mapping[str, Any]) -> dict[str, Piece]:
    """Settings that are new stand before the jobs if the jobs stood last."""
    if not before or list(before)[-1] != "jobs":
        return dict(members)
    return {**{key: piece for key, piece in members.items() if key != "jobs"}, "jobs": members["jobs"]}


def _name(parts: Sequence[Part], variants: Variants, naming: Naming, made: Merged) -> None:
    """Give every job of every document its id in the merged one."""
    taken = set(variants.holders)
    for job in variants.holders:
        groups = variants.groups(job) if naming != "always" else [[number] for number in variants.holders[job]]
        keeps = naming in ("override", "never") or (naming == "on-conflict" and len(groups) == 1)
        for group in groups:
            name = job if keeps else _free(f"{parts[group[0]].prefix}_{job}", taken)
            taken.add(name)
            for number in group:
                parts[number].names[job] = name
    for number, part in enumerate(parts):
        made.renamed += [(number, job, part.names[job]) for job in part.ids if part.names[job] != job]


def _free(wanted: str, taken: set[str]) -> str:
    number, name = 2, wanted
    while name in taken:
        number, name = number + 1, f"{wanted}_{number}"
    return name


def _owners(parts: Sequence[Part], naming: Naming, made: Merged) -> dict[str, tuple[int, str]]:
    """The ids of the merged document in its order, and the document and the id that each job comes from."""
    owners: dict[str, tuple[int, str]] = {}
    for number, part in enumerate(parts):
        for job in part.ids:
            name = part.names[job]
            if name in owners and naming == "override" and parts[owners[name][0]].meanings[job] != part.meanings[job]:
                owners[name] = (number, job)
                made.overridden.append((name, number))
            owners.setdefault(name, (number, job))
    return owners


def _job(
    parts: Sequence[Part], owners: Mapping[str, tuple[int, str]], name: str, extra: Sequence[str], made: Merged
) -> Piece:
    """A job as it stands in its document, under its new id and with its new dependencies."""
    number, old = owners[name]
    part = parts[number]
    home = Taken(part.document, ("jobs", part.roster.index[old]))
    raw = part.raw(old)
    entries, changed = _entries(parts, number, old, made)
    present = {target for entry in entries if (target := dependency_target(value(entry))) is not None}
    added = [target for target in extra if target not in present]
    if name == old and not changed and not added:
        return home
    members: dict[str, Piece] = {key: home.below(key) for key in raw}
    if name != old:
        members["id" if "id" in raw else "job_id"] = Made(name)
    if changed or added:
        listed = [*entries, *map(Made, added)]
        table = home.below("dependencies") if isinstance(raw.get("dependencies"), list) else None
        members["dependencies"] = Listing(listed, table)
    return Table(members, home)


def _entries(parts: Sequence[Part], number: int, job: str, made: Merged) -> tuple[list[Piece], bool]:
    """The dependencies of a job with the ids of today, and whether any is another than before."""
    part = parts[number]
    raw = part.raw(job)
    home = Taken(part.document, ("jobs", part.roster.index[job], "dependencies"))
    listed = isinstance(raw.get("dependencies"), list)
    found: list[Piece] = []
    changed = False
    for place, entry in enumerate(dependency_entries(raw)):
        target = dependency_target(entry)
        names = [] if target is None else list(_names_of(parts, number, target))
        if target is not None and not names:
            made.unknown.append((number, job, target))
        if len(names) > 1:
            made.widened.append((number, job, str(target), names))
        if not names or names == [target]:
            found.append(home.below(place) if listed else Made(entry))
            continue
        changed = True
        for name in names:
            found.append(Made(name) if isinstance(entry, str) else Made({**entry, "job": name}))
    return found, changed


def _names_of(parts: Sequence[Part], number: int, target: str) -> Iterator[str]:
    """What an id means in a document: its own job of that id, else those of all others."""
    if target in parts[number].names:
        yield parts[number].names[target]
    else:
        yield from dict.fromkeys(part.names[target] for part in parts if target in part.names)


def _renamed(members: Mapping[str, Piece], name: str) -> dict[str, Piece]:
    """The settings with another name of the workflow, which comes first where there was none."""
    if "application_name" not in members and "name" not in members:
        return {"application_name": Made(name), **members}
    return {key: Made(name) if key in ("application_name", "name") else piece for key, piece in members.items()}


def _id_conflicts(parts: Sequence[Part], variants: Variants) -> str:
    """All ids that mean different jobs, each with its places."""
    count = len(variants.conflicts)
    lines = [f"{count} {'ids mean' if count > 1 else 'id means'} different jobs:"]
    for job in variants.conflicts:
        lines.append(f'  "{printable(job)}"')
        lines += [f"    {parts[number].place(job)}" for number in variants.holders[job]]
    return "\n".join(lines)


def _settings_conflicts(parts: Sequence[Part], disagreements: Sequence[Disagreement]) -> str:
    """All settings that disagree, each with its places; no values, for they may be secret."""
    count = len(disagreements)
    lines = [f"{count} setting{'s' if count > 1 else ''} that disagree{'' if count > 1 else 's'}:"]
    for found in disagreements:
        lines.append(f"  {'the variable ' if found.variable else ''}{printable(found.key)}")
        pointer = ("env_variables", found.key) if found.variable else (found.key,)
        lines += [f"    {parts[number].roster.place(pointer)}" for number in found.holders]
    return "\n".join(lines)
