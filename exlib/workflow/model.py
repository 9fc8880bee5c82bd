"""The typed, read-only view of a document: Workflow, Job, Retry, Check, Wait, Mail."""

import os
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, Self

from exlib.document import Document
from exlib.workflow.keys import application_name, dependency_entries, dependency_ids, env_text, job_description, job_id

DEFAULT_TIMEOUT = 10_800.0
"""Seconds a job may take when nothing says otherwise: three hours, as the original had it."""
DEFAULT_RETRY_DELAY = 30.0
DEFAULT_RETRY_BACKOFF = 1.5
DEFAULT_RETRY_JITTER = 0.1
DEFAULT_MAX_RETRY_TIME = 1_800.0
RETRY_STATUSES = ("ERROR", "FAILED", "TIMEOUT")
"""ERROR: could not be started. FAILED: non-zero exit, signal or failed check. TIMEOUT: ran too long."""


class Check(NamedTuple):
    """A named condition with parameters, tried before or after a job's command."""

    name: str
    params: Mapping[str, Any]


class Wait(NamedTuple):
    """A dependency on something outside the document, answered by a plugin; ``timeout`` in seconds."""

    plugin: str
    params: Mapping[str, Any]
    timeout: float | None


class PluginSource(NamedTuple):
    """A Python file with plugins; ``name`` is what its ``PLUGIN_CLASS`` is called by, ``path`` is absolute."""

    name: str
    path: str


class Retry(NamedTuple):
    """When and how often a failed attempt is repeated. Times in seconds; ``max_time`` 0 means no cap."""

    limit: int
    delay: float
    backoff: float
    jitter: float
    max_time: float
    on_status: frozenset[str]
    on_exit_codes: frozenset[int]


class Mail(NamedTuple):
    """Who is told how a run ended, and through which server; docs/mail.md says what stands in for a None."""

    to: tuple[str, ...]
    on_success: bool
    on_failure: bool
    server: str | None
    port: int | None
    security: str
    sender: str | None
    user: str | None
    password: str | None
    password_file: str | None


class Job(NamedTuple):
    """One shell job. ``timeout`` is in seconds, None for no limit; ``shell`` is the argv before the command."""

    id: str
    description: str
    command: str
    dependencies: tuple[str, ...]
    waits: tuple[Wait, ...]
    timeout: float | None
    retry: Retry
    env: Mapping[str, str]
    working_dir: str | None
    shell: tuple[str, ...] | None
    tags: tuple[str, ...]
    priority: int
    pre_checks: tuple[Check, ...]
    post_checks: tuple[Check, ...]
    continue_on_error: bool
    detach: bool


class Workflow(NamedTuple):
    """A whole document, typed. ``directory`` is where its relative paths start."""

    name: str
    description: str
    directory: str
    working_dir: str | None
    parallel: bool
    max_workers: int
    env: Mapping[str, str]
    inherit_shell_env: bool | str | tuple[str, ...]
    continue_on_error: bool
    log_dir: str | None
    allow_shell: bool
    security_policy: str
    dependency_plugins: tuple[PluginSource, ...]
    secrets: tuple[str, ...]
    mask_logs: bool
    mail: Mail | None
    jobs: tuple[Job, ...]

    @classmethod
    def from_document(cls, document: Document) -> Self:
        """The typed view of a document that has no error findings."""
        data = document.data
        allow_shell = data.get("allow_shell", True)
        return cls(
            name=application_name(document),
            description=data.get("description", ""),
            directory=document.directory,
            working_dir=data.get("working_dir"),
            parallel=data.get("parallel", False),
            max_workers=int(data.get("max_workers", 1)),
            env=_env(data),
            inherit_shell_env=_inherit(data.get("inherit_shell_env", True)),
            continue_on_error=data.get("continue_on_error", False),
            log_dir=data.get("log_dir"),
            allow_shell=allow_shell,
            security_policy=_policy(data.get("security_policy", "warn")),
            dependency_plugins=plugin_sources(document),
            secrets=tuple(data.get("secrets", ())),
            mask_logs=data.get("mask_logs", False),
            mail=_mail(data),
            jobs=tuple(_jobs(document, allow_shell)),
        )


