"""A job of a document as a job of a workflow: a checkout, and its command as one step."""

from __future__ import annotations

import math
import os
import re
import shlex
from collections.abc import Mapping
from typing import Any, NamedTuple

from exlib.convert.draft import ALLOWED, clean, guard_of
from exlib.convert.github.jobs import UNDECIDED
from exlib.convert.github.outenv import Variables, escaped, variables
from exlib.convert.github.reader import LIMIT
from exlib.convert.github.shells import FILE
from exlib.convert.notes import note
from exlib.convert.outgoing import Outgoing, OutJob
from exlib.convert.shell.carried import meaning
from exlib.convert.shell.job import script, speaks_of
from exlib.environment import is_secret

CHECKOUT = "actions/checkout@v4"
_VALID = re.compile(r"(?!__)[A-Za-z_][A-Za-z0-9_-]{0,99}")
_NAMES = {
    ("bash", "-e"): None,
    ("bash", "--noprofile", "--norc", "-eo", "pipefail"): "bash",
    ("sh", "-e"): "sh",
    ("python",): "python",
    ("/bin/sh",): f"sh {FILE}",
}
_RESTORED = ("permissions", "environment", "concurrency", "container", "services")
_LOCAL = re.compile(r"\$\{\{[^}]*\b(?:matrix|steps|needs)\b")
_LONGEST = 35 * 86400
"""Seconds after which GitHub ends a whole workflow."""
_RETRIES = ("max_retries", "retry_delay", "retry_backoff", "retry_jitter", "max_retry_time", "retry_on_status")


class OutputJob(NamedTuple):
    """A job of a workflow as data, with the comments above it."""

    data: dict[str, Any]
    comments: list[str]


def names(ids: list[str], taken: set[str]) -> dict[str, str]:
    """A name that GitHub allows for each id, near to it; ``taken`` are names that are given already."""
    used = {name.lower() for name in taken}
    found = {}
    for each in ids:
        base = each if _VALID.fullmatch(each) else re.sub(r"[^A-Za-z0-9_-]+", "_", each)[:80].strip("_") or "job"
        base = base if _VALID.fullmatch(base) else f"_{base}"
        name, number = base, 1
        while name.lower() in used:
            number += 1
            name = f"{base}_{number}"
        used.add(name.lower())
        found[each] = name
    return found


def output_job(
    job: OutJob,
    outgoing: Outgoing,
    name: str,
    needs: list[str],
    source: Mapping[str, Any],
    defaults: bool,
    hiding: frozenset[str],
) -> OutputJob:
    """The job; ``source`` is what the workflow that it came from says of it, ``defaults`` whether that states some.

    ``hiding`` are the variables whose values hold a secret's.
    """
    data: dict[str, Any] = {}
    extra: dict[str, Any] = {}
    if name != job.job.id:
        data["name"] = escaped(job.job.id)
        extra["id"] = job.job.id
    job.exact("id")
    if needs:
        data["needs"] = needs[0] if len(needs) == 1 else needs
    _say_dependencies(job)
    if condition := _condition(job, source, extra):
        data["if"] = condition
    data["runs-on"] = _machine(source)
    data |= {key: source[key] for key in _RESTORED if key in source and not _LOCAL.search(str(source[key]))}
    data |= _limit(job, extra)
    inherited = outgoing.workflow.env
    secrets = frozenset(outgoing.workflow.secrets)
    found = variables(job.job.env, inherited, secrets, hiding)
    if found.env:
        data["env"] = dict(found.env)
    _say_env(job, found)
    others = {key: value for key, value in inherited.items() if key not in job.job.env}
    every = variables(others, inherited, secrets, hiding)
    beyond = {name: text for name, text in {**inherited, **job.job.env}.items() if name in _exported(every, found)}
    data["steps"] = [{"uses": CHECKOUT}, _step(job, (*every.exports, *found.exports), beyond, defaults, extra)]
    said = job.job.description.split("\n") if job.job.description else []
    return OutputJob(data, [*said, *_note(job, extra)])


def _exported(*found: Variables) -> set[str]:
    """The names of the variables that the step sets itself."""
    return {line.removeprefix("export ").partition("=")[0] for one in found for line in one.exports}


def _say_dependencies(job: OutJob) -> None:
    if job.job.waits:
        plugins = ", ".join(sorted({wait.plugin for wait in job.job.waits}))
        job.manual("dependencies", f"GitHub cannot ask {plugins}: the job waits until the variable EX_ALLOW names it")
    else:
        job.approximated("dependencies", "each job has a machine of its own there: hand files on by artifacts")


