"""A DAG of Dagu, version 2: one step a job."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from exlib.convert.account import Place
from exlib.convert.dagu.emit import item, lines_of
from exlib.convert.dagu.notes import fitting
from exlib.convert.dagu.reader import digest
from exlib.convert.dagu.schedule import native, say_schedules
from exlib.convert.dagu.writestep import as_text, written
from exlib.convert.notes import note
from exlib.convert.outgoing import Outgoing, OutJob
from exlib.convert.shell.job import environment
from exlib.convert.wishes import File, Wishes
from exlib.environment import is_secret

_DEFAULTS = ("default_timeout", "default_max_retries", "default_retry_delay", "default_retry_backoff",
             "default_retry_jitter", "default_max_retry_time", "default_retry_on_exit_codes")  # fmt: skip
"""What each step says for itself."""
_HANDLERS = ("init", "success", "exit")


def write(outgoing: Outgoing, _wishes: Wishes) -> list[File]:
    """One file."""
    kept = outgoing.kept("dagu")
    steps, held = _steps(outgoing)
    top = _top(outgoing, kept)
    lines = [f"# {line}".rstrip() for line in str(kept.pop("comment", "")).split("\n") if line]
    kept.pop("format", None)
    own = dict(top)
    handlers = {**kept.pop("handler_on", {}), **held}
    own |= {key: value for key, value in kept.items() if key not in own or key == "shell"}
    extra: dict[str, Any] = (
        {} if top["name"] == outgoing.workflow.name else {"application_name": outgoing.workflow.name}
    )
    extra |= _goes_on(outgoing)
    extra |= outgoing.unsaid()
    for key in outgoing.unsaid():
        outgoing.approximated(key, "kept in a comment, which Dagu does not read")
    foreign = outgoing.raw.get("x-source")
    if isinstance(foreign, dict) and foreign.get("format") != "dagu":
        schedule, beyond = native(foreign)
        said = ("schedule", "timezone") if schedule is not None and not beyond else ()
        own |= {"schedule": schedule} if schedule is not None else {}
        extra["x-source"] = {key: value for key, value in foreign.items() if key not in said}
        if schedule is not None and not beyond:
            outgoing.exact("x-source")
        say_schedules(outgoing, beyond)
    if extra:
        lines.append(f"# {note(dict(sorted(extra.items())))}")
    lines += lines_of(own)
    if handlers:
        lines += lines_of({"handler_on": handlers})
    return [File("", "\n".join([*lines, "steps:", *steps]) + "\n")]


def _top(outgoing: Outgoing, kept: dict[str, Any]) -> dict[str, Any]:
    workflow = outgoing.workflow
    top: dict[str, Any] = {"name": workflow.name}
    if fitting(workflow.name) != workflow.name:
        top["name"] = fitting(workflow.name)
        outgoing.approximated("application_name", f"the DAG is called {top['name']}, and its name is kept in a comment")
    else:
        outgoing.exact("application_name")
    if outgoing.raw.get("description"):
        top["description"] = outgoing.raw["description"]
    outgoing.exact("description")
    top["type"] = "graph"
    for key in ("working_dir", "log_dir"):
        if outgoing.raw.get(key):
            top[key] = outgoing.raw[key]
        outgoing.exact(key)
    top["shell"] = "/bin/sh"
    top |= _env(outgoing, kept)
    top["max_active_steps"] = workflow.max_workers if workflow.parallel else 1
    outgoing.exact("max_workers", *_DEFAULTS)
    _parallel(outgoing)
    if outgoing.raw.get("secrets") is not None:
        outgoing.manual("secrets", "set them in the environment of Dagu")
    return top


def _parallel(outgoing: Outgoing) -> None:
    """One at a time is what Dagu does too, in an order of its own."""
    free = any(job.job.id not in after.job.dependencies for job, after in pairwise(outgoing.jobs))
    if outgoing.workflow.parallel or not free:
        outgoing.exact("parallel")
        return
    reason = "one step at a time, but of those that are free Dagu takes which it likes"
    _say(outgoing, "parallel", reason)


def _goes_on(outgoing: Outgoing) -> dict[str, Any]:
    """What a note has to say of what happens after a failure: Dagu knows one way."""
    if outgoing.workflow.continue_on_error:
        outgoing.exact("continue_on_error")
        return {}
    if len(outgoing.jobs) > 1:
        _say(outgoing, "continue_on_error", "after a failure Dagu goes on with what does not depend on it")
    stated = "continue_on_error" in outgoing.raw
    return {"continue_on_error": False} if stated else {"unstated": ["continue_on_error"]}


def _say(outgoing: Outgoing, key: str, reason: str) -> None:
    """Say of a key that it is approximated, though it be only a default."""
    outgoing.said.add(key)
    if key in outgoing.raw:
        outgoing.approximated(key, reason)
    else:
        outgoing.account.approximated(Place(outgoing.document.name, 1, 1, key), key, reason)


def _env(outgoing: Outgoing, kept: dict[str, Any]) -> dict[str, Any]:
    raw = outgoing.raw.get("env_variables") or {}
    hidden = {name for job in outgoing.jobs for name in environment(job)[1]}
    secret = [name for name in raw if name in hidden or is_secret(name, outgoing.workflow.secrets)]
    if secret:
        outgoing.manual("env_variables", f"the values of secrets are not written: set {', '.join(secret)}")
    else:
        outgoing.exact("env_variables")
    known = {name: as_text(value) for name, value in raw.items() if name not in secret}
    env: list[Any] = []
    for one in _as_list(kept.pop("env", None)):
        name = next(iter(one), "") if isinstance(one, dict) else str(one).partition("=")[0]
        if name in known:
            env.append({name: known.pop(name)})
        elif name not in secret:
            env.append(one)
    env += [{name: value} for name, value in known.items()]
    return {"env": env} if env else {}


def _as_list(env: Any) -> list[Any]:
    """Variables as a list of maps of one each, or of ``NAME=value``."""
    listed = [env] if isinstance(env, dict) else env if isinstance(env, list) else []
    return [part for one in listed for part in ([{k: v} for k, v in one.items()] if isinstance(one, dict) else [one])]


def _steps(outgoing: Outgoing) -> tuple[list[str], dict[str, Any]]:
    """The lines of the steps, and the handlers."""
    held: dict[str, Any] = {}
    before: list[str] = []
    for job in outgoing.jobs:
        kept = job.kept("dagu")
        if kept.get("handler") in _HANDLERS and _unchanged(job, kept) and kept["handler"] not in held:
            said = {"description": job.raw["description"]} if job.raw.get("description") else {}
            held[kept["handler"]] = said | kept["step"]
            before.append(job.job.id)
            _say_unchanged(job)
    lines: list[str] = []
    for job in outgoing.jobs:
        if job.job.id not in before:
            lines += _step(outgoing, job, before)
    return lines, held


def _unchanged(job: OutJob, kept: dict[str, Any]) -> bool:
    return isinstance(kept.get("step"), dict) and kept.get("of") == digest(dict(job.raw))


def _say_unchanged(job: OutJob) -> None:
    job.exact("id", "dependencies")
    for key in ("tags", "priority"):
        if key not in job.raw:
            job.said.add(key)
    if secret := [name for name in environment(job)[1] if name in job.job.env]:
        job.manual("env_variables", f"the values of secrets are not written: set {', '.join(secret)}")
    job.exact(*[key for key in job.unsaid() if key not in ("tags", "priority")])


def _step(outgoing: Outgoing, job: OutJob, before: list[str]) -> Iterator[str]:
    kept = job.kept("dagu")
    step: dict[str, Any] = {"name": job.job.id}
    extra: dict[str, Any] = {}
    if _unchanged(job, kept):
        if job.raw.get("description"):
            step["description"] = job.raw["description"]
        step |= kept["step"]
        _say_unchanged(job)
    else:
        step |= written(job, extra)
        if isinstance(job.raw.get("x-source"), dict):
            extra["x-source"] = job.raw["x-source"]
    waits = _waits(job, before)
    if waits:
        step["depends"] = waits
    for key, value in job.unsaid().items():
        extra[key] = value
        job.approximated(key, "kept in a comment, which Dagu does not read")
    yield from (f"  # {line}".rstrip() for line in str(kept.get("comment", "")).split("\n") if line)
    if extra:
        yield f"  # {note(dict(sorted(extra.items())))}"
    yield from item(step, 2)


def _waits(job: OutJob, before: list[str]) -> list[str]:
    """The jobs that it waits for; whatever else it waits for there is no word for."""
    listed = job.raw.get("dependencies") or []
    beyond = [one for one in listed if isinstance(one, dict) and "job" not in one] if isinstance(listed, list) else []
    if beyond:
        job.manual("dependencies", "Dagu does not wait for what a plugin tells: let a step wait for it")
    else:
        job.exact("dependencies")
    job.exact("id")
    return [name for name in job.job.dependencies if name not in before]
