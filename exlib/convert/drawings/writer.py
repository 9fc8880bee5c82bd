"""The graph as ex-visualize draws it by default."""

from __future__ import annotations

from exlib.convert.outgoing import Outgoing
from exlib.convert.wishes import File, Wishes
from exlib.render.choice import Choice
from exlib.render.compose import compose
from exlib.render.measures import Measures
from exlib.render.picture import Picture


def write_dot(outgoing: Outgoing, _wishes: Wishes) -> list[File]:
    """A digraph for Graphviz."""
    from exlib.render.dot import dot

    return [File("", dot(_picture(outgoing)))]


def write_mermaid(outgoing: Outgoing, _wishes: Wishes) -> list[File]:
    """A flowchart for Mermaid."""
    from exlib.render.mermaid import mermaid

    return [File("", mermaid(_picture(outgoing)))]


def _picture(outgoing: Outgoing) -> Picture:
    for job in outgoing.jobs:
        job.exact("id", "dependencies")
    outgoing.exact("application_name")
    for speaker in (outgoing, *outgoing.jobs):
        for key in speaker.unsaid():
            speaker.dropped(key, "a drawing shows the jobs and their order alone")
    return compose(outgoing.workflow, Choice(), Measures())
