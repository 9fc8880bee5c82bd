"""What jobs need of each other."""

from __future__ import annotations

from exlib.convert.yaml.tree import Node


def needs_of(node: Node, jobs: Node) -> list[str]:
    """The jobs that a job needs, each once. Raises InputError for one that is not there."""
    if not node.is_map:
        raise node.refuse("a job is a map")
    found = node.get("needs")
    if found is None:
        return []
    items = found.items if found.is_list else [found]
    for item in items:
        if not item.is_scalar or item.text not in jobs.members:
            raise item.refuse(f'it needs the job "{item.text}", which there is not', "name a job of this file")
    return list(dict.fromkeys(item.text for item in items))


def ordered(needs: dict[str, list[str]], jobs: Node) -> list[str]:
    """The jobs, those that are needed first. Raises InputError for a circle."""
    waiting = {name: set(others) for name, others in needs.items()}
    users: dict[str, list[str]] = {name: [] for name in needs}
    for name, others in needs.items():
        for other in others:
            users[other].append(name)
    ready = [name for name, others in waiting.items() if not others]
    found = []
    while ready:
        name = ready.pop(0)
        found.append(name)
        for user in users[name]:
            waiting[user].discard(name)
            if not waiting[user]:
                ready.append(user)
    if len(found) < len(needs):
        name = next(name for name in needs if name not in found)
        left = [other for other in needs if other not in found]
        raise jobs.members[name].refuse(f"these jobs need each other: {', '.join(left)}", "remove one of the needs")
    return found


def ancestors(name: str, needs: dict[str, list[str]]) -> set[str]:
    """All jobs that come before a job."""
    found: set[str] = set()
    pending = list(needs[name])
    while pending:
        other = pending.pop()
        if other not in found:
            found.add(other)
            pending += needs[other]
    return found
