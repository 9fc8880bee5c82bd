"""What a job, a step or a combination of a matrix is read in, and what its texts ask for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from exlib.convert.draft import clean
from exlib.convert.github.conditions import undecided
from exlib.convert.github.expressions import path
from exlib.convert.github.ledger import Ledger
from exlib.convert.github.references import Naming, holes
from exlib.convert.github.runner import GIVEN
from exlib.convert.github.templates import Hole, Pieces, filled, value_of
from exlib.convert.github.values import Unknown
from exlib.convert.yaml.tree import Node
from exlib.environment import is_secret


@dataclass
class Scene:
    """What a step is read in: a job, or one combination of its matrix."""

    job: str
    contexts: dict[str, Any]
    naming: Naming
    ledger: Ledger
    shell: str
    directory: Pieces
    guards: dict[str, None] = field(default_factory=dict)
    secrets: dict[str, None] = field(default_factory=dict)
    wanted: dict[str, None] = field(default_factory=dict)
    """Variables that whoever runs the document has to set."""
    outputs: dict[tuple[str, str], str] = field(default_factory=dict)
    """Variables for outputs of steps, by step and output."""
    split: bool = False
    """Whether its steps become jobs of their own."""
    ids: set[str] = field(default_factory=set)
    """The ids of the steps so far that run a script."""

    def guard(self, reason: str) -> None:
        """Keep the job from running by itself."""
        self.guards[clean(reason)] = None

    def say(self, fate: Any, node: Node, construct: str, reason: str = "", *, whole: bool = True) -> None:
        """Note what becomes of a construct of this job."""
        self.ledger.say(fate, node, construct, reason, job=self.job, whole=whole)


def read_env(node: Node, contexts: dict[str, Any], scene: Scene) -> tuple[tuple[str, Pieces], ...]:
    """The variables of a map ``env`` as pieces; of each it is said what becomes of it."""
    say_env(node, contexts, scene)
    return pairs(node, contexts)


def pairs(node: Node, contexts: dict[str, Any]) -> tuple[tuple[str, Pieces], ...]:
    """The variables of a map ``env`` as pieces; none where the whole map is not known."""
    if not node.is_map:
        if value_of(node, contexts) is not None and not isinstance(value_of(node, contexts), Unknown):
            raise node.refuse("a map of variables is needed")
        return ()
    for name, value in node.members.items():
        if not value.is_scalar or not name or "=" in name:
            raise value.refuse("a variable has one text as its value")
    return tuple((name, filled(value, contexts)) for name, value in node.members.items())


def say_env(node: Node, contexts: dict[str, Any], scene: Scene) -> None:
    """Say what becomes of each variable of a map ``env``."""
    if not node.is_map and isinstance(value := value_of(node, contexts), Unknown):
        scene.guard(f"its variables are not known: {undecided(value.paths)}")
        scene.say("manual", node, "env", "its variables are not known: write them out")
    for name, pieces in pairs(node, contexts):
        value = node.members[name]
        if is_secret(name) and not holes(pieces) and "${{" not in value.text and value.text:
            reason = "its value stands in the document as in the source: take it out, and give it in the environment"
            scene.say("manual", value, f"variable {name}", reason)
        else:
            fill(value, f"variable {name}", pieces, scene)


def fill(node: Node, construct: str, pieces: Pieces, scene: Scene) -> None:
    """Say what becomes of a text with expressions, and note the variables that it needs."""
    said, reasons = "exact", []
    for hole in holes(pieces):
        stand = scene.naming.stand(hole)
        if stand.secret:
            scene.secrets[stand.name] = None
        told = stand.whence != "none"
        if stand.name in GIVEN or (stand.whence == "step" and (told := _is_handed_on(hole, stand.name, scene))):
            said = "approximated" if said == "exact" else said
            reasons.append(f"{hole.written} is the variable {stand.name} when it runs")
            continue
        scene.wanted[stand.name] = None
        if stand.name in scene.naming.defaults:
            said = "approximated" if said == "exact" else said
            reasons.append(f"{hole.written} is the variable {stand.name}, with its default")
            continue
        said = "manual"
        if not told:
            scene.guard(f"{hole.written} is not known here: set {stand.name}")
        reasons.append(f"set {stand.name} for {hole.written}")
    scene.say(said, node, construct, "; ".join(dict.fromkeys(reasons)))


def _is_handed_on(hole: Hole, name: str, scene: Scene) -> bool:
    """Whether what a step sets is there when it is asked for: an output only if a script before has its step's id."""
    _, _, rest = (path(hole.tree) or "").partition("steps.")
    ident, _, output = rest.partition(".outputs.")
    if not output:
        return True
    other = next((key for key, taken in scene.outputs.items() if taken == name), (ident, output))
    scene.outputs.setdefault((ident, output), name)
    return ident in scene.ids and other == (ident, output)


def minutes(found: Node | None, scene: Scene, reason: str = "") -> float | None:
    """Seconds of a ``timeout-minutes``."""
    if found is None:
        return None
    value = value_of(found, scene.contexts)
    if isinstance(value, Unknown):
        scene.say("dropped", found, "timeout-minutes", f"it is not known: {undecided(value.paths)}")
        return None
    try:
        number = float(value) if not isinstance(value, bool) else -1.0
    except (TypeError, ValueError):
        number = -1.0
    if not 0 < number < 1e6:
        raise found.refuse("a number of minutes above 0 is needed")
    scene.say("approximated" if reason else "exact", found, "timeout-minutes", reason)
    return number * 60


def ignores(found: Node | None, scene: Scene, fate: Any, reason: str) -> bool:
    """Whether a ``continue-on-error`` says that a failure counts for nothing; what is unknown does not."""
    if found is None:
        return False
    value = value_of(found, scene.contexts)
    if isinstance(value, Unknown):
        scene.say("approximated", found, "continue-on-error", f"a failure counts: {undecided(value.paths)}")
        return False
    if not isinstance(value, bool) and value not in ("true", "false"):
        raise found.refuse("true or false is needed")
    ignored = value in (True, "true")
    scene.say(fate if ignored else "exact", found, "continue-on-error", reason if ignored else "")
    return ignored


def meant(key: str, known: Iterable[str]) -> str:
    """A question after the known key that one might be a slip for; empty if none is near."""
    from difflib import get_close_matches

    close = get_close_matches(key.lower(), list(known), n=1)
    return f"; did you mean {close[0]}?" if close else ""
