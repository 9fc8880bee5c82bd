"""Single keys of a raw document in all their spellings; these readers accept anything and raise nothing."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from exlib.document import STDIN_NAME, Document

LEGACY_TOP_KEYS = {"name": "application_name"}
LEGACY_JOB_KEYS = {"job_id": "id", "job_description": "description"}

MERGE_CONFLICT = "x-merge-conflict"
"""The key of a document or a job whose value lists conflicts of a merge that nobody has settled yet."""


def application_name(document: Document) -> str:
    """The workflow's name: ``application_name``, else ``name``, else the file's name without its ending."""
    for key in ("application_name", "name"):
        value = document.data.get(key)
        if isinstance(value, str) and value.strip():
            return value.strip()
    if document.name == STDIN_NAME:
        return "workflow"
    return os.path.splitext(os.path.basename(document.name))[0] or "workflow"


def job_id(raw: Any) -> str | None:
    """The id of a raw job, None when it has none that is a string."""
    if not isinstance(raw, dict):
        return None
    value = raw.get("id", raw.get("job_id"))
    return value if isinstance(value, str) else None


def job_description(raw: Mapping[str, Any]) -> str:
    """The description of a raw job, empty when it has none."""
    value = raw.get("description", raw.get("job_description", ""))
    return value if isinstance(value, str) else ""


def dependency_entries(raw: Any) -> list[Any]:
    """The entries of a raw job's ``dependencies``; one string may hold several ids with commas between."""
    value = raw.get("dependencies") if isinstance(raw, dict) else None
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value if isinstance(value, list) else []


def dependency_target(entry: Any) -> str | None:
    """The job id that a dependency entry names; None for a plugin or anything unreadable."""
    if isinstance(entry, str):
        return entry
    target = entry.get("job") if isinstance(entry, dict) else None
    return target if isinstance(target, str) else None


def dependency_ids(raw: Any) -> list[str]:
    """The job ids a raw job depends on, in order, each once."""
    targets = (dependency_target(entry) for entry in dependency_entries(raw))
    return list(dict.fromkeys(target for target in targets if target is not None))


def env_text(value: Any) -> str:
    """A JSON scalar as the text of a variable: true and false in lower case, null empty."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
