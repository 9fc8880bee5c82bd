"""The tasks of a record, brought to one shape: 1.3 and 1.4 say it all in one list, 1.5 in two."""

from typing import Any, NamedTuple

from exlib.convert.wfformat.record import Record
from exlib.findings import Pointer

SPECIFICATION: Pointer = ("workflow", "specification")
EXECUTION: Pointer = ("workflow", "execution")


class Task(NamedTuple):
    """A task: what was specified and what was recorded of it; ``ran`` leads to nothing if nothing was."""

    id: str
    name: str
    at: Pointer
    stated: dict[str, Any]
    ran: Pointer | None
    recorded: dict[str, Any]


def tasks(record: Record) -> list[Task]:
    """Every task. Raises InputError if there is none, and for ids that are none or that stand twice."""
    workflow = record.object(("workflow",))
    two_parts = "specification" in workflow
    at: Pointer = (*SPECIFICATION, "tasks") if two_parts else ("workflow", "tasks")
    listed = record.objects(at)
    if not listed:
        raise record.refuse(at, "there is no task in it", "WfFormat 1.3 to 1.5 is read")
    recorded = _recorded(record)
    found: dict[str, Task] = {}
    for number, stated in enumerate(listed):
        here = (*at, number)
        task_id = _text(record, here, "id", stated.get("id", stated.get("name")))
        name = _text(record, here, "name", stated.get("name", task_id))
        if task_id in found:
            line = record.place(found[task_id].at).line
            raise record.refuse((*here, "id"), f'the task "{task_id}" is there twice, first in line {line}')
        ran = recorded.get(task_id)
        found[task_id] = Task(task_id, name, here, stated, ran, record.object(ran) if ran else {})
    return list(found.values())


def _text(record: Record, at: Pointer, key: str, value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise record.refuse(at, f"a task needs a text as {key}")
    return value


def _recorded(record: Record) -> dict[str, Pointer]:
    """Where the measured values of each task stand, if they are in a list of their own."""
    at: Pointer = (*EXECUTION, "tasks")
    record.object(EXECUTION)
    found: dict[str, Pointer] = {}
    for number, one in enumerate(record.objects(at)):
        if not isinstance(one.get("id"), str):
            raise record.refuse((*at, number), "a task needs a text as id")
        if one["id"] in found:
            raise record.refuse((*at, number), f'the task "{one["id"]}" is there twice')
        found[one["id"]] = (*at, number)
    return found


def texts(record: Record, pointer: Pointer) -> list[str]:
    """The texts in a list; empty if it is absent. Raises InputError for another type."""
    value = record.at(pointer)
    if value is None:
        return []
    if not isinstance(value, list):
        raise record.refuse(pointer, "this must be a list")
    for number, one in enumerate(value):
        if not isinstance(one, str):
            raise record.refuse((*pointer, number), "this must be a text")
    return value
