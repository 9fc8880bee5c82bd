"""Jobs that were read from rules for files: they are written as such again, where that brings the same job back."""

from __future__ import annotations

from exlib.convert.make.outjob import native_shell
from exlib.convert.make.quoting import is_safe
from exlib.convert.make.recipe import Shell, Step, compose, decomposed
from exlib.convert.outgoing import Outgoing, OutJob
from exlib.convert.shell.current import unless_current

_BEYOND = ("pre_checks", "post_checks", "working_dir", "max_retries", "timeout", "env_variables")


def files_of(outgoing: Outgoing) -> dict[str, list[Step]]:
    """The lines of the recipes of such jobs, without make's own test, by their ids."""
    if not outgoing.came_from("make"):
        return {}
    found = {job.job.id: (job, steps) for job in outgoing.jobs if (steps := _file_steps(job)) is not None}
    named = {job.job.id for job in outgoing.jobs} | {name for job in outgoing.jobs for name in names(job, "outputs")}
    while True:  # what is written as a phony target is a file for nobody
        made = [name for job, _ in found.values() for name in names(job, "outputs")]
        phony = named - set(made)
        bad = [one for one, (job, _) in found.items() if phony & set(names(job, "inputs"))]
        bad += [one for one, (job, _) in found.items() if any(made.count(name) > 1 for name in names(job, "outputs"))]
        if not bad:
            return {one: steps for one, (_, steps) in found.items()}
        for one in set(bad):
            del found[one]


def names(job: OutJob, key: str) -> list[str]:
    """The paths of ``inputs`` or ``outputs``."""
    found = job.raw.get(key)
    return [name for name in found if isinstance(name, str)] if isinstance(found, list) else []


def _file_steps(job: OutJob) -> list[Step] | None:
    outputs, inputs = names(job, "outputs"), names(job, "inputs")
    every = [*outputs, *inputs]
    if job.job.id not in outputs or "inputs" not in job.raw or not all(map(is_safe, every)):
        return None
    if len(set(every)) != len(every) or any(job.raw.get(key) for key in _BEYOND) or job.job.waits:
        return None
    line = unless_current(outputs, inputs)
    if not job.job.command.startswith(f"{line}\n"):
        return None
    shell = native_shell(job, True)
    if shell is None and "shell" in job.raw:
        return None
    steps = decomposed(job.job.command[len(line) + 1 :])
    if steps is None or compose(steps, shell or Shell(), [line]).command != job.job.command:
        return None
    return steps
