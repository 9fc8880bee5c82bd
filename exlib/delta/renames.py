"""Jobs that have another id in the second document.

Level by level of the first document's graph, so that dependencies can be followed through renames found before. Exact
content first: all keys but the id are the same. Of several jobs with the same content as many must have gone as
came; they are paired in the order of their ids. What is left of a level is paired by its command, if no other job that
went or came has it and either the dependencies or all the other keys are the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping

from exlib.delta.reading import Raw, entries_of, text
from exlib.graph import Graph
from exlib.workflow.keys import dependency_ids

_Groups = dict[Hashable, list[str]]


def renamed_jobs(old: Mapping[str, Raw], new: Mapping[str, Raw]) -> dict[str, str]:
    """New ids by old ones."""
    gone = [job for job in old if job not in new]
    came = {job: new[job] for job in new if job not in old}
    if not gone or not came:
        return {}
    found: dict[str, str] = {}
    content = {job: _content(raw) for job, raw in came.items()}
    alike = _grouped((job, (content[job], _waits(raw, {}))) for job, raw in came.items())
    commands = _alone(came)
    alone = {job: commands[key] for key, job in _alone({job: old[job] for job in gone}).items() if key in commands}
    taken: set[str] = set()
    for level in _levels(old):
        keys = {job: (_content(old[job]), _waits(old[job], found)) for job in level if job not in new}
        for key, jobs in _grouped(keys.items()).items():
            others = [job for job in alike.get(key, ()) if job not in taken]
            if len(jobs) == len(others):
                found |= zip(sorted(jobs), sorted(others), strict=True)
                taken.update(others)
        for job, (said, waits) in keys.items():
            other = alone.get(job)
            if job in found or other is None or other in taken:
                continue
            if said == content[other] or waits == _waits(came[other], {}):
                found[job] = other
                taken.add(other)
    return found


def _alone(jobs: Mapping[str, Raw]) -> dict[str, str]:
    """Jobs by their commands, where no other of these jobs has the same."""
    groups = _grouped((job, raw["command"].strip()) for job, raw in jobs.items() if _says_something(raw))
    return {str(command): found[0] for command, found in groups.items() if len(found) == 1}


def _says_something(raw: Raw) -> bool:
    command = raw.get("command")
    return isinstance(command, str) and bool(command.strip())


def _content(raw: Raw) -> str:
    return text({key: value for key, value in raw.items() if key != "dependencies"})


def _waits(raw: Raw, renamed: Mapping[str, str]) -> frozenset[str]:
    return frozenset(entries_of(raw, renamed))


def _grouped(pairs: Iterable[tuple[str, Hashable]]) -> _Groups:
    groups: _Groups = defaultdict(list)
    for job, key in pairs:
        groups[key].append(job)
    return dict(groups)


def _levels(jobs: Mapping[str, Raw]) -> list[list[str]]:
    """Jobs so that each level depends on earlier ones alone; what waits for itself comes last."""
    graph = Graph(list(jobs), map(dependency_ids, jobs.values()))
    levels = graph.levels()
    met = {node for level in levels for node in level}
    return [[graph.ids[node] for node in level] for level in [*levels, [n for n in range(len(graph)) if n not in met]]]
