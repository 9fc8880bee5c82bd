"""Workflows for the tests of the filter, random and written out."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from exlib.document import Document
from exlib.select import Roster


def roster(*jobs: dict[str, Any], **top: Any) -> Roster:
    return Roster(Document(json.dumps({**top, "jobs": list(jobs)}, indent=2).encode()))


def job(name: str, *dependencies: Any, **settings: Any) -> dict[str, Any]:
    return {"id": name, "command": "true", "dependencies": list(dependencies), **settings}


def chain(names: str) -> Roster:
    """Each letter a job that depends on the letter before it."""
    return roster(*(job(name, *names[n - 1 : n] if n else ()) for n, name in enumerate(names)))


@st.composite
def graphs(draw: st.DrawFn, *, cyclic: bool = False) -> Roster:
    """Jobs whose dependencies point backwards in a hidden order, or anywhere if ``cyclic``; all spellings of edges."""
    count = draw(st.integers(1, 9))
    names = draw(st.permutations([f"j{n}" for n in range(count)]))
    jobs = []
    for place, name in enumerate(names):
        others = names if cyclic else names[:place]
        wanted = draw(st.lists(st.sampled_from(others), max_size=4)) if others else []
        spelling = draw(st.sampled_from(["list", "string", "objects"]))
        raw: dict[str, Any] = {"job_id" if draw(st.booleans()) else "id": name, "command": "true"}
        if spelling == "string":
            raw["dependencies"] = ", ".join(wanted)
        else:
            raw["dependencies"] = [{"job": other} for other in wanted] if spelling == "objects" else wanted
        jobs.append(raw)
    jobs = draw(st.permutations(jobs))
    indent = draw(st.sampled_from([None, 2]))
    text = json.dumps({"x-before": [1], "jobs": jobs, "x-after": {"jobs": []}}, indent=indent)
    return Roster(Document(text.encode()))


@st.composite
def graphs_and_kept(draw: st.DrawFn, *, cyclic: bool = False) -> tuple[Roster, list[int]]:
    """A workflow, and some of its nodes."""
    made = draw(graphs(cyclic=cyclic))
    kept = draw(st.sets(st.integers(0, len(made) - 1), min_size=1))
    return made, sorted(kept)
