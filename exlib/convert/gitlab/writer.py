"""A document as a GitLab CI configuration: a job a job, with ``needs``."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from exlib.console import printable
from exlib.convert.account import Place
from exlib.convert.gitlab import durations
from exlib.convert.gitlab.hidden import Hidden
from exlib.convert.gitlab.keywords import LIMIT, WORKERS
from exlib.convert.gitlab.plan import DEFAULTS, SETTINGS, STAGES
from exlib.convert.gitlab.writing import JobText
from exlib.convert.gitlab.yamltext import entry
from exlib.convert.notes import note
from exlib.convert.outgoing import Outgoing
from exlib.convert.wishes import File, Wishes
from exlib.environment import is_secret

FORMAT = "gitlab"
_RESERVED = frozenset([*SETTINGS, *DEFAULTS, "true", "false", "nil", "pages", "pages:deploy", "stage", "script"])
_LONGEST = 255
"""Characters of a job's name."""
_MONTH = 2_592_000.0
"""Seconds: the longest limit of a job."""


def write(outgoing: Outgoing, _wishes: Wishes) -> list[File]:
    """One file; what GitLab has no word for stays in comments, where it is no secret."""
    kept = outgoing.kept(FORMAT)
    names = _names(outgoing)
    stages = _stages(outgoing, kept)
    top: dict[str, Any] = {}
    if stages is not None and "stages" in kept:
        top["stages"] = kept["stages"]
    if "include" in kept:
        top["include"] = kept["include"]
    workflow = kept.get("workflow")
    top["workflow"] = {"name": outgoing.workflow.name, **(workflow if isinstance(workflow, dict) else {})}
    outgoing.exact("application_name")
    hidden = Hidden(outgoing)
    jobs = [JobText(job, outgoing, names, kept, stages, hidden) for job in outgoing.jobs]
    if variables := _variables(outgoing, jobs, hidden):
        top["variables"] = variables
    if limit := _limit(outgoing):
        top["default"] = {"timeout": limit}
    _say_schedules(outgoing)
    bodies = [line for job in jobs for line in job.lines()]
    lines = [f"# {line}".rstrip() for line in [*_note(outgoing), *_comments(kept)]]
    lines += [""] if lines else []
    for key, value in top.items():
        lines += entry(key, value, 0)
    return [File("", "\n".join([*lines, *bodies]) + "\n")]


def _names(outgoing: Outgoing) -> dict[str, str]:
    """Names that GitLab takes, by id: an id that is a word of its own, or begins with a dot, gets another one."""
    taken = {job.job.id for job in outgoing.jobs}
    names: dict[str, str] = {}
    for job in outgoing.jobs:
        name = job.job.id
        if name in _RESERVED and outgoing.kept(FORMAT) and name.startswith("pages"):
            pass  # it came from there under this name, and means the same again
        elif name in _RESERVED or name.startswith(".") or len(name) > _LONGEST:
            base = f"job {name[: _LONGEST - 10]}"
            name, number = base, 1
            while name in taken:
                number += 1
                name = f"{base} {number}"
        taken.add(name)
        names[job.job.id] = name
        if name == job.job.id:
            job.exact("id")
        else:
            job.approximated("id", f"GitLab keeps this name for itself: the job is called {name} there")
    return names


def _stages(outgoing: Outgoing, kept: dict[str, Any]) -> list[str] | None:
    """The stages that the source had, if the order of the jobs still allows them; else there is one for all."""
    listed = kept.get("stages", list(STAGES))
    staged = "stages" in kept or "include" in kept or any("stage" in job.kept(FORMAT) for job in outgoing.jobs)
    if not isinstance(listed, list) or not staged:
        return None
    stages = [".pre", *(str(stage) for stage in listed), ".post"]
    places: dict[str, int] = {}
    for job in outgoing.jobs:
        stage = str(job.kept(FORMAT).get("stage", "test"))
        if stage not in stages or any(places[other] > stages.index(stage) for other in job.job.dependencies):
            return None
        places[job.job.id] = stages.index(stage)
    return stages


