"""What of a document can be drawn, be it valid or not: a picture often shows best what is wrong with it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any

from exlib.document import Document
from exlib.errors import InputError
from exlib.findings import Finding
from exlib.workflow import Workflow, job_id


def sketch(document: Document) -> tuple[Workflow, list[Finding]]:
    """The workflow, and the errors for which ex-run would refuse it; ill-shaped values are left out.

    Raises InputError if there is no list of jobs.
    """
    from exlib import rules

    if not isinstance(document.data.get("jobs"), list):
        raise InputError(
            'there is no list of "jobs" in the document',
            place=document.name,
            mend='a workflow looks like this: {"jobs": [{"id": "hello", "command": "echo hello"}]}',
        )
    errors = rules.errors(document)
    return Workflow.from_document(_well_shaped(document) if errors else document), errors


def _well_shaped(document: Document) -> Document:
    """The document with what is missing filled in and what cannot be read left out."""
    from exlib.rules.shape import check_shape
    from exlib.rules.subject import Subject

    subject = Subject(document, os.environ)
    check_shape(subject)
    jobs = list(_named({"command": "", **raw} for raw in subject.jobs))
    return Document(json.dumps({**subject.top, "jobs": jobs}).encode(), document.name)


def _named(jobs: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Each job with an id of its own: one that has none is called by its place, a repeated one is numbered."""
    seen: dict[str, int] = {}
    for place, raw in enumerate(jobs, 1):
        name = job_id(raw) or f"(job {place})"
        seen[name] = seen.get(name, 0) + 1
        yield {**raw, "id": name if seen[name] == 1 else f"{name} ({seen[name]})"}
