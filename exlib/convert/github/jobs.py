"""One job of a workflow, or each combination of its matrix: what it becomes, what holds it back."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from exlib.convert.github import matrix
from exlib.convert.github.conditions import SUCCESS, UNKNOWN, undecided
from exlib.convert.github.jobtext import Plan, Text, job_text
from exlib.convert.github.ledger import Ledger
from exlib.convert.github.references import Naming
from exlib.convert.github.scene import Scene, fill, ignores, meant, minutes, read_env
from exlib.convert.github.shells import Shell
from exlib.convert.github.steps import Step, read_steps
from exlib.convert.github.strategy import combinations, is_chain
from exlib.convert.github.surroundings import machine, surroundings
from exlib.convert.github.templates import Pieces, filled, known_text
from exlib.convert.github.values import Exact, Open, Partial, Unknown, json_number
from exlib.convert.yaml.tree import Node

_FORBIDDEN = re.compile(r"[^\w.+-]+")
_SH = Shell(("sh",))


_KEYS = frozenset(
    "name needs permissions runs-on environment concurrency outputs env defaults if steps timeout-minutes strategy "
    "continue-on-error container services uses with secrets snapshot".split()
)
UNDECIDED = "its condition is not decided"


class Made(NamedTuple):
    """A job of the document in the making; ``source`` is what its ``x-source`` keeps."""

    wanted: str
    text: Text
    description: str
    timeout: float | None
    guards: tuple[str, ...]
    source: dict[str, Any]


@dataclass
class Outcome:
    """What a job of the workflow became: a chain of jobs for each combination, none if it is ``skipped``."""

    name: str
    node: Node
    needs: list[str]
    chains: list[list[Made]] = field(default_factory=list)
    skipped: bool = False
    chained: bool = False
    """Whether each of its chains waits for the one before."""
    tails: list[str] = field(default_factory=list)


class House(NamedTuple):
    """What the jobs of a workflow share. ``exports`` are variables that every job has to set by its own text."""

    name: str
    contexts: dict[str, Any]
    naming: Naming
    ledger: Ledger
    env: tuple[tuple[str, Pieces], ...]
    exports: tuple[tuple[str, Pieces], ...]
    shell: str
    directory: Pieces
    guards: tuple[str, ...]
    split: bool
    secrets: dict[str, None]
    wanted: dict[str, None]
    """Variables that stand for what only a run knows, as the jobs ask for them."""
    unstarted: str
    """Why no job runs at all, where the event is known and starts nothing."""


def read_job(name: str, node: Node, wanted: dict[str, Any], house: House, says: str) -> Outcome:
    """Everything of a job that runs. ``wanted`` is its context needs, ``says`` its ``if``: success or unknown."""
    outcome = Outcome(name, node, list(wanted))
    base = {**house.contexts, "needs": wanted}
    base["github"] = Partial({"job": name} | base["github"])
    if node.get("uses") is not None:
        outcome.chains = [[_called(name, node, house, base, says)]]
        return outcome
    combined = combinations(node, base, house.ledger)
    outcome.chained = is_chain(node, len(combined) if isinstance(combined, list) else 2, base, house.ledger)
    for place, one in enumerate(combined if isinstance(combined, list) else [None]):
        scene = _scene(name, node, house, base, one, (place, len(combined) if isinstance(combined, list) else 0))
        if isinstance(combined, Unknown):
            scene.guard(f"its matrix is not known: {undecided(combined.paths)}")
        _hold(node, says, scene)
        outcome.chains.append(_made(name, node, house, scene, one))
    return outcome


def needed(needs: list[str], skipped: set[str], contexts: dict[str, Any]) -> dict[str, Any]:
    """The context needs: a job runs here after those that it needs succeeded; what they hand on is not known."""
    return {
        name: Partial({"result": "skipped" if name in skipped else SUCCESS} | contexts["needs"].get(name, {}))
        for name in needs
    }


def _scene(
    name: str, node: Node, house: House, base: dict[str, Any], one: matrix.Combination | None, place: tuple[int, int]
) -> Scene:
    contexts = dict(base)
    strategy = node.get("strategy")
    if one is not None:
        contexts["matrix"] = one
        contexts["strategy"] = Partial({"job-index": float(place[0]), "job-total": float(place[1])})
    elif strategy is not None and strategy.get("matrix") is not None:
        contexts["matrix"] = Partial()
    scene = Scene(name, contexts, house.naming, house.ledger, house.shell, house.directory)
    scene.split = house.split
    scene.secrets, scene.wanted = house.secrets, house.wanted
    for reason in house.guards:
        scene.guard(reason)
    return scene


def _made(name: str, node: Node, house: House, scene: Scene, one: matrix.Combination | None) -> list[Made]:
    _unknown_keys(node, scene)
    machine(node, scene)
    surroundings(node, scene)
    env = _env(node.get("env"), house, scene)
    _defaults(node.get("defaults"), scene)
    limit = minutes(node.get("timeout-minutes"), scene, "each step has it" if house.split else "")
    reason = "the failure of a step counts" if house.split else "its failure counts as success here"
    ignored = ignores(node.get("continue-on-error"), scene, "approximated", reason) and not house.split
    guards = tuple(scene.guards)
    steps_node = node.get("steps")
    if steps_node is None:
        slips = [key for key in node.members if key not in _KEYS and meant(key, ["steps"])]
        raise node.refuse(
            "a job has steps, or uses a workflow", f"write steps: for {slips[0]}:" if slips else "add steps:"
        )
    steps = read_steps(steps_node, scene)
    label = f"{name} ({matrix.name(one)})" if one else name
    wanted = "-".join([name, *_words(one)]) if one else name
    source: dict[str, Any] = {"job": name} | ({"matrix": _shown(one)} if one else {})
    title = _title(node, one, label, scene)
    plan = Plan(name, house.name, tuple(steps), env, house.exports, scene.outputs, scene.naming, ignored)
    if house.split:
        return _split(plan, guards, wanted, title, limit, source)
    return [Made(wanted, job_text(plan), title, limit, tuple(scene.guards), source)]


def _unknown_keys(node: Node, scene: Scene) -> None:
    for key, value in node.members.items():
        if key not in _KEYS:
            scene.guard(f"it has {key}, which is not known here")
            scene.say(
                "manual", value, key, f"it is not known here, and might change what the job does{meant(key, _KEYS)}"
            )


def _words(one: matrix.Combination) -> list[str]:
    """The values of a combination as parts of an id."""
    words = (_FORBIDDEN.sub("_", word).strip("_-") for word in matrix.name(one).split(", "))
    return [word for word in words if word]


def _hold(node: Node, says: str, scene: Scene) -> None:
    """Keep a job back whose condition is not decided."""
    condition = node.get("if")
    if says == UNKNOWN and condition is not None:
        scene.guard(f"{UNDECIDED}: {condition.text}")


def _shown(one: matrix.Combination) -> dict[str, Any]:
    def shown(value: Any) -> Any:
        if isinstance(value, float):
            return json_number(value)
        if isinstance(value, dict):
            return {key: shown(item) for key, item in value.items()}
        return [shown(item) for item in value] if isinstance(value, list) else value

    return {key: shown(value) for key, value in one.items()}


def _title(node: Node, one: matrix.Combination | None, label: str, scene: Scene) -> str:
    found = node.get("name")
    if found is None:
        return label if one else ""
    pieces = filled(found, scene.contexts)
    scene.say("exact", found, "name", "it is the description")
    shown = "".join(p if isinstance(p, str) else p.written for p in pieces)
    return f"{shown} ({matrix.name(one)})" if one and "${{" not in found.text else shown


def _split(
    plan: Plan, shared: tuple[str, ...], wanted: str, title: str, limit: float | None, source: dict[str, Any]
) -> list[Made]:
    """A job for each step; what steps hand on to one another does not reach another job."""
    made = []
    handed = ("GITHUB_ENV", "GITHUB_PATH", *(["GITHUB_OUTPUT"] if plan.outputs else []))
    for number, step in enumerate(plan.steps, 1):
        guards = list(dict.fromkeys([*shared, *step.guards]))
        if any(name in step.script for name in handed):
            guards.append(
                f'step "{step.label}" hands something on to the steps after it: convert without --split-steps'
            )
        part = plan._replace(steps=(step._replace(when=SUCCESS, limit=None),), outputs={})
        name = step.id or _FORBIDDEN.sub("_", step.label).strip("_")[:40] or str(number)
        about = f"{title}: {step.label}" if title else step.label
        made.append(
            Made(
                f"{wanted}.{name}",
                job_text(part),
                about,
                step.limit or limit,
                tuple(guards),
                {**source, "step": number},
            )
        )
    return made or [Made(wanted, Text("true", None, "", {}), title, limit, shared, source)]


def _env(node: Node | None, house: House, scene: Scene) -> tuple[tuple[str, Pieces], ...]:
    """The variables of a job over those of the workflow: the context env of its steps."""
    pairs = read_env(node, scene.contexts, scene) if node is not None else ()
    known = {name: known_text(pieces) for name, pieces in (*house.env, *pairs)}
    kind = Open if None in known.values() else Exact
    scene.contexts["env"] = kind({name: value for name, value in known.items() if value is not None})
    return pairs


def _defaults(node: Node | None, scene: Scene) -> None:
    shell, directory = defaults(node, scene)
    scene.shell = shell if shell is not None else scene.shell
    scene.directory = directory if directory is not None else scene.directory


def defaults(node: Node | None, scene: Scene) -> tuple[str | None, Pieces | None]:
    """The shell and the directory that ``defaults.run`` states."""
    run = node.get("run") if node is not None else None
    if run is None:
        return None, None
    shell, directory = run.get("shell"), run.get("working-directory")
    name = pieces = None
    if shell is not None:
        name = known_text(filled(shell, scene.contexts))
        if name is None:
            scene.guard(f"its shell is not known: {shell.text}")
        scene.say(
            "exact" if name is not None else "manual", shell, "shell", "" if name is not None else "not known here"
        )
    if directory is not None:
        pieces = filled(directory, scene.contexts)
        fill(directory, "working-directory", pieces, scene)
    return name, pieces


def _called(name: str, node: Node, house: House, base: dict[str, Any], says: str) -> Made:
    uses = node.get("uses")
    what = uses.text if uses is not None else ""
    reason = f"the workflow {what} cannot be translated: put its commands in its place"
    scene = _scene(name, node, house, base, None, (0, 0))
    scene.guard(reason)
    _hold(node, says, scene)
    scene.say("manual", node, f"job {name}", reason)
    step = Step(f"Call {what}", "", "", _SH, foreign=what)
    plan = Plan(name, house.name, (step,), (), (), {}, scene.naming)
    return Made(name, job_text(plan), _title(node, None, name, scene), None, tuple(scene.guards), {"job": name})
