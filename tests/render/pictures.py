"""Pictures for tests: of a few jobs, and of ids that nobody should use and somebody will."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from exlib.document import Document
from exlib.render.choice import Choice
from exlib.render.compose import compose
from exlib.render.measures import Measures, reckoned
from exlib.render.picture import Picture
from exlib.render.sketch import sketch

HOSTILE = (
    'say "hello"', "it's", "end", "subgraph", "graph", "click n0 call alert()", "a\nb\tc", "a\\nb", "ends in \\", "[x]",
    "{x}", "(x)", "<b>bold</b>", "</script><script>alert(1)</script>", "&amp;", "#quot;", "#35;", "%%{init: {}}%%",
    "%% no comment", "```", "`code`", "--> x", "n0 --> n1", ";", "|x|", "1. one", "2) two", "- item", "* item",
    "**bold**", "_a_b_c_", "# heading", "$$x^2$$", "https://example.com/?a=b&c=d", "www.example.com", "fa:fa-car",
    ":::class", "@{ shape: cyl }", "🚀 launch", "日本語のジョブ", "عربى", "e\u0301", "\u202eevil", "\x1b[31mred", " ",
    "x" * 2_000, "word " * 300, "-->", "<!-- executioner:graph a -->", "<!-- /executioner:graph -->", "node", "digraph",
    "\\N", "\\G", 'label="x"', "<br>", "]]>", "a:b:c", "$HOME", "\u2028", "(level 1)", "jobs_*",
)  # fmt: skip


def workflow(jobs: Mapping[str, Sequence[str]], **keys: Any) -> dict[str, Any]:
    """A document: what each job depends on; ``keys`` stand in every job."""
    listed = [{"id": name, "command": "true", "dependencies": list(needs), **keys} for name, needs in jobs.items()]
    return {"application_name": "sample", "jobs": listed}


def picture(data: Mapping[str, Any], measures: Measures | None = None, **choice: Any) -> Picture:
    """The picture of a document given as data."""
    found, _ = sketch(Document(json.dumps(data).encode(), "sample.json"))
    durations, basis = reckoned(found.jobs, measures.typical if measures else {})
    return compose(found, Choice(**choice), (measures or Measures())._replace(durations=durations, basis=basis))


def chain(names: Sequence[str]) -> dict[str, Sequence[str]]:
    """Each job depends on the one before."""
    return {name: names[n - 1 : n] for n, name in enumerate(names)}


DIAMOND = {"prepare": [], "left": ["prepare"], "right": ["prepare"], "join": ["left", "right"]}
