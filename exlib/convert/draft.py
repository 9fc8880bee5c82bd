"""A workflow in the making: what a reader fills, job by job, and what it then looks like as a document."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, Protocol

_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")
_BLANKS = re.compile(r"\s+")
_LONGEST = 200  # bytes of an id
ALLOWED = "check_allowed"


class Made(Protocol):
    """What a reader returns: a document by name, as bytes."""

    @property
    def name(self) -> str:
        """The application name."""
        ...

    @property
    def raw(self) -> bytes:
        """The document."""
        ...


class Untouched(NamedTuple):
    """A document that was one before."""

    name: str
    raw: bytes


class Draft:
    """A document in the making. ``settings`` are its keys but for the jobs, ``kept`` becomes its ``x-source``."""

    def __init__(self, name: str, origin: str) -> None:
        """Begin a document with an application name; ``origin`` is the name of the source's format."""
        self.settings: dict[str, Any] = {"application_name": clean(name) or "workflow"}
        self.kept: dict[str, Any] = {"format": origin}
        self.jobs: list[dict[str, Any]] = []
        self._ids: set[str] = set()
        self._numbers: dict[str, int] = {}

    @property
    def name(self) -> str:
        """The application name."""
        return str(self.settings["application_name"])

    def job(self, wanted: str, command: str, **keys: Any) -> dict[str, Any]:
        """Add a job with an id as near to ``wanted`` as can be; keys that are None or empty are left out.

        The job that is returned may be filled further; ``source=`` is what its ``x-source`` keeps.
        """
        job: dict[str, Any] = {"id": self.new_id(wanted), "command": command}
        source = keys.pop("source", None)
        job |= {key: value for key, value in keys.items() if value not in (None, "", [], {}, ())}
        if source:
            job["x-source"] = dict(source)
        self.jobs.append(job)
        return job

    def new_id(self, wanted: str) -> str:
        """An id that no job has yet: the wanted one without what an id may not hold, else with a number."""
        base = _UNSEEN.sub(" ", wanted).strip() or "job"
        base = base.encode()[: _LONGEST - 5].decode(errors="ignore").strip() if len(base.encode()) > _LONGEST else base
        name = base
        while name in self._ids:
            self._numbers[base] = self._numbers.get(base, 1) + 1  # thousands may want one name
            name = f"{base}_{self._numbers[base]}"
        self._ids.add(name)
        return name

    def data(self) -> dict[str, Any]:
        """The document as an object."""
        return {**self.settings, "x-source": self.kept, "jobs": self.jobs}

    @property
    def raw(self) -> bytes:
        """The document in its canonical form."""
        from exlib.canonical import formatted
        from exlib.document import Document

        text = json.dumps(self.data(), ensure_ascii=False)
        return formatted(Document(text.encode("utf-8", "replace"))).encode()


def clean(text: str) -> str:
    """The text on one line, without what nobody sees."""
    return _BLANKS.sub(" ", _UNSEEN.sub(" ", text)).strip()


def guard(job: dict[str, Any], reason: str) -> None:
    """Keep a job from running until a person allows it; several reasons become one."""
    checks = job.setdefault("pre_checks", [])
    for check in checks:
        if check["name"] == ALLOWED:
            check["params"]["reason"] += f"; {clean(reason)}"
            return
    checks.insert(0, {"name": ALLOWED, "params": {"reason": clean(reason)}})


def guard_of(job: Mapping[str, Any]) -> str | None:
    """Why a job waits for a person; None if it does not."""
    for check in job.get("pre_checks") or ():
        if isinstance(check, dict) and check.get("name") == ALLOWED:
            return str((check.get("params") or {}).get("reason", ""))
    return None


def depend(job: dict[str, Any], on: Iterable[str]) -> None:
    """Let a job wait for others, each once, besides those that it waits for already."""
    listed: dict[str, None] = dict.fromkeys([*job.get("dependencies", ()), *on])
    listed.pop(job["id"], None)
    if listed:
        job["dependencies"] = list(listed)
