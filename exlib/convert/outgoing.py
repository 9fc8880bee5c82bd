"""A document on its way into another format: its jobs in order, and what became of each of its keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from exlib.convert.account import Account, Place
from exlib.document import Document
from exlib.graph import Graph
from exlib.workflow import Job, Workflow

_NOTES = ("_", "x-")
_SECRET = frozenset(["smtp_password"])
_UNSPOKEN = frozenset(["$schema", "version", "jobs"])
"""Keys that mean nothing to a run, or that are spoken of one by one."""


class Speaker:
    """What is said of the keys of one object: of the workflow itself, or of a job."""

    def __init__(self, account: Account, document: Document, pointer: tuple[str | int, ...], job: str | None) -> None:
        self.account = account
        self._document = document
        self._pointer = pointer
        self._job = job
        self.said: set[str] = set()

    def exact(self, *keys: str) -> None:
        """The target says the same; keys that the document does not have are passed over."""
        for key in self._there(*keys):
            self.account.exact(self.place(key), key, job=self._job)

    def approximated(self, key: str, reason: str) -> None:
        """The target says nearly the same."""
        for one in self._there(key):
            self.account.approximated(self.place(one), one, reason, job=self._job)

    def dropped(self, key: str, reason: str) -> None:
        """The target does not say it."""
        for one in self._there(key):
            self.account.dropped(self.place(one), one, reason, job=self._job)

    def manual(self, key: str, reason: str) -> None:
        """A person has something to do."""
        for one in self._there(key):
            self.account.manual(self.place(one), one, reason, job=self._job)

    def place(self, key: str) -> Place:
        """Where a key stands in the document, with its value."""
        pointer = (*self._pointer, key)
        span = self._document.positions.span(pointer)
        text = self._document.text[span.start : span.end]
        path = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in pointer).lstrip(".")
        line = self._document.positions.line_column(span.start)[0]
        last = self._document.positions.line_column(span.end)[0]
        return Place(self._document.name, line, last, path, text, True)

    def _there(self, *keys: str) -> Iterator[str]:
        value = self.raw
        for key in keys:
            self.said.add(key)
            if key in value:
                yield key

    @property
    def raw(self) -> Mapping[str, Any]:
        """The object as the document has it."""
        value: Any = self._document.data
        for step in self._pointer:
            value = value[step]
        return value if isinstance(value, dict) else {}

    def unsaid(self) -> dict[str, Any]:
        """The keys that mean something and of which nothing was said yet, with their values: for a note.

        The value of a secret is not among them.
        """
        return {
            key: value
            for key, value in self.raw.items()
            if key not in self.said and not key.startswith(_NOTES) and key not in (*_UNSPOKEN, *_SECRET)
        }

    def kept(self, origin: str) -> dict[str, Any]:
        """What ``x-source`` kept of the metadata of a source of that format; empty for a job of another origin."""
        source = self.raw.get("x-source")
        top = self._document.data.get("x-source")
        came_from = top.get("format") if isinstance(top, dict) else None
        return dict(source) if isinstance(source, dict) and came_from == origin else {}

    def came_from(self, origin: str) -> bool:
        """Whether the document was read from a source of that format."""
        top = self._document.data.get("x-source")
        return isinstance(top, dict) and top.get("format") == origin


class OutJob(Speaker):
    """A job on its way out: ``job`` is the typed view; its values of default keys are filled in there."""

    def __init__(self, outgoing: Outgoing, index: int) -> None:
        job = outgoing.workflow.jobs[index]
        super().__init__(outgoing.account, outgoing.document, ("jobs", index), job.id)
        self.index = index
        self.document = outgoing.document
        self.job: Job = job
        self.workflow = outgoing.workflow

    @property
    def settings(self) -> Mapping[str, Any]:
        """The keys of the workflow as the document has them."""
        return {key: value for key, value in self._document.data.items() if key != "jobs"}

    @property
    def states_limit(self) -> bool:
        """Whether the document says how long the job may run, or that it may run for ever."""
        return "timeout" in self.raw or "default_timeout" in self._document.data


class Outgoing(Speaker):
    """A document without errors, for a writer: its own keys, and ``jobs`` in an order that dependencies allow."""

    def __init__(self, document: Document, account: Account) -> None:
        super().__init__(account, document, (), None)
        self.document = document
        self.workflow = Workflow.from_document(document)

    @cached_property
    def graph(self) -> Graph:
        """The graph of the jobs by their places in the document."""
        jobs = self.workflow.jobs
        return Graph([job.id for job in jobs], [job.dependencies for job in jobs])

    @cached_property
    def jobs(self) -> list[OutJob]:
        """The jobs, dependencies first, else as in the document."""
        return [OutJob(self, index) for index in self.graph.order()]

    def settle(self) -> None:
        """Say of every key that nothing was said of that the target has no word for it."""
        for speaker in (self, *self.jobs):
            for key in speaker.unsaid():
                speaker.dropped(key, "there is no word for it there")
            for key in _SECRET - speaker.said:
                speaker.manual(key, "values of secrets are not written")
