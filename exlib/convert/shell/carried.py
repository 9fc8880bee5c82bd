"""What a build file carries of a job beside its command: in the text of the command, and in a note above it.

The note holds what the format has no words for. What the document leaves to the defaults of ex-run, and a reader of the
format to others, it names under ``unstated``. Where the text does more than the command alone (a limit, a check, a
retry), the note holds under ``run`` where the command stands in it, or the command, and the keys that the text stands
for, with a digest of the text: as long as the text is the one that was written, they are read back; one that was edited
is believed as it is.
"""

from __future__ import annotations

import hashlib
import os
import shlex
from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from exlib.convert.account import Place
from exlib.convert.draft import ALLOWED
from exlib.convert.outgoing import Outgoing, OutJob, Speaker
from exlib.convert.shell.checks import allowed
from exlib.convert.shell.job import environment, script
from exlib.document import Document
from exlib.document.edit import dump
from exlib.masking import Mask
from exlib.masking.documents import secret_values
from exlib.workflow import DEFAULT_TIMEOUT, dependency_entries

IN_TEXT = (
    "env_variables", "working_dir", "timeout", "shell", "pre_checks", "post_checks", "max_retries", "retry_delay",
    "retry_backoff", "retry_jitter", "max_retry_time", "retry_on_status", "retry_on_exit_codes",
)  # fmt: skip
_BY_TEXT = frozenset(["default_timeout", "default_max_retries", "default_retry_delay", "default_retry_backoff"])
_NEVER = frozenset(["jobs", "includes", "smtp_password", "id", "command", "dependencies", "application_name"])
_UNSTATED = "unstated"
_SECRET = "it holds a secret"  # noqa: S105
_OURS = frozenset(["id", "goal", "run", "waits", "always", "after", "unstated", "environment"])
"""Keys of notes that are no keys of a job or a workflow."""
_USUAL = {"inherit_shell_env": True, "continue_on_error": False}
"""What is so wherever a shell starts jobs."""
_NO_MAIL = "nothing is mailed there; a comment keeps it"
_NO_MASK = "nothing is masked there; a comment keeps it"
_REASONS = {
    "continue_on_error": "a failure stops what has not started; a comment keeps it",
    "priority": "jobs are taken in the order of the file; a comment keeps it",
    "detach": "what it leaves running is left in any case; a comment keeps it",
    "inherit_shell_env": "jobs see the whole environment of who starts them; a comment keeps it",
    "log_dir": "no logs are kept there; a comment keeps it",
    "security_policy": "commands are not looked at there; a comment keeps it",
    **dict.fromkeys(["secrets", "mask_logs"], _NO_MASK),
    **dict.fromkeys(["email_address", "email_on_success", "email_on_failure"], _NO_MAIL),
    **dict.fromkeys(["smtp_server", "smtp_port", "smtp_security", "smtp_user", "smtp_password_file"], _NO_MAIL),
}
"""What happens where a key changes what runs, or what is seen of it; the others only tell something."""


class Carried(NamedTuple):
    """The text that runs a job, and the note that goes above it."""

    text: str
    note: dict[str, Any]


def carried(
    job: OutJob,
    title: str,
    *,
    done: frozenset[str] = frozenset(),
    said: Collection[str] = (),
    given: Mapping[str, str] = {},
) -> Carried:
    """A job in a text and a note. ``done`` and ``given`` are the target's, as for ``script``; ``said`` its keys."""
    text = script(job, done=done, given=given)
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
        note["run"] = {"text": digest(text), **_where(job.job.command, text), **held}
        held_keys = set(held)
    else:
        held_keys = set()
    for key, value in job.unsaid().items():
        if key not in held_keys and key not in _NEVER and key not in said:
            note[key] = value
            if key == "continue_on_error" and (not value or job.workflow.continue_on_error):
                job.exact(key)
            else:
                job.dropped(key, _reason(key, title))
    note |= _source(job, job.document, title)
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


def carried_settings(
    outgoing: Outgoing, title: str, *, said: Collection[str] = (), same: Collection[str] = ()
) -> dict[str, Any]:
    """The note of the workflow: its keys but for those that the target says itself.

    ``same`` are keys that the target need not say: it does what they ask for.
    """
    note: dict[str, Any] = {}
    secret = sorted({name for job in outgoing.jobs for name in environment(job)[1]} & set(outgoing.workflow.env))
    for key, value in outgoing.unsaid().items():
        if key in said:
            continue
        if key in _NEVER and key != "application_name":
            outgoing.dropped(key, _SECRET if key == "smtp_password" else "it is resolved")
            continue
        note[key] = value
        if key == "env_variables" and secret:
            outgoing.manual(key, f"the values of secrets are not written: set {', '.join(secret)}")
        elif key == "default_timeout" and value == DEFAULT_TIMEOUT:
            outgoing.approximated(key, f"{title} knows no limit of time: this one is not kept there")
        elif key in (*_BY_TEXT, *same, "working_dir", "env_variables", "allow_shell") or _USUAL.get(key) is value:
            outgoing.exact(key)
        else:
            outgoing.dropped(key, _reason(key, title))
    if "env_variables" in note:
        note["env_variables"] = _open(outgoing.jobs[0], note["env_variables"]) if outgoing.jobs else {}
    if "default_timeout" not in outgoing.raw and any("timeout" not in job.raw for job in outgoing.jobs):
        reason = f"{title} knows no limit of time: that of three hours, for jobs that state none, is not kept there"
        outgoing.account.approximated(Place(outgoing.document.name), "time limit", reason)
    return _sorted(note | _source(outgoing, outgoing.document, title)) | unstated(outgoing)


