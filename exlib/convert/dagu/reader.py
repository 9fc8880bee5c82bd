"""DAGs become documents, one each."""

from __future__ import annotations

import hashlib
import json
import os
from typing import Any

from exlib.convert.account import Account
from exlib.convert.dagu.commands import shell_of
from exlib.convert.dagu.conditions import checks_of
from exlib.convert.dagu.flow import connect, handlers, steps_of
from exlib.convert.dagu.keys import BY_HAND, ELSEWHERE, NO_WORD, as_new, field
from exlib.convert.dagu.notes import apply_notes
from exlib.convert.dagu.scene import Scene
from exlib.convert.dagu.step import OF_AUTHOR, keep, renamed, say_variable
from exlib.convert.dagu.values import parameters, static, variables
from exlib.convert.draft import Draft, guard
from exlib.convert.source import Source
from exlib.convert.wishes import Wishes
from exlib.convert.yamltree import Node, Tree


def read(source: Source, wishes: Wishes, account: Account) -> list[Draft]:
    """A document for each DAG of the file. Raises InputError for what is none."""
    tree = Tree(source)
    found = []
    for number, root in enumerate(tree.roots, 1):
        if root.is_scalar and root.plain() is None:
            continue
        found.append(_dag(tree, root, number, wishes, account))
    tree.settle(account)
    return found


def digest(job: dict[str, Any]) -> str:
    """What tells whether a job was changed since it was read."""
    core = {
        key: value for key, value in job.items() if key not in ("id", "dependencies", "x-source", "tags", "priority")
    }
    return hashlib.sha256(json.dumps(core, sort_keys=True).encode()).hexdigest()[:12]


def _dag(tree: Tree, root: Node, number: int, wishes: Wishes, account: Account) -> Draft:
    if not root.is_map:
        raise root.refuse("a DAG is a map with steps in it")
    stem = os.path.basename(tree.source.name).rsplit(".", 1)[0].strip("<>") or "workflow"
    name = root.get("name")
    draft = Draft(name.text if name is not None else stem if number == 1 else f"{stem}_{number}", "dagu")
    scene = Scene(tree, draft, account)
    draft.settings["default_timeout"] = None
    draft.settings["continue_on_error"] = True
    _texts(root, scene)
    _keep(root, scene)
    late = _environment(root, scene, wishes)
    found = steps_of(scene, root)
    for job, node in handlers(scene, root, connect(scene, root, found)):
        found.append((job, node))
    _hold(scene, root, found, late)
    _workers(root, scene, found)
    apply_notes(scene, root, found)
    for job in draft.jobs:
        if "step" in job.get("x-source", {}) and "of" not in job["x-source"]:
            job["x-source"]["of"] = digest(job)
    return draft


def _texts(root: Node, scene: Scene) -> None:
    tell = scene.account
    for key, ours in (("name", "application_name"), ("description", "description")):
        found = root.get(key)
        if found is not None and found.is_scalar:
            if ours == "description" and found.text:
                scene.draft.settings[ours] = found.text
            tell.exact(found.place, key)
    for key in ("working_dir", "log_dir"):
        found = field(root, key)
        if found is None:
            continue
        path = static(found.text)
        if path is None:
            tell.manual(found.place, key, f"a command tells it: state {key}")
        elif path:
            scene.draft.settings[key] = path
            tell.exact(found.place, key)
    shell = root.get("shell")
    if shell is not None:
        stated = shell_of(shell)
        if isinstance(stated, str) and ("$" in stated or "`" in stated):
            scene.elsewhere.append("a variable tells the shell of the whole DAG")
            scene.draft.kept["shell"] = stated
            tell.manual(shell.whole, "shell", "a variable tells it: state shell in the jobs")
        else:
            scene.shell = scene.shell if stated is None else stated
            tell.exact(shell.whole, "shell")


