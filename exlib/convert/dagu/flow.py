"""The steps of a DAG in their order, and what runs before and after all of them."""

from __future__ import annotations

from typing import Any

from exlib.console import printable
from exlib.convert.dagu.keeping import kept
from exlib.convert.dagu.keys import field
from exlib.convert.dagu.scene import Scene
from exlib.convert.dagu.step import job_of, keep
from exlib.convert.draft import depend
from exlib.convert.yaml.tree import Node
from exlib.graph import Graph

Made = list[tuple[dict[str, Any], Node]]
_HANDLERS = {"cancel": "abort"}
_LEFT_OUT = {
    "failure": "it runs only after a failure, which no job does", "abort": "it runs only when the run is aborted",
    "cancel": "it runs only when the run is aborted", "wait": "it runs only when the run waits for a person",
}  # fmt: skip


def steps_of(scene: Scene, root: Node) -> Made:
    """The jobs of all steps, without their dependencies; those of one group share a place in a chain."""
    steps = root.get("steps")
    if steps is None or not (steps.items or steps.members):
        raise (steps or root).refuse("there are no steps in it")
    listed = _listed(steps)
    _note_outputs(scene, [node for _, _, node in listed])
    names: set[str] = set()
    made: Made = []
    for _, name, node in listed:
        if name in names:
            raise node.refuse(f'there are two steps called "{printable(name)}"')
        names.add(name)
        made.append((job_of(scene, node, name), node))
    return made


def _listed(steps: Node) -> list[tuple[int, str, Node]]:
    """Each step with its place in the chain and its name."""
    found: list[tuple[int, str, Node]] = []
    if steps.is_map:
        return [(place, name, node) for place, (name, node) in enumerate(steps.members.items())]
    for place, one in enumerate(steps.items):
        for node in one.items if one.is_list else [one]:
            if node.is_list or (node.is_scalar and (node.plain() is None or not node.text.strip())):
                raise node.refuse("a step is a command or a map")
            found.append((place, _name(node, place, {name for _, name, _ in found}), node))
    return found


def _name(node: Node, place: int, taken: set[str]) -> str:
    """The name of a step, else the one that Dagu makes up for it."""
    named = node.get("name") or node.get("id")
    if named is not None and named.text:
        return named.text
    kind = node.get("type") or node.get("executor")
    if kind is not None and (kind_name := (kind.get("type") or kind).text):
        prefix = kind_name
    elif node.is_scalar:
        prefix = "cmd"
    else:
        words = {"container": "docker", "parallel": "parallel", "call": "dag", "script": "script", "command": "cmd"}
        prefix = next((word for key, word in words.items() if field(node, key) is not None), "step")
    number = place + 1
    while f"{prefix}_{number}" in taken:
        number += 1
    return f"{prefix}_{number}"


def _note_outputs(scene: Scene, nodes: list[Node]) -> None:
    """The variables in which steps keep what they print."""
    for node in nodes:
        output = node.get("output")
        if output is None:
            continue
        stated = output if output.is_scalar else output.get("name")
        names = [stated.text] if stated is not None else list(output.members)
        for name in names:
            scene.unknown[name.lstrip("$")] = "which another step prints"


def connect(scene: Scene, root: Node, made: Made) -> Made:
    """Let steps wait for each other, by their names in a graph, by their places in a chain."""
    steps = root.members["steps"]
    places = [place for place, _, _ in _listed(steps)]
    kind = root.get("type")
    stating = any(node.get("depends") is not None for _, node in made)
    chain = (kind.text == "chain") if kind is not None else not stating
    if kind is not None:
        if kind.text not in ("chain", "graph"):
            raise kind.refuse(f'there is no type "{printable(kind.text)}" of workflows', "write chain or graph")
        scene.account.exact(kind.place, "type")
    if chain:
        _connect_chain(made, places)
    ids = {}
    for (job, node), (_, name, _) in zip(made, _listed(steps), strict=True):
        ids[name] = job["id"]
        if (short := node.get("id")) is not None:
            ids.setdefault(short.text, job["id"])
    for job, node in made:
        stated = node.get("depends")
        if stated is not None:
            _depend(scene, job, stated, ids)
    _refuse_cycles(made)
    return made


def _refuse_cycles(made: Made) -> None:
    graph = Graph([job["id"] for job, _ in made], [job.get("dependencies", ()) for job, _ in made])
    if cycles := graph.cycles():
        first = cycles[0]
        chain = " -> ".join(printable(graph.ids[node]) for node in [*first, first[0]])
        raise made[first[0]][1].refuse(f"these steps wait for each other: {chain}")


def _connect_chain(made: Made, places: list[int]) -> None:
    before: list[str] = []
    group: list[str] = []
    for at, (job, _) in enumerate(made):
        if at and places[at] != places[at - 1]:
            before, group = group, []
        depend(job, before)
        group.append(job["id"])


def _depend(scene: Scene, job: dict[str, Any], stated: Node, ids: dict[str, str]) -> None:
    for one in stated.items if stated.is_list else [stated]:
        if not one.text and stated.is_scalar:
            continue
        if one.text not in ids:
            from difflib import get_close_matches

            close = get_close_matches(one.text, ids, n=1)
            raise one.refuse(
                f'there is no step "{printable(one.text)}"', f"did you mean {printable(close[0])}?" if close else None
            )
        if ids[one.text] == job["id"]:
            raise one.refuse("a step cannot wait for itself")
        depend(job, [ids[one.text]])
    scene.account.exact(stated.whole, "depends", job=job["id"])


def handlers(scene: Scene, root: Node, made: Made) -> Made:
    """What runs before all steps, and after all of them."""
    stated = field(root, "handler_on")
    if stated is None:
        return []
    jobs = [job for job, _ in made]
    waited = {name for job in jobs for name in job.get("dependencies", ())}
    ends = [job["id"] for job in jobs if job["id"] not in waited]
    found: Made = []
    for key in ("init", "success", "exit"):
        node = stated.get(key)
        if node is None or (node.is_scalar and not node.text):
            continue
        job = job_of(scene, node, f"on_{key}")
        keep(scene, job, node)
        job["x-source"]["handler"] = key
        if key == "init":
            for one in jobs:
                if not one.get("dependencies"):
                    depend(one, [job["id"]])
            scene.draft.jobs.insert(0, scene.draft.jobs.pop())
            scene.account.exact(_place(node), key, "every job waits for it", job=job["id"])
        else:
            depend(job, ends)
            ends = [job["id"]]
            why = "it runs after a success alone, and its failure fails the run" if key == "exit" else ""
            tell = scene.account.approximated if why else scene.account.exact
            tell(_place(node), key, why or "it waits for all jobs", job=job["id"])
        found.append((job, node))
    for key, node in stated.members.items():
        if key in _LEFT_OUT:
            scene.draft.kept.setdefault("handler_on", {})[_HANDLERS.get(key, key)] = kept(scene, node)
            scene.account.dropped(node.whole, key, f"kept in x-source; {_LEFT_OUT[key]}")
    return found


def _place(node: Node) -> Any:
    return node.place
