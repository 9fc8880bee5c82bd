"""Jobs that have another id in the second document.

Exact content first: all keys but the id are the same, dependencies being followed through renames found already, from
the jobs without dependencies upwards. Of several jobs with the same content as many must have gone as came; they
are paired in the order of their ids. What is left is paired by its command, if no other job that went or came has it
and either the dependencies or all the other keys are the same.
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
    came_by = _grouped((job, (content[job], _waits(raw, {}))) for job, raw in came.items())
    for level in _levels(old):
        wanted = [job for job in level if job not in new]
        for key, jobs in _grouped((job, (_content(old[job]), _waits(old[job], found))) for job in wanted).items():
            others = came_by.get(key, [])
            if len(jobs) == len(others):
                found |= zip(sorted(jobs), sorted(others), strict=True)
    taken = set(found.values())
    left = {job: old[job] for job in gone if job not in found}
    return found | dict(_by_command(left, {job: raw for job, raw in came.items() if job not in taken}, found))


def _by_command(
    gone: Mapping[str, Raw], came: Mapping[str, Raw], found: Mapping[str, str]
) -> Iterable[tuple[str, str]]:
    """Pairs whose command no other has, and that have the same dependencies or the same other keys."""
    others = _grouped((job, text(raw["command"])) for job, raw in came.items() if _says_something(raw))
    for key, jobs in _grouped((job, text(raw["command"])) for job, raw in gone.items() if _says_something(raw)).items():
        if len(jobs) == 1 and len(others.get(key, ())) == 1:
            job, other = jobs[0], others[key][0]
            one, two = gone[job], came[other]
            if _waits(one, found) == _waits(two, {}) or _content(one) == _content(two):
                yield job, other


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
