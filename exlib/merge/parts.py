"""One of the documents that are merged: its jobs by id, and the word that tells its ids from others'."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from exlib.document import STDIN_NAME, Document
from exlib.merge.sameness import job_meaning
from exlib.select import Roster
from exlib.workflow import application_name, dependency_ids

LONGEST_PREFIX = 60
"""Bytes of a prefix: with the id behind it, it has to stay within what an id may have."""
_UNFIT = re.compile(r"[^\w.:+@-]+")


@dataclass
class Part:
    """A document with its jobs; ``names`` are the ids that they get in the merged one."""

    document: Document
    roster: Roster
    prefix: str
    names: dict[str, str] = field(default_factory=dict)

    @property
    def ids(self) -> list[str]:
        """The ids of the jobs in the document's order."""
        return self.roster.ids

    def raw(self, job: str) -> dict[str, Any]:
        """The job of an id as the document has it."""
        found: dict[str, Any] = self.document.jobs[self.roster.index[job]]
        return found

    def place(self, job: str) -> str:
        """``file:line:column`` of a job."""
        return self.roster.place(("jobs", self.roster.index[job]))

    @cached_property
    def meanings(self) -> dict[str, str]:
        """What each job means, to be compared with jobs of other documents."""
        return {job: job_meaning(raw) for job, raw in zip(self.ids, self.document.jobs, strict=True)}

    @cached_property
    def wanted(self) -> dict[str, list[str]]:
        """The ids that each job waits for."""
        return {job: dependency_ids(raw) for job, raw in zip(self.ids, self.document.jobs, strict=True)}


def parts_of(documents: Sequence[Document]) -> list[Part]:
    """The documents as parts, each with a prefix of its own. Raises InputError where a job has no id of its own."""
    rosters = [Roster(document) for document in documents]
    return [
        Part(document, roster, prefix)
        for document, roster, prefix in zip(documents, rosters, _prefixes(documents), strict=True)
    ]


def _prefixes(documents: Sequence[Document]) -> list[str]:
    """A prefix a document: the workflow's name; the file's where several have that name; else with a number."""
    names = [_fit(application_name(document)) for document in documents]
    stems = [_fit(_stem(document)) for document in documents]
    found: list[str] = []
    for name, stem in zip(names, stems, strict=True):
        wanted = name if names.count(name) == 1 else stem
        number, made = 2, wanted
        while made in found:
            number, made = number + 1, f"{wanted}_{number}"
        found.append(made)
    return found


def _stem(document: Document) -> str:
    return "stdin" if document.name == STDIN_NAME else os.path.splitext(os.path.basename(document.name))[0]


def _fit(name: str) -> str:
    """A name as the beginning of an id: letters, digits and a few signs, and not too long."""
    word = _UNFIT.sub("_", name).strip("_.")
    short = word.encode("utf-8", "replace")[:LONGEST_PREFIX].decode("utf-8", "ignore")
    return short or "workflow"