def _keep(root: Node, scene: Scene) -> None:
    """Keys that no document can say, and those that make steps run elsewhere."""
    for key, node in root.members.items():
        new = as_new(key)
        if new in NO_WORD:
            if new != "smtp":
                scene.draft.kept[new] = node.plain() if new in OF_AUTHOR else renamed(node.plain())
            tell = scene.account.manual if new in BY_HAND else scene.account.dropped
            tell(node.whole, new, NO_WORD[new])
        elif new in ELSEWHERE:
            scene.elsewhere.append(f"{new} of the whole DAG says where or how it runs")
            scene.draft.kept[new] = node.plain() if new in OF_AUTHOR else renamed(node.plain())
            scene.account.manual(node.whole, new, "its steps wait for a person: write their commands")


def _environment(root: Node, scene: Scene, wishes: Wishes) -> list[str]:
    """Take the variables, and the parameters as variables; the names of those whose values are not known."""
    found: dict[str, str] = {}
    late: list[str] = []
    for variable in variables(root.get("env")):
        given = wishes.variables.get(variable.name, variable.value)
        if not say_variable(scene, variable._replace(value=given), found):
            late.append(variable.name)
    if late:
        scene.draft.kept["env"] = root.members["env"].plain()
    stated = root.get("params")
    for parameter in parameters(stated):
        value = wishes.variables.get(parameter.name, parameter.value) if parameter.name else parameter.value
        place = parameter.at.whole
        if value is None:
            late.append(parameter.name or "a parameter")
            scene.account.manual(place, parameter.name or "params", "its value is not known here: give it with --var")
        else:
            if parameter.name:
                found[parameter.name] = value
            else:
                scene.places.append(value)
            scene.account.exact(place, parameter.name or "params")
    if stated is not None:
        scene.draft.kept["params"] = stated.plain()
    _others(root, scene)
    if found:
        scene.draft.settings["env_variables"] = found
    return late


def _others(root: Node, scene: Scene) -> None:
    dotenv = root.get("dotenv")
    if dotenv is not None:
        scene.draft.kept["dotenv"] = dotenv.plain()
        scene.account.manual(dotenv.whole, "dotenv", "give ex-run its files: --env-file FILE")
    secrets = root.get("secrets")
    if secrets is not None:
        names = [name.text for one in secrets.items if (name := one.get("name")) is not None]
        scene.draft.settings["secrets"] = names
        scene.draft.kept["secrets"] = secrets.plain()
        scene.account.manual(secrets.whole, "secrets", "set them in the environment of ex-run")


def _hold(scene: Scene, root: Node, found: list[tuple[dict[str, Any], Node]], late: list[str]) -> None:
    """What has to be known or true before anything runs is asked of the jobs that come first."""
    conditions = field(root, "preconditions")
    if conditions is None and not late:
        return
    for job, node in found:
        if job.get("dependencies"):
            continue
        if conditions is not None:
            job["pre_checks"] = [*job.get("pre_checks", ()), *checks_of(conditions)]
        for name in late:
            guard(job, f"only a run of Dagu tells {name}")
        keep(scene, job, node)
    if conditions is not None:
        scene.draft.kept["preconditions"] = renamed(conditions.plain())
        reason = "it is asked of the jobs that come first, and fails them; Dagu ends the run as cancelled"
        scene.account.approximated(conditions.whole, "preconditions", reason)


def _workers(root: Node, scene: Scene, found: list[tuple[dict[str, Any], Node]]) -> None:
    """As many at once as the DAG allows; without a limit, as many as there are."""
    stated = field(root, "max_active_steps")
    count = stated.plain() if stated is not None else None
    if stated is not None:
        tell = scene.account.exact if isinstance(count, int) else scene.account.dropped
        tell(stated.place, "max_active_steps", "" if isinstance(count, int) else "it is no number")
    sizes: dict[tuple[str, ...], int] = {}
    for job, _ in found:
        waits = tuple(job.get("dependencies", ()))
        sizes[waits] = sizes.get(waits, 0) + 1
    if not isinstance(count, int) or count < 1:
        chained = len(found) < 2 or (max(sizes.values()) == 1 and all(len(waits) <= 1 for waits in sizes))
        count = 1 if chained else len(found)
    if count > 1:
        scene.draft.settings |= {"parallel": True, "max_workers": min(count, 10_000)}
