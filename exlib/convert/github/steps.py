"""Steps of a job as they are read: what each runs, in which shell, where, with what, and when."""

from __future__ import annotations

import re
from typing import NamedTuple

from exlib.convert.draft import clean
from exlib.convert.github import actions
from exlib.convert.github.afterwards import after_action, after_run, likely, over, unknown
from exlib.convert.github.conditions import ALWAYS, FAILURE, NEVER, SUCCESS, UNKNOWN, undecided, when
from exlib.convert.github.expressions import path
from exlib.convert.github.references import holes
from exlib.convert.github.runner import GIVEN, SPEAKS
from exlib.convert.github.scene import Scene, fill, ignores, meant, minutes, pairs, say_env
from exlib.convert.github.scripts import Reference, with_references
from exlib.convert.github.shells import Shell, shell
from exlib.convert.github.templates import Hole, Pieces, depends_on, filled, known_text, scalar_text
from exlib.convert.github.values import Exact, Open
from exlib.convert.yaml.tree import Node

_KEYS = frozenset(
    "id name if uses run env with working-directory shell continue-on-error timeout-minutes".split()
)  # fmt: skip
_OLD = re.compile(r"::(?:set-output|set-env|add-path)\b")


class Step(NamedTuple):
    """A step that is left after conditions are decided. ``foreign`` is an action that nothing here can do.

    ``guards`` are the reasons why it, and with it the job, waits for a person.
    """

    label: str
    id: str
    script: str
    shell: Shell
    env: tuple[tuple[str, Pieces], ...] = ()
    directory: Pieces = []  # noqa: RUF012 - never changed
    limit: float | None = None
    ignored: bool = False
    when: str = SUCCESS
    foreign: str = ""
    guards: tuple[str, ...] = ()


def read_steps(node: Node, scene: Scene) -> list[Step]:
    """The steps that may run, in order; of the others it is said why not."""
    if not node.is_list or not node.items:
        raise node.refuse("a list of steps is needed")
    found: list[Step] = []
    base = scene.contexts
    for item in node.items:
        if not item.is_map:
            raise item.refuse("a step is a map with run or uses")
        before, scene.guards = scene.guards, {}
        step = _step(item, scene)
        own = tuple(scene.guards)
        scene.guards = {**before, **scene.guards}
        scene.contexts = base | {"env": scene.contexts["env"], "steps": scene.contexts["steps"]}
        if step is not None:
            found.append(step._replace(guards=own))
    return found


def _step(node: Node, scene: Scene) -> Step | None:
    run, uses = node.get("run"), node.get("uses")
    if run is not None and uses is not None:
        raise node.refuse("a step has run or uses, and not both", "make two steps of it")
    ident = node.get("id")
    if uses is not None and (reason := actions.nothing_to_do(node)):
        scene.say("approximated", node, f"step {uses.text}", reason)
        after_action(uses.text, ident, scene.contexts)
        return None
    outer = scene.contexts["env"]
    env = _env(node.get("env"), scene)
    label = _label(node, scene)
    word = _when(node, label, scene)
    step = None
    if word != NEVER:
        if run is not None and (given := node.get("env")) is not None:
            say_env(given, scene.contexts | {"env": outer}, scene)
        step = _foreign(node, label, word, scene) if run is None else _run(node, label, word, env, scene)
    scene.contexts["env"] = outer
    if step is not None:
        # A step that is left out changes nothing.
        named = step.shell.argv[0] if step.shell.posix and not step.shell.file else "?"
        scene.contexts["env"] = after_run(run, named, outer) if run is not None else unknown(outer)
    return step


def _label(node: Node, scene: Scene) -> str:
    name, run, uses = node.get("name"), node.get("run"), node.get("uses")
    if name is not None:
        pieces = filled(name, scene.contexts)
        return clean("".join(p if isinstance(p, str) else p.written for p in pieces))
    first = (run or uses or node).text.strip().split("\n")[0]
    return clean(f"Run {first}")[:80]


def _env(node: Node | None, scene: Scene) -> tuple[tuple[str, Pieces], ...]:
    """The variables of a step; its own texts see them in the context env."""
    if node is None:
        return ()
    found = pairs(node, scene.contexts)
    known = {name: known_text(pieces) for name, pieces in found}
    kind = Open if isinstance(scene.contexts["env"], Open) or None in known.values() else Exact
    merged = over(scene.contexts["env"], known, kind)
    scene.contexts = {**scene.contexts, "env": merged}
    return found


def _when(node: Node, label: str, scene: Scene) -> str:
    found = node.get("if")
    word, paths = when(found, scene.contexts)
    if found is None:
        return word
    if word == UNKNOWN:
        reason = undecided(paths)
        scene.guard(f'the condition of step "{label}" is not decided: {reason}')
        scene.say("manual", found, "if", reason)
        return SUCCESS
    if word == NEVER or (word == FAILURE and (scene.split or paths or node.get("run") is None)):
        why = "its condition is false" if word == NEVER else "it runs after a failure alone"
        scene.say("dropped", node, f'step "{label}"', why)
        return NEVER
    hit = actions.HIT in found.text
    if word == SUCCESS and (hit or paths):
        why = "nothing is cached here, so there is no hit" if hit else f"after a failure {undecided(paths)}"
        scene.say("approximated", found, "if", f"it runs after success: {why}")
    elif word == ALWAYS and scene.split:
        scene.say("approximated", found, "if", "here it runs after success alone")
    elif word == ALWAYS:
        scene.say("approximated", found, "if", "it runs after a failure too, but not when the job is cancelled")
    else:
        scene.say("exact", found, "if", "decided: it runs" if word == SUCCESS else "it runs after a failure alone")
    return word


