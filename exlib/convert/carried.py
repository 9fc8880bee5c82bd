"""What a build file carries of a job beside its command: in the text of the command, and in a note above it.

The note holds what the format has no words for. What the document leaves to the defaults of ex-run, and a reader of the
format to others, it names under ``unstated``. Where the text does more than the command alone (a limit, a check, a
retry), the note holds under ``run`` the command and the keys that the text stands for, with a digest of the text: as
long as the text is the one that was written, they are read back; one that was edited is believed as it is.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from exlib.convert.draft import ALLOWED
from exlib.convert.outgoing import Outgoing, OutJob
from exlib.convert.shellchecks import allowed
from exlib.convert.shelljob import environment, script
from exlib.workflow import dependency_entries

IN_TEXT = (
    "env_variables", "working_dir", "timeout", "shell", "pre_checks", "post_checks", "max_retries", "retry_delay",
    "retry_backoff", "retry_jitter", "max_retry_time", "retry_on_status", "retry_on_exit_codes",
)  # fmt: skip
_BY_TEXT = frozenset(["default_timeout", "default_max_retries", "default_retry_delay", "default_retry_backoff"])
_NEVER = frozenset(["jobs", "includes", "smtp_password", "id", "command", "dependencies", "application_name"])
_UNSTATED = "unstated"
_SECRET = "it holds a secret"  # noqa: S105


class Carried(NamedTuple):
    """The text that runs a job, and the note that goes above it."""

    text: str
    note: dict[str, Any]


def carried(job: OutJob, title: str, *, done: frozenset[str] = frozenset(), said: Collection[str] = ()) -> Carried:
    """A job in a text and a note. ``done`` is what the target does itself, as for ``script``; ``said`` its keys."""
    text = script(job, done=done)
    note: dict[str, Any] = {}
    waits = [entry for entry in dependency_entries(job.raw) if isinstance(entry, dict) and "plugin" in entry]
    if waits:
        names = ", ".join(str(entry["plugin"]) for entry in waits)
        text = f"{allowed(f'it waits for {names}, which ex-run alone can ask', job.job.id)} || exit 1\n{text}"
        job.manual("dependencies", f"{names}: the job fails until EX_ALLOW names it")
        note["waits"] = waits
    if text != job.job.command:
        held = {key: job.raw[key] for key in IN_TEXT if key in job.raw and key not in said}
        if "env_variables" in held:
            held["env_variables"] = _open(job, held["env_variables"])
        note["run"] = {"text": digest(text), "command": job.job.command, **held}
        held_keys = set(held)
    else:
        held_keys = set()
    for key, value in job.unsaid().items():
        if key not in held_keys and key not in _NEVER and key not in said:
            note[key] = value
            job.dropped(key, f"{title} has no word for it: a comment keeps it")
    for key in IN_TEXT:  # what says the same as nothing
        if key in job.raw and key not in held_keys and key not in note and key not in said:
            note[key] = job.raw[key]
    return Carried(text, _sorted(note))


def _sorted(note: Mapping[str, Any]) -> dict[str, Any]:
    """The order is that of the names: a document that was read has its keys in another one."""
    return dict(sorted(note.items()))


def meaning(
    job: OutJob, text: str, *, native: Collection[str] = (), beyond: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """The part of a note that says what a text stands for, where that is more than the command.

    ``native`` are keys that the target says itself; ``beyond`` are variables that it does not, and the text does.
    """
    if text == job.job.command:
        return {}
    settings = job.settings
    held = {key: job.raw.get(key, settings.get(f"default_{key}")) for key in IN_TEXT if key not in native}
    held["shell"] = job.raw.get("shell", settings.get("shell"))
    held["pre_checks"] = [check for check in job.raw.get("pre_checks") or () if check.get("name") != ALLOWED]
    held["working_dir"] = os.path.join(job.workflow.working_dir or "", job.job.working_dir or "")
    held["env_variables"] = _open(job, beyond or {})
    held = {key: value for key, value in held.items() if key not in native or key == "env_variables"}
    # What is no list or text can well be empty: false is a shell, and 0 a number of retries.
    held = {key: value for key, value in held.items() if value is not None and value not in ("", [], {})}
    return {"run": {"text": digest(text.strip()), "command": job.job.command, **held}}


def restore_meaning(job: dict[str, Any], note: Mapping[str, Any], text: str) -> dict[str, Any]:
    """Give a job that was read what its text stands for, if it still is the one that was written; return that."""
    run = note.get("run")
    if not isinstance(run, dict) or run.get("text") != digest(text.strip()) or not isinstance(run.get("command"), str):
        return {}
    held = {key: value for key, value in run.items() if key in IN_TEXT and _fits(key, value)}
    guards, around = job.get("pre_checks") or [], job.get("env_variables") or {}
    job.pop("shell", None)
    job |= {"command": run["command"], **held}
    if "pre_checks" in held:
        job["pre_checks"] = [*guards, *held["pre_checks"]]
    if "env_variables" in held:
        job["env_variables"] = around | held["env_variables"]
    return held


def _fits(key: str, value: Any) -> bool:
    """Whether a value of a note, which anybody may have written, is of the kind that those who read on count on."""
    if key in ("pre_checks", "post_checks"):
        return isinstance(value, list) and all(
            isinstance(check, dict) and isinstance(check.get("name"), str) and isinstance(check.get("params"), dict)
            for check in value
        )
    return key != "env_variables" or isinstance(value, dict)


def carried_settings(outgoing: Outgoing, title: str, *, said: Collection[str] = ()) -> dict[str, Any]:
    """The note of the workflow: its keys but for those that the target says itself."""
    note: dict[str, Any] = {}
    for key, value in outgoing.unsaid().items():
        if key in said:
            continue
        if key in _NEVER and key != "application_name":
            outgoing.dropped(key, _SECRET if key == "smtp_password" else "it is resolved")
            continue
        note[key] = value
        if key in _BY_TEXT or key in ("working_dir", "env_variables", "allow_shell"):
            outgoing.exact(key)
        else:
            outgoing.dropped(key, f"{title} has no word for it: a comment keeps it")
    if "env_variables" in note:
        note["env_variables"] = _open(outgoing.jobs[0], note["env_variables"]) if outgoing.jobs else {}
    return _sorted(note) | unstated(outgoing)


def unstated(outgoing: Outgoing) -> dict[str, Any]:
    """The part of a note that names the limit that no text has, as it is ex-run's own."""
    return {} if "default_timeout" in outgoing.raw else {_UNSTATED: ["default_timeout"]}


