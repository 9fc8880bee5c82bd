"""Graphs in pages: renewed between their markers, byte for byte nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exlib.errors import InputError
from exlib.render.inject import Marked, marked, markers, renewed
from exlib.render.mermaid import mermaid
from tests.render.pictures import HOSTILE, chain, picture, workflow

OPEN, CLOSE = b"<!-- executioner:graph a.json direction=LR levels -->", b"<!-- /executioner:graph -->"


def drawn(_graph: Marked) -> str:
    return "flowchart TB\n    n0\n"


def page(text: bytes) -> bytes:
    return renewed(text, marked(text, "page.md"), drawn)


def test_what_stands_between_is_replaced() -> None:
    assert page(b"a\n%b\nold\n%b\nb" % (OPEN, CLOSE)) == (
        b"a\n%b\n```mermaid\nflowchart TB\n    n0\n```\n%b\nb" % (OPEN, CLOSE)
    )


def test_a_marker_names_its_graph_and_options() -> None:
    (graph,) = marked(b"%b\n%b" % (OPEN, CLOSE), "page.md")
    assert (graph.name, graph.options) == ("a.json", ["direction=LR", "levels"])
    (graph,) = marked(b'<!--executioner:graph "my graph.json" around="job a"-->\n%b' % CLOSE, "page.md")
    assert (graph.name, graph.options) == ("my graph.json", ["around=job a"])


@given(st.binary(), st.binary(), st.binary(), st.sampled_from([b"\n", b"\r\n"]), st.booleans())
def test_every_other_byte_stays(before: bytes, inside: bytes, after: bytes, newline: bytes, bom: bool) -> None:
    safe = [text.replace(b"`", b"").replace(b"~", b"").replace(b"<", b"") for text in (before, inside, after)]
    head = b"\xef\xbb\xbf" * bom + safe[0] + newline
    text = head + OPEN + newline + safe[1] + newline + CLOSE + newline + safe[2]
    new = page(text)
    assert new.startswith(head + OPEN + newline)
    assert new.endswith(newline + CLOSE + newline + safe[2])
    block = new[len(head + OPEN + newline) : -len(CLOSE + newline + safe[2])]
    assert block == newline.join([b"```mermaid", b"flowchart TB", b"    n0", b"```", b""])
    assert page(new) == new


@pytest.mark.parametrize("indent", [b"", b"  ", b"\t", b"> ", b"    "])
def test_the_graph_stands_as_far_in_as_its_marker(indent: bytes) -> None:
    new = page(indent + OPEN + b"\n" + indent + CLOSE)
    assert all(line.startswith(indent) for line in new.splitlines())


@pytest.mark.parametrize("fence", ["```", "````", "~~~", "  ```", "```html"])
def test_an_example_in_a_fence_is_no_marker(fence: str) -> None:
    bare = fence.strip().removesuffix("html")
    text = f"{fence}\n{OPEN.decode()}\n{bare}\nx\n".encode()
    assert marked(text, "page.md") == []
    assert len(marked(text + OPEN + b"\n" + CLOSE, "page.md")) == 1


def test_a_fence_ends_only_with_one_like_it() -> None:
    assert marked(b"````\n```\n" + OPEN + b"\n````\n", "page.md") == []
    assert marked(b"~~~\n```\n" + OPEN + b"\n~~~\n", "page.md") == []


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        (b"x\n" + OPEN, "page.md:2", "does not end"),
        (OPEN + b"\n" + OPEN + b"\n" + CLOSE, "page.md:1", "does not end"),
        (b"\n\n" + CLOSE, "page.md:3", "began nowhere"),
        (b"<!-- executioner:graph -->\n" + CLOSE, "page.md:1", "cannot be read"),
        (b"<!-- executioner:graph a.json\n-->\n" + CLOSE, "page.md:1", "cannot be read"),
        (b'<!-- executioner:graph "a.json -->\n' + CLOSE, "page.md:1", "cannot be read"),
    ],
)
def test_markers_that_do_not_fit_are_told_with_their_line(text: bytes, place: str, said: str) -> None:
    with pytest.raises(InputError, match=said) as refused:
        marked(text, "page.md")
    assert refused.value.place == place


@pytest.mark.parametrize("name", ["a.json", "my graph.json", "it's", "dir/a b.json"])
def test_what_is_suggested_is_understood(name: str) -> None:
    (graph,) = marked(markers(name).encode(), "page.md")
    assert graph.name == name


def test_no_job_can_end_its_graph() -> None:
    text = b"%b\n%b\nrest" % (OPEN, CLOSE)
    graph = mermaid(picture(workflow(chain(HOSTILE))))
    for _ in range(2):
        text = renewed(text, marked(text, "page.md"), lambda _: graph)
    assert len(marked(text, "page.md")) == 1
    assert text.endswith(b"```\n%b\nrest" % CLOSE)
