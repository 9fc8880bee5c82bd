"""A ninja file that runs the same jobs in the same order, each time; what was read as a file is one again."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Mapping
from typing import Any

from exlib.convert.account import Place
from exlib.convert.notes import note
from exlib.convert.outgoing import Outgoing, OutJob
from exlib.convert.shell.carried import carried, carried_settings, digest, shared_variables
from exlib.convert.shell.current import unless_current
from exlib.convert.shell.oneline import one_line
from exlib.convert.shell.words import word
from exlib.convert.wishes import File, Wishes

TITLE = "ninja"
ALWAYS = "executioner-always"
POOL = "workers"
ENVIRONMENT = "environment"
"""The variable that holds what sets the variables of all jobs."""
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_+.-]*\Z")
_UNSAFE = re.compile(r"[^A-Za-z0-9_+.-]+")
_PATH = re.compile(r"[^\x00-\x1f\x7f|]+\Z")


def write(outgoing: Outgoing, _wishes: Wishes) -> list[File]:
    """One ninja file, whose default target is all jobs."""
    files = _files(outgoing)
    names = _names(outgoing, files)
    goal = _free("all", set(names.values()) | {name for job in outgoing.jobs for name in _paths(job, "outputs")})
    given = {name: value for name, value in shared_variables(outgoing).items() if "\n" not in value}
    shared = "; ".join(f"export {name}={word(value)}" for name, value in given.items())
    pool, before = _pool(outgoing), _before(outgoing)
    blocks = [_job(job, names, files, given, before.get(job.job.id)) for job in outgoing.jobs]
    settings = {**carried_settings(outgoing, TITLE, same=("parallel", "max_workers")), "always": ALWAYS}
    if given:
        settings["environment"] = digest(shared)
        pool = [f"{ENVIRONMENT} = {shared.replace('$', '$$')}", "", *pool]
    comments = [f"# {line}".rstrip() for line in outgoing.kept(TITLE).get("comments", []) if isinstance(line, str)]
    parts = [[f"# {note(settings, to_line_end=True)}"], comments, pool, *blocks]
    if len(files) < len(outgoing.jobs):
        parts.append([f"build {ALWAYS}: phony"])
    every = " ".join(_path(names[job.job.id]) for job in outgoing.jobs)
    parts.append([f"# {note({'goal': True}, to_line_end=True)}", f"build {goal}: phony {every}", f"default {goal}"])
    return [File("", "\n\n".join("\n".join(part) for part in parts if part) + "\n")]


def _pool(outgoing: Outgoing) -> list[str]:
    """The pool of all jobs: how many run at once."""
    depth = outgoing.workflow.max_workers if outgoing.workflow.parallel else 1
    if depth > 1:
        outgoing.exact("parallel", "max_workers")
    return [f"pool {POOL}", f"  depth = {depth}"]


def _before(outgoing: Outgoing) -> dict[str, str]:
    """The job before each one of a workflow that runs them one by one and ends at the first that fails."""
    workflow, ids = outgoing.workflow, [job.job.id for job in outgoing.jobs]
    if workflow.parallel and workflow.max_workers > 1:
        return {}
    if workflow.continue_on_error:
        reason = "ninja may take jobs that do not depend on each other in another order"
        outgoing.account.approximated(Place(outgoing.document.name), "order", reason)
        return {}
    return dict(zip(ids[1:], ids, strict=False))


def _names(outgoing: Outgoing, files: set[str]) -> dict[str, str]:
    """The path that stands for each job: its file, or its id, or a name like it; each once."""
    names: dict[str, str] = {}
    taken = {ALWAYS} | {name for job in outgoing.jobs if job.job.id in files for name in _paths(job, "outputs")}
    for job in outgoing.jobs:
        one = job.job.id
        if one in files:
            names[one] = _paths(job, "outputs")[0]
            continue
        base = one if _NAME.match(one) and len(one) < 200 else _UNSAFE.sub("_", one).strip("_.-") or "job"
        names[one] = _free(base, taken)
        taken.add(names[one])
    return names


def _free(base: str, taken: set[str]) -> str:
    name, number = base, 1
    while name in taken:
        number += 1
        name = f"{base}_{number}"
    return name


def _files(outgoing: Outgoing) -> set[str]:
    """The jobs that were read from statements for files and can be such again."""
    if not outgoing.came_from(TITLE):
        return set()
    found = {job.job.id: job for job in outgoing.jobs if _is_file(job)}
    made = {name for job in outgoing.jobs for name in _paths(job, "outputs")}
    while True:
        good = {name for job in found.values() for name in _paths(job, "outputs")}
        bad = [one for one, job in found.items() if any(name in made - good for name in _paths(job, "inputs"))]
        if not bad:
            break
        for one in bad:
            del found[one]
    every = [name for job in found.values() for name in _paths(job, "outputs")]
    return set(found) if len(every) == len(set(every)) else set()


def _is_file(job: OutJob) -> bool:
    outputs, inputs = _paths(job, "outputs"), _paths(job, "inputs")
    if not outputs or "inputs" not in job.raw or outputs[0] != job.job.id or _rest(job) is None:
        return False
    if any(
        job.raw.get(key)
        for key in ("pre_checks", "post_checks", "working_dir", "max_retries", "shell", "timeout", "env_variables")
    ):
        return False
    return all(_PATH.match(name) for name in [*outputs, *inputs]) and not job.job.waits


def _paths(job: OutJob, key: str) -> list[str]:
    found = job.raw.get(key)
    return [name for name in found if isinstance(name, str)] if isinstance(found, list) else []


def _rest(job: OutJob) -> str | None:
    """The command without the lines that ninja itself does; None if they are not there."""
    outputs, inputs = _paths(job, "outputs"), _paths(job, "inputs")
    folders = list(dict.fromkeys(os.path.dirname(name) for name in outputs if os.path.dirname(name)))
    lines = [unless_current(outputs, inputs)]
    if folders:
        lines.append(f"mkdir -p {' '.join(map(shlex.quote, folders))} || exit")
    head = "\n".join(lines) + "\n"
    return job.job.command[len(head) :] if job.job.command.startswith(head) else None


def _job(
    job: OutJob, names: Mapping[str, str], files: set[str], given: Mapping[str, str], before: str | None
) -> list[str]:
    """The rule of a job and its build statement."""
    one = job.job.id
    is_file = one in files
    text, keys = carried(job, TITLE, said={"inputs", "outputs"} if is_file else (), given=given)
    if is_file:
        text = _rest(job) or text
        job.exact("inputs", "outputs")
    name = names[one]
    if name != one:
        keys["id"] = one
    after = names[before] if before is not None and before not in job.job.dependencies else None
    if after is not None:
        keys["after"] = after
    rule = "run_" + _UNSAFE.sub("_", name) if is_file else f"run_{name}"
    above, described = _description(job, keys)
    lines = [f"rule {_rule(rule, name, names)}", f"  command = {_command(text, given)}", *described, f"  pool = {POOL}"]
    comment = [f"# {note(keys, to_line_end=True)}"] if keys else []
    job.exact("id")
    if not job.job.waits:
        job.exact("dependencies")
    return [*lines, *comment, *above, _statement(job, names, files, _rule(rule, name, names), after)]


def _rule(rule: str, name: str, names: Mapping[str, str]) -> str:
    """The name of a rule; files of names alike are told apart by their number."""
    alike = [other for other in names.values() if _UNSAFE.sub("_", other) == _UNSAFE.sub("_", name)]
    return rule.replace("+", "_") + (f".{alike.index(name) + 1}" if len(alike) > 1 else "")


def _statement(job: OutJob, names: Mapping[str, str], files: set[str], rule: str, after: str | None) -> str:
    waits = [names[other] for other in dict.fromkeys(job.job.dependencies)] + ([after] if after else [])
    if job.job.id not in files:
        return f"build {names[job.job.id]}: {rule} | {ALWAYS}" + (f" || {' '.join(map(_path, waits))}" if waits else "")
    inputs = _paths(job, "inputs")
    outputs = _paths(job, "outputs")
    order = [name for name in waits if name not in inputs]
    words = ["build", *map(_path, outputs[:-1]), f"{_path(outputs[-1])}:", rule, *map(_path, inputs)]
    return " ".join([*words, *(["||", *map(_path, order)] if order else [])])


def _path(path: str) -> str:
    return re.sub(r"([$ :])", r"$\1", path)


def _command(text: str, given: Mapping[str, str]) -> str:
    first = f"${ENVIRONMENT}; " if given else ""
    if "\n" not in text and text == text.strip() and text:
        return first + text.replace("$", "$$")
    return first + one_line(text, "\x01").replace("$", "$$").replace("\x01", " $\n    ")


def _description(job: OutJob, keys: dict[str, Any]) -> tuple[list[str], list[str]]:
    """The description as what ninja prints, or as comments; what neither brings back goes into the note."""
    text = job.job.description
    if not text:
        return [], []
    lines = text.split("\n")
    if len(lines) == 1 and text == text.strip():
        return [], [f"  description = {text.replace('$', '$$')}"]
    if (
        all(line == line.strip() and line and not line.startswith("#") for line in lines)
        and "executioner: {" not in text
    ):
        return [f"# {line}" for line in lines], []
    keys["description"] = text
    return [], []
