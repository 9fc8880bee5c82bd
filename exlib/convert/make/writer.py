"""A makefile that runs the same jobs in the same order: each is a phony target, or the file that it was read from."""

from __future__ import annotations

from exlib.convert.make.outfile import files_of
from exlib.convert.make.outjob import Goal, written_job
from exlib.convert.make.quoting import Names, assignable, assigned
from exlib.convert.notes import note
from exlib.convert.outgoing import Outgoing
from exlib.convert.shell.carried import carried_settings, shared_variables
from exlib.convert.wishes import File, Wishes

TITLE = "make"


def write(outgoing: Outgoing, _wishes: Wishes) -> list[File]:
    """One makefile, whose default goal is all jobs."""
    names = Names()
    goal = names.of("all" if all(job.job.id != "all" for job in outgoing.jobs) else "all_jobs", spare=True)
    targets = {job.job.id: names.of(job.job.id) for job in outgoing.jobs}
    given = {name: value for name, value in shared_variables(outgoing).items() if assignable(name, value)}
    whole = len(given) == len(outgoing.workflow.env)
    files = files_of(outgoing) if whole else {}
    jobs = [written_job(job, targets, None if whole else given, files.get(job.job.id)) for job in outgoing.jobs]
    flags = _flags(outgoing)
    if whole and given == outgoing.workflow.env:
        outgoing.exact("env_variables")
    head = [f"# {line}".rstrip() for line in outgoing.kept("make").get("comments", []) if isinstance(line, str)]
    settings = carried_settings(outgoing, TITLE, same=("parallel", "max_workers"))
    top = [f"# {note(settings, to_line_end=True)}"] if settings else []
    variables = [f"export {name} := {assigned(value)}" for name, value in given.items()]
    parts = [top, head, [*flags, *variables], _goal(goal, jobs), *(job.lines for job in jobs)]
    return [File("", "\n\n".join("\n".join(part) for part in parts if part) + "\n")]


def _goal(goal: str, jobs: list[Goal]) -> list[str]:
    phony = " ".join([goal, *(job.target for job in jobs if job.phony)])
    return [
        f".DEFAULT_GOAL := {goal}",
        f".PHONY: {phony}",
        f"# {note({'goal': True}, to_line_end=True)}",
        f"{goal}: {' '.join(job.target for job in jobs)} ## all jobs",
    ]


def _flags(outgoing: Outgoing) -> list[str]:
    """MAKEFLAGS for what goes on at once and after a failure; without them jobs run one by one, up to a failure."""
    workflow, flags = outgoing.workflow, []
    if workflow.parallel and workflow.max_workers > 1:
        flags.append(f"-j{workflow.max_workers}")
        outgoing.exact("parallel", "max_workers")
    if workflow.continue_on_error:
        flags.append("-k")
        outgoing.exact("continue_on_error")
    return [f"MAKEFLAGS += {' '.join(flags)}"] if flags else []
