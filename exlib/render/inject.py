"""Graphs in the pages of a documentation: found by their markers, renewed, and every other byte left alone.

    <!-- executioner:graph nightly.json direction=LR levels -->
    ...
    <!-- /executioner:graph -->

Behind the name stand options of the drawing, without dashes: two of them would end a comment for some readers. Markers
inside fenced code are examples of markers and no markers.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Sequence
from typing import NamedTuple

from exlib.errors import InputError

_BOM = b"\xef\xbb\xbf"
_OPENING = re.compile(rb"([ \t>]*)<!--[ \t]*executioner:graph[ \t]+(.*?)[ \t]*-->[ \t]*\r?\n?\Z")
_CLOSING = re.compile(rb"[ \t>]*<!--[ \t]*/executioner:graph[ \t]*-->[ \t]*\r?\n?\Z")
_ALMOST = re.compile(rb"[ \t>]*<!--[ \t]*/?executioner:graph")
_FENCE = re.compile(rb"[ \t>]*(`{3,}|~{3,})([^`\r\n]*)")


class Marked(NamedTuple):
    """One graph of a page: its name, its options, the line of its opening marker, and where its content stands."""

    name: str
    options: Sequence[str]
    line: int
    start: int
    end: int
    indent: bytes
    newline: bytes


def marked(page: bytes, path: str) -> list[Marked]:
    """The graphs of a page in order. Raises InputError for a marker without its counterpart or that cannot be read."""
    found: list[Marked] = []
    opened: Marked | None = None
    fence = b""
    place = 0
    for number, line in enumerate(_lines(page), 1):
        text = line.removeprefix(_BOM) if number == 1 else line
        end = place + len(line)
        if opened is None and (turn := _FENCE.match(text)) and _turns(fence, turn):
            fence = b"" if fence else turn[1]
        elif not fence and _ALMOST.match(text):
            opened = _next(text, opened, found, f"{path}:{number}", place, end, number)
        place = end
    if opened is not None:
        raise _unclosed(path, opened)
    return found


def renewed(page: bytes, graphs: Sequence[Marked], drawn: Callable[[Marked], str]) -> bytes:
    """The page with the content of these graphs replaced by what is drawn for each now."""
    pieces, done = [], 0
    for graph in graphs:
        lines = ["```mermaid", *drawn(graph).splitlines(), "```"]
        block = b"".join(graph.indent + line.encode() + graph.newline for line in lines)
        pieces += [page[done : graph.start], block]
        done = graph.end
    return b"".join([*pieces, page[done:]])


def markers(name: str) -> str:
    """What somebody pastes into a page to begin with."""
    return f"<!-- executioner:graph {shlex.quote(name)} -->\n<!-- /executioner:graph -->"


def _lines(page: bytes) -> list[bytes]:
    """Lines by their line feeds alone, as a carriage return may stand anywhere."""
    return re.findall(rb"[^\n]*\n|[^\n]+\Z", page)


def _turns(fence: bytes, turn: re.Match[bytes]) -> bool:
    """Whether a line begins fenced code, or ends the code that ``fence`` began."""
    if not fence:
        return True
    return turn[1][:1] == fence[:1] and len(turn[1]) >= len(fence) and not turn[2].strip()


def _next(
    text: bytes, opened: Marked | None, found: list[Marked], where: str, start: int, end: int, number: int
) -> Marked | None:
    """What is open after a line with a marker."""
    if _CLOSING.match(text):
        if opened is None:
            raise InputError(
                "a graph ends here that began nowhere", place=where, mend="remove the line, or mark its start"
            )
        found.append(opened._replace(end=start))
        return None
    if opened is not None:
        raise _unclosed(where.rpartition(":")[0], opened)
    match = _OPENING.match(text)
    words = _words(match[2]) if match else []
    if not match or not words:
        raise InputError(
            "this marker of a graph cannot be read",
            place=where,
            mend="it is one line: <!-- executioner:graph nightly.json direction=LR -->",
        )
    newline = b"\r\n" if text.endswith(b"\r\n") else b"\n"
    return Marked(words[0], words[1:], number, end, end, match[1], newline)


def _words(text: bytes) -> list[str]:
    try:
        return shlex.split(text.decode("utf-8", "surrogateescape"))
    except ValueError:  # a quote that does not end
        return []


def _unclosed(path: str, opened: Marked) -> InputError:
    return InputError(
        f"the graph {opened.name} that begins here does not end",
        place=f"{path}:{opened.line}",
        mend="add the line <!-- /executioner:graph --> behind it",
    )
