"""A GitLab CI configuration as a document: one job for each job of the pipeline that runs after success."""

from __future__ import annotations

import os
from typing import Any

from exlib.convert.account import Account
from exlib.convert.draft import Draft, guard
from exlib.convert.gitlab.comments import Comments
from exlib.convert.gitlab.environ import texts
from exlib.convert.gitlab.gather import Gathered
from exlib.convert.gitlab.keywords import LIMIT, UNREAD, WORKERS
from exlib.convert.gitlab.making import Maker, dotenv_lines
from exlib.convert.gitlab.order import settle_order
from exlib.convert.gitlab.parts import Part, Teller
from exlib.convert.gitlab.plan import Plan, Planned
from exlib.convert.source import Source
from exlib.convert.wishes import Wishes
from exlib.document import STDIN_NAME

_NO_NEWER = "no newer pipeline ends a run"

LED = "what it leads to stands in its place"


def read(source: Source, wishes: Wishes, account: Account) -> list[Draft]:
    """The document, if there is a job in it. Raises InputError for what GitLab would refuse, too."""
    if not any(line.strip() and not line.lstrip().startswith("#") for line in source.lines):
        return []
    gathered = Gathered(source, wishes.variables, account)
    plan = Plan(gathered)
    settle_order(plan)
    if not plan.jobs and gathered.unread:
        raise gathered.unread[0].refuse(
            "all of its jobs are in files that are not read", "put them beside, and include them as local"
        )
    draft = Draft(_name(plan, source), "gitlab")
    comments = Comments(gathered)
    if plan.running is not None and plan.jobs:
        _fill(draft, plan, comments, plan.running)
    _settle(plan, draft, comments, account)
    return [draft] if draft.jobs else []


def _name(plan: Plan, source: Source) -> str:
    name = plan.workflow.get("name") if plan.workflow is not None else None
    if name is not None and name.text:
        plan.teller.tell(name, "exact", "name")
        return name.text
    if source.name == STDIN_NAME:
        return "pipeline"
    stem = os.path.basename(source.name).removeprefix(".").split(".")[0]
    return os.path.basename(source.folder) if stem == "gitlab-ci" else stem or "pipeline"


def _fill(draft: Draft, plan: Plan, comments: Comments, reason: str) -> None:
    maker = Maker(plan, draft)
    notes = comments.of_document()
    limit = plan.limit or LIMIT
    draft.settings |= {"parallel": True, "max_workers": WORKERS, "continue_on_error": True}
    draft.settings["default_timeout"] = int(limit) if limit == int(limit) else limit
    env, prologue = maker.environ.globals()
    by_name = {job.name: job for job in plan.jobs}
    for job in _in_order([job for job in plan.jobs if not job.left_out]):
        about = comments.of_job(job)
        taken_up = [line for other in _behind(job, by_name) for line in dotenv_lines(other)]
        script = "\n".join(texts(job))
        taken_up = [line for line in dict.fromkeys([*prologue, *taken_up]) if line not in script]
        made = maker.make(job, str(about.note.get("id", job.name)), taken_up)
        if not job.needs:
            _hold_back(made, reason, plan)
        about.put(made)
    env |= {name: value for name, value in maker.environ.told.items() if name not in env}
    if env:
        draft.settings["env_variables"] = env
    draft.kept |= _kept(plan, reason)
    draft.settings |= {key: value for key, value in notes.items() if key not in ("jobs", "x-source", "env_variables")}


def _hold_back(made: dict[str, Any], reason: str, plan: Plan) -> None:
    """Whatever keeps the whole pipeline from running by itself keeps its first jobs."""
    if reason:
        guard(made, reason)
    if plan.gathered.unread:
        guard(made, UNREAD)


