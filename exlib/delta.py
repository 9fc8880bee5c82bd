"""What differs between two documents as workflows: jobs added, removed and changed, told by their ids.

Spellings that mean the same are the same: old names of keys, dependencies as text, in another order or in another
form. Whether a value that stands there equals the one that would count without it is not asked.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from exlib.document import Document
from exlib.workflow.keys import (
    LEGACY_JOB_KEYS,
    LEGACY_TOP_KEYS,
    dependency_entries,
    dependency_target,
    env_text,
    job_id,
)


class _Absent:
    """No value: the key is not there."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = _Absent()
"""Stands for the value of a key that is not there."""


class Change(NamedTuple):
    """A key with its values; ``env_variables`` are told one by one, as ``env_variables.NAME``.

    Of dependencies ``before`` has those that went and ``after`` those that came, as a document writes them.
    """

    key: str
    before: Any
    after: Any

    @property
    def kind(self) -> str:
        """``added``, ``removed`` or ``changed``."""
        return "added" if self.before is ABSENT else "removed" if self.after is ABSENT else "changed"


class JobDelta(NamedTuple):
    """A job that is in both documents, and what of it differs."""

    job: str
    changes: tuple[Change, ...]


class Delta(NamedTuple):
    """From the first document to the second. ``settings`` are keys of the document itself; all in document order."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[JobDelta, ...]
    settings: tuple[Change, ...]

    def __bool__(self) -> bool:
        """Whether there is any difference."""
        return bool(self.added or self.removed or self.changed or self.settings)


def delta(before: Document, after: Document) -> Delta:
    """The differences; of several jobs with one id the last counts, what is no job is passed over."""
    old, new = _jobs(before), _jobs(after)
    changed = (JobDelta(job, tuple(_changes(old[job], new[job]))) for job in new if job in old)
    return Delta(
        added=tuple(job for job in new if job not in old),
        removed=tuple(job for job in old if job not in new),
        changed=tuple(found for found in changed if found.changes),
        settings=tuple(_changes(_settings(before), _settings(after))),
    )


def _jobs(document: Document) -> dict[str, dict[str, Any]]:
    found = {}
    for raw in document.jobs:
        job = job_id(raw)
        if job is not None:
            found[job] = _named(raw, LEGACY_JOB_KEYS, leave=("id",))
    return found


def _settings(document: Document) -> dict[str, Any]:
    return _named(document.data, LEGACY_TOP_KEYS, leave=("jobs",))


def _named(raw: Mapping[str, Any], legacy: Mapping[str, str], leave: tuple[str, ...]) -> dict[str, Any]:
    """The values under today's names; one under its old name counts where the new one is missing."""
    named = {legacy.get(key, key): value for key, value in raw.items() if key not in legacy or legacy[key] not in raw}
    return {key: value for key, value in named.items() if key not in leave}


def _changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    for key in dict.fromkeys([*old, *new]):
        before, after = old.get(key, ABSENT), new.get(key, ABSENT)
        if key == "dependencies":
            yield from _dependencies(old, new)
        elif key == "env_variables" and _is_table(before) and _is_table(after):
            yield from _variables(before, after)
        elif not _same(before, after):
            yield Change(key, before, after)


def _dependencies(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    before, after = ({_entry(entry): entry for entry in dependency_entries(raw)} for raw in (old, new))
    gone = [entry for known, entry in before.items() if known not in after]
    came = [entry for known, entry in after.items() if known not in before]
    if gone or came:
        yield Change("dependencies", gone or ABSENT, came or ABSENT)


def _entry(entry: Any) -> str:
    """One text for all ways to write the same dependency."""
    target = dependency_target(entry)
    plain = target is not None and (isinstance(entry, str) or set(entry) == {"job"})
    return f"job {target}" if plain else _text(entry)


def _variables(before: Any, after: Any) -> Iterator[Change]:
    old, new = (value if isinstance(value, dict) else {} for value in (before, after))
    for name in dict.fromkeys([*old, *new]):
        one, other = old.get(name, ABSENT), new.get(name, ABSENT)
        if (one is ABSENT) != (other is ABSENT) or (one is not ABSENT and env_text(one) != env_text(other)):
            yield Change(f"env_variables.{name}", one, other)


def _is_table(value: Any) -> bool:
    return value is ABSENT or value is None or isinstance(value, dict)


def _same(one: Any, other: Any) -> bool:
    if one is ABSENT or other is ABSENT:
        return one is other
    return _text(one) == _text(other)


def _text(value: Any) -> str:
    return json.dumps(_canonical(value), sort_keys=True)


def _canonical(value: Any) -> Any:
    """The same for all ways to write it: 1.0 is 1, but neither is true."""
    if isinstance(value, dict):
        return {key: _canonical(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_canonical(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