def unstated(outgoing: Outgoing) -> dict[str, Any]:
    """The part of a note that names the limit that no text has, as it is ex-run's own."""
    return {} if "default_timeout" in outgoing.raw else {_UNSTATED: ["default_timeout"]}


def shared_variables(outgoing: Outgoing) -> dict[str, str]:
    """The workflow's variables that each job has, with the value that most of them see; secrets are not among them."""
    every = [environment(job)[0] for job in outgoing.jobs]
    return {
        name: Counter(values[name] for values in every).most_common(1)[0][0]
        for name in outgoing.workflow.env
        if every and all(name in values for values in every)
    }


def restore(job: dict[str, Any], note: Mapping[str, Any], text: str) -> None:
    """Give a job that was read what its note holds; ``text`` is what it runs, as it was read."""
    for key, value in note.items():
        if key not in _OURS and key not in _NEVER and _fits(key, value):
            job[key] = value
    run = note.get("run")
    if isinstance(run, dict) and run.get("text") == digest(text) and (command := _found(run, text)) is not None:
        held = {key: value for key, value in run.items() if key in IN_TEXT and _fits(key, value)}
        around = job.get("env_variables") or {}
        job |= {"command": command, **held}
        if "env_variables" in held:
            job["env_variables"] = around | held["env_variables"]
    waits = note.get("waits")
    if isinstance(waits, list):
        job["dependencies"] = [*job.get("dependencies", []), *waits]


def restore_settings(settings: dict[str, Any], kept: dict[str, Any], note: Mapping[str, Any]) -> None:
    """Give a workflow that was read what its note holds; ``kept`` becomes its ``x-source``."""
    source = note.get("x-source")
    if isinstance(source, dict):
        kept |= source
    for key, value in note.items():
        if key == "application_name" or key not in (*_NEVER, *_OURS, "x-source"):
            settings[key] = value
    leave_unstated(settings, note)


def leave_unstated(settings: dict[str, Any], note: Mapping[str, Any]) -> None:
    """Take from a workflow that was read what its note says that the document left to ex-run."""
    names = note.get(_UNSTATED)
    if isinstance(names, list) and "default_timeout" in names and "default_timeout" not in note:
        settings.pop("default_timeout", None)


def _reason(key: str, title: str) -> str:
    return _REASONS.get(key) or f"{title} has no word for it: a comment keeps it"


def _source(speaker: Speaker, document: Document, title: str) -> dict[str, Any]:
    """What is kept of another format, for the note; nothing if it holds the value of a secret."""
    source = speaker.raw.get("x-source")
    if not isinstance(source, dict):
        return {}
    own = speaker.came_from(title)
    rest = {key: value for key, value in source.items() if not own or key not in ("format", "comments")}
    if not rest:
        return {}
    named = document.data.get("secrets")
    mask = Mask(secret_values(document, named if isinstance(named, list) else ()))
    text = dump(rest)
    if mask.text(text) != text:
        speaker.dropped("x-source", _SECRET)
        return {}
    speaker.dropped("x-source", f"what it keeps means nothing to {title}; a comment keeps it")
    return {"x-source": rest}


def _where(command: str, text: str) -> dict[str, Any]:
    """The command as its place in the text, if it stands there, as it is or as one word; else itself."""
    for key, said in (("at", command), ("word", shlex.quote(command))):
        if said and (begin := text.rfind(said)) >= 0:
            return {key: [begin, begin + len(said)]}
    return {"command": command}


def _found(run: Mapping[str, Any], text: str) -> str | None:
    """The command that a note tells of; None if it tells none."""
    if isinstance(run.get("command"), str):
        return str(run["command"])
    for key in ("at", "word"):
        place = run.get(key)
        if isinstance(place, list) and len(place) == 2 and all(type(number) is int for number in place):
            said = text[place[0] : place[1]]
            return said if key == "at" else _one_word(said)
    return None


def _one_word(text: str) -> str | None:
    try:
        words = shlex.split(text)
    except ValueError:
        return None
    return words[0] if len(words) == 1 else None


def digest(text: str) -> str:
    """A short name of a text."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _open(job: OutJob, values: Mapping[str, Any]) -> dict[str, Any]:
    """The variables without those that are secrets."""
    secret = set(environment(job)[1])
    return {name: value for name, value in values.items() if name not in secret}
