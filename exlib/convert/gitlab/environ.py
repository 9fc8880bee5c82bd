"""The variables of the jobs: in the document where it can hold them, else in the script."""

from __future__ import annotations

from collections.abc import Iterator

from exlib.convert.gitlab.parts import Part
from exlib.convert.gitlab.plan import Plan, Planned, Variable
from exlib.convert.gitlab.scripts import lines
from exlib.convert.gitlab.values import NAME, in_shell, incoming, is_literal, is_predefined, used
from exlib.environment import is_secret

SCRIPTS = ("before_script", "script", "after_script")


class Environ:
    """The variables of a plan. ``told`` are those that --var told and jobs use: they are the document's."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._teller = plan.teller
        self._given = plan.gathered.given
        self._asked: set[str] = set()
        self.told: dict[str, str] = {}

    def globals(self) -> tuple[dict[str, str], list[str]]:
        """The variables of the configuration, and lines of a script for those that a document cannot set."""
        env: dict[str, str] = {}
        prologue: list[str] = []
        for name, variable in self._plan.variables.items():
            self._put(name, variable, env, prologue, None)
        return env, prologue

    def of_job(self, job: Planned) -> tuple[dict[str, str], list[str]]:
        """The variables of a job, and lines of a script for those that a document cannot set."""
        variables: dict[str, Variable] = dict(job.variables)
        if job.way is not None and (more := job.way.get("variables")) is not None:
            variables |= self._plan.variables_of(more)
        env: dict[str, str] = {}
        prologue: list[str] = []
        for name, variable in variables.items():
            self._put(name, variable, env, prologue, job.name)
        hidden = [name for name in job.hidden_globals if NAME.fullmatch(name) and name not in variables]
        if hidden:
            prologue.insert(0, f"unset {' '.join(hidden)}")
        env |= self._from_outside(job, env)
        return env, prologue

    def _from_outside(self, job: Planned, env: dict[str, str]) -> dict[str, str]:
        """Variables that nothing in the configuration sets: known facts; for the others --var, or a word about them."""
        wider = [variable.text for variable in self._plan.variables.values() if variable.expand]
        found: dict[str, str] = {}
        facts = _facts(job)
        for name in used([*texts(job), *env.values(), *wider]):
            if name in env or name in self._plan.variables:
                continue
            if name in self._given and not is_secret(name):
                self.told[name] = incoming(self._given[name]) or ""
            elif name in facts:
                found[name] = facts[name]
            elif (is_predefined(name) or name in self._given) and name != "CI_NODE_INDEX":
                self._ask(name, job)
        return found

    def _put(self, name: str, variable: Variable, env: dict[str, str], prologue: list[str], job: str | None) -> None:
        """Set a variable where a document can, else in the script."""
        if not NAME.fullmatch(name):
            self._teller.tell(variable.part, "dropped", "variable", "no shell can refer to a variable called so", job)
            return
        text = self._given.get(name, variable.text)
        value = incoming(text) if variable.expand else text if is_literal(text) else None
        if value is None:
            prologue.append(f"export {name}={in_shell(text, expand=variable.expand)}")
            said = "it is set in the script, as it holds ${…} as it stands"
            self._teller.tell(variable.part, "approximated", "variable", said, job)
            return
        env[name] = value
        said = "--var is over it" if name in self._given else ""
        self._teller.tell(variable.part, "exact", "variable", said, job)

    def _ask(self, name: str, job: Planned) -> None:
        """Say once where a variable is used that only GitLab sets."""
        if name in self._asked:
            return
        self._asked.add(name)
        way = f"ex-run --env {name}=…" if is_secret(name) else f"--var {name}=… here, or ex-run --env {name}=…"
        for part in self._parts(job):
            if part.is_scalar and name in used([part.text]):
                self._teller.node(part.node, "manual", "variable of GitLab", f"{name} is not set: {way}", job.name)
                return

    def _parts(self, job: Planned) -> Iterator[Part]:
        for key in (*SCRIPTS, "variables"):
            if (part := job.part.get(key)) is not None:
                yield from part.walk()
        for variable in (*job.variables.values(), *self._plan.variables.values()):
            yield from variable.part.walk()


def texts(job: Planned) -> list[str]:
    """All lines of a job's scripts."""
    return [line for key in SCRIPTS for line in lines(job.part.get(key), what=key)]


def _facts(job: Planned) -> dict[str, str]:
    """Variables of a runner whose values are known here."""
    facts = {"CI": "true", "GITLAB_CI": "true", "CI_JOB_NAME": job.name, "CI_JOB_STAGE": job.stage}
    if "after_script" in job.part.members:
        facts["CI_JOB_STATUS"] = "running"
    if job.share.total:
        facts |= {"CI_NODE_INDEX": str(job.share.number), "CI_NODE_TOTAL": str(job.share.total)}
    else:
        facts["CI_NODE_TOTAL"] = "1"
    return {name: value for name, value in facts.items() if is_literal(value)}
