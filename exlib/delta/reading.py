"""A document as a comparison reads it: values under today's names, and one text for all ways to write a value."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from exlib.document import Document
from exlib.workflow.keys import LEGACY_JOB_KEYS, LEGACY_TOP_KEYS, dependency_entries, dependency_target, job_id

Raw = dict[str, Any]


def jobs_of(document: Document) -> dict[str, Raw]:
    """Jobs by their ids, without them; of several with one id the last counts, what is no job is passed over."""
    found = {}
    for raw in document.jobs:
        job = job_id(raw)
        if job is not None:
            found[job] = _named(raw, LEGACY_JOB_KEYS, "id")
    return found


def oddities_of(document: Document) -> list[Any]:
    """What stands among the jobs and is not in ``jobs_of``: without an id, or with one that a later job has too."""
    jobs = document.data.get("jobs", [])
    if not isinstance(jobs, list):
        return [jobs]
    last = {job_id(raw): at for at, raw in enumerate(document.jobs)}
    if len(last) == len(document.jobs) and None not in last:
        return []
    return [raw for at, raw in enumerate(document.jobs) if job_id(raw) is None or last[job_id(raw)] != at]


def settings_of(document: Document) -> Raw:
    """The document's own keys."""
    return _named(document.data, LEGACY_TOP_KEYS, "jobs")


def entries_of(raw: Mapping[str, Any], renamed: Mapping[str, str]) -> dict[str, Any]:
    """A job's dependencies, each by one text for all ways to write it; ``renamed`` has new ids by old ones."""
    entries = [_renamed(entry, renamed) for entry in dependency_entries(raw)] if renamed else dependency_entries(raw)
    return {_entry(entry): entry for entry in entries}


def same(one: Any, other: Any) -> bool:
    """Whether two values of a document mean the same: 1.0 is 1, but neither is true."""
    return text(one) == text(other)


def text(value: Any) -> str:
    """One text for all ways to write a value."""
    return json.dumps(_canonical(value), sort_keys=True)


def _named(raw: Mapping[str, Any], legacy: Mapping[str, str], leave: str) -> Raw:
    """The values under today's names; one under its old name counts where the new one is missing."""
    if legacy.keys().isdisjoint(raw):
        named = dict(raw)
    else:
        named = {legacy.get(key, key): one for key, one in raw.items() if key not in legacy or legacy[key] not in raw}
    named.pop(leave, None)
    return named


def _renamed(entry: Any, renamed: Mapping[str, str]) -> Any:
    target = dependency_target(entry)
    if target is None or target not in renamed:
        return entry
    return renamed[target] if isinstance(entry, str) else {**entry, "job": renamed[target]}


def _entry(entry: Any) -> str:
    target = dependency_target(entry)
    plain = target is not None and (isinstance(entry, str) or set(entry) == {"job"})
    return f"job {target}" if plain else text(entry)


def _canonical(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _canonical(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_canonical(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
