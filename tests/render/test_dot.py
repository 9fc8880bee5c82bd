"""DOT: whatever an id holds, Graphviz reads the same graph, and its own escapes mean nothing in it."""

from __future__ import annotations

import html
import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exlib.console import printable
from exlib.render import plot
from exlib.render.dot import dot, quoted
from exlib.render.labels import wrapped
from exlib.render.measures import Ending, Measures
from exlib.render.picture import Picture
from tests.render.pictures import HOSTILE, chain, picture, workflow

pytestmark = pytest.mark.skipif(not plot.ways(), reason="no Graphviz: install the extra 'viz'")


def texts(shown: Picture) -> set[str]:
    svg = plot.plotted(shown, "svg").product.decode()
    return {html.unescape(text).replace("\xa0", " ").strip() for text in re.findall(r"<text[^>]*>(.*?)</text>", svg)}


@pytest.mark.parametrize("labels", [("id",), ("id", "description")], ids=",".join)
def test_labels_are_shown_as_they_are(labels: tuple[str, ...]) -> None:
    seen = texts(picture(workflow({name: [] for name in HOSTILE}, description="\\G <i> &amp; \\"), labels=labels))
    for name in HOSTILE:
        if name.strip():
            assert {line.strip() for line in wrapped(printable(name), 34, 3)} <= seen, name
    assert ("\\G <i> &amp; \\" in seen) == ("description" in labels)


def test_graphviz_sees_every_node_and_edge_of_hostile_ids() -> None:
    shown = picture(workflow(chain(HOSTILE)))
    svg = plot.plotted(shown, "svg").product.decode()
    assert svg.count('class="node"') == len(shown.boxes) == len(HOSTILE)
    assert svg.count('class="edge"') == len(shown.arrows) > len(HOSTILE) - 5


def test_a_job_called_as_a_level_is_no_level() -> None:
    shown = picture(workflow(chain(["(level 1)", "(level 2)", "(level  1)"])), levels=True)
    assert plot.plotted(shown, "svg").product.decode().count('class="node"') == 6


@settings(max_examples=200)
@given(st.lists(st.text('ab\\"\n', max_size=6), unique=True))
def test_quoting_keeps_ids_apart(names: list[str]) -> None:
    # Graphviz takes a backslash for itself only before a quote; nothing inside may end the string.
    written = [quoted(name) for name in names]
    assert len(set(written)) == len(names)
    assert all(re.fullmatch(r'"(?:[^"\\]|\\\\|\\")*"', text, re.DOTALL) for text in written)


def test_a_picture_says_what_its_colours_mean_and_nothing_else() -> None:
    plain = dot(picture(workflow({"a": []})))
    assert "critical path" not in plain
    assert "success" not in plain
    assert "critical path: 1 job" in dot(picture(workflow({"a": []}), critical=True))


@pytest.mark.parametrize("direction", ["TB", "LR", "BT", "RL"])
def test_levels_stand_on_one_line(direction: str) -> None:
    shown = picture(workflow({"a": [], "b": [], "c": ["a"], "d": ["b", "c"]}), direction=direction, levels=True)
    svg = plot.plotted(shown, "svg").product.decode()
    spots = dict(re.findall(r'<text[^>]*?((?:x|y)="[^"]*" (?:x|y)="[^"]*")[^>]*>(\w)</text>', svg))
    at = {name: re.search(r'y="([^"]*)"' if direction in ("TB", "BT") else r'x="([^"]*)"', place)
          for place, name in spots.items()}  # fmt: skip
    assert {name for name, found in at.items() if found and found[1] == at["a"][1]} == {"a", "b"}  # type: ignore[index]


def test_text_fits_its_box_in_the_widest_of_fonts(tmp_path: Path) -> None:
    # What the box must hold is measured by Graphviz with the fonts that are here; ours must never be less.
    from exlib.render.dot import _SIZE
    from exlib.render.labels import ems

    for text in ("fetch_orders", "WWW_MMM", "individuals_ID0000001", "illicit.flight", "PR_104699"):
        source = f'digraph {{ a [label="{text}", shape=box, margin=0, fontname="DejaVu Sans", fontsize={_SIZE}] }}'
        argv = plot.argv_of("dot", "svg", plot.ways()[0], 60)
        svg = subprocess.run(argv, input=source.encode(), capture_output=True, check=True).stdout.decode()
        points = re.search(r'<polygon fill="none" stroke="black" points="([^"]*)"', svg)
        assert points
        across = [float(point.split(",")[0]) for point in points[1].split()]
        assert max(across) - min(across) <= max(ems(text) * _SIZE * 1.02, 54)


def test_the_legend_is_as_wide_as_its_words_however_long_the_title() -> None:
    shown = picture(workflow(chain(["a", "b"])), Measures(endings={"a": Ending("success")}, run="run 1"))
    svg = plot.plotted(shown._replace(title="a long title " * 12), "svg").product.decode()
    boxes = re.findall(r'<polygon fill="(#[0-9a-f]{6})" stroke="[^"]*" points="([^"]*)"', svg)
    found = [[float(point.partition(",")[0]) for point in points.split()] for fill, points in boxes]
    small = [max(across) - min(across) for across in found]
    assert small
    assert max(small) < 120
    assert min(min(across) for across in found) < 60
