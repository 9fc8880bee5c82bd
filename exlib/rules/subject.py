"""What the rules look at: the document with its ill-shaped values left out, and where they report."""

import json
from collections.abc import Mapping
from functools import cached_property
from typing import Any, NamedTuple

from exlib.document import Document
from exlib.environment import inherited
from exlib.findings import Pointer
from exlib.rules.nearest import Nearest
from exlib.workflow import job_id


class Hit(NamedTuple):
    """A finding before its position is looked up."""

    code: str
    message: str
    pointer: Pointer
    mend: str | None
    at_key: bool


class Subject:
    """One document under examination.

    ``top`` and ``jobs`` hold only values of the right shape, so that a rule need not ask again; a list keeps
    its places, with None for an item that has none. The jobs are in the document's order, {} for what is no job.
    """

    def __init__(self, document: Document, environ: Mapping[str, str]) -> None:
        self.document = document
        self.environ = environ
        self.top: dict[str, Any] = {}
        self.jobs: list[dict[str, Any]] = []
        self.hits: list[Hit] = []

    def report(
        self, code: str, message: str, pointer: Pointer = (), *, mend: str | None = None, at_key: bool = False
    ) -> None:
        """Note one finding at the value, or at the key, that ``pointer`` names."""
        self.hits.append(Hit(code, message, pointer, mend, at_key))

    @cached_property
    def ids(self) -> list[str | None]:
        """The id of each job, None where it has none."""
        return [job_id(raw) for raw in self.jobs]

    @cached_property
    def nearest_id(self) -> Nearest:
        """Finds the id that a misspelt one means."""
        return Nearest(name for name in self.ids if name is not None)

    @cached_property
    def trimmed_ids(self) -> dict[str, str]:
        """The ids that ``--fix`` frees of the blanks around them, and what they become."""
        from exlib.fix import trimmed_ids

        return trimmed_ids(self.document)

    @cached_property
    def inherited(self) -> dict[str, str]:
        """The part of the shell's environment that jobs see."""
        return inherited(self.top.get("inherit_shell_env", True), self.environ)

    def line(self, pointer: Pointer) -> int:
        """The line that a value stands on."""
        return self.document.line(pointer)


class Grouped:
    """Equal findings in many jobs, reported once: at the first place, with the number of the others."""

    def __init__(self, *, at_key: bool = False) -> None:
        self._at_key = at_key
        self._places: dict[tuple[str, str, str | None], list[Pointer]] = {}

    def add(self, code: str, message: str, pointer: Pointer, mend: str | None = None) -> None:
        """Note one place."""
        self._places.setdefault((code, message, mend), []).append(pointer)

    def report(self, subject: Subject) -> None:
        """Report each finding with its number of places."""
        for (code, message, mend), pointers in self._places.items():
            others = len({pointer[:2] for pointer in pointers}) - 1
            more = "" if not others else f" (and in {others:,} other job{'s' if others > 1 else ''})"
            subject.report(code, message + more, pointers[0], mend=mend, at_key=self._at_key)


def shown(value: Any) -> str:
    """A value as JSON, cut where it gets long."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:59]}…"


def named(pointer: Pointer) -> str:
    """A pointer as a person writes it, from the job or the document on: ``post_checks[0].name``."""
    steps = pointer[2:] if pointer[:1] == ("jobs",) and len(pointer) > 2 else pointer
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
    return text.removeprefix(".")
