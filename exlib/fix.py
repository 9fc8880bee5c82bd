"""The safe mends of ``--fix``: old spellings, dependency strings, repeated dependencies, quoted numbers, blanks in ids.

Every mend is a splice of the text, so order, unknown keys and white space stay. What could mean two things
(both spellings present, two ids that would become one) is left for a person.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from typing import Any

from exlib import schema
from exlib.document import Document, Editor
from exlib.document.edit import Splice, dump
from exlib.findings import Pointer
from exlib.plugins.catalog import check_kind, wait_kind
from exlib.plugins.kinds import Kind
from exlib.workflow import LEGACY_JOB_KEYS, LEGACY_TOP_KEYS, dependency_entries, dependency_target, job_id

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,14})(\.[0-9]{1,15})?")
"""Texts that can only mean one number: JSON's own spelling, without exponents."""


@dataclass(frozen=True, slots=True)
class Mend:
    """One thing that was mended: its line (from 1) in the document as it was, and what was done."""

    line: int
    message: str
    job: str | None = None


@dataclass(frozen=True, slots=True)
class Mended:
    """A document after the mends: its bytes, every mend in the order of the text, and the splices they came to."""

    raw: bytes
    mends: tuple[Mend, ...]
    splices: tuple[Splice, ...]


def mend(document: Document) -> Mended:
    """Mend what is safe. Accepts any document that reads; without a mend the bytes are those it came with."""
    mender = _Mender(document)
    mender.spellings((), document.data, LEGACY_TOP_KEYS)
    mender.numbers()
    for index, raw in enumerate(document.jobs):
        if isinstance(raw, dict):
            mender.job(("jobs", index), raw)
    if not mender.mends:
        return Mended(document.raw, (), ())
    mends = tuple(made for _, made in sorted(mender.mends, key=lambda pair: pair[0]))
    return Mended(mender.editor.result(), mends, tuple(mender.editor.splices()))