def _variables(outgoing: Outgoing, jobs: list[JobText], hidden: Hidden) -> dict[str, Any]:
    """The workflow's variables, but for secrets and those that the jobs' scripts have to set."""
    beyond = {name for job in jobs for name in job.in_script}
    secret = hidden.names(outgoing.workflow.env)
    if secret:
        outgoing.manual(
            "env_variables", f"values of secrets are not written: set {', '.join(secret)} as CI/CD variables"
        )
    elif beyond & set(outgoing.workflow.env):
        outgoing.approximated("env_variables", "what refers to variables of the machine is set in the scripts")
    else:
        outgoing.exact("env_variables")
    about = outgoing.kept(FORMAT).get("variables")
    found: dict[str, Any] = {}
    for name, value in outgoing.workflow.env.items():
        if name not in secret and name not in beyond:
            found[name] = JobText.value(value)
            if isinstance(about, dict) and isinstance(about.get(name), dict):
                plain = found[name] if isinstance(found[name], dict) else {"value": found[name]}
                found[name] = plain | about[name]
    return found


def _limit(outgoing: Outgoing) -> str:
    """The limit of jobs without one of their own, unless it is what GitLab takes anyway."""
    default = outgoing.raw.get("default_timeout", 10_800)
    if default == LIMIT:
        outgoing.exact("default_timeout")
        return ""
    if default is None or default > _MONTH:
        outgoing.approximated("default_timeout", "GitLab knows no job without a limit: it is a month")
        return durations.words(_MONTH)
    outgoing.exact("default_timeout")
    return durations.words(float(default))


def _note(outgoing: Outgoing) -> list[str]:
    """What GitLab has no word for, as a comment that its reader reads back."""
    workflow = outgoing.workflow
    keys: dict[str, Any] = {}
    in_a_row = _is_in_a_row(outgoing)
    if workflow.parallel:
        outgoing.exact("parallel")
    else:
        keys["parallel"] = False
        reason = "jobs run at once as far as their needs and the runners allow"
        _say_of_default(outgoing, "parallel", reason, relied=not in_a_row)
    if workflow.max_workers != WORKERS:
        keys["max_workers"] = workflow.max_workers
    outgoing.approximated("max_workers", "the runners decide how many jobs run at once")
    if workflow.continue_on_error:
        outgoing.exact("continue_on_error")
    else:
        keys["continue_on_error"] = False
        reason = "jobs that do not depend on a failed one go on"
        _say_of_default(outgoing, "continue_on_error", reason, relied=not in_a_row)
    for key, value in outgoing.unsaid().items():
        if is_secret(key) or key in ("env_variables", "working_dir"):
            continue
        keys[key] = value
        outgoing.dropped(key, "GitLab CI has no word for it; it stays in a comment")
    outgoing.exact("working_dir")
    return [note(keys)] if keys else []


def _is_in_a_row(outgoing: Outgoing) -> bool:
    """Whether each job waits for the one before it."""
    jobs = outgoing.jobs
    return all(before.job.id in job.job.dependencies for before, job in pairwise(jobs))


def _say_of_default(outgoing: Outgoing, key: str, reason: str, *, relied: bool) -> None:
    """Say that a setting is not kept, also where the document leaves it to the defaults, and relies on them."""
    outgoing.approximated(key, reason)
    if key not in outgoing.raw and relied:
        outgoing.account.approximated(Place(outgoing.document.name, 1, 1, key), key, reason)


def _say_schedules(outgoing: Outgoing) -> None:
    """A configuration does not say when it is to run: that stands in the settings of the project."""
    for speaker in (outgoing, *outgoing.jobs):
        kept = speaker.raw.get("x-source")
        schedule = kept.get("schedule") if isinstance(kept, dict) else None
        if isinstance(schedule, str) and schedule:
            speaker.manual("x-source", f"make a pipeline schedule: {printable(schedule)}")


def _comments(kept: dict[str, Any]) -> list[str]:
    comments = kept.get("comments")
    return [str(comment) for comment in comments] if isinstance(comments, list) else []
