"""Where each setting, variable and job of a merged document came from."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import NamedTuple

from exlib.console import pad, printable, width
from exlib.document import Document
from exlib.findings import Pointer
from exlib.workflow import job_id

VERSION = 1


class Origin(NamedTuple):
    """A setting (``job`` is None) or a job (``key`` is None), and where it stands; a variable is env_variables.NAME."""

    job: str | None
    key: str | None
    file: str
    line: int

    @property
    def what(self) -> str:
        """The setting's name, or the job's id in quotes."""
        return f'job "{self.job}"' if self.key is None else self.key


def origins(document: Document) -> list[Origin]:
    """One entry a setting, a variable and a job, in the document's order."""
    return list(_origins(document))


def _origins(document: Document) -> Iterator[Origin]:
    for key, value in document.data.items():
        if key == "env_variables" and isinstance(value, dict):
            for name in value:
                yield _origin(document, (key, name), None, f"{key}.{name}")
        elif key == "jobs" and isinstance(value, list):
            for place, raw in enumerate(value):
                yield _origin(document, (key, place), job_id(raw) or f"number {place + 1}", None)
        else:
            yield _origin(document, (key,), None, key)


def _origin(document: Document, pointer: Pointer, job: str | None, key: str | None) -> Origin:
    source, _ = document.origin(pointer)
    return Origin(job, key, source.name, document.line(pointer))


def as_text(found: list[Origin]) -> str:
    """A line each: the place, then what came from it."""
    places = [printable(f"{origin.file}:{origin.line}") for origin in found]
    wide = max(map(width, places), default=0)
    return "".join(
        f"{pad(place, wide)}  {printable(origin.what)}\n" for place, origin in zip(places, found, strict=True)
    )


def as_json(found: list[Origin], name: str) -> str:
    """The report of schemas/origin.schema.json."""
    report = {"version": VERSION, "document": name, "origins": [origin._asdict() for origin in found]}
    return json.dumps(report, indent=2, ensure_ascii=False) + "\n"