class _Mender:
    """Collects the edits of one document, each with the words that tell of it."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.editor = Editor(document)
        self.mends: list[tuple[int, Mend]] = []
        self._trimmed = trimmed_ids(document)
        self._ids = {name for raw in document.jobs if (name := job_id(raw)) is not None}
        self._settled = (self._ids - self._trimmed.keys()) | set(self._trimmed.values())

    def spellings(self, at: Pointer, raw: Mapping[str, Any], legacy: Mapping[str, str]) -> None:
        """Rename the keys of one object that have a newer name, unless that is there too."""
        for old, new in legacy.items():
            if old in raw and new not in raw:
                self.editor.rename_key((*at, old), new)
                self._tell((*at, old), f'the key "{old}" is now "{new}"')

    def numbers(self) -> None:
        """Take the quotes off numbers where the schema wants a number and no string."""
        for pointer, text in quoted_numbers(self.document):
            bare = text.strip()
            self.editor.replace(pointer, float(bare) if "." in bare else int(bare))
            name = next(str(key) for key in reversed(pointer) if isinstance(key, str))
            self._tell(pointer, f"{name} {dump(text)} is now {bare}")

    def job(self, at: Pointer, raw: Mapping[str, Any]) -> None:
        """Mend the keys, the id and the dependencies of one job."""
        self.spellings(at, raw, LEGACY_JOB_KEYS)
        old = job_id(raw)
        if old in self._trimmed:
            key = "id" if "id" in raw else "job_id"
            self.editor.replace((*at, key), self._trimmed[old])
            self._tell((*at, key), f"the id {dump(old)} is now {dump(self._trimmed[old])}")
        dependencies = raw.get("dependencies")
        if isinstance(dependencies, str):
            self._dependency_string((*at, "dependencies"), dependencies, raw)
        elif isinstance(dependencies, list):
            self._dependency_list((*at, "dependencies"), dependencies)

    def _dependency_string(self, at: Pointer, text: str, raw: Mapping[str, Any]) -> None:
        listed = list(dict.fromkeys(self._resolved(part) for part in dependency_entries(raw)))
        self.editor.replace(at, listed)
        self._tell(at, f"dependencies {dump(text)} is now {dump(listed)}")

    def _dependency_list(self, at: Pointer, entries: list[Any]) -> None:
        kept: list[str | int] = []
        seen: set[str] = set()
        for place, entry in enumerate(entries):
            target = dependency_target(entry)
            if target is not None:
                final = self._resolved(target)
                # An object may hold more than the job's id; only what says nothing new is removed.
                if final in seen and (isinstance(entry, str) or len(entry) == 1):
                    self._tell((*at, place), f"the repeated dependency {dump(target)} is removed")
                    continue
                seen.add(final)
                if final != target:
                    spot = (*at, place) if isinstance(entry, str) else (*at, place, "job")
                    self.editor.replace(spot, final)
                    self._tell(spot, f"the dependency {dump(target)} is now {dump(final)}")
            kept.append(place)
        if len(kept) < len(entries):
            self.editor.keep_items(at, frozenset(kept))

    def _resolved(self, target: str) -> str:
        """The id that a dependency means once blanks around ids are gone."""
        if target in self._trimmed:
            return self._trimmed[target]
        bare = target.strip()
        return bare if target not in self._ids and bare in self._settled else target

    def _tell(self, pointer: Pointer, message: str) -> None:
        start = self.document.positions.span(pointer).start
        line, _ = self.document.positions.line_column(start)
        named = job_id(self.document.jobs[pointer[1]]) if len(pointer) > 1 and isinstance(pointer[1], int) else None
        self.mends.append((start, Mend(line, message, named)))


def trimmed_ids(document: Document) -> dict[str, str]:
    """Ids with blanks around them and what they become, where that leaves every id different from the others."""
    jobs = [(name, raw) for raw in document.jobs if (name := job_id(raw)) is not None]
    taken = Counter(name.strip() for name, _ in jobs)
    return {
        name: name.strip()
        for name, raw in jobs
        if name != name.strip() and name.strip() and taken[name.strip()] == 1 and not {"id", "job_id"} <= raw.keys()
    }


def quoted_numbers(document: Document) -> list[tuple[Pointer, str]]:
    """The strings that hold a number where only a number will do, by the schema or by a check's or wait's parameter."""
    described = schema.load("workflow")
    found = [*_quoted(document.data, described, described, ())]
    for index, raw in enumerate(document.jobs):
        if isinstance(raw, dict):
            found += _quoted_parameters(raw, ("jobs", index))
    return list(dict.fromkeys(found))


def _quoted_parameters(raw: Mapping[str, Any], at: Pointer) -> Iterator[tuple[Pointer, str]]:
    for key, naming, kind_of in (
        ("pre_checks", "name", check_kind),
        ("post_checks", "name", check_kind),
        ("dependencies", "plugin", wait_kind),
    ):
        entries = raw.get(key)
        for place, entry in enumerate(entries if isinstance(entries, list) else ()):
            name = entry.get(naming) if isinstance(entry, dict) else None
            kind = kind_of(name) if isinstance(name, str) else None
            if kind is not None and isinstance(entry.get("params"), dict):
                yield from _quoted_of_kind(kind, entry["params"], (*at, key, place, "params"))


def _quoted_of_kind(kind: Kind, params: Mapping[str, Any], at: Pointer) -> Iterator[tuple[Pointer, str]]:
    for parameter in kind.parameters or ():
        value = params.get(parameter.name)
        if isinstance(value, str) and _is_number(value, {parameter.kind}):
            yield (*at, parameter.name), value


def _quoted(value: Any, node: Mapping[str, Any], root: Mapping[str, Any], at: Pointer) -> Iterator[tuple[Pointer, str]]:
    """Walk a value along its schema; only as deep as the schema goes."""
    alternatives = _alternatives(node, root)
    if isinstance(value, str):
        if _is_number(value, {name for each in alternatives for name in _types(each)}):
            yield at, value
    elif isinstance(value, dict):
        for each in alternatives:
            for key, below in each.get("properties", {}).items():
                if key in value:
                    yield from _quoted(value[key], below, root, (*at, key))
    elif isinstance(value, list):
        for each in alternatives:
            if "items" in each:
                for place, item in enumerate(value):
                    yield from _quoted(item, each["items"], root, (*at, place))


def _is_number(text: str, types: Set[str]) -> bool:
    """Whether the text can only mean a number, where values of ``types`` are taken."""
    number = _NUMBER.fullmatch(text.strip())
    if number is None or "string" in types:
        return False
    return "number" in types or ("integer" in types and number[1] is None)


def _alternatives(node: Mapping[str, Any], root: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """A schema node, references followed, with the branches it offers."""
    found = schema.resolve(node, root)
    branches = [branch for word in ("anyOf", "oneOf", "allOf") for branch in found.get(word, ())]
    return [found, *(each for branch in branches for each in _alternatives(branch, root))]


def _types(node: Mapping[str, Any]) -> list[str]:
    named = node.get("type", [])
    return [named] if isinstance(named, str) else list(named)
