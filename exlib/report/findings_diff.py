"""What ``--fix`` would change, as a unified diff that ``patch`` and ``git apply`` take.

Mends are small and far apart, so the two texts are walked side by side; ``difflib`` takes the many equal
lines of a large workflow for junk and then shows all of it as changed.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from itertools import count

from exlib.console import Console, is_terminal, printable

CONTEXT = 3
Change = tuple[int, int, int, int]
"""Lines ``[first:second]`` of the old text become lines ``[third:fourth]`` of the new one."""


def unified(old: bytes, new: bytes, name: str, console: Console, *, on_stdout: bool) -> bytes:
    """The diff of two UTF-8 documents, coloured and made printable only where stdout is a terminal."""
    before, after = _lines(old), _lines(new)
    lines = [f"--- {name}\n", f"+++ {name}\n"]
    for hunk in _grouped(changes(before, after)):
        lines += _hunk(hunk, before, after)
    shown = (_styled(line, console) for line in lines) if on_stdout else lines
    return "".join(shown).encode("utf-8")


def changes(before: Sequence[str], after: Sequence[str]) -> Iterator[Change]:
    """Where two texts differ, in order; each time they meet again at the nearest two equal lines."""
    i = j = 0
    while i < len(before) or j < len(after):
        if i < len(before) and j < len(after) and before[i] == after[j]:
            i, j = i + 1, j + 1
            continue
        skipped, added = _meeting(before, after, i, j)
        yield i, i + skipped, j, j + added
        i, j = i + skipped, j + added


def _meeting(before: Sequence[str], after: Sequence[str], i: int, j: int) -> tuple[int, int]:
    left, right = len(before) - i, len(after) - j
    for total in count(1):
        for skipped in range(max(0, total - right), min(total, left) + 1):
            a, b = i + skipped, j + total - skipped
            if before[a : a + 2] == after[b : b + 2]:
                return skipped, total - skipped
    raise AssertionError("the ends of both texts are equal")


def _grouped(found: Iterator[Change]) -> Iterator[list[Change]]:
    """Changes whose contexts touch go into one hunk."""
    group: list[Change] = []
    for change in found:
        if group and change[0] - group[-1][1] > 2 * CONTEXT:
            yield group
            group = []
        group.append(change)
    if group:
        yield group


def _hunk(group: list[Change], before: Sequence[str], after: Sequence[str]) -> list[str]:
    start, end = max(0, group[0][0] - CONTEXT), min(len(before), group[-1][1] + CONTEXT)
    new_start = group[0][2] - (group[0][0] - start)
    new_end = group[-1][3] + (end - group[-1][1])
    lines = [f"@@ -{_range(start, end)} +{_range(new_start, new_end)} @@\n"]
    at = start
    for old_from, old_to, new_from, new_to in group:
        lines += _marked(" ", before[at:old_from])
        lines += _marked("-", before[old_from:old_to])
        lines += _marked("+", after[new_from:new_to])
        at = old_to
    return lines + _marked(" ", before[at:end])


def _range(start: int, end: int) -> str:
    length = end - start
    return str(start + 1) if length == 1 else f"{start + 1 if length else start},{length}"


def _marked(mark: str, texts: Sequence[str]) -> list[str]:
    lines = [mark + text for text in texts]
    if lines and not lines[-1].endswith("\n"):
        lines[-1:] = [lines[-1] + "\n", "\\ No newline at end of file\n"]
    return lines


def _lines(raw: bytes) -> list[str]:
    """Lines with their line feeds, as patch counts them: a carriage return or U+2028 ends none."""
    lines = raw.decode("utf-8").split("\n")
    return [line + "\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])


_STYLES = {"-": ("red",), "+": ("green",), "@": ("cyan",)}


def _styled(line: str, console: Console) -> str:
    styles = ("bold",) if line.startswith(("--- ", "+++ ")) else _STYLES.get(line[0], ())
    ends = len(line) - len(line.rstrip("\r\n"))
    body = line[: len(line) - ends]
    shown = "\t".join(map(printable, body.split("\t"))) if is_terminal(sys.stdout) else body
    return console.style(shown, *styles, stream=sys.stdout) + line[len(line) - ends :]
