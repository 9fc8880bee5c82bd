"""The jobs of a configuration: what each inherits, the shares it comes in, and the ways in which it can run."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from exlib.convert.gitlab import durations
from exlib.convert.gitlab.conditions import Verdict, Way, by_refs, by_rules, stated_when
from exlib.convert.gitlab.expressions import UNKNOWN, Lookup
from exlib.convert.gitlab.gather import ALWAYS, Gathered, is_for_merge_request, looked_up
from exlib.convert.gitlab.inherit import Inheritance
from exlib.convert.gitlab.matrix import Share, shares
from exlib.convert.gitlab.parts import Part

DEFAULTS = (
    "after_script", "artifacts", "before_script", "cache", "hooks", "id_tokens", "identity", "image", "interruptible",
    "retry", "services", "tags", "timeout",
)  # fmt: skip
_OLD_DEFAULTS = ("image", "services", "before_script", "after_script", "cache")
SETTINGS = ("default", "include", "spec", "stages", "types", "variables", "workflow", *_OLD_DEFAULTS, "$schema")
_MOST_JOBS = 10_000
STAGES = ("build", "test", "deploy")


@dataclass
class Variable:
    """A variable: its text, and whether what it refers to is put in."""

    text: str
    part: Part
    expand: bool = True


@dataclass(eq=False)
class Planned:
    """One job of the pipeline as it will be: a share of an entry of the configuration."""

    entry: str
    share: Share
    part: Part
    stage: str
    verdict: Verdict
    variables: dict[str, Variable]
    missing: list[str]
    hidden_globals: list[str] = field(default_factory=list)
    left_out: str = ""
    guards: list[str] = field(default_factory=list)
    needs: list[str] | None = None
    optional: set[str] = field(default_factory=set)
    """Of its needs those that it does without where they are not in the pipeline."""

    @property
    def name(self) -> str:
        """The name that GitLab shows."""
        return self.share.name

    @property
    def way(self) -> Way | None:
        """How it runs, if that is decided."""
        return self.verdict.ways[0] if len(self.verdict.ways) == 1 else None

    @property
    def blocks(self) -> bool:
        """Whether later stages wait for it: they do not for one that a person may start and need not."""
        ways = [way for way in self.verdict.ways if way.when not in ("never", "on_failure")]
        return any(way.when != "manual" or not self.allows_failure(way) for way in ways)

    def allows_failure(self, way: Way) -> bool:
        """Whether its failure is no failure of the pipeline."""
        stated = way.get("allow_failure") or self.part.get("allow_failure")
        if stated is None or stated.is_null:
            return way.when == "manual" and "rules" not in self.part.members
        return stated.is_map or stated.value is True


class Plan:
    """The settings of a configuration, and its jobs in the order in which they stand."""

    def __init__(self, gathered: Gathered) -> None:
        self.gathered = gathered
        self.teller = gathered.teller
        self.config = gathered.config
        self.inheritance = Inheritance(self.config, unread=bool(gathered.unread))
        self.stages = self._stages()
        self.default = self._default()
        self.variables = self.variables_of(self._top("variables"))
        self.workflow = self._workflow()
        self._open: set[str] = set()
        self.running = self._running()
        """Why the pipeline may not run at all, empty if it does; None if it does not."""
        self.jobs: list[Planned] = []
        for name in filter(_is_job, self.config.members):
            self.jobs += self._planned(name)
            if len(self.jobs) > _MOST_JOBS:
                raise self.config.refuse(f"these are more than {_MOST_JOBS:,} jobs", "split it")

    def variables_of(self, part: Part | None) -> dict[str, Variable]:
        """The variables of a map. Raises InputError for what is none."""
        found: dict[str, Variable] = {}
        if part is None or part.is_null:
            return found
        if not part.is_map:
            raise part.refuse("variables must be a map")
        for name, value in part.members.items():
            inner = value.get("value") if value.is_map else value
            expand = value.get("expand")
            if inner is None:
                inner = Part(value.node, "scalar", "")
            if not inner.is_scalar:
                raise value.refuse(f"the variable {name} must be a plain value")
            found[name] = Variable(inner.text, value, expand is None or expand.value is not False)
        return found

    def lookup(self, own: Mapping[str, Variable] | None = None, hidden: Collection[str] = ()) -> Lookup:
        """How rules find variables: what was told comes first, then those of the job, then the configuration's.

        ``hidden`` are those of the configuration that the job does not inherit. What the workflow may set, and nobody
        knows whether it does, is not known.
        """
        wider = {name: variable for name, variable in self.variables.items() if name not in (*hidden, *self._open)}
        texts = [{name: _for_rules(variable) for name, variable in table.items()} for table in (own or {}, wider)]
        layers = (self.gathered.given, *texts, ALWAYS)
        beyond = self._open - {*self.gathered.given, *(own or {})}
        return lambda name: UNKNOWN if name in beyond else looked_up(name, layers)

    def _running(self) -> str | None:
        """What the rules of the workflow come to; the variables that they set are over the configuration's."""
        rules = self.workflow.get("rules") if self.workflow is not None else None
        if rules is None or rules.is_null:
            return ""
        verdict = by_rules(rules, "always", self.lookup(), self.teller, None)
        if len(verdict.ways) > 1:
            self._open = {name for way in verdict.ways for name in self.variables_of(way.get("variables"))}
            return f"the rules of the workflow cannot be decided: {verdict.open}"
        if verdict.ways[0].when == "never":
            return None
        self.variables |= self.variables_of(verdict.ways[0].get("variables"))
        return ""

    def _top(self, name: str) -> Part | None:
        part = self.config.members.get(name)
        return self.inheritance.settled(part, name) if part is not None else None

    def _stages(self) -> list[str]:
        part = self._top("stages") or self._top("types")
        if part is None or part.is_null:
            return [".pre", *STAGES, ".post"]
        if not part.is_list or not all(isinstance(item.value, str) for item in part.items):
            raise part.refuse("stages must be a list of names")
        self.teller.tell(part, "exact", "stages")
        named = [item.text for item in part.items if item.text not in (".pre", ".post")]
        return [".pre", *dict.fromkeys(named), ".post"]

    def _default(self) -> dict[str, Part]:
        part = self._top("default")
        if part is not None and not part.is_map and not part.is_null:
            raise part.refuse("default must be a map")
        found = dict(part.members) if part is not None else {}
        for name in _OLD_DEFAULTS:
            if (old := self._top(name)) is not None:
                found.setdefault(name, old)
        for name, value in found.items():
            if name not in DEFAULTS:
                raise value.refuse(f"default has no key {name}", f"there are {', '.join(DEFAULTS)}")
        return found

    @property
    def limit(self) -> float | None:
        """Seconds that jobs have which state no limit, where the configuration says so."""
        stated = self.default.get("timeout")
        return durations.seconds(stated.text) if stated is not None and not stated.is_null else None

    def _workflow(self) -> Part | None:
        part = self._top("workflow")
        if part is not None and not part.is_map and not part.is_null:
            raise part.refuse("workflow must be a map")
        return part if part is not None and part.is_map else None

    def _planned(self, name: str) -> list[Planned]:
        own = self.inheritance.entry(name)
        if not own.is_map:
            raise own.refuse(f"the job {name} must be a map", "a name with a dot before it is no job")
        part = self._with_defaults(own)
        stage = part.get("stage")
        stage_name = stage.text if stage is not None and not stage.is_null else "test"
        if stage_name not in self.stages:
            raise (stage or part).refuse(f"there is no stage {stage_name}", f"there are {', '.join(self.stages)}")
        if stage is not None:
            self.teller.tell(stage, "exact", "stage", job=name)
        variables = self.variables_of(part.get("variables"))
        missing = self.inheritance.missing.get(name, [])
        planned = []
        for share in shares(name, part.get("parallel")):
            mine = variables | {
                key: Variable(value, part.members["parallel"]) for key, value in share.variables.items()
            }
            hidden = self._not_inherited(part)
            verdict = self._verdict(part, self.lookup(mine, hidden), name)
            job = Planned(name, share, part, stage_name, verdict, dict(mine), missing, hidden)
            planned.append(job)
        return planned

    def _with_defaults(self, own: Part) -> Part:
        allowed = own.get("inherit", "default")
        part = own.copied()
        for key, value in self.default.items():
            if key not in part.members and _inherits(allowed, key):
                part.members[key] = value
        return part

    def _not_inherited(self, part: Part) -> list[str]:
        allowed = part.get("inherit", "variables")
        return [name for name in self.variables if not _inherits(allowed, name)]

    def _verdict(self, part: Part, lookup: Lookup, job: str) -> Verdict:
        when = stated_when(part.get("when"))
        rules = part.get("rules")
        if rules is not None and not rules.is_null and not (rules.is_list and not rules.items):
            return by_rules(rules, when, lookup, self.teller, job)
        only, without = (
            each if each is not None and not each.is_null else None for each in (part.get("only"), part.get("except"))
        )
        by_itself = rules is not None or (self.workflow is not None and "rules" in self.workflow.members)
        for_merge_request = is_for_merge_request(self.gathered.given)
        if only is None and not by_itself and for_merge_request:
            return Verdict((Way("never"),))  # without a word, jobs are for branches and tags
        if only is None and without is None:
            return Verdict((Way(when),))
        return by_refs(only, without, when, lookup, for_merge_request=for_merge_request)


def _for_rules(variable: Variable) -> str:
    return variable.text if variable.expand else variable.text.replace("$", "$$")


def _inherits(allowed: Part | None, key: str) -> bool:
    if allowed is None or allowed.is_null:
        return True
    return key in [item.text for item in allowed.items] if allowed.is_list else allowed.value is not False


def _is_job(name: str) -> bool:
    return not name.startswith(".") and name not in SETTINGS
