"""The jobs of a document as a filter sees them: ids, descriptions, tags and the graph between them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property

from exlib.console import printable
from exlib.document import Document
from exlib.errors import InputError, UsageError
from exlib.findings import Pointer
from exlib.graph import Graph
from exlib.workflow import dependency_ids, job_description, job_id


class Roster:
    """The jobs by node, which is their place in the document. Whatever else a job holds is not looked at."""

    def __init__(self, document: Document) -> None:
        """Raises InputError unless there is a list of jobs, each an object with an id of its own."""
        self.document = document
        if not isinstance(document.data.get("jobs"), list):
            raise InputError(
                'there is no list of "jobs" in the document',
                place=self.place(("jobs",)) if "jobs" in document.data else document.name,
                mend='a workflow looks like this: {"jobs": [{"id": "hello", "command": "echo hello"}]}',
            )
        self.ids = [self._id(node) for node in range(len(document.jobs))]
        self.index = {name: node for node, name in enumerate(self.ids)}
        if len(self.index) < len(self.ids):
            raise self._duplicate()

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def graph(self) -> Graph:
        """Who depends on whom."""
        return Graph(self.ids, map(dependency_ids, self.document.jobs))

    @cached_property
    def order(self) -> list[int]:
        """All nodes, dependencies first; those on cycles, and what waits for them, at the end."""
        order = self.graph.order()
        return order + sorted(set(range(len(self))).difference(order))

    @cached_property
    def cyclic(self) -> bool:
        """Whether some jobs wait for each other."""
        place = {node: n for n, node in enumerate(self.order)}
        return any(place[other] >= place[node] for node in self.order for other in self.graph.dependencies[node])

    def description(self, node: int) -> str:
        """What a job says of itself."""
        return job_description(self.document.jobs[node])

    def tags(self, node: int) -> list[str]:
        """A job's tags; one that is not in a list counts too."""
        value = self.document.jobs[node].get("tags")
        listed = value if isinstance(value, list) else [value]
        return [tag for tag in listed if isinstance(tag, str)]

    def nodes(self, ids: Iterable[str], option: str) -> set[int]:
        """The nodes of these ids. Raises UsageError, which suggests the nearest for each that is unknown."""
        wanted = list(dict.fromkeys(ids))
        unknown = [name for name in wanted if name not in self.index]
        if unknown:
            ids = "the id" if len(unknown) == 1 else "the ids"
            raise UsageError(f"{option}: no job has {ids} {_listed(unknown)}", mend=self._meant(unknown))
        return {self.index[name] for name in wanted}

    def place(self, pointer: Pointer) -> str:
        """``file:line:column`` of a value."""
        return self.document.place(pointer)

    def _meant(self, unknown: Sequence[str]) -> str:
        pairs = [(word, near) for word, near in zip(unknown, nearest(unknown, self.ids), strict=True) if near]
        if not pairs:
            return "'ex-filter --list' shows every id"
        if len(unknown) == 1:
            return f'did you mean "{pairs[0][1]}"?'
        return "did you mean " + ", ".join(f'"{near}" for "{word}"' for word, near in pairs) + "?"

    def _id(self, node: int) -> str:
        raw = self.document.jobs[node]
        name = job_id(raw)
        if name:
            return name
        pointer: Pointer = ("jobs", node)
        if not isinstance(raw, dict):
            message = "a job is an object, this is something else"
        elif "id" in raw or "job_id" in raw:
            pointer = (*pointer, "id" if "id" in raw else "job_id")
            message = "the id of a job must be a string that is not empty"
        else:
            message = "this job has no id"
        raise InputError(message, place=self.place(pointer), mend='give it one: {"id": "load", ...}')

    def _duplicate(self) -> InputError:
        first: dict[str, int] = {}
        for node, name in enumerate(self.ids):
            if name in first:
                where = self.place(("jobs", first[name])).removeprefix(f"{self.document.name}:").partition(":")[0]
                return InputError(
                    f'two jobs have the id "{printable(name)}", the first on line {where}',
                    place=self.place(("jobs", node)),
                    mend="rename one of them; 'ex-validate' shows every duplicate",
                )
            first[name] = node
        raise AssertionError("no id is there twice")


def nearest(words: Iterable[str], known: Iterable[str]) -> list[str | None]:
    """For each word the known one that it may mean, None if none is near."""
    from exlib.rules.nearest import Nearest

    near = Nearest(known)
    return [near.to(word) for word in words]


def _listed(ids: Iterable[str]) -> str:
    return ", ".join(f'"{printable(name)}"' for name in ids)