def _kept(plan: Plan, reason: str) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    if "stages" in plan.config.members or "types" in plan.config.members:
        kept["stages"] = [stage for stage in plan.stages if stage not in (".pre", ".post")]
    if plan.workflow is not None:
        workflow = {key: part.plain() for key, part in plan.workflow.members.items() if key != "name"}
        if not reason:
            workflow.pop("rules", None)
        if workflow:
            kept["workflow"] = workflow
        if (cancel := plan.workflow.get("auto_cancel")) is not None:
            failing = cancel.get("on_job_failure")
            ends = failing is not None and failing.text != "none"
            reason = "a failed job ends no job that runs; what is independent goes on" if ends else _NO_NEWER
            plan.teller.tell(cancel, "dropped", "auto_cancel", reason)
    about = {name: _about(variable.part) for name, variable in plan.variables.items() if variable.part.is_map}
    if about := {name: keys for name, keys in about.items() if keys}:
        kept["variables"] = about
    if plan.gathered.unread:
        kept["include"] = [part.plain() for part in plan.gathered.unread]
    return kept


def _about(variable: Part) -> dict[str, Any]:
    """What is told of a variable beside its value."""
    return {key: part.plain() for key, part in variable.members.items() if key in ("description", "options")}


def _in_order(jobs: list[Planned]) -> list[Planned]:
    """The jobs as they stand, but after those that they need."""
    by_name = {job.name: job for job in jobs}
    done: dict[str, Planned] = {}
    for job in jobs:
        pending = [job]
        while pending:
            waits = [by_name[name] for name in pending[-1].needs or () if name not in done]
            if waits and pending[-1].name not in done:
                pending.append(waits[0])
            else:
                last = pending.pop()
                done[last.name] = last
    return list(done.values())


def _behind(job: Planned, by_name: dict[str, Planned]) -> list[Planned]:
    """The jobs whose files a job gets: those that it needs; without needs, all of the stages before."""
    if "needs" in job.part.members:
        return [by_name[name] for name in job.needs or ()]
    found: dict[str, Planned] = {}
    pending = list(job.needs or ())
    while pending:
        name = pending.pop()
        if name not in found:
            found[name] = by_name[name]
            pending += by_name[name].needs or ()
    return [other for name, other in by_name.items() if name in found]


def _settle(plan: Plan, draft: Draft, comments: Comments, account: Account) -> None:
    """Say what nothing was said of yet: templates, what is covered, and what stands in jobs that are left out."""
    teller = plan.teller
    for job in plan.jobs:
        if job.left_out or not draft.jobs:
            why = job.left_out or "the rules of the workflow leave the pipeline out"
            _say_rest(job.part, teller, "dropped", "job", why)
        for part in job.part.walk():
            for node in part.through:
                teller.node(node, "exact", "reference", LED)
    for name in plan.config.members:
        if name not in ("include", "workflow"):
            for part in plan.inheritance.entry(name).walk():
                for covered in part.over:
                    _say_rest(covered, teller, "exact", "covered value", "another value is over it")
    for taken in plan.inheritance.taken:
        _say_rest(taken, teller, "exact", "extends", "what it names is put in")
    for name, part in plan.config.members.items():
        if name.startswith("."):
            _say_rest(part, teller, "exact", "template", "no job by itself, and no job takes it from here")
        elif name in (
            "default",
            "variables",
            "image",
            "services",
            "cache",
            "before_script",
            "after_script",
            "workflow",
        ):
            _say_rest(part, teller, "exact", name, "no job takes it from here")
        elif name == "$schema":
            _say_rest(part, teller, "exact", name, "it is for editors")
    comments.settle(draft)
    for tree in plan.gathered.trees:
        tree.settle(account)


def _say_rest(part: Part, teller: Teller, fate: Any, construct: str, why: str) -> None:
    """Say it of every value below a part that nothing was said of."""
    for below in part.walk():
        if below.members or below.items:
            continue
        for node in [*below.through, below.node]:
            if not teller.has(node):
                teller.node(node, fate, construct, why)
