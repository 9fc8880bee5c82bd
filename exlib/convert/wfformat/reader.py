"""Recorded scientific workflows: tasks become jobs, what was measured is kept in ``x-source``."""

from __future__ import annotations

import os
from typing import Any

from exlib.convert.account import Account
from exlib.convert.draft import Draft, depend
from exlib.convert.source import Source
from exlib.convert.wfformat.commands import NOTHING, command, hold
from exlib.convert.wfformat.order import waits
from exlib.convert.wfformat.record import Record
from exlib.convert.wfformat.tasks import EXECUTION, SPECIFICATION, Task, tasks, texts
from exlib.convert.wishes import Wishes
from exlib.findings import Pointer

_KEPT = "kept in x-source"
_MOST_WORKERS = 10_000
_PARTS = frozenset(["specification", "execution", "tasks", "machines"])
_READ = frozenset(["id", "name", "parents", "children", "inputFiles", "outputFiles", "files", "command", "priority"])
_ALIVE = frozenset("*?[~")
"""Characters that would make a pattern of a path, or a home."""


def read(source: Source, _wishes: Wishes, account: Account) -> list[Draft]:
    """The document. Raises InputError or DocumentRefused for what is no record."""
    record = Record(source)
    draft = Draft(_name(record, account), "wfformat")
    draft.settings |= {"default_timeout": None, "parallel": True}
    _keep_top(record, draft, account)
    found = tasks(record)
    parents = waits(record, found, account)
    _machines(record, draft, account)
    jobs = {task.id: _job(record, draft, task, account) for task in found}
    for name, job in jobs.items():
        depend(job, [jobs[parent]["id"] for parent in parents[name]])
    _strangers(record, found, account)
    record.settle(account)
    return [draft]


def _name(record: Record, account: Account) -> str:
    name = record.data.get("name")
    if name is None:
        return os.path.basename(record.source.name).removesuffix(".json")
    if not isinstance(name, str):
        raise record.refuse(("name",), "this must be a text")
    account.exact(record.place(("name",)), "name")
    return name.removesuffix(".json")


def _keep_top(record: Record, draft: Draft, account: Account) -> None:
    """What is said of the whole: the description, who recorded it with what, and the sums."""
    description = record.data.get("description")
    if isinstance(description, str) and description.strip():
        draft.settings["description"] = description
        account.exact(record.place(("description",)), "description")
    parts: dict[Pointer, frozenset[str]] = {
        (): frozenset(["name", "workflow", *(["description"] if "description" in draft.settings else [])]),
        ("workflow",): _PARTS, SPECIFICATION: _PARTS, EXECUTION: _PARTS,
    }  # fmt: skip
    for part, read_elsewhere in parts.items():
        for key in record.object(part):
            if key in read_elsewhere:
                continue
            name = key if key not in draft.kept else ".".join(["record", *map(str, part), key])
            draft.kept[name] = record.at((*part, key))
            account.exact(record.place((*part, key)), key, _KEPT)


def _machines(record: Record, draft: Draft, account: Account) -> None:
    """As many workers as the machines had cores."""
    part: Pointer = EXECUTION if "execution" in record.object(("workflow",)) else ("workflow",)
    pointer = (*part, "machines")
    machines = record.objects(pointer)
    if not machines:
        return
    cores = 0
    for number in range(len(machines)):
        cpu = record.at((*pointer, number, "cpu"))
        count = cpu.get("coreCount", cpu.get("count")) if isinstance(cpu, dict) else None
        cores += count if isinstance(count, int) and count > 0 else 1
    draft.kept["machines"] = machines
    draft.settings["max_workers"] = min(cores, _MOST_WORKERS)
    account.approximated(
        record.place(pointer), "machines", f"{_KEPT}; as many workers as they had cores, all on one machine"
    )