def _jobs(document: Document, allow_shell: bool) -> Iterator[Job]:
    data = document.data
    default_timeout = data.get("default_timeout", DEFAULT_TIMEOUT)
    default_retry = _retry({}, data)
    retries: dict[Retry, Retry] = {}  # equal ones are kept once: a document has few, however many jobs
    for raw in document.jobs:
        keys = raw.keys()
        retry = default_retry if keys.isdisjoint(_RETRY_KEYS) else _retry(raw, data)
        yield Job(
            id=job_id(raw) or "",
            description=job_description(raw),
            command=raw["command"],
            dependencies=tuple(dependency_ids(raw)) if "dependencies" in keys else (),
            waits=_waits(raw) if "dependencies" in keys else (),
            timeout=raw.get("timeout", default_timeout),
            retry=retries.setdefault(retry, retry),
            env=_env(raw) if "env_variables" in keys else _NOTHING,
            working_dir=raw.get("working_dir"),
            shell=_shell(raw.get("shell", allow_shell)) if allow_shell else None,
            tags=tuple(raw.get("tags", ())),
            priority=int(raw.get("priority", 0)),
            pre_checks=_checks(raw.get("pre_checks")),
            post_checks=_checks(raw.get("post_checks")),
            continue_on_error=raw.get("continue_on_error", False),
            detach=raw.get("detach", False),
        )


_NOTHING: Mapping[str, str] = {}
_RETRY_KEYS = frozenset(
    [
        "max_retries",
        "retry_delay",
        "retry_backoff",
        "retry_jitter",
        "max_retry_time",
        "retry_on_status",
        "retry_on_exit_codes",
    ]
)


def _retry(raw: Mapping[str, Any], top: Mapping[str, Any]) -> Retry:
    def setting(key: str, default: Any) -> Any:
        return raw.get(key, top.get(f"default_{key}", default))

    codes = setting("retry_on_exit_codes", None)
    # Codes without statuses narrow what a plain failure means; see docs/decisions.
    statuses = raw.get("retry_on_status", RETRY_STATUSES if codes is None else ("ERROR", "TIMEOUT"))
    return Retry(
        limit=int(setting("max_retries", 0)),  # 2.0 is an integer in JSON Schema
        delay=setting("retry_delay", DEFAULT_RETRY_DELAY),
        backoff=setting("retry_backoff", DEFAULT_RETRY_BACKOFF),
        jitter=setting("retry_jitter", DEFAULT_RETRY_JITTER),
        max_time=setting("max_retry_time", DEFAULT_MAX_RETRY_TIME),
        on_status=frozenset(status.upper() for status in statuses),
        on_exit_codes=frozenset(codes or ()),
    )


def _waits(raw: Mapping[str, Any]) -> tuple[Wait, ...]:
    return tuple(
        Wait(entry["plugin"], entry.get("params") or {}, entry.get("timeout"))
        for entry in dependency_entries(raw)
        if isinstance(entry, dict) and "plugin" in entry
    )


def _checks(raw: list[dict[str, Any]] | None) -> tuple[Check, ...]:
    return tuple(Check(check["name"], check.get("params") or {}) for check in raw) if raw else ()


def _env(raw: Mapping[str, Any]) -> Mapping[str, str]:
    variables = raw.get("env_variables") or {}
    if all(type(value) is str for value in variables.values()):
        return variables
    return {key: env_text(value) for key, value in variables.items()}


def _inherit(value: Any) -> bool | str | tuple[str, ...]:
    return tuple(value) if isinstance(value, list) else value


def _policy(value: str) -> str:
    return "strict" if value == "block" else value  # the original's older word


def plugin_sources(document: Document) -> tuple[PluginSource, ...]:
    """The files under ``dependency_plugins``, a path or ``{"name", "path"}`` each; what is neither is left out."""
    entries = document.data.get("dependency_plugins")
    found = []
    for entry in entries if isinstance(entries, list) else ():
        path = entry.get("path") if isinstance(entry, dict) else entry
        if isinstance(path, str) and path:
            name = entry.get("name") if isinstance(entry, dict) else None
            stem = os.path.splitext(os.path.basename(path))[0]
            found.append(PluginSource(str(name or stem), os.path.abspath(os.path.join(document.directory, path))))
    return tuple(found)


def _shell(value: bool | str) -> tuple[str, ...] | None:
    if value is False:
        return None
    if value is True or not value.split():
        return ("/bin/sh", "-c")
    return (*value.split(), "-c")


def _mail(data: Mapping[str, Any]) -> Mail | None:
    address = data.get("email_address")
    listed = address.split(",") if isinstance(address, str) else (address or [])
    to = tuple(part.strip() for part in listed if part.strip())
    if not to:
        return None
    return Mail(
        to=to,
        on_success=data.get("email_on_success", False),
        on_failure=data.get("email_on_failure", False),
        server=data.get("smtp_server"),
        port=data.get("smtp_port"),
        security=data.get("smtp_security", "auto"),
        sender=data.get("smtp_from"),
        user=data.get("smtp_user"),
        password=data.get("smtp_password"),
        password_file=data.get("smtp_password_file"),
    )
