"""When two values, two settings or two jobs of different documents mean the same, however they are written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from exlib.workflow import LEGACY_JOB_KEYS, LEGACY_TOP_KEYS, dependency_entries, dependency_target, env_text

SETS = frozenset(["dependencies", "tags", "secrets", "dependency_plugins"])
"""Keys whose list is a set: what one side adds and what the other adds are both wanted."""


def meaning(value: Any) -> str:
    """One text for all ways to write a value: 1.0 is 1, but neither is true; keys in any order."""
    return json.dumps(_canonical(value), sort_keys=True)


def _canonical(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _canonical(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_canonical(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def spellings(raw: Mapping[str, Any], legacy: Mapping[str, str]) -> dict[str, str]:
    """The keys of an object under today's names, and how each is written there; beside today's an old one is a note."""
    return {key if legacy.get(key, key) in raw else legacy[key]: key for key in raw}


def settings_of(data: Mapping[str, Any]) -> dict[str, str]:
    """The settings of a document, all keys but the jobs, and how each is spelt."""
    found = spellings(data, LEGACY_TOP_KEYS)
    found.pop("jobs", None)
    return found


def keys_of(job: Mapping[str, Any]) -> dict[str, str]:
    """The keys of a job and how each is spelt."""
    return spellings(job, LEGACY_JOB_KEYS)


def key_meaning(key: str, value: Any) -> str:
    """The meaning of the value of one key: sets in any order, variables as the texts that they become."""
    if key in SETS:
        return meaning(sorted(members_of(key, value)))
    if key == "env_variables" and isinstance(value, dict):
        return meaning({name: env_text(item) for name, item in value.items() if not isinstance(item, (dict, list))})
    return meaning(value)


def members_of(key: str, value: Any) -> dict[str, Any]:
    """The members of a set by their meaning, in their order."""
    if key == "dependencies":
        entries = dependency_entries({"dependencies": value})
        return {entry_meaning(entry): entry for entry in entries}
    entries = value if isinstance(value, list) else [] if value is None else [value]
    return {meaning(entry): entry for entry in entries}


def entry_meaning(entry: Any) -> str:
    """One text for all ways to write the same dependency."""
    target = dependency_target(entry)
    plain = target is not None and (isinstance(entry, str) or set(entry) == {"job"})
    return f"job {target}" if plain else meaning(entry)


def job_meaning(job: Mapping[str, Any]) -> str:
    """One text for all ways to write the same job."""
    return meaning({key: key_meaning(key, job[spelt]) for key, spelt in sorted(keys_of(job).items())})
