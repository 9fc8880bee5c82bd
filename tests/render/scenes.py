"""Pictures for tests and for looking at: of documents, recorded executions and graphs made up."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path

from exlib.analysis.timing import timing
from exlib.document import Document
from exlib.graph import Graph
from exlib.render.palette import LOOKS
from exlib.render.picture import Arrow, Box, Picture
from exlib.workflow import Workflow

ENDINGS = ["success"] * 12 + ["failed", "skipped", "skipped", "reused", "timeout", "cancelled"]


def of_document(path: Path, ended: bool = False, direction: str = "TB", levels: bool = False) -> Picture:
    """A document's jobs with what it says of them; ``ended`` gives each some status."""
    workflow = Workflow.from_document(Document(path.read_bytes(), path.name))
    graph = Graph([job.id for job in workflow.jobs], [job.dependencies for job in workflow.jobs])
    details = [
        {
            "description": job.description,
            "command": job.command,
            "tags": list(job.tags),
            "env": list(job.env),
            "checks": [f"before: {check.name}" for check in job.pre_checks]
            + [f"after: {check.name}" for check in job.post_checks],
            "timeout": job.timeout,
            "retries": job.retry.limit,
        }
        for job in workflow.jobs
    ]
    lines = [[job.description] if job.description else [] for job in workflow.jobs]
    durations = [float(job.timeout or 60) for job in workflow.jobs]
    return of_graph(path.stem, graph, durations, ended, direction, levels, lines, details)


def of_recording(path: Path, ended: bool = False, direction: str = "TB", levels: bool = False) -> Picture:
    """A recorded execution (WfFormat) with the runtimes and commands that were recorded."""
    recorded = json.loads(path.read_bytes())["workflow"]
    tasks = recorded["specification"]["tasks"]
    done = {task["id"]: task for task in recorded.get("execution", {}).get("tasks", [])}
    graph = Graph([task["id"] for task in tasks], [task["parents"] for task in tasks])
    durations = [float(done.get(task["id"], {}).get("runtimeInSeconds", 1.0)) for task in tasks]
    details = []
    for task in tasks:
        command = done.get(task["id"], {}).get("command", {})
        said = " ".join([command.get("program", ""), *command.get("arguments", [])])
        details.append({"description": task["name"], "command": said, "tags": [task["name"]]})
    lines = [[f"{seconds:.1f} s"] for seconds in durations]
    return of_graph(path.stem, graph, durations, ended, direction, levels, lines, details)


def of_random(jobs: int, edges: int, ended: bool = False, direction: str = "TB", levels: bool = False) -> Picture:
    """A made-up graph, the same for the same numbers; most edges are short, as they mostly are."""
    chance = random.Random(jobs)
    wanted: list[dict[str, None]] = [{} for _ in range(jobs)]
    while sum(map(len, wanted)) < edges:
        node = chance.randrange(1, jobs)
        other = node - 1 - int(chance.expovariate(30 / jobs))
        if other >= 0:
            wanted[node][f"job_{other:05}"] = None
    graph = Graph([f"job_{node:05}" for node in range(jobs)], [list(names) for names in wanted])
    durations = [chance.expovariate(0.01) for _ in range(jobs)]
    return of_graph(f"{jobs} jobs", graph, durations, ended, direction, levels)


def of_graph(
    title: str,
    graph: Graph,
    durations: Sequence[float] = (),
    ended: bool = False,
    direction: str = "TB",
    levels: bool = False,
    lines: Sequence[Sequence[str]] = (),
    details: Sequence[dict[str, object]] = (),
) -> Picture:
    """A picture of any graph without cycles; durations make a critical path."""
    chance = random.Random(len(graph))
    level = {node: number for number, nodes in enumerate(graph.levels()) for node in nodes}
    timed = timing(graph, durations) if durations else None
    critical = set(timed.critical) if timed else set()
    boxes = []
    for node, name in enumerate(graph.ids):
        detail: dict[str, object] = dict(details[node]) if details else {}
        if timed:
            detail |= {"typical": durations[node], "start": timed.start[node], "slack": timed.slack[node]}
        status = chance.choice(ENDINGS) if ended else None
        if status:
            detail |= {"started": "2026-11-19T02:00:12.031+00:00", "duration": durations[node] if timed else 1.0}
            detail |= {"attempts": 2, "log": f"logs/{name}.log", "tail": "connecting\nconnection reset by peer\n"}
            detail |= {"reason": "exit code 7"} if status == "failed" else {}
        shown = list(lines[node]) if lines else []
        boxes.append(Box(name, name, shown, level[node], status, node in critical, (), detail))
    arrows = [
        Arrow(other, node, node in critical and other in critical)
        for node in range(len(graph))
        for other in graph.dependencies[node]
    ]
    return Picture(title, boxes, arrows, direction, levels, "", "run 12, failed" if ended else "")


def every_status() -> Picture:
    """A chain of jobs, one for each status."""
    names = list(LOOKS)
    boxes = [Box(name, name, ["a line"], place, name) for place, name in enumerate(names)]
    return Picture("every status", boxes, [Arrow(place, place + 1) for place in range(len(names) - 1)], "LR")


HOSTILE = [
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(2)>",
    "\" onfocus=alert(3) autofocus='",
    "line one\nline two\ttab\u2028separated\u2029",
    "abc\u202eexe.txt\u202c \u200fשלום عربى",
    "👩‍👩‍👧‍👦🏳️‍🌈 日本語の仕事 ünïcödé",
    "x" * 10_000,
    "\x00\x1b[31m\x7f\ud800",
    "&lt;b&gt; %3Cb%3E #job=1 ${a} `b`",
    "__proto__",
]


def hostile() -> Picture:
    """Texts that would be run, or would spoil the page, if they were anything but text; each in every place."""
    boxes = []
    for place, text in enumerate(HOSTILE):
        detail = dict.fromkeys(("description", "command", "reason", "log", "tail", "started"), text)
        lists = {key: [text] for key in ("tags", "env", "checks", "waits")}
        members = [text] if place == 1 else ()
        boxes.append(Box(text, text, [text, text], 0, "failed", False, members, {**detail, **lists, "timeout": 1.5}))
    arrows = [Arrow(place, place + 1) for place in range(len(boxes) - 1)]
    return Picture(HOSTILE[0], boxes, arrows, note=HOSTILE[1], run=HOSTILE[2])


def strange() -> Picture:
    """What is rare: a cycle, a job that waits for itself, collapsed jobs with merged arrows, a status nobody knows."""
    boxes = [Box(name, name, [], 0) for name in ("a", "b", "c", "itself", "alone")]
    boxes.append(Box("load_*", "load_*", ["12 jobs"], 0, "success", False, [f"load_{place}" for place in range(12)]))
    boxes.append(Box("odd", "odd", [], 0, "bewitched"))
    cycle = [Arrow(0, 1), Arrow(1, 2), Arrow(2, 0), Arrow(3, 3), Arrow(2, 5, merged=12), Arrow(5, 6, merged=3)]
    return Picture("strange", boxes, cycle)
