"""A makefile that runs the same jobs in the same order: each is a phony target, or the file that it was read from."""

from __future__ import annotations

from exlib.convert.carried import carried_settings
from exlib.convert.make.outfile import files_of
from exlib.convert.make.outjob import Goal, written_job
from exlib.convert.make.quoting import Names, assignable, assigned
from exlib.convert.notes import note
from exlib.convert.outgoing import Outgoing
from exlib.convert.wishes import File, Wishes
from exlib.environment import is_secret

TITLE = "make"


def write(outgoing: Outgoing, _wishes: Wishes) -> list[File]:
    """One makefile, whose default goal is all jobs."""
    names = Names()
    goal = names.of("all" if all(job.job.id != "all" for job in outgoing.jobs) else "all_jobs", spare=True)
    targets = {job.job.id: names.of(job.job.id) for job in outgoing.jobs}
    natively = _variables(outgoing)
    files = files_of(outgoing) if natively is not None else {}
    jobs = [written_job(job, targets, natively is not None, files.get(job.job.id)) for job in outgoing.jobs]
    lines = _flags(outgoing)
    said = {"parallel", "max_workers", "continue_on_error"} if lines is not None else set()
    if natively is not None:
        outgoing.exact("env_variables")
    head = [f"# {line}".rstrip() for line in outgoing.kept("make").get("comments", []) if isinstance(line, str)]
    settings = carried_settings(outgoing, TITLE, said={*said, *(["env_variables"] if natively is not None else [])})
    top = [f"# {note(settings)}"] if settings else []
    parts = [top, head, [*(lines or []), *(natively or [])], _goal(goal, jobs), *(job.lines for job in jobs)]
    return [File("", "\n\n".join("\n".join(part) for part in parts if part) + "\n")]


def _goal(goal: str, jobs: list[Goal]) -> list[str]:
    phony = " ".join([goal, *(job.target for job in jobs if job.phony)])
    return [
        f".DEFAULT_GOAL := {goal}",
        f".PHONY: {phony}",
        f"# {note({'goal': True})}",
        f"{goal}: {' '.join(job.target for job in jobs)} ## all jobs",
    ]


def _variables(outgoing: Outgoing) -> list[str] | None:
    """The workflow's variables as lines; None where a makefile cannot say one of them."""
    lines = []
    for name, value in outgoing.workflow.env.items():
        if is_secret(name, outgoing.workflow.secrets) or not assignable(name, value):
            return None
        lines.append(f"export {name} := {assigned(value)}")
    return lines


def _flags(outgoing: Outgoing) -> list[str] | None:
    """MAKEFLAGS for what goes on at once and after a failure; None if they are not what the workflow says."""
    raw = outgoing.raw
    flags = []
    if raw.get("parallel") is True and isinstance(raw.get("max_workers"), int) and raw["max_workers"] > 1:
        flags.append(f"-j{raw['max_workers']}")
    elif "parallel" in raw or "max_workers" in raw:
        return None
    if raw.get("continue_on_error") is True:
        flags.append("-k")
    elif "continue_on_error" in raw:
        return None
    outgoing.exact("parallel", "max_workers", "continue_on_error")
    return [f"MAKEFLAGS += {' '.join(flags)}"] if flags else []
