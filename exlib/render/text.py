"""A picture for the terminal: rails beside a list of jobs, or for large graphs the levels with what is in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from exlib.console import cut, plural, width
from exlib.graph import Graph
from exlib.render.labels import shortened, wrapped
from exlib.render.listing import job_list, level_list
from exlib.render.palette import LOOKS
from exlib.render.pen import PLAIN_MARKS, STYLES, Pen, beside
from exlib.render.picture import Picture
from exlib.render.rails import Row, rails

ROWS = 200
"""Boxes above which nobody follows rails any more."""
LISTED = 60
"""Boxes above which they are counted by level, where there is no room for rails."""
_FINE = {
    "": " ", "ud": "│", "x": "│", "ul": "╯", "ur": "╰", "udl": "┤", "udr": "├", "ulr": "┴", "udlr": "┼", "lr": "─",
    "u": "│", "o": "●",
}  # fmt: skip
_PLAIN = {
    "": " ", "ud": "|", "x": "|", "ul": "'", "ur": "`", "udl": "+", "udr": "+", "ulr": "'", "udlr": "+", "lr": "-",
    "u": "|", "o": "*",
}  # fmt: skip


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
        yield from job_list(picture, pen)
    else:
        yield from level_list(picture, pen)


def _order(picture: Picture) -> tuple[list[int], list[list[int]], list[list[int]]]:
    """Boxes so that arrows lead down, going on with what has just become possible; by levels if these are shown."""
    arrows = [arrow for arrow in picture.arrows if not beside(arrow)]
    wanted: list[list[str]] = [[] for _ in picture.boxes]
    for arrow in arrows:
        wanted[arrow.target].append(str(arrow.source))
    graph = Graph([str(number) for number in range(len(picture.boxes))], wanted)
    if picture.levels:
        order = sorted(range(len(graph)), key=lambda number: (picture.boxes[number].level, number))
    else:
        order = _deep(graph)
    return order, graph.dependencies, graph.dependents


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
    scale = len(str(max(box.level for box in picture.boxes) + 1)) + 2 if picture.levels else 0
    left = pen.columns - scale - room
    stars = [" ◆" if box.critical and box.status else "" for box in picture.boxes]
    titles = [shortened(box.title, left - len(star)) for box, star in zip(picture.boxes, stars, strict=True)]
    told = [width(titles[n]) + len(stars[n]) for n, box in enumerate(picture.boxes) if box.lines]
    wide = min(max(told, default=0), 40)
    level = -1
    for row in rows:
        box, title, star = picture.boxes[row.box], titles[row.box], stars[row.box]
        number = str(box.level + 1) if box.level != level else ""
        level = box.level
        used = width(title) + len(star)
        gap = " " * (max(wide - used, 0) + 2)
        lines = "  ".join(_fitted(box.lines, left - used - len(gap)))
        rest = cut(gap + lines, max(left - used, 0)) if lines else ""
        head = pen.style(f"{number:>{scale - 2}}  ", "dim") if picture.levels else ""
        sign = pen.style(star if pen.fine else star.replace("◆", "#"), "magenta", "bold") if star else ""
        yield (
            head
            + _line(row, room, pen, pen.mark(box))
            + pen.title(box, title)
            + sign
            + (pen.style(rest, "dim") if rest else "")
        )


def _fitted(texts: Sequence[str], room: int) -> list[str]:
    """Texts for so many columns in all: the shorter have what they need first, the longer share what is left."""
    left = room - 2 * (len(texts) - 1)
    fitted = list(texts)
    for count, place in enumerate(sorted(range(len(texts)), key=lambda place: width(texts[place]))):
        fitted[place] = cut(texts[place], max(left // (len(texts) - count), 0))
        left -= width(fitted[place])
    return fitted


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


def _wrong(picture: Picture, pen: Pen) -> Iterator[str]:
    """Arrows that no order can keep, in words."""
    odd = [arrow for arrow in picture.arrows if beside(arrow)]
    if odd:
        yield ""
    for arrow in odd[:20]:
        source, target = picture.boxes[arrow.source], picture.boxes[arrow.target]
        if source.missing:
            said = f"{target.title} waits for {source.title}, which is not in the document"
        elif arrow.wrong:
            said = f"{target.title} waits for {source.title}, in a circle"
        else:
            said = f"{target.title} waits for {source.title}, in a circle of groups"
        yield pen.style(cut(said, pen.columns), *(("red",) if arrow.wrong else ("yellow",)))
    if len(odd) > 20:
        yield f"and {len(odd) - 20:,} more"


def _legend(picture: Picture, pen: Pen) -> Iterator[str]:
    """What the signs mean, and what was left out, in lines that fit."""
    signs: list[tuple[str, tuple[str, ...]]] = []
    for status, look in LOOKS.items():
        if any(box.status == status for box in picture.boxes):
            signs.append((f"{look.mark if pen.fine else PLAIN_MARKS[status]} {status}", STYLES[status]))
    if picture.critical:
        signs.append((f"{'◆' if pen.fine else '#'} critical path: {picture.critical}", ("magenta",)))
    if signs or picture.note:
        yield ""
    line, used = "", 0
    for text, styles in signs:
        if line and used + width(text) > pen.columns:
            yield line
            line, used = "", 0
        line += pen.style(cut(text, pen.columns), *styles) + "  "
        used += width(text) + 2
    if line:
        yield line
    yield from (pen.style(part, "dim") for part in wrapped(picture.note, pen.columns, 9) if part)