def _foreign(node: Node, label: str, word: str, scene: Scene) -> Step:
    uses = node.get("uses")
    what = (scalar_text(uses) if uses is not None else "") or f"a step of {', '.join(node.members) or 'nothing'}"
    reason = f"{what} cannot be translated: put commands in its place"
    scene.guard(reason)
    scene.say("manual", node, f'step "{label}"', reason)
    return Step(label, "", "", Shell(("sh",)), when=word, foreign=what)


def _run(node: Node, label: str, word: str, env: tuple[tuple[str, Pieces], ...], scene: Scene) -> Step:
    for key, value in node.members.items():
        if key in ("name", "id"):
            scene.say("exact", value, key, "kept in x-source")
        elif key not in _KEYS:
            scene.guard(f'step "{label}" has {key}, which is not known here')
            why = f"it is not known here, and might change what the step does{meant(key, _KEYS)}"
            scene.say("manual", value, key, why)
    run = node.get("run")
    if run is None or not run.is_scalar:
        raise node.refuse("run is one text")
    used = _shell(node, scene)
    if used.missing:
        return Step(label, "", "", used, when=word, foreign=used.missing)
    directory = node.get("working-directory")
    pieces = scene.directory
    if directory is not None:
        pieces = filled(directory, scene.contexts)
        fill(directory, "working-directory", pieces, scene)
    ident = node.get("id")
    scene.ids |= {ident.text} if ident is not None else set()
    return Step(
        label, ident.text if ident is not None else "", _script(run, used, scene), used, env, pieces,
        _limit(node, scene), _ignored(node, scene), word,
    )  # fmt: skip


def _shell(node: Node, scene: Scene) -> Shell:
    stated = node.get("shell")
    name = scene.shell
    if stated is not None:
        known = known_text(filled(stated, scene.contexts))
        name = known if known is not None else ""
        if known is None:
            return _no_shell(node, stated, f"a script for the shell {stated.text}", scene)
    used = shell(name)
    if used is None:
        raise (stated or node).refuse(f"the shell {name} has no {{0}}, the place of its script", "write bash {0}")
    if used.missing:
        return _no_shell(node, stated, used.missing, scene)
    scene.ledger.exact(stated, "shell", job=scene.job)
    return used


def _no_shell(node: Node, stated: Node | None, what: str, scene: Scene) -> Shell:
    reason = f"{what} cannot be run here: put commands in its place"
    scene.guard(reason)
    scene.say("manual", node, "step", reason)
    if stated is not None:
        scene.say("manual", stated, "shell", reason)
    return Shell(("sh", "-e"), missing=what)


def _script(run: Node, used: Shell, scene: Scene) -> str:
    pieces = filled(run, scene.contexts)
    if not holes(pieces):
        _speak(run, scene)
        return _stripped(known_text(pieces) or "", used)
    placed = [p if isinstance(p, str) else _reference(p, scene) for p in pieces]
    script = with_references(placed) if used.posix else None
    if script is None:
        reason = undecided(depends_on(pieces))
        scene.guard(f"an expression of its script is not known, and no variable can stand for it there: {reason}")
        scene.say("manual", run, "run", f"no variable can stand for its expression there: {reason}")
        return _stripped("".join(p if isinstance(p, str) else p.written for p in pieces), used)
    fill(run, "run", pieces, scene)
    _speak(run, scene)
    return _stripped(script, used)


def _reference(hole: Hole, scene: Scene) -> Reference:
    """The variable for an expression; one of the workflow's own very likely has the value that it had."""
    name = scene.naming.stand(hole).name
    return Reference(name, likely(name, scene.contexts["env"]) if path(hole.tree) == f"env.{name}" else "")


def _stripped(script: str, used: Shell) -> str:
    """The script without line ends that mean nothing; a program that reads a file gets every byte."""
    if used.file:
        return script
    return script.rstrip("\n") or (":" if used.posix else "pass")


def _speak(run: Node, scene: Scene) -> None:
    """Say what a script needs of GitHub's own variables, and that old ways of handing values on are not known."""
    missing = sorted({name for name in SPEAKS.findall(run.text) if name not in GIVEN})
    if missing:
        scene.wanted.update(dict.fromkeys(missing))
        scene.say("manual", run, "run", f"its script asks for {', '.join(missing)}: set them")
    elif _OLD.search(run.text):
        scene.say("manual", run, "run", "what it prints for the runner to read (::set-output and its like) is not read")
    elif actions.HIT in run.text:
        scene.say("approximated", run, "run", "nothing is cached here, so there is no hit")
    else:
        scene.say("exact", run, "run")


def _limit(node: Node, scene: Scene) -> float | None:
    found = node.get("timeout-minutes")
    return minutes(found, scene, "" if scene.split else "by timeout(1), which ends the step's own processes alone")


def _ignored(node: Node, scene: Scene) -> bool:
    return ignores(node.get("continue-on-error"), scene, "exact", "the command goes on after its failure")
