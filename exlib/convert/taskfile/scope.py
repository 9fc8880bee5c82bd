"""The variables that a task sees, layer by layer."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from typing import Any

from exlib.convert.account import Account
from exlib.convert.taskfile.files import File, Task
from exlib.convert.taskfile.template import ASSUMED, Unknown, render, value_of
from exlib.convert.yaml.tree import Node

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Book:
    """What was said of which value: each once, and the worst if it came out differently for different calls."""

    _ORDER = ("exact", "approximated", "dropped", "manual")

    def __init__(self, account: Account) -> None:
        self._account = account
        self._said: dict[tuple[str, str], tuple[str, str, Node, str, str | None]] = {}

    def say(self, fate: str, node: Node, construct: str, reason: str = "", job: str | None = None) -> None:
        """Note it; the whole value is meant."""
        key = (node.whole.file, node.path)
        known = self._said.get(key)
        if known is None or self._ORDER.index(fate) > self._ORDER.index(known[0]):
            self._said[key] = (fate, construct, node, reason, job)

    def close(self) -> None:
        """Hand all of it to the account."""
        for fate, construct, node, reason, job in self._said.values():
            tell = getattr(self._account, fate)
            tell(node.whole, construct, reason, job=job)


class Scope:
    """The variables of one file, and of a task in it."""

    def __init__(self, book: Book, given: Mapping[str, str]) -> None:
        self.book = book
        self.given = given
        self._files: dict[int, dict[str, Any]] = {}

    def of_file(self, file: File) -> dict[str, Any]:
        """The variables of a file, over those of the files that include it."""
        known = self._files.get(id(file))
        if known is None:
            known = self.of_file(file.above) if file.above is not None else self._special(file)
            self._environment(known, file.root)
            known |= self.given
            self.add(known, file.given, replaced=True)
            self.add(known, file.root.get("vars"), replaced=True)
            self._files[id(file)] = known
        return {**known, ASSUMED: set(known[ASSUMED])} if ASSUMED in known else dict(known)

    def of_task(self, task: Task, call: Mapping[str, Any]) -> dict[str, Any]:
        """The variables of a task that is called with some of its own."""
        values = self.of_file(task.file)
        if ASSUMED in values:
            call = {**call, ASSUMED: values[ASSUMED] | call.get(ASSUMED, set())}
        values |= call
        values |= {"TASK": task.name, "ALIAS": task.name}
        self.add(values, task.get("vars"))
        return values

    def add(self, values: dict[str, Any], node: Node | None, *, replaced: bool = False) -> None:
        """Add variables as they are stated, one after the other. Raises InputError for what is none.

        ``replaced``: those that the caller gives count instead.
        """
        if node is None or node.plain() is None:
            return
        if not node.is_map:
            raise node.refuse("variables are a map")
        for name, one in node.members.items():
            if replaced and name in self.given:
                self.book.say("exact", one, name, "given by --var")
            else:
                values[name] = self._value(name, one, values)

    def _environment(self, known: dict[str, Any], root: Node) -> None:
        """What a file states of the environment, which its templates see as variables too."""
        if root.get("dotenv") is not None:  # whatever may be in the file
            known.pop(ASSUMED, None)
        env = root.get("env")
        for name, one in env.members.items() if env is not None else ():
            try:
                if one.is_map and "sh" in one.members:
                    raise Unknown(f"a command tells {name}: give it with --var {name}=…")
                known[name] = evaluated(one, {**known, ASSUMED: set()})
            except Unknown as why:
                known[name] = why

    def _value(self, name: str, node: Node, values: Mapping[str, Any]) -> Any:
        if node.is_map and "sh" in node.members:
            if name in self.given:
                self.book.say("exact", node, name, "given by --var")
                return self.given[name]
            why = f"a command tells {name}: give it with --var {name}=…"
            self.book.say("manual", node, name, why)
            return Unknown(why)
        before = set(values.get(ASSUMED, ()))
        try:
            value = evaluated(node, values)
        except Unknown as why:
            if name in self.given:
                self.book.say("exact", node, name, "given by --var")
                return self.given[name]
            self.book.say("manual", node, name, str(why))
            return why
        taken = set(values.get(ASSUMED, ())) - before
        if taken:
            self.book.say("approximated", node, name, assumption(taken))
        else:
            self.book.say("exact", node, name)
        return value

    def _special(self, file: File) -> dict[str, Any]:
        where = Unknown("where the Taskfile is, is known when it runs: write a relative path")
        return {
            ASSUMED: set(),
            "CLI_ARGS": "", "CLI_ARGS_LIST": [], "CLI_FORCE": False, "CLI_SILENT": False, "CLI_VERBOSE": False,
            "ROOT_DIR": where, "TASKFILE_DIR": where, "USER_WORKING_DIR": where, "TASKFILE": where,
            "ROOT_TASKFILE": where,
            "TASK_DIR": where, "TASK_VERSION": Unknown("the version of Task is known to it alone"),
            "TIMESTAMP": Unknown("the time is known when it runs"), "TASK_EXE": "task",
            "CHECKSUM": Unknown("it is known when it runs"),
        }  # fmt: skip


def evaluated(node: Node, values: Mapping[str, Any]) -> Any:
    """The value of a variable with its templates carried out. Raises Unknown for what cannot be known here."""
    if node.is_map and "ref" in node.members:
        return value_of(node.members["ref"].text, values)
    if node.is_map and "map" in node.members:
        return evaluated(node.members["map"], values)
    if node.is_map and "value" in node.members:
        return evaluated(node.members["value"], values)
    if node.is_map:
        return {key: evaluated(one, values) for key, one in node.members.items()}
    if node.is_list:
        return [evaluated(one, values) for one in node.items]
    value = node.plain()
    return render(value, values) if isinstance(value, str) else value


def environment(
    book: Book, node: Node | None, values: Mapping[str, Any], given: Mapping[str, str]
) -> tuple[dict[str, str], list[str]]:
    """The variables of the environment that a node states, and why some of them are not known."""
    found: dict[str, str] = {}
    unknown: list[str] = []
    for name, one in node.members.items() if node is not None else ():
        if not _NAME.fullmatch(name):
            raise one.refuse(f'"{name}" is no name of a variable')
        try:
            if name in given:
                value: Any = given[name]
            elif one.is_map and "sh" in one.members:
                raise Unknown(f"a command tells {name}: give it with --var {name}=…")
            else:
                value = evaluated(one, values)
            if isinstance(value, list | dict):
                raise Unknown(f"{name} is no text")
        except Unknown as why:
            unknown.append(str(why))
            book.say("manual", one, name, str(why))
            continue
        text = "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
        found[name] = text
        book.say("approximated", one, name, "it counts even if the environment has a variable of that name")
    return found, unknown


def assumption(names: Iterable[str]) -> str:
    """What a default takes for granted, as a reason."""
    return f"as where {', '.join(sorted(names))} is not in the environment; the job fails where it is"


def joined(folder: str, stated: str) -> str:
    """The directory of a task, from where the Taskfile is."""
    path = os.path.normpath(os.path.join(folder, stated)) if folder or stated else ""
    return "" if path == "." else path
