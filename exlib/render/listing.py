"""Graphs that are too wide or too large for rails, as lists: of jobs with what they wait for, or of levels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from exlib.console import cut, names, pad, width
from exlib.render.labels import shortened
from exlib.render.pen import BAD, Pen, beside
from exlib.render.picture import Box, Picture

_NAMED = 4
"""Lines of names a level of a large graph may take."""
_ALIKE = 3
"""Boxes of a level that differ only in a number at their end, above which one name stands for all."""


def job_list(picture: Picture, pen: Pen) -> Iterator[str]:
    """A line for each job, by level, with the names of what it waits for."""
    sources: dict[int, list[str]] = {}
    for arrow in picture.arrows:
        if not beside(arrow):
            sources.setdefault(arrow.target, []).append(picture.boxes[arrow.source].title)
    room = min(max(width(box.title) for box in picture.boxes), pen.columns // 2)
    first = max(len(str(max(box.level for box in picture.boxes) + 1)), len("level"))
    yield pen.style(f"{'level':>{first}}  {pad('job', room + 2)}  waits for", "dim")
    level = -1
    for number, box in sorted(enumerate(picture.boxes), key=lambda pair: (pair[1].level, pair[0])):
        head = f"{box.level + 1 if box.level != level else '':>{first}}  "
        level = box.level
        title = shortened(box.title, room)
        waits = sources.get(number, [])
        left = pen.columns - first - room - 6
        listed = [shortened(name, left if len(waits) == 1 else max(left - 12, 8)) for name in waits]
        rest = cut(names(listed, len(waits), left - 10), left)
        gap = " " * (room - width(title) + 2) if rest else ""
        yield f"{pen.style(head, 'dim')}{pen.mark(box)} {pen.title(box, title)}{gap}{pen.style(rest, 'dim')}"


def level_list(picture: Picture, pen: Pen) -> Iterator[str]:
    """A line or a few for each level: how many jobs it has, and the names of as many as there is room for."""
    levels: dict[int, list[Box]] = {}
    for box in picture.boxes:
        levels.setdefault(box.level, []).append(box)
    counts = {level: sum(max(len(box.members), 1) for box in boxes) for level, boxes in levels.items()}
    first = max(len(str(max(levels) + 1)), len("level"))
    second = max(len(f"{max(counts.values()):,}"), len("jobs"))
    yield pen.style(f"{'level':>{first}}  {'jobs':>{second}}", "dim")
    for level, boxes in sorted(levels.items()):
        head = f"{level + 1:>{first}}  {counts[level]:>{second},}  "
        for line in _set(_called(boxes, pen.columns - len(head) - 20), pen.columns - len(head), pen):
            yield pen.style(head, "dim") + line
            head = " " * len(head)


class _Name(NamedTuple):
    """A name in a list and how many boxes it stands for; ``box`` is the first."""

    text: str
    box: Box
    stands_for: int


def _called(boxes: Sequence[Box], columns: int) -> list[_Name]:
    """The worst first; boxes alike in all but a number at their end by one name with a star."""
    stems: dict[tuple[str, str | None], list[Box]] = {}
    for box in boxes:
        stems.setdefault((_stem(box), box.status), []).append(box)
    found = []
    for (stem, _), alike in stems.items():
        if len(alike) > _ALIKE:
            found.append(_Name(f"{shortened(stem, columns)}*", alike[0], len(alike)))
        else:
            found += [_Name(shortened(box.title, columns), box, max(len(box.members), 1)) for box in alike]
    return sorted(found, key=lambda name: (name.box.status not in BAD, not name.box.critical))


def _stem(box: Box) -> str:
    """What comes before the number at the end; a box that a person looks for has a name of its own."""
    looked_for = box.critical or box.missing or box.members or box.status in BAD
    return box.title if looked_for else box.title.rstrip("0123456789")


def _set(listed: Sequence[_Name], columns: int, pen: Pen) -> Iterator[str]:
    """Names set in lines of so many columns; what has no room is counted."""
    left = sum(name.stands_for for name in listed)
    lines: list[list[_Name]] = [[]]
    used = 0
    for name in listed:
        size = width(_counted(name)) + 4
        more = len(f"and {left:,} more") if len(lines) == _NAMED else 0
        if lines[-1] and used + size + more > columns:
            if len(lines) == _NAMED:
                break
            lines.append([])
            used = 0
        lines[-1].append(name)
        used += size
        left -= name.stands_for
    for line in lines:
        text = "  ".join(f"{pen.mark(name.box)} {pen.title(name.box, _counted(name))}" for name in line)
        rest = f"  and {left:,} more" if left and line is lines[-1] else ""
        if rest and used + len(rest) - 2 > columns:
            yield text
            text = ""
        yield text + pen.style(rest, "dim") if rest else text


def _counted(name: _Name) -> str:
    return f"{name.text} ({name.stands_for:,})" if name.stands_for > 1 else name.text