def _job(record: Record, draft: Draft, task: Task, account: Account) -> dict[str, Any]:
    in_record = task.ran if task.ran and "command" in task.recorded else None
    at = (*in_record, "command") if in_record else (*task.at, "command") if "command" in task.stated else None
    text, said = command(record, at)
    job = draft.job(task.id, text or NOTHING, description=task.name if task.name != task.id else None)
    _say_id(record, task, job, account)
    if at is not None and text:
        tell = account.approximated if said else account.exact
        tell(record.place(at), "command", said, job=job["id"])
    else:
        hold(job, record, at or task.at, account)
    _files(record, task, job, account)
    _keep(record, task, job, account)
    return job


def _say_id(record: Record, task: Task, job: dict[str, Any], account: Account) -> None:
    for at, keys in ((task.at, task.stated), (task.ran, task.recorded)):
        if at is not None and "id" in keys:
            place = record.place((*at, "id"))
            if job["id"] == task.id:
                account.exact(place, "id", job=job["id"])
            else:
                account.approximated(place, "id", f"the job is called {job['id']}", job=job["id"])
    if "name" in task.stated:
        account.exact(record.place((*task.at, "name")), "name", job=job["id"])


def _files(record: Record, task: Task, job: dict[str, Any], account: Account) -> None:
    """The files that a task reads and writes, where the record says it."""
    for key, ours in (("inputFiles", "inputs"), ("outputFiles", "outputs")):
        if key in task.stated:
            _state_files(record, (*task.at, key), job, ours, texts(record, (*task.at, key)), account)
    pointer = (*task.at, "files")
    listed = record.objects(pointer)
    if "files" not in task.stated:
        return
    by_link: dict[str, list[str]] = {"input": [], "output": []}
    for number, file in enumerate(listed):
        name, link = file.get("name", file.get("id")), file.get("link")
        if not isinstance(name, str) or not isinstance(link, str) or link not in by_link:
            raise record.refuse((*pointer, number), "a file needs a name, and a link: input or output")
        by_link[link].append(name)
    job["x-source"] = {"files": listed}
    for link, names in by_link.items():
        _state_files(record, pointer, job, f"{link}s", names, account)


def _state_files(
    record: Record, pointer: Pointer, job: dict[str, Any], key: str, names: list[str], account: Account
) -> None:
    stated = [name for name in names if name.strip() and not _ALIVE & {*name} and "${" not in name]
    job[key] = list(dict.fromkeys(stated))
    if len(stated) == len(names):
        account.exact(record.place(pointer), str(pointer[-1]), job=job["id"])
    else:
        del job[key]
        reason = f"{key} cannot name a file whose name has *, ?, [, ~ or ${{ in it"
        account.dropped(record.place(pointer), str(pointer[-1]), reason, job=job["id"])


def _keep(record: Record, task: Task, job: dict[str, Any], account: Account) -> None:
    """What was measured and all else that is said of a task."""
    kept: dict[str, Any] = dict(job.pop("x-source", {}))
    for at, keys in ((task.at, task.stated), (task.ran, task.recorded)):
        for key, value in keys.items():
            if at is None or (key in _READ and key != "priority"):
                continue
            place = record.place((*at, key))
            if key == "priority" and isinstance(value, int) and not isinstance(value, bool):
                job["priority"] = value
                account.exact(place, key, job=job["id"])
                continue
            kept[key] = value
            if key in ("coreCount", "cores") and value not in (None, 1):
                account.approximated(place, key, f"{_KEPT}; ex-run counts a job as one worker", job=job["id"])
            else:
                account.exact(place, key, _KEPT, job=job["id"])
    if kept:
        job["x-source"] = kept


def _strangers(record: Record, found: list[Task], account: Account) -> None:
    """What was recorded of tasks that are not among the specified ones."""
    if "specification" not in record.object(("workflow",)):
        return
    known = {task.id for task in found}
    pointer: Pointer = (*EXECUTION, "tasks")
    for number, one in enumerate(record.objects(pointer)):
        if one["id"] not in known:
            account.dropped(record.place((*pointer, number)), "task", f"no task is specified with the id {one['id']}")
