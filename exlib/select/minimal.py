"""The smallest document that means the same run: without prose, notes and settings that say the default."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from exlib.document import Document
from exlib.findings import Pointer
from exlib.workflow import (
    DEFAULT_MAX_RETRY_TIME,
    DEFAULT_RETRY_BACKOFF,
    DEFAULT_RETRY_DELAY,
    DEFAULT_RETRY_JITTER,
    DEFAULT_TIMEOUT,
)

PROSE = frozenset(["$schema", "description", "job_description", "tags"])
"""Keys that tell people, editors and filters something, and the engine nothing."""

_RETRY: dict[str, Any] = {
    "max_retries": 0,
    "retry_delay": DEFAULT_RETRY_DELAY,
    "retry_backoff": DEFAULT_RETRY_BACKOFF,
    "retry_jitter": DEFAULT_RETRY_JITTER,
    "max_retry_time": DEFAULT_MAX_RETRY_TIME,
}
TOP_DEFAULTS: dict[str, Any] = {
    "parallel": False,
    "max_workers": 1,
    "default_timeout": DEFAULT_TIMEOUT,
    **{f"default_{key}": value for key, value in _RETRY.items()},
    "env_variables": {},
    "inherit_shell_env": True,
    "continue_on_error": False,
    "allow_shell": True,
    "security_policy": "warn",
    "dependency_plugins": [],
    "secrets": [],
    "mask_logs": False,
    "email_address": "",
    "email_on_success": False,
    "email_on_failure": False,
    "smtp_security": "auto",
}
_JOB_DEFAULTS: dict[str, Any] = {
    "dependencies": [],
    "env_variables": {},
    "pre_checks": [],
    "post_checks": [],
    "continue_on_error": False,
    "priority": 0,
    "detach": False,
    "shell": True,
}


def superfluous(document: Document, nodes: Sequence[int], dependencies: Mapping[int, list[Any]]) -> Iterator[Pointer]:
    """What the minimal document leaves out, at its top and in these jobs.

    ``dependencies`` are the new ones of jobs whose list changes. A job's setting that repeats the document's
    default goes too. Keys that nothing here knows stay, but for notes (``_…`` and ``x-…``).
    """
    for key, value in document.data.items():
        if key != "jobs" and _says_nothing(key, value, TOP_DEFAULTS):
            yield (key,)
    defaults = _job_defaults(document.data)
    for node in nodes:
        for key, value in document.jobs[node].items():
            now = dependencies.get(node, value) if key == "dependencies" else value
            if _says_nothing(key, now, defaults):
                yield ("jobs", node, key)


def _job_defaults(top: Mapping[str, Any]) -> dict[str, Any]:
    """What each setting of a job is if the job does not say it."""
    defaults = {
        **_JOB_DEFAULTS,
        "timeout": top.get("default_timeout", DEFAULT_TIMEOUT),
        **{key: top.get(f"default_{key}", value) for key, value in _RETRY.items()},
    }
    if "default_retry_on_exit_codes" in top:
        defaults["retry_on_exit_codes"] = top["default_retry_on_exit_codes"]
    return defaults


def _says_nothing(key: str, value: Any, defaults: Mapping[str, Any]) -> bool:
    if key in PROSE or key.startswith(("_", "x-")):
        return True
    # True equals 1 in Python, but not in a document.
    return key in defaults and value == defaults[key] and isinstance(value, bool) == isinstance(defaults[key], bool)
