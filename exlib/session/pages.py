"""Graphs in pages: which of a page's are meant, and what is out of date in it."""

from __future__ import annotations

import os
from collections.abc import Sequence

from exlib.console import Console, printable
from exlib.document import Document
from exlib.errors import InputError
from exlib.render.inject import Marked, marked, markers
from exlib.workflow import application_name


def own(page: bytes, path: str, document: Document | None, name: str | None, console: Console) -> list[Marked]:
    """The graphs of a document, called ``name``, or where none is given all that name a document beside the page.

    Raises InputError if there is none, with the lines to paste.
    """
    graphs = marked(page, path)
    found = [graph for graph in graphs if _is_of(graph, path, document, name, console)]
    if not found:
        raise _no_marker(path, graphs, document, name)
    return found


def _is_of(graph: Marked, path: str, document: Document | None, name: str | None, console: Console) -> bool:
    """Whether a marker is one of the document's, or where none is given names a document itself."""
    target = beside(path, graph.name)
    if document is None:
        if graph.name.endswith(".json") or os.path.isfile(target):
            return True
        console.note(f"{path}:{graph.line}: {printable(graph.name)} names no document, so it stays as it is")
        return False
    if name is not None:
        return graph.name == name
    same = os.path.isfile(target) and os.path.isfile(document.name) and os.path.samefile(target, document.name)
    return same or graph.name == application_name(document)


def beside(path: str, name: str) -> str:
    """A document as the page at ``path`` names it."""
    return os.path.join(os.path.dirname(path), name)


def _no_marker(path: str, graphs: Sequence[Marked], document: Document | None, name: str | None) -> InputError:
    wanted = name or (application_name(document) if document else "workflow.json")
    known = ", ".join(dict.fromkeys(printable(graph.name) for graph in graphs))
    lines = markers(wanted).replace("\n", "\n    ")
    which = f" called {printable(wanted)}, only {known}" if known else ""
    return InputError(
        f"there is no graph{which} in it", place=path, mend=f"put these lines where it should be:\n    {lines}"
    )


def show_difference(path: str, old: bytes, new: bytes, console: Console) -> None:
    """Tell on stderr what ``--check`` found."""
    import difflib

    before, after = (text.decode("utf-8", "replace").splitlines() for text in (old, new))
    for line in difflib.unified_diff(before, after, path, f"{path} (current)", n=1, lineterm=""):
        styles = {"+": ("green",), "-": ("red",), "@": ("cyan",)}.get(line[:1], ())
        console.say(console.style(printable(line), *styles))
    console.say(f"{path}: a graph is not current; run this again without --check")
