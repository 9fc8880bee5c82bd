"""A Taskfile and those that it includes, as one set of tasks with their full names."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any

from exlib.convert.account import Account
from exlib.convert.source import Source
from exlib.convert.taskfile.template import Unknown, render
from exlib.convert.yaml.tree import Node, Tree
from exlib.errors import InputError

_NAMES = ("Taskfile.yml", "taskfile.yml", "Taskfile.yaml", "taskfile.yaml", "Taskfile.dist.yml", "Taskfile.dist.yaml")
_DEEPEST = 16


class File:
    """One Taskfile: where its tasks run, and what its namespace is called."""

    def __init__(self, tree: Tree, space: str, folder: str, above: File | None) -> None:
        self.tree = tree
        self.root = tree.root
        self.space = space
        self.folder = folder
        self.above = above
        self.given: Node | None = None
        """The variables that the including file hands over."""

    def full(self, name: str) -> str:
        """The full name of a task that this file calls."""
        if name.startswith(":"):
            return name[1:]
        return f"{self.space}:{name}" if self.space else name


class Task:
    """A task as it stands in its file."""

    def __init__(self, name: str, node: Node, file: File, internal: bool) -> None:
        self.name = name
        self.node = node
        self.file = file
        stated = node.get("internal")
        self.internal = internal or (stated is not None and stated.plain() is True)

    def get(self, key: str) -> Node | None:
        """The value under a key; of a task in its short form only its commands."""
        if self.node.is_map:
            return self.node.get(key)
        return self.node if key == "cmds" and self.node.plain() is not None else None


class Taskfile:
    """All tasks by their full names, with their aliases."""

    def __init__(self, source: Source, account: Account) -> None:
        self.account = account
        self.tasks: dict[str, Task] = {}
        self.aliases: dict[str, str] = {}
        self.missing: dict[str, str] = {}
        """Namespaces that are not here, with the reason."""
        self.files: list[File] = []
        self.main = self._file(source, "", "", None, internal=False, excluded=frozenset(), depth=0)

    def find(self, name: str) -> Task | None:
        """The task of a full name or alias."""
        return self.tasks.get(name) or self.tasks.get(self.aliases.get(name, ""))

    def _file(
        self, source: Source, space: str, folder: str, above: File | None, *, internal: bool,
        excluded: frozenset[str], depth: int,
    ) -> File:  # fmt: skip
        tree = Tree(source)
        if not tree.root.is_map:
            raise tree.root.refuse("a Taskfile is a map with tasks in it")
        file = File(tree, space, folder, above)
        self.files.append(file)
        self._version(file)
        tasks = tree.root.get("tasks")
        if tasks is not None and not tasks.is_map and tasks.plain() is not None:
            raise tasks.refuse("tasks are a map")
        for name, node in tasks.members.items() if tasks is not None else ():
            if name not in excluded:
                self._add(Task(file.full(name), node, file, internal))
        for name, node in self._included(file):
            self._include(file, name, node, depth)
        return file

    def _version(self, file: File) -> None:
        version = file.root.get("version")
        if version is None:
            return
        if not version.text.startswith("3"):
            raise version.refuse(f"Taskfiles of version {version.text} are not read", "version 3 is")
        why = "its commands are read by bash -e, and not by Task's own shell"
        self.account.approximated(version.place, "version", why)

    def _add(self, task: Task) -> None:
        if not (task.node.is_map or task.node.is_list or task.node.is_scalar):
            raise task.node.refuse("a task is a command, a list of them, or a map")
        self.tasks[task.name] = task
        aliases = task.node.get("aliases")
        for alias in aliases.items if aliases is not None else ():
            self.aliases[task.file.full(alias.text)] = task.name

    def _included(self, file: File) -> Iterator[tuple[str, Node]]:
        includes = file.root.get("includes")
        if includes is not None:
            yield from includes.members.items()

    def _include(self, file: File, name: str, node: Node, depth: int) -> None:
        path_node = node if node.is_scalar else node.get("taskfile")
        if path_node is None:
            raise node.refuse("an included file needs a path as taskfile")
        space = file.full(name)
        try:
            path = render(path_node.text, {"OS": "linux"})
            source = self._read(file, path, path_node)
        except (Unknown, InputError) as why:
            optional = node.get("optional")
            if isinstance(why, InputError) and optional is not None and optional.plain() is True:
                self.account.exact(node.whole, "include", "it is optional, and not there")
                self.missing[space] = "the optional file is not there"
                return
            if isinstance(why, InputError) and "://" not in path_node.text and "git" not in path_node.text:
                raise
            self.missing[space] = f"its file is not read: {why}"
            self.account.manual(node.whole, "include", f"{why}: include a local file")
            return
        if depth >= _DEEPEST:
            raise node.refuse("Taskfiles include each other without an end")
        self._take(file, space, node, source, depth)

    def _take(self, file: File, space: str, node: Node, source: Source, depth: int) -> None:
        flags: Mapping[str, Any] = {key: node.get(key) for key in ("flatten", "internal", "dir", "vars", "excludes")}
        flatten = flags["flatten"] is not None and flags["flatten"].plain() is True
        internal = flags["internal"] is not None and flags["internal"].plain() is True
        folder = file.folder
        if flags["dir"] is not None:
            here = os.path.relpath(file.tree.source.folder, self.files[0].tree.source.folder)
            folder = os.path.normpath(os.path.join(here, flags["dir"].text))
        excluded = (
            frozenset(one.text for one in flags["excludes"].items) if flags["excludes"] is not None else frozenset()
        )
        before = set(self.tasks)
        taken = self._file(source, file.space if flatten else space, folder, file, internal=internal,
                           excluded=excluded, depth=depth + 1)  # fmt: skip
        taken.given = flags["vars"]
        self._alias(file, node, space, set(self.tasks) - before)
        self.account.exact(node.whole, "include", f"the tasks of {os.path.basename(source.name)}")

    def _alias(self, file: File, node: Node, space: str, names: set[str]) -> None:
        aliases = node.get("aliases")
        for alias in aliases.items if aliases is not None else ():
            for name in names:
                self.aliases[file.full(alias.text) + name.removeprefix(space)] = name
            for other, name in list(self.aliases.items()):
                if name in names and other.startswith(f"{space}:"):
                    self.aliases[file.full(alias.text) + other.removeprefix(space)] = name
        for name in names:
            if name == f"{space}:default":
                self.aliases.setdefault(space, name)

    def _read(self, file: File, path: str, node: Node) -> Source:
        if "://" in path or path.startswith("git@"):
            raise Unknown("it is fetched from elsewhere")
        source = file.tree.source
        at = node.key_line
        full = os.path.join(source.folder, os.path.expanduser(path))
        if os.path.isdir(full):
            path = next((os.path.join(path, name) for name in _NAMES if os.path.isfile(os.path.join(full, name))), path)
        return source.opened(os.path.expanduser(path), at=at)
