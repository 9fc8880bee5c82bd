"""Dependencies: on jobs that exist, on others, in no circle, each once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from exlib.findings import Pointer
from exlib.graph import Graph
from exlib.rules.subject import Subject, shown
from exlib.workflow import dependency_entries, dependency_target


def check_dependencies(subject: Subject) -> None:
    """Report E302 to E304 and W310."""
    known = {name for name in subject.ids if name is not None}
    wanted: list[list[str]] = []
    for index, raw in enumerate(subject.jobs):
        if not raw.get("dependencies"):
            wanted.append([])
            continue
        own = subject.ids[index]
        targets = [target for entry in dependency_entries(raw) if (target := dependency_target(entry)) is not None]
        if own in targets or not known.issuperset(targets) or len(targets) != len(set(targets)):
            _check_entries(subject, index, raw, known)
        wanted.append([target for target in targets if target != own])
    _check_circles(subject, wanted)


def _check_entries(subject: Subject, index: int, raw: dict[str, Any], known: set[str]) -> None:
    seen: set[str] = set()
    for target, at, entry in _targets(index, raw):
        if target in seen:
            more = isinstance(entry, dict) and len(entry) > 1
            mend = "keep one; this one holds more than the id" if more else "ex-validate --fix removes one"
            subject.report("W310", f"the dependency {shown(target)} is listed twice", at, mend=mend)
        elif target == subject.ids[index]:
            subject.report("E303", "the job depends on itself", at, mend="remove this dependency")
        elif target not in known:
            near = subject.nearest_id.to(target)
            mend = f"did you mean {shown(near)}?" if near else f"add a job {shown(target)}, or remove the dependency"
            subject.report("E302", f"it depends on {shown(target)}, and there is no such job", at, mend=mend)
        seen.add(target)


def _check_circles(subject: Subject, wanted: list[list[str]]) -> None:
    names = [name if name is not None else f"\0{index}" for index, name in enumerate(subject.ids)]
    for cycle in Graph(names, wanted).cycles():
        path = [names[node] for node in (*cycle, cycle[0])]
        at = next(
            (place for target, place, _ in _targets(cycle[0], subject.jobs[cycle[0]]) if target == path[1]),
            ("jobs", cycle[0], "dependencies"),
        )
        subject.report(
            "E304", f"circular dependency: {' -> '.join(path)}", at, mend="remove one dependency of the circle"
        )


def _targets(index: int, raw: dict[str, Any]) -> Iterator[tuple[str, Pointer, Any]]:
    """Each job that a job depends on, where that is said, and the entry that says it."""
    at: Pointer = ("jobs", index, "dependencies")
    listed = isinstance(raw.get("dependencies"), list)
    for place, entry in enumerate(dependency_entries(raw)):
        if (target := dependency_target(entry)) is not None:
            yield target, (*at, place) if listed else at, entry
