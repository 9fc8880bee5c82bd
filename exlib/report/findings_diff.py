"""What ``--fix`` would change, as a unified diff that ``patch`` and ``git apply`` take.

The hunks come from the splices themselves: ``difflib`` takes the many equal lines of a large workflow for
junk and then shows all of it as changed.
"""

from __future__ import annotations

import bisect
import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate

from exlib.console import Console, is_terminal, printable
from exlib.document.edit import Splice

CONTEXT = 3
Change = tuple[int, int, list[str]]
"""Lines ``[first:second]`` of the old text, and the lines that take their place."""


def unified(raw: bytes, splices: Sequence[Splice], name: str, console: Console, *, on_stdout: bool) -> bytes:
    """The diff that splices of a UTF-8 text make (offsets without its BOM); coloured where stdout is."""
    text = raw.decode("utf-8")
    shift = int(text.startswith("\ufeff"))
    before = _lines(text)
    shown = printable(name) if "\n" in name else name
    lines = [f"--- {shown}\n", f"+++ {shown}\n"]
    grown = 0
    for group in _grouped(changes(text, [(start + shift, end + shift, new) for start, end, new in splices])):
        lines += _hunk(group, before, grown)
        grown += sum(len(new) - (end - start) for start, end, new in group)
    styled = (_styled(line, console) for line in lines) if on_stdout else lines
    return "".join(styled).encode("utf-8", "surrogateescape")  # a file's name may be any bytes


def changes(text: str, splices: Iterable[Splice]) -> Iterator[Change]:
    """The lines that splices change, each run of neighbouring lines once, in order."""
    lines = _lines(text)
    starts = list(accumulate(map(len, lines), initial=0))
    for first, last, group in _by_lines(splices, starts):
        old, new = lines[first : last + 1], _lines(_applied(text, starts[first], starts[last + 1], group))
        while old and new and old[0] == new[0]:
            old, new, first = old[1:], new[1:], first + 1
        while old and new and old[-1] == new[-1]:
            old, new = old[:-1], new[:-1]
        if old or new:
            yield first, first + len(old), new


def _by_lines(splices: Iterable[Splice], starts: Sequence[int]) -> Iterator[tuple[int, int, list[Splice]]]:
    """Splices with the first and the last line they touch; those of the same and of the next line go together."""
    group: list[Splice] = []
    first = last = 0
    for splice in splices:
        low, high = (min(bisect.bisect_right(starts, at) - 1, len(starts) - 2) for at in splice[:2])
        if group and low > last + 1:
            yield first, last, group
            group = []
        if not group:
            first = low
        last = high
        group.append(splice)
    if group:
        yield first, last, group


def _applied(text: str, start: int, end: int, splices: Iterable[Splice]) -> str:
    pieces = []
    for low, high, new in splices:
        pieces += [text[start:low], new]
        start = high
    return "".join([*pieces, text[start:end]])


def _grouped(found: Iterable[Change]) -> Iterator[list[Change]]:
    """Changes whose contexts touch go into one hunk."""
    group: list[Change] = []
    for change in found:
        if group and change[0] - group[-1][1] > 2 * CONTEXT:
            yield group
            group = []
        group.append(change)
    if group:
        yield group


def _hunk(group: Sequence[Change], before: Sequence[str], grown: int) -> list[str]:
    """One hunk; ``grown`` is how many lines those before it added to the text."""
    start, end = max(0, group[0][0] - CONTEXT), min(len(before), group[-1][1] + CONTEXT)
    longer = sum(len(new) - (last - first) for first, last, new in group)
    lines = [f"@@ -{_range(start, end - start)} +{_range(start + grown, end - start + longer)} @@\n"]
    for first, last, new in group:
        lines += _marked(" ", before[start:first]) + _marked("-", before[first:last]) + _marked("+", new)
        start = last
    return lines + _marked(" ", before[start:end])


def _range(start: int, length: int) -> str:
    return str(start + 1) if length == 1 else f"{start + 1 if length else start},{length}"


def _marked(mark: str, texts: Sequence[str]) -> list[str]:
    lines = [mark + text for text in texts]
    if lines and not lines[-1].endswith("\n"):
        lines[-1:] = [lines[-1] + "\n", "\\ No newline at end of file\n"]
    return lines


def _lines(text: str) -> list[str]:
    """Lines with their line feeds, as patch counts them: a carriage return or U+2028 ends none."""
    lines = text.split("\n")
    return [line + "\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])


_STYLES = {"-": ("red",), "+": ("green",), "@": ("cyan",)}


def _styled(line: str, console: Console) -> str:
    styles = ("bold",) if line.startswith(("--- ", "+++ ")) else _STYLES.get(line[0], ())
    body = line.rstrip("\r\n")
    shown = "\t".join(map(printable, body.split("\t"))) if is_terminal(sys.stdout) else body
    return console.style(shown, *styles, stream=sys.stdout) + line[len(body) :]
