"""Which task waits for which: what parents and children say together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from exlib.convert.account import Account
from exlib.convert.wfformat.record import Record
from exlib.convert.wfformat.tasks import Task, texts
from exlib.findings import Pointer
from exlib.graph import Graph


def waits(record: Record, tasks: Sequence[Task], account: Account) -> dict[str, list[str]]:
    """The parents of each task, accounted for. An edge that one side alone has is taken, and said.

    Raises InputError for a task that there is not, and for a cycle.
    """
    named = _named(tasks)
    parents = {task.id: _stated(record, task, "parents", named) for task in tasks}
    children = {task.id: _stated(record, task, "children", named) for task in tasks}
    found = {name: list(listed) for name, listed in parents.items()}
    lacking: dict[str, list[str]] = {task.id: [] for task in tasks}
    for task in tasks:
        for child in children[task.id]:
            if task.id not in parents[child]:
                found[child].append(task.id)
                lacking[child].append(task.id)
    for task in tasks:
        if "parents" in task.stated:
            more = [f"{name} names it as a child too, and it waits for that" for name in lacking[task.id]]
            _account(record, account, task, "parents", more)
        if "children" in task.stated:
            theirs = [child for child in children[task.id] if task.id not in parents[child]]
            less = [f"{name} does not name it as a parent, and waits for it all the same" for name in theirs]
            _account(record, account, task, "children", less)
    for task in tasks:
        unnamed = [name for name in parents[task.id] if task.id not in children[name]]
        stating = [task_ for task_ in tasks if task_.id in unnamed and "children" in task_.stated] if unnamed else []
        for parent in stating:
            account.approximated(
                record.place((*parent.at, "children")), "children",
                f"{task.id} names it as a parent and is not among them; it waits for it all the same", job=parent.id,
            )  # fmt: skip
    _refuse_cycles(record, tasks, found)
    return found


def _account(record: Record, account: Account, task: Task, key: str, differing: list[str]) -> None:
    place = record.place((*task.at, key))
    if not differing:
        account.exact(place, key, job=task.id)
    for reason in differing:
        account.approximated(place, key, reason, job=task.id)


def _named(tasks: Sequence[Task]) -> dict[str, str | None]:
    """The id that a reference means: an id itself, else a name; None for a name that several tasks have."""
    found: dict[str, str | None] = {}
    for task in tasks:
        found[task.name] = None if task.name in found else task.id
    return found | {task.id: task.id for task in tasks}


def _stated(record: Record, task: Task, key: str, named: Mapping[str, str | None]) -> dict[str, None]:
    pointer: Pointer = (*task.at, key)
    found: dict[str, None] = {}
    for number, text in enumerate(texts(record, pointer)):
        meant = named.get(text)
        if meant is None:
            why = f'several tasks have the name "{text}"' if text in named else f'there is no task "{text}"'
            raise record.refuse((*pointer, number), why, _nearest(text, named))
        found[meant] = None
    return found


def _nearest(text: str, named: Mapping[str, str | None]) -> str | None:
    from difflib import get_close_matches

    if text in named or len(named) > 5000:
        return None
    close = get_close_matches(text, named, n=1)
    return f"did you mean {close[0]}?" if close else None


def _refuse_cycles(record: Record, tasks: Sequence[Task], found: Mapping[str, list[str]]) -> None:
    graph = Graph([task.id for task in tasks], [found[task.id] for task in tasks])
    if cycles := graph.cycles():
        first = cycles[0]
        chain = " -> ".join(tasks[node].id for node in [*first, first[0]])
        raise record.refuse((*tasks[first[0]].at, "parents"), f"these tasks wait for each other: {chain}")
