"""What settings of a document mean for its jobs, where the jobs themselves say nothing else."""

import os
from collections.abc import Mapping
from typing import Any, NamedTuple

from exlib.delta.model import ABSENT, Delta
from exlib.workflow import Job, Workflow

ENVIRONMENT = "env_variables."


class Effect(NamedTuple):
    """Jobs that inherit another value of ``key`` because ``setting`` changed."""

    key: str
    setting: str
    before: Any
    after: Any
    jobs: tuple[str, ...]


class Effects(NamedTuple):
    """``idle`` are changed keys of jobs, as (job, key), after which the same counts as before."""

    inherited: tuple[Effect, ...]
    idle: tuple[tuple[str, str], ...]


_NOTHING: frozenset[str] = frozenset()
_SETTINGS = {
    "timeout": "default_timeout",
    "max_retries": "default_max_retries",
    "retry_delay": "default_retry_delay",
    "retry_backoff": "default_retry_backoff",
    "retry_jitter": "default_retry_jitter",
    "max_retry_time": "default_max_retry_time",
    "retry_on_exit_codes": "default_retry_on_exit_codes",
    "retry_on_status": "default_retry_on_exit_codes",
    "shell": "allow_shell",
    "working_dir": "working_dir",
    "inherit_shell_env": "inherit_shell_env",
}
"""The setting that says what counts for each key of a job."""


def effects(before: Workflow, after: Workflow, found: Delta) -> Effects:
    """What jobs of both documents inherit differently."""
    origin = {one.after: one.before for one in found.renamed}
    old = {job.id: job for job in before.jobs}
    own = {one.job: frozenset(change.key for change in one.changes) for one in found.changed}
    variables = _differing(before.env, after.env)
    groups: dict[tuple[str, str], tuple[Effect, list[str]]] = {}
    idle: list[tuple[str, str]] = []

    def inherits(job: Job, key: str, setting: str, one: Any, other: Any) -> None:
        effect = Effect(key, setting, one, other, ())
        groups.setdefault((key, repr((one, other))), (effect, []))[1].append(job.id)

    for job in after.jobs:
        then = old.get(origin.get(job.id, job.id))
        if then is None:
            continue
        said = own.get(job.id, _NOTHING)
        one, other = _counts(before, then), _counts(after, job)
        for key in _SETTINGS if said or one != other else ():
            if key in said and one[key] == other[key]:
                idle.append((job.id, key))
            elif key not in said and one[key] != other[key]:
                inherits(job, key, _SETTINGS[key], one[key], other[key])
        for name in variables:
            if name not in then.env and name not in job.env:
                inherits(
                    job, ENVIRONMENT + name, ENVIRONMENT + name, *(w.env.get(name, ABSENT) for w in (before, after))
                )
    return Effects(tuple(effect._replace(jobs=tuple(jobs)) for effect, jobs in groups.values()), tuple(idle))


def _counts(workflow: Workflow, job: Job) -> dict[str, Any]:
    """What counts for a job, by the keys of a document."""
    retry = job.retry
    return {
        "timeout": job.timeout,
        "max_retries": retry.limit,
        "retry_delay": retry.delay,
        "retry_backoff": retry.backoff,
        "retry_jitter": retry.jitter,
        "max_retry_time": retry.max_time,
        "retry_on_exit_codes": retry.on_exit_codes,
        "retry_on_status": retry.on_status,
        "shell": job.shell,
        "working_dir": _directory(workflow.working_dir, job.working_dir),
        "inherit_shell_env": workflow.inherit_shell_env,
    }


def _directory(whole: str | None, own: str | None) -> str | None:
    return os.path.join(whole, own) if whole and own else whole or own


def _differing(one: Mapping[str, str], other: Mapping[str, str]) -> list[str]:
    return [name for name in dict.fromkeys([*one, *other]) if one.get(name) != other.get(name)]
