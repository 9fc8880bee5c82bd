"""DAGs become documents, one each."""

from __future__ import annotations

import hashlib
import json
import os
from typing import Any

from exlib.console import printable
from exlib.convert.account import Account
from exlib.convert.dagu.commands import shell_of
from exlib.convert.dagu.conditions import add_checks, tell_conditions
from exlib.convert.dagu.dotenv import static_dotenv
from exlib.convert.dagu.flow import connect, handlers, steps_of
from exlib.convert.dagu.keeping import hidden, holds_secret, kept, note_secrets
from exlib.convert.dagu.keys import BY_HAND, ELSEWHERE, NO_WORD, as_new, field
from exlib.convert.dagu.notes import apply_notes
from exlib.convert.dagu.scene import Scene
from exlib.convert.dagu.step import keep, say_variable
from exlib.convert.dagu.values import parameters, static, variables
from exlib.convert.draft import Draft, guard
from exlib.convert.source import Source
from exlib.convert.wishes import Wishes
from exlib.convert.yaml.tree import Node, Tree


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
    hidden(account, scene.secrets)
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
            scene.doubts.append("a variable tells the shell of the whole DAG")
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
                scene.draft.kept[new] = kept(scene, node, new)
            else:
                note_secrets(scene, node)
            tell = scene.account.manual if new in BY_HAND else scene.account.dropped
            tell(node.whole, new, NO_WORD[new])
        elif new in ELSEWHERE:
            scene.elsewhere.append(f"{new} of the whole DAG says where or how it runs")
            scene.draft.kept[new] = kept(scene, node, new)
            scene.account.manual(node.whole, new, "its steps wait for a person: write their commands")


def _environment(root: Node, scene: Scene, wishes: Wishes) -> list[str]:
    """Take the variables, and the parameters as variables; what is not known of them, for those who wait for it."""
    found: dict[str, str] = {}
    late: list[str] = []
    for variable in variables(root.get("env")):
        given = wishes.variables.get(variable.name, variable.value)
        if not say_variable(scene, variable._replace(value=given), found):
            late.append(f"only a run of Dagu tells {variable.name}")
    if late:
        scene.draft.kept["env"] = kept(scene, root.members["env"], "env")
    stated = root.get("params")
    for parameter in parameters(stated):
        value = wishes.variables.get(parameter.name, parameter.value) if parameter.name else parameter.value
        place = parameter.at.whole
        if value is None:
            late.append(f"only a run of Dagu tells {parameter.name or 'a parameter'}")
            scene.account.manual(place, parameter.name or "params", "its value is not known here: give it with --var")
        else:
            if parameter.name:
                found[parameter.name] = value
            else:
                scene.places.append(value)
            scene.account.exact(place, parameter.name or "params")
    if stated is not None and not holds_secret(scene, stated):
        scene.draft.kept["params"] = kept(scene, stated, "params")
    late += _dotenv(root, scene, found)
    _secrets(root, scene)
    if found:
        scene.draft.settings["env_variables"] = found
    return late


def _dotenv(root: Node, scene: Scene, found: dict[str, str]) -> list[str]:
    """Take the variables of a file that is there to be read; else what only that file tells."""
    dotenv = root.get("dotenv")
    paths = [one.text for one in (dotenv.items if dotenv.is_list else [dotenv]) if one.text] if dotenv else []
    if dotenv is None or not paths:
        return []
    # A working directory of its own, or several files: which of them Dagu takes is asked of the machine it runs on.
    alone = len(paths) == 1 and static(paths[0]) == paths[0] and "$" not in paths[0] and "~" not in paths[0]
    taken = {*found, *_names_of(root, "env"), *_names_of(root, "params")}
    read: dict[str, str] | str = "which file it is depends on where it runs"
    if alone and field(root, "working_dir") is None:
        read = static_dotenv(scene.tree.source, paths[0], taken)
    if not isinstance(read, str):
        found |= read
        scene.account.exact(dotenv.whole, "dotenv", "its variables are in env_variables")
        return []
    scene.draft.kept["dotenv"] = dotenv.plain()
    name = printable(", ".join(paths))
    scene.account.manual(dotenv.whole, "dotenv", f"{read}: give ex-run --env-file FILE, and allow the first jobs")
    return [f"{name} sets variables that ex-run has to be given with --env-file ({read})"]


def _names_of(root: Node, key: str) -> set[str]:
    node = root.get(key)
    return {one.name for one in (variables(node) if key == "env" else parameters(node))}


def _secrets(root: Node, scene: Scene) -> None:
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
        add_checks(job, conditions)
        for reason in late:
            guard(job, reason)
        keep(scene, job, node)
    if conditions is not None:
        scene.draft.kept["preconditions"] = kept(scene, conditions)
        why = "it is asked of the jobs that come first, and fails them; Dagu ends the run as cancelled"
        tell_conditions(scene, conditions, why)


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
