"""The contexts of a workflow as far as they are known: what the file says, and what ``--var`` adds."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from exlib.convert.github.triggers import event, has_no_inputs
from exlib.convert.github.values import Open, Partial
from exlib.convert.yaml.tree import Node
from exlib.environment import is_secret
from exlib.errors import UsageError

_SET = ("github", "inputs", "vars", "runner", "needs")
WORLDS: Mapping[str, Mapping[str, bool]] = {
    "success": {"success()": True, "failure()": False, "always()": True, "cancelled()": False},
    "failure": {"success()": False, "failure()": True, "always()": True, "cancelled()": False},
}
"""What the status functions say after all succeeded, and after something failed."""


def stated(variables: Mapping[str, str]) -> dict[str, Partial]:
    """The contexts that ``--var`` sets. Raises UsageError for what is none."""
    found: dict[str, Partial] = {name: Partial() for name in _SET}
    for name, value in variables.items():
        first, *rest = name.split(".")
        if first not in _SET or not all(rest) or not rest:
            close = get_close_matches(first, _SET, n=1)
            example = f"{close[0] if close else 'github'}.{rest[0] if rest else 'ref'}={value}"
            why = "secrets are never written to a document" if first == "secrets" else "it is in no context"
            raise UsageError(f"--var {name} decides nothing: {why}", mend=f"write it as --var {example}")
        if is_hidden(name):
            continue
        place: dict[str, Any] = found[first]
        for step in rest[:-1]:
            below = place.setdefault(step, Partial())
            if not isinstance(below, dict):
                raise UsageError(f"--var {name}: another one has set {step} already")
            place = below
        place[rest[-1]] = value
    return found


def is_hidden(name: str) -> bool:
    """Whether what ``--var`` sets is a secret by its name: its value is written nowhere, a variable stands for it."""
    return any(is_secret(part) for part in name.replace("-", "_").split("."))


def of_workflow(variables: Mapping[str, str], title: str, on: Node | None) -> dict[str, Any]:
    """The contexts of a whole workflow; with one trigger, its event is known, and most events bring no inputs."""
    contexts: dict[str, Any] = {**stated(variables), "secrets": Partial(), "steps": Partial(), "job": Partial()}
    github = contexts["github"]
    github.setdefault("workflow", title)
    if (name := event(on, variables)) is not None:
        github.setdefault("event_name", name)
    if has_no_inputs(on, name) and not any(told.partition(".")[0] == "inputs" for told in variables):
        contexts["inputs"] = {}
        if isinstance(below := github.setdefault("event", Partial()), dict):
            below.setdefault("inputs", {})
    if "inputs" in variables or any(name.startswith("inputs.") for name in variables):
        below = github.setdefault("event", Partial())
        if isinstance(below, dict):
            below.setdefault("inputs", contexts["inputs"])
    contexts["jobs"] = Partial()
    contexts["strategy"] = Partial()
    contexts["matrix"] = {}
    contexts["env"] = Open()  # there is none outside of steps
    return contexts