def restore(job: dict[str, Any], note: Mapping[str, Any], text: str) -> None:
    """Give a job that was read what its note holds; ``text`` is what it runs, as it was read."""
    for key, value in note.items():
        if key not in ("id", "goal", "run", "waits", "always", *_NEVER) and _fits(key, value):
            job[key] = value
    run = note.get("run")
    if isinstance(run, dict) and run.get("text") == digest(text) and isinstance(run.get("command"), str):
        held = {key: value for key, value in run.items() if key in IN_TEXT and _fits(key, value)}
        around = job.get("env_variables") or {}
        job |= {"command": run["command"], **held}
        if "env_variables" in held:
            job["env_variables"] = around | held["env_variables"]
    waits = note.get("waits")
    if isinstance(waits, list):
        job["dependencies"] = [*job.get("dependencies", []), *waits]


def restore_settings(settings: dict[str, Any], note: Mapping[str, Any]) -> None:
    """Give a workflow that was read what its note holds."""
    settings |= {
        key: value
        for key, value in note.items()
        if key == "application_name" or (key not in _NEVER and key != _UNSTATED)
    }
    leave_unstated(settings, note)


def leave_unstated(settings: dict[str, Any], note: Mapping[str, Any]) -> None:
    """Take from a workflow that was read what its note says that the document left to ex-run."""
    names = note.get(_UNSTATED)
    if isinstance(names, list) and "default_timeout" in names and "default_timeout" not in note:
        settings.pop("default_timeout", None)


def digest(text: str) -> str:
    """A short name of a text."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _open(job: OutJob, values: Mapping[str, Any]) -> dict[str, Any]:
    """The variables without those that are secrets."""
    secret = set(environment(job)[1])
    return {name: value for name, value in values.items() if name not in secret}
