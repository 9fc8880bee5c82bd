"""Which job waits for which: the stages one after another, or what a job says that it needs."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from exlib.convert.gitlab.matrix import chosen
from exlib.convert.gitlab.parts import Part, Teller
from exlib.convert.gitlab.plan import Plan, Planned

_MOST_EDGES = 500_000
_NEED_KEYS = ("job", "artifacts", "optional", "parallel", "project", "ref", "pipeline")


def settle_order(plan: Plan) -> None:
    """Leave out the jobs that do not run after success, and give the others the names of what they wait for.

    Raises InputError for what is needed and not there, and for circles.
    """
    by_entry: dict[str, list[Planned]] = {}
    for job in plan.jobs:
        by_entry.setdefault(job.entry, []).append(job)
        job.left_out = _left_out(job)
    for job in plan.jobs:
        needs = _needs_part(job)
        if needs is not None:
            job.needs = _needed(job, needs, by_entry, plan)
    _leave_out_followers(plan.jobs)
    _refuse_circles(plan.jobs)
    _put_up_barriers(plan)


def _left_out(job: Planned) -> str:
    ways = {way.when for way in job.verdict.ways}
    if ways == {"never"}:
        return "it is not in the pipeline"
    if ways <= {"never", "on_failure"}:
        return "it runs after a failure alone"
    return ""


def _needs_part(job: Planned) -> Part | None:
    way = job.way
    part = (way.get("needs") if way is not None else None) or job.part.get("needs")
    return None if part is None or part.is_null else part


def _needed(job: Planned, needs: Part, by_entry: dict[str, list[Planned]], plan: Plan) -> list[str]:
    if needs.is_map and "pipeline" in needs.members:
        return _beyond(job, needs, plan.teller)
    if not needs.is_list:
        raise needs.refuse("needs must be a list")
    if not needs.items:
        plan.teller.tell(needs, "exact", "needs", job=job.name)
    found: dict[str, None] = {}
    for need in _flat(needs):
        name = need.get("job") if need.is_map else need
        for key in need.members:
            if key not in _NEED_KEYS:
                raise need.members[key].refuse(f"a need has no key {key}", f"there are {', '.join(_NEED_KEYS)}")
        if need.is_map and ("project" in need.members or "pipeline" in need.members):
            _beyond(job, need, plan.teller)
            continue
        if name is None or not isinstance(name.value, str) or not name.text:
            raise need.refuse("a need must be the name of a job")
        found |= dict.fromkeys(_names(job, need, name.text, by_entry, plan))
    return list(found)


def _beyond(job: Planned, need: Part, teller: Teller) -> list[str]:
    job.guards.append("it needs what another pipeline makes")
    teller.manual(need, "needs", "another pipeline makes it: bring it here, then allow the job", job.name)
    return []


def _names(job: Planned, need: Part, name: str, by_entry: dict[str, list[Planned]], plan: Plan) -> list[str]:
    """The jobs that one need means."""
    optional = need.get("optional")
    is_optional = optional is not None and optional.value is True
    found = by_entry.get(name) or [other for other in plan.jobs if other.name == name]
    if not found:
        return _absent(job, need, name, plan, optional=is_optional)
    selection = need.get("parallel")
    if selection is not None:
        picked = chosen(selection, [other.share for other in found], job.share)
        if not picked and not is_optional:
            raise need.refuse(f"no job of {name} is in this matrix")
        found = [other for other in found if other.share in picked]
    if job in found:
        raise need.refuse(f"the job {job.name} needs itself")
    if any(plan.stages.index(other.stage) > plan.stages.index(job.stage) for other in found):
        raise need.refuse(f"{name} is of a later stage than {job.entry}")
    present = [other for other in found if {way.when for way in other.verdict.ways} != {"never"}]
    if len(present) < len(found) and not is_optional and not job.left_out:
        if job.way is not None:
            mend = "write optional: true where it may be absent"
            raise need.refuse(f"{job.entry} needs {name}, which is not in the pipeline", mend)
        job.guards.append(f"it needs {name}, which is not in the pipeline")
    _say(job, need, plan.teller)
    if is_optional:
        job.optional |= {other.name for other in present}
    return [other.name for other in present]


def _absent(job: Planned, need: Part, name: str, plan: Plan, *, optional: bool) -> list[str]:
    if plan.gathered.unread:
        job.guards.append(f"it needs {name}, which was not read")
        plan.teller.manual(need, "needs", "the job stands in a file that was not read", job.name)
    elif optional:
        plan.teller.tell(need, "exact", "needs", "there is no such job, and there need not be", job.name)
    else:
        raise need.refuse(f"there is no job {name}")
    return []


def _say(job: Planned, need: Part, teller: Teller) -> None:
    artifacts = need.get("artifacts")
    if artifacts is None or artifacts.value is True:
        teller.tell(need, "exact", "needs", job=job.name)
    else:
        teller.tell(need, "approximated", "needs", "all jobs work in one folder: its files are there", job.name)


def _leave_out_followers(jobs: list[Planned]) -> None:
    """What needs a job that runs after a failure alone, does so too."""
    by_name = {job.name: job for job in jobs}
    waiting: dict[str, list[Planned]] = {}
    for job in jobs:
        for name in job.needs or ():
            waiting.setdefault(name, []).append(job)
    pending = deque(job for job in jobs if job.left_out)
    while pending:
        for follower in waiting.get(pending.popleft().name, ()):
            if not follower.left_out:
                follower.left_out = "it needs a job that runs after a failure alone"
                pending.append(follower)
    for job in jobs:
        if job.needs is not None:
            job.needs = [name for name in job.needs if not by_name[name].left_out]


def _refuse_circles(jobs: Iterable[Planned]) -> None:
    waits = {job.name: set(job.needs or ()) for job in jobs}
    followers: dict[str, list[str]] = {}
    for name, needed in waits.items():
        for other in needed:
            followers.setdefault(other, []).append(name)
    ready = [name for name, needed in waits.items() if not needed]
    while ready:
        done = ready.pop()
        del waits[done]
        for follower in followers.get(done, ()):
            waits[follower].discard(done)
            if not waits[follower]:
                ready.append(follower)
    for job in jobs:
        if job.name in waits:
            needs = _needs_part(job) or job.part
            raise needs.refuse(f"the jobs need each other in a circle: {', '.join(list(waits)[:6])}")


def _put_up_barriers(plan: Plan) -> None:
    """Jobs without needs wait for all of the stages before; through a job that does so too, if there is one."""
    kept = [job for job in plan.jobs if not job.left_out]
    before: list[str] = []
    count = 0
    for stage in plan.stages:
        members = [job for job in kept if job.stage == stage]
        free = [job for job in members if job.needs is None]
        count += len(free) * len(before)
        if count > _MOST_EDGES:
            raise plan.config.refuse(
                f"its stages make more than {_MOST_EDGES:,} dependencies", "say with needs what waits"
            )
        for job in free:
            job.needs, job.optional = list(before), set(before)
        blocking = [job.name for job in members if job.blocks]
        before = blocking if any(job.blocks for job in free) else [*before, *blocking]


def _flat(part: Part) -> list[Part]:
    return [each for item in part.items for each in (_flat(item) if item.is_list else [item])]
