"""Mermaid: a strict reading of what is written finds the same boxes and arrows, and no text of a document in it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exlib.console import printable
from exlib.render.labels import wrapped
from exlib.render.mermaid import mermaid
from exlib.render.picture import Picture
from tests.graphs import acyclic
from tests.render.pictures import DIAMOND, HOSTILE, chain, picture, workflow
from tests.render.test_compose import as_workflow

LINE = re.compile(
    r"""flowchart\ (TB|LR|BT|RL)
      | \ +%%\ [^{}\n]*
      | \ +n(?P<node>\d+)(\("(?P<text>[^"\n]*)"\)|\[\["(?P<group>[^"\n]*)"\]\])
      | \ +n(?P<source>\d+)\ (-->|==>|-\.->)(\|"\d+"\|)?\ n(?P<target>\d+)
      | \ +subgraph\ level\d+\["level\ \d+"\]
      | \ +end
      | \ +(classDef|class|linkStyle)\ [\w,#:. -]+""",
    re.VERBOSE,
)
RISKY = re.compile(r"[<>\"{}\[\]|`%\\~*@^$!?&:+\x00-\x1f\x7f]|--|^\d+[.)] |^[-#]")
"""What may not stand in a label beyond codes and line breaks."""


def read(text: str) -> tuple[dict[int, str], set[tuple[int, int]]]:
    nodes, edges = {}, set()
    for line in text.splitlines():
        found = LINE.fullmatch(line)
        assert found, line
        if found["node"]:
            nodes[int(found["node"])] = found["text"] or found["group"]
        if found["source"]:
            edges.add((int(found["source"]), int(found["target"])))
    return nodes, edges


def shown(label: str) -> list[str]:
    """The lines that a person sees."""
    lines = []
    for line in label.split("<br/>"):
        bare = re.sub(r"#\d+;", "", line)
        assert not RISKY.search(bare), label
        lines.append(re.sub(r"#(\d+);", lambda code: chr(int(code[1])), line).replace("\u200b", ""))
    return lines


def check(picture: Picture) -> None:
    nodes, edges = read(mermaid(picture))
    assert sorted(nodes) == list(range(len(picture.boxes)))
    assert edges == {(arrow.source, arrow.target) for arrow in picture.arrows}
    for number, box in enumerate(picture.boxes):
        title = wrapped(box.title, 32, 3)
        assert shown(nodes[number])[: len(title)] == title


@pytest.mark.parametrize("levels", [False, True])
def test_hostile_ids(levels: bool) -> None:
    check(
        picture(workflow(chain(HOSTILE), description="1. %%{init}%% `x` <b>"), labels=("description",), levels=levels)
    )


@given(acyclic())
def test_any_graph(graph: object) -> None:
    check(picture(as_workflow(graph), critical=True))  # type: ignore[arg-type]


@given(st.text(max_size=40).filter(lambda text: text.strip() and "\x00" not in text and text.isprintable()))
def test_any_id(name: str) -> None:
    found = picture({"jobs": [{"id": name, "command": "x"}]})
    assert found.boxes[0].title == printable(name) or found.boxes[0].title == "(job 1)"
    check(found)


@pytest.mark.parametrize("text", ["a\\nb", "$$x$$", "fa:fa-car"])
def test_what_mermaid_reads_after_the_codes_is_kept_apart(text: str) -> None:
    assert "#8203;" in mermaid(picture(workflow({text: []}))) or "\u200b" in mermaid(picture(workflow({text: []})))


def test_the_same_workflow_gives_the_same_text() -> None:
    assert mermaid(picture(workflow(DIAMOND))) == mermaid(picture(workflow(DIAMOND)))
