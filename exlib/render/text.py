"""A picture for the terminal: rails beside a list of jobs, or for large graphs the levels with what is in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from exlib.console import cut, names, pad, plural, width
from exlib.graph import Graph
from exlib.render.labels import shortened
from exlib.render.palette import LOOKS
from exlib.render.picture import Arrow, Box, Picture
from exlib.render.rails import Row, rails

ROWS = 200
"""Boxes above which nobody follows rails any more."""
LISTED = 60
"""Boxes above which they are counted by level, where there is no room for rails."""
_NAMED = 4
"""Lines of names a level of a large graph may take."""
_ALIKE = 3
"""Boxes of a level that differ only in a number at their end, above which one name stands for all."""

_FINE = {
    "": " ", "ud": "│", "x": "│", "ul": "╯", "ur": "╰", "udl": "┤", "udr": "├", "ulr": "┴", "udlr": "┼", "lr": "─",
    "u": "│", "o": "●",
}  # fmt: skip
_PLAIN = {
    "": " ", "ud": "|", "x": "|", "ul": "'", "ur": "`", "udl": "+", "udr": "+", "ulr": "'", "udlr": "+", "lr": "-",
    "u": "|", "o": "*",
}  # fmt: skip
_PLAIN_MARKS = {
    "success": "+", "reused": "=", "failed": "x", "timeout": "T", "lost": "?", "skipped": "-", "cancelled": "!",
    "running": ">", "retrying": "~", "waiting": ".", "pending": "o",
}  # fmt: skip
_STYLES = {
    "success": ("green",), "reused": ("green",), "failed": ("red", "bold"), "timeout": ("red", "bold"),
    "lost": ("red", "bold"), "skipped": ("dim",), "cancelled": ("yellow",), "running": ("cyan",),
    "retrying": ("yellow",), "waiting": ("dim",), "pending": ("dim",),
}  # fmt: skip


_BAD = frozenset(["failed", "timeout", "lost"])


class Pen(NamedTuple):
    """How wide the lines may be, whether box-drawing characters can be shown, and what colours a piece of text."""

    columns: int = 80
    fine: bool = True
    style: Callable[..., str] = lambda text, *_styles: text

    def mark(self, box: Box) -> str:
        """The sign of a job: how it ended, else whether it is on the critical path or a ghost."""
        if box.missing:
            return self.style("?", "red")
        if box.status:
            return self.style(LOOKS[box.status].mark if self.fine else _PLAIN_MARKS[box.status], *_STYLES[box.status])
        if box.critical:
            return self.style("◆" if self.fine else "#", "magenta", "bold")
        return "●" if self.fine else "*"


def drawing(picture: Picture, pen: Pen) -> str:
    """The lines of the drawing, none wider than the pen allows."""
    lines = [_headline(picture, pen)]
    if picture.boxes:
        lines += ["", *_body(picture, pen)]
    lines += _wrong(picture, pen)
    return "\n".join(line.rstrip() for line in [*lines, *_legend(picture, pen)]) + "\n"


def _headline(picture: Picture, pen: Pen) -> str:
    count = sum(max(len(box.members), 1) for box in picture.boxes if not box.missing)
    levels = len({box.level for box in picture.boxes})
    told = [plural(count, "job"), plural(levels, "level") if levels else "", picture.run]
    title, rest = cut(picture.title, pen.columns // 2), ", ".join(filter(None, told))
    return pen.style(title, "bold") + cut(f": {rest}", pen.columns - width(title))


def _body(picture: Picture, pen: Pen) -> Iterator[str]:
    if len(picture.boxes) <= ROWS:
        order, sources, targets = _order(picture)
        rows = rails(order, sources, targets)
        room = 2 * max(len(row.signs) for row in rows)
        if room <= min(pen.columns // 3, 32):
            yield from _rows(picture, rows, room, pen)
            return
    if len(picture.boxes) <= LISTED:
        yield from _job_list(picture, pen)
    else:
        yield from _level_list(picture, pen)


def _order(picture: Picture) -> tuple[list[int], list[list[int]], list[list[int]]]:
    """Boxes so that arrows lead down, going on with what has just become possible; by levels if these are shown."""
    arrows = [arrow for arrow in picture.arrows if not _beside(arrow)]
    wanted: list[list[str]] = [[] for _ in picture.boxes]
    for arrow in arrows:
        wanted[arrow.target].append(str(arrow.source))
    graph = Graph([str(number) for number in range(len(picture.boxes))], wanted)
    if picture.levels:
        order = sorted(range(len(graph)), key=lambda number: (picture.boxes[number].level, number))
    else:
        order = _deep(graph)
    return order, graph.dependencies, graph.dependents


def _beside(arrow: Arrow) -> bool:
    """Whether an arrow is told in words, as no order can keep it."""
    return arrow.mutual or arrow.wrong


def _deep(graph: Graph) -> list[int]:
    """A topological order that follows a chain to its end before it begins another."""
    waiting = [len(others) for others in graph.dependencies]
    ready = [node for node in reversed(range(len(graph))) if not waiting[node]]
    order = []
    while ready:
        node = ready.pop()
        order.append(node)
        freed = []
        for other in graph.dependents[node]:
            waiting[other] -= 1
            if not waiting[other]:
                freed.append(other)
        # What nothing waits for needs no rail: first away with it.
        ready += sorted(freed, key=lambda other: (not graph.dependents[other], -other))
    return order


def _rows(picture: Picture, rows: Sequence[Row], room: int, pen: Pen) -> Iterator[str]:
    level = -1
    titles = [shortened(box.title, max(pen.columns - room - 2, 8)) for box in picture.boxes]
    wide = min(
        max((width(title) for title, box in zip(titles, picture.boxes, strict=True) if box.lines), default=0), 40
    )
    scale = len(str(max(box.level for box in picture.boxes) + 1)) + 2 if picture.levels else 0
    for row in rows:
        box = picture.boxes[row.box]
        number = str(box.level + 1) if picture.levels and box.level != level else ""
        level = box.level
        head = pen.style(f"{number:>{scale - 2}}  ", "dim") if picture.levels else ""
        title = titles[row.box]
        rest = f"{pad('', max(wide - width(title), 0))}  {'  '.join(box.lines)}" if box.lines else ""
        rest = cut(rest, max(pen.columns - scale - room - width(title) - (2 if box.critical and box.status else 0), 0))
        star = pen.style(" ◆" if pen.fine else " #", "magenta", "bold") if box.critical and box.status else ""
        yield head + _line(row, room, pen, pen.mark(box)) + _title(box, title, pen) + star + pen.style(rest, "dim")


def _title(box: Box, title: str, pen: Pen) -> str:
    if box.missing:
        return pen.style(title, "red")
    if box.critical:
        return pen.style(title, "magenta", "bold")
    return pen.style(title, *_STYLES[box.status]) if box.status in _BAD else title


def _line(row: Row, room: int, pen: Pen, mark: str) -> str:
    """The signs of a row with lines between those that are linked."""
    signs, dash = _FINE if pen.fine else _PLAIN, "─" if pen.fine else "-"
    reach = [column for column, sign in enumerate(row.signs) if set(sign) & set("lr")] + [row.place]
    first, last = min(reach), max(reach)
    text = ""
    for column, sign in enumerate(row.signs):
        text += mark if column == row.place else signs[sign]
        text += dash if first <= column < last else " "
    return text + " " * (room - 2 * len(row.signs))


def _job_list(picture: Picture, pen: Pen) -> Iterator[str]:
    """A line for each job, by level, with the names of what it waits for."""
    sources: dict[int, list[str]] = {}
    for arrow in picture.arrows:
        if not _beside(arrow):
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
        yield f"{pen.style(head, 'dim')}{pen.mark(box)} {_title(box, title, pen)}{gap}{pen.style(rest, 'dim')}"


def _level_list(picture: Picture, pen: Pen) -> Iterator[str]:
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
    return sorted(found, key=lambda name: (name.box.status not in _BAD, not name.box.critical))


def _stem(box: Box) -> str:
    """What comes before the number at the end; a box that a person looks for has a name of its own."""
    looked_for = box.critical or box.missing or box.members or box.status in _BAD
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
    for number, line in enumerate(lines, 1):
        text = "  ".join(f"{pen.mark(name.box)} {_title(name.box, _counted(name), pen)}" for name in line)
        yield text + (pen.style(f"  and {left:,} more", "dim") if left and number == len(lines) else "")


def _counted(name: _Name) -> str:
    return f"{name.text} ({name.stands_for:,})" if name.stands_for > 1 else name.text


def _wrong(picture: Picture, pen: Pen) -> Iterator[str]:
    """Arrows that no order can keep, in words."""
    beside = [arrow for arrow in picture.arrows if _beside(arrow)]
    if beside:
        yield ""
    for arrow in beside[:20]:
        source, target = picture.boxes[arrow.source], picture.boxes[arrow.target]
        if source.missing:
            said = f"{target.title} waits for {source.title}, which is not in the document"
        elif arrow.wrong:
            said = f"{target.title} waits for {source.title}, in a circle"
        else:
            said = f"{target.title} waits for {source.title} and the other way round"
        yield pen.style(cut(said, pen.columns), *(("red",) if arrow.wrong else ("yellow",)))
    if len(beside) > 20:
        yield f"and {len(beside) - 20:,} more"


def _legend(picture: Picture, pen: Pen) -> Iterator[str]:
    statuses = [status for status in LOOKS if any(box.status == status for box in picture.boxes)]
    signs = [
        pen.style(f"{LOOKS[status].mark if pen.fine else _PLAIN_MARKS[status]} {status}", *_STYLES[status])
        for status in statuses
    ]
    if picture.critical:
        signs.append(pen.style(f"{'◆' if pen.fine else '#'} critical path: {picture.critical}", "magenta"))
    told = [*(["  ".join(signs)] if signs else []), *([pen.style(picture.note, "dim")] if picture.note else [])]
    if told:
        yield ""
    yield from told
