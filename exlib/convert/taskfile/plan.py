"""Which tasks are called, each with its variables: once where it is the same call, and never in a circle."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from exlib.convert.draft import Draft, depend, guard
from exlib.convert.taskfile.call import Call
from exlib.convert.taskfile.files import Taskfile
from exlib.convert.taskfile.scope import Book, Scope
from exlib.convert.yaml.tree import Node

_MOST_JOBS = 5000


class Plan:
    """The jobs that the calls of tasks become."""

    def __init__(self, files: Taskfile, draft: Draft, book: Book, scope: Scope) -> None:
        self.files = files
        self.draft = draft
        self.book = book
        self.scope = scope
        self._once: dict[str, list[str]] = {}
        self._open: list[str] = []
        self.reached: set[str] = set()

    def call(self, name: str, call: Mapping[str, Any], after: Sequence[str], node: Node | None) -> list[str]:
        """Add the jobs of a call of a task; the ids of those that have to be done before it is."""
        task = self.files.find(name)
        if task is not None and "*" in task.name:
            return [self.lacking(name, "the name of its task has a wildcard", after)]
        if task is None:
            return self._unknown(name, after, node)
        if task.name in self._open:
            chain = " -> ".join([*self._open[self._open.index(task.name) :], task.name])
            raise task.node.refuse(f"these tasks call each other: {chain}")
        run = task.get("run") or task.file.root.get("run") or self.files.main.root.get("run")
        mode = run.text if run is not None else "always"
        key = f"{task.file.tree.source.name}#{task.node.path}" + (
            repr(sorted(call.items())) if mode == "when_changed" else ""
        )
        if mode in ("once", "when_changed") and key in self._once:
            return self._once[key]
        if len(self.draft.jobs) > _MOST_JOBS or len(self._open) > 50:
            raise task.node.refuse(f"its calls are more than {_MOST_JOBS:,} jobs")
        self._open.append(task.name)
        self.reached.add(task.name)
        found = Call(self, task, call).jobs(list(after))
        self._open.pop()
        self._once[key] = found
        return found

    def _unknown(self, name: str, after: Sequence[str], node: Node | None) -> list[str]:
        if any(fnmatchcase(name, known) for known in self.files.tasks if "*" in known):
            why = "the name of its task has a wildcard"
            if node is not None:
                self.book.say("manual", node, "task", f"{why}: write a task of its own", None)
            return [self.lacking(name, why, after)]
        space = next((space for space in self.files.missing if name == space or name.startswith(f"{space}:")), None)
        if space is None:
            from difflib import get_close_matches

            close = get_close_matches(name, self.files.tasks, n=1)
            where = node or self.files.main.root
            raise where.refuse(f'there is no task "{name}"', f"did you mean {close[0]}?" if close else None)
        return [self.lacking(name, f"the task {name} is elsewhere: {self.files.missing[space]}", after)]

    def held(self, name: str, reason: str, after: Sequence[str]) -> dict[str, Any]:
        """A job that waits for a person and does nothing by itself."""
        job = self.draft.job(name, "true")
        guard(job, reason)
        depend(job, after)
        return job

    def lacking(self, name: str, reason: str, after: Sequence[str]) -> str:
        """A job in the place of what is not known: allowed, it fails until a person writes it."""
        job = self.held(name, reason, after)
        job["command"] = f"echo {shlex.quote(f'this is to be written: {reason}')} >&2; exit 1"
        return str(job["id"])

    def is_open(self, name: str) -> bool:
        """Whether a task is being called, so that a call of it would have no end."""
        task = self.files.find(name)
        return task is not None and task.name in self._open
