"""What a job runs on, and what it asks for around its steps."""

from __future__ import annotations

from exlib.convert.github.conditions import undecided
from exlib.convert.github.scene import Scene
from exlib.convert.github.templates import value_of
from exlib.convert.github.values import Partial, Unknown, text
from exlib.convert.yaml.tree import Node

_STRANGERS = ("windows", "macos", "win-", "osx")


def machine(node: Node, scene: Scene) -> None:
    """What it runs on: here, unless that is another system."""
    found = node.get("runs-on")
    if found is None:
        raise node.refuse("a job has runs-on, or uses a workflow", "add runs-on: ubuntu-latest")
    value = value_of(found, scene.contexts)
    named = [value[key] for key in ("group", "labels") if key in value] if isinstance(value, dict) else [value]
    labels = [label for one in named for label in (one if isinstance(one, list) else [one])]
    unknown = next((label for label in labels if isinstance(label, Unknown)), None)
    runner = Partial(scene.contexts["runner"])
    scene.contexts["runner"] = runner
    if unknown is not None:
        scene.guard(f"what it runs on is not known: {undecided(unknown.paths)}")
        scene.say("manual", found, "runs-on", f"it is not known: {undecided(unknown.paths)}")
        return
    words = [text(label) for label in labels]
    strange = [word for word in words if any(part in word.lower() for part in _STRANGERS)]
    if strange:
        scene.guard(f"it is for {', '.join(strange)}, another system")
        scene.say("manual", found, "runs-on", f"{', '.join(strange)} is another system")
        return
    runner.setdefault("os", "Linux")
    scene.say("approximated", found, "runs-on", "it runs here, in the working directory that the jobs share")


def surroundings(node: Node, scene: Scene) -> None:
    """What a job asks for around its steps."""
    for key, reason in (
        ("container", "it runs in a container"),
        ("services", "it needs services beside it"),
        ("environment", "it is deployed to an environment, which may wait for an approval"),
    ):
        found = node.get(key)
        if found is not None and not (found.is_scalar and not found.text):
            what = found.text or (found.get("image") or found.get("name") or found).text or ", ".join(found.members)
            scene.guard(f"{reason}: {what}" if what else reason)
            scene.say("manual", found, key, reason)
    for key, reason in (
        ("concurrency", "runs are not kept apart; kept in x-source"),
        ("outputs", "nothing hands a value from one job to another; kept in x-source"),
    ):
        if (found := node.get(key)) is not None:
            scene.say("dropped", found, key, reason)
    if (found := node.get("permissions")) is not None:
        scene.say("approximated", found, "permissions", "they are for GitHub's token, and kept in x-source")
