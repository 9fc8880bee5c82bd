"""Documents for the tests of merging: small, few ids, many ways to write the same."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from exlib.document import Document
from exlib.workflow import dependency_ids, job_id

IDS = ("a", "b", "c", "d", "e", "f")
COMMANDS = st.sampled_from(["true", "false", "echo x"])


def document(data: Any, name: str = "one.json", indent: int | None = 2) -> Document:
    """A document of this value."""
    return Document(json.dumps(data, indent=indent).encode(), name)


def jobs(*pairs: str, **more: Any) -> dict[str, Any]:
    """A workflow from ``"load < extract clean"``: a job and what it waits for."""
    made = []
    for pair in pairs:
        name, _, wanted = pair.partition("<")
        made.append({"id": name.strip(), "command": "true", "dependencies": wanted.split()})
    return {**more, "jobs": made}


def data(raw: bytes) -> Any:
    """What the bytes of a document say."""
    return Document(raw).data


def by_id(raw: bytes) -> dict[str, Any]:
    """The jobs of a document by their id."""
    return {str(job_id(job)): job for job in data(raw)["jobs"]}


@st.composite
def workflows(draw: st.DrawFn, ids: tuple[str, ...] = IDS) -> dict[str, Any]:
    """A workflow without cycles: each job waits for some that come before it in the alphabet."""
    made: list[dict[str, Any]] = []
    for place, name in enumerate(ids):
        if not draw(st.booleans()):
            continue
        wanted = draw(st.lists(st.sampled_from(ids[:place]), unique=True, max_size=3)) if place else []
        job: dict[str, Any] = {draw(st.sampled_from(["id", "job_id"])): name, "command": draw(COMMANDS)}
        form = draw(st.sampled_from(["list", "text", "objects"]))
        if wanted or draw(st.booleans()):
            listed: Any = wanted
            if form == "text":
                listed = ", ".join(wanted)
            elif form == "objects":
                listed = [{"job": each} for each in wanted]
            job["dependencies"] = listed
        if draw(st.booleans()):
            job["timeout"] = draw(st.sampled_from([1, 2, 2.5]))
        if draw(st.booleans()):
            job["env_variables"] = draw(st.dictionaries(st.sampled_from("XY"), st.sampled_from(["1", "2"])))
        if draw(st.booleans()):
            job["tags"] = draw(st.lists(st.sampled_from(["red", "green", "blue"]), unique=True))
        made.append(job)
    whole: dict[str, Any] = {"jobs": draw(st.permutations(made))}
    if draw(st.booleans()):
        whole["max_workers"] = draw(st.sampled_from([1, 2]))
    if draw(st.booleans()):
        whole["env_variables"] = draw(st.dictionaries(st.sampled_from("XYZ"), st.sampled_from(["1", "2"])))
    return whole


@st.composite
def documents(draw: st.DrawFn, ids: tuple[str, ...] = IDS, name: str = "one.json") -> Document:
    """A workflow in one of several layouts."""
    return document(draw(workflows(ids)), name, draw(st.sampled_from([None, 2, 4])))


def ordered(raw: bytes) -> set[tuple[str, str]]:
    """All pairs of jobs of which the second waits for the first, directly or through others."""
    wanted = {name: dependency_ids(job) for name, job in by_id(raw).items()}
    found: set[tuple[str, str]] = set()
    for name in wanted:
        stack, seen = [name], set()
        while stack:
            for other in wanted.get(stack.pop(), ()):
                if other in wanted and other not in seen:
                    seen.add(other)
                    stack.append(other)
        found |= {(other, name) for other in seen}
    return found