def _condition(job: OutJob, source: Mapping[str, Any], extra: dict[str, Any]) -> str | None:
    """The condition of a job that a person has to allow, and the one that it had."""
    reason = guard_of(job.raw)
    had = source.get("if")
    had = str(had).strip() if isinstance(had, str | bool) else None
    if reason is None and not job.job.waits:
        return had
    job.approximated("pre_checks", "the job waits until the repository's variable EX_ALLOW names it")
    checks = [check for check in job.raw.get("pre_checks") or () if check.get("name") == ALLOWED]
    extra["pre_checks"] = checks or [{"name": ALLOWED, "params": {"reason": "it waits for what GitHub cannot ask"}}]
    quoted = job.job.id.replace("'", "''")
    allowed = f"contains(format(',{{0}},', vars.EX_ALLOW), ',{quoted},') || vars.EX_ALLOW == 'all'"
    if had is None:
        return allowed
    inner = had[3:-2].strip() if had.startswith("${{") and had.endswith("}}") else had
    return had if reason == clean(f"{UNDECIDED}: {had}") else f"({inner}) && ({allowed})"


def _machine(source: Mapping[str, Any]) -> Any:
    machine = source.get("runs-on")
    return machine if machine is not None and "${{" not in str(machine) else "ubuntu-latest"


def _limit(job: OutJob, extra: dict[str, Any]) -> dict[str, int]:
    seconds = job.job.timeout
    if seconds is None:
        job.approximated("timeout", "GitHub ends a job after six hours at the latest")
        if "timeout" in job.raw:
            extra["timeout"] = None
        return {}
    if job.job.retry.limit:
        return _limit_of_all(job, seconds, extra)
    if seconds % 60:
        job.approximated("timeout", "in whole minutes")
        extra["timeout"] = job.raw.get("timeout", seconds)
    else:
        job.exact("timeout")
    return {} if seconds == LIMIT else {"timeout-minutes": math.ceil(seconds / 60)}


def _limit_of_all(job: OutJob, seconds: float, extra: dict[str, Any]) -> dict[str, int]:
    """The limit of all attempts: that of each is in the text."""
    retry = job.job.retry
    if not job.states_limit:
        extra["timeout"] = seconds
    total, delay = seconds * (retry.limit + 1), retry.delay
    for _ in range(retry.limit):
        total, delay = total + delay, delay * retry.backoff
        if total > _LONGEST:
            break
    return {"timeout-minutes": math.ceil(total / 60)} if total < _LONGEST else {}


def _say_env(job: OutJob, found: Variables) -> None:
    if found.asked:
        job.manual("env_variables", f"the values of secrets are not written: give GitHub {', '.join(found.asked)}")
    else:
        job.exact("env_variables")


def _step(
    job: OutJob, exports: tuple[str, ...], beyond: Mapping[str, str], defaults: bool, extra: dict[str, Any]
) -> dict[str, Any]:
    """The step: the command as it is in its own shell, or within what does the rest of the job for it.

    ``beyond`` are the variables of ``exports``; ``extra`` gets what a step of more than the command stands for.
    """
    checks = [check for check in job.job.pre_checks if check.name != ALLOWED]
    job.job = job.job._replace(pre_checks=tuple(checks))
    directory = _directory(job)
    shell: str | None = f"sh {FILE}"
    around = exports or checks or job.job.post_checks or job.job.retry.limit or speaks_of(job, "EX_")
    if around or directory is None or job.job.shell is None:
        done = set() if job.job.retry.limit else {"timeout"}
        done |= {"working_dir"} if directory is not None else set()
        run = "\n".join([*exports, script(job, done=frozenset({"env"} | done))])
        native = {"env_variables"} | done
        extra |= meaning(job, run, native=native, beyond=beyond)
    else:
        argv = job.job.shell[:-1]
        shell = _NAMES.get(argv, f"{shlex.join(argv)} {FILE}")
        run = job.job.command
        job.exact("command", "description", "shell", *_RETRIES, "retry_on_exit_codes")
    step: dict[str, Any] = {"run": escaped(run + "\n" if "\n" in run else run)}
    if shell is not None or defaults:
        step["shell"] = shell or f"bash -e {FILE}"
    if directory or (defaults and directory is not None):
        step["working-directory"] = escaped(directory or ".")
    job.exact(*({"pre_checks", "post_checks", "continue_on_error"} - job.said))
    return step


def _directory(job: OutJob) -> str | None:
    """Where the step runs, from the checkout; None if a shell has to find it."""
    paths = [path for path in (job.workflow.working_dir, job.job.working_dir) if path]
    if any(path.startswith("~") or "${" in path for path in paths):
        return None
    job.exact("working_dir")
    path = os.path.join(*paths) if paths else ""
    return path if path and os.path.normpath(path) != "." else ""


def _note(job: OutJob, extra: dict[str, Any]) -> list[str]:
    """What GitHub has no word for, in a comment that comes back."""
    for key, value in job.unsaid().items():
        if is_secret(key) or "params" in str(value):
            job.dropped(key, "GitHub has no word for it")
            continue
        extra[key] = value
        job.dropped(key, "GitHub has no word for it: it is in a comment")
    return [note(extra)] if extra else []
