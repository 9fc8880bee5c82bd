"""The document that is left, as a splice of the one that came."""

from __future__ import annotations

from collections.abc import Sequence

from exlib.document import Editor
from exlib.select.minimal import superfluous
from exlib.select.rewire import Rewiring
from exlib.select.roster import Roster


def cut(roster: Roster, nodes: Sequence[int], rewiring: Rewiring, *, minimal: bool = False) -> bytes:
    """The document with these jobs alone, each with its new dependencies; what need not change does not.

    A selection of everything is the input, byte for byte. ``minimal`` leaves out what changes no run.
    """
    document = roster.document
    editor = Editor(document)
    if len(nodes) < len(roster):
        editor.keep_items(("jobs",), nodes)
    for node in nodes:
        if node not in rewiring.entries:
            continue
        pointer = ("jobs", node, "dependencies")
        if isinstance(document.jobs[node]["dependencies"], list):
            editor.replace_array(pointer, rewiring.entries[node])
        else:
            editor.replace(pointer, rewiring.entries[node])
    if minimal:
        for superfluity in superfluous(document, nodes, rewiring.entries):
            editor.remove(superfluity)
    return editor.result()
