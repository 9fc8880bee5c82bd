"""A picture as a Mermaid flowchart, which GitHub, GitLab and many documentation builders draw by themselves.

Mermaid's grammar is loose, so nothing of a workflow stands in it as it is: nodes are numbered, and in the quoted labels
all but letters, digits and harmless signs are written as character codes. Such text is never markup, a keyword, a
directive or a link.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from exlib.render.labels import wrapped
from exlib.render.palette import CRITICAL, LOOKS, WRONG
from exlib.render.picture import Arrow, Box, Picture

_PLAIN = frozenset(" _,;()/=")
_WITHIN = frozenset("-.'")
"""Harmless between letters and digits."""
_NUMBERED = re.compile(r"[0-9]+[.)](\s|$)")
_REREAD = re.compile(r"(?<=\\)(?=n)|(?<=\$)(?=\$)|(?<=:)(?=fa-)")
"""What Mermaid reads once more after the codes: a line end, a formula, an icon. A space of no width keeps it apart."""
MOST_ARROWS, MOST_TEXT = 500, 50_000
"""What Mermaid draws at most unless the site that shows it raised its bounds; GitHub has not."""
_COLUMNS, _LINES = 32, 3


def mermaid(picture: Picture) -> str:
    """The text of a flowchart, one line a box and an arrow."""
    lines = [f"flowchart {picture.direction}"]
    lines += [f"    %% {line}" for line in _comments(picture)]
    lines += _levelled(picture) if picture.levels else [f"    {_node(n, box)}" for n, box in enumerate(picture.boxes)]
    lines += [f"    {_arrow(arrow)}" for arrow in picture.arrows]
    lines += [f"    {line}" for line in _styles(picture)]
    return "\n".join(lines) + "\n"


def _comments(picture: Picture) -> Iterator[str]:
    """What no box says; a comment ends with its line, and braces would make it a directive."""
    for told in (picture.run, picture.critical and f"critical path: {picture.critical}", picture.note):
        if told:
            yield told.translate({ord("{"): "(", ord("}"): ")"})


def _levelled(picture: Picture) -> Iterator[str]:
    levels: dict[int, list[int]] = {}
    for number, box in enumerate(picture.boxes):
        levels.setdefault(box.level, []).append(number)
    for level, numbers in sorted(levels.items()):
        yield f'    subgraph level{level}["level {level + 1}"]'
        yield from (f"        {_node(number, picture.boxes[number])}" for number in numbers)
        yield "    end"


def _node(number: int, box: Box) -> str:
    mark = f"{LOOKS[box.status].mark} " if box.status else ""
    title = wrapped(mark + box.title, _COLUMNS, _LINES)
    lines = [part for line in box.lines for part in wrapped(line, _COLUMNS + 4, 2)]
    text = "<br/>".join(map(_escaped, [*title, *lines]))
    opening, closing = ("[[", "]]") if box.members else ("(", ")")
    return f'n{number}{opening}"{text}"{closing}'


def _escaped(text: str) -> str:
    """Codes for all that could mean something, and for what lists and headings of Markdown begin with."""
    text = _REREAD.sub("\u200b", text)
    codes = [c if _harmless(text, place) else f"#{ord(c)};" for place, c in enumerate(text)]
    if _NUMBERED.match(text):
        codes[0] = f"#{ord(text[0])};"
    return "".join(codes)


def _harmless(text: str, place: int) -> bool:
    c = text[place]
    if not c.isascii():
        return True
    return c.isalnum() or c in _PLAIN or (c in _WITHIN and text[place - 1 : place + 2 : 2].isalnum() and place > 0)


def _arrow(arrow: Arrow) -> str:
    line = "==>" if arrow.critical else "-.->" if arrow.wrong or arrow.mutual else "-->"
    label = f'|"{arrow.merged}"|' if arrow.merged > 1 else ""
    return f"n{arrow.source} {line}{label} n{arrow.target}"


def _styles(picture: Picture) -> Iterator[str]:
    """Classes and the styles of arrows, of what occurs alone; dark text on light fills is legible on any page."""
    for status, look in LOOKS.items():
        numbers = [n for n, box in enumerate(picture.boxes) if box.status == status]
        if numbers:
            outline = _OUTLINES[look.outline]
            yield f"classDef {status} fill:{look.fill[0]},stroke:{look.strong[0]},color:#1b1f24{outline}"
            yield f"class {_nodes(numbers)} {status}"
    if missing := [n for n, box in enumerate(picture.boxes) if box.missing]:
        yield f"classDef missing fill:#ffffff,stroke:{WRONG[0]},color:{WRONG[0]},stroke-dasharray:4 3"
        yield f"class {_nodes(missing)} missing"
    if critical := [n for n, box in enumerate(picture.boxes) if box.critical]:
        yield f"classDef critical stroke:{CRITICAL[0]},stroke-width:3px"
        yield f"class {_nodes(critical)} critical"
    if heavy := [n for n, arrow in enumerate(picture.arrows) if arrow.critical and not arrow.wrong]:
        yield f"linkStyle {','.join(map(str, heavy))} stroke:{CRITICAL[0]},stroke-width:3px"
    if wrong := [n for n, arrow in enumerate(picture.arrows) if arrow.wrong]:
        yield f"linkStyle {','.join(map(str, wrong))} stroke:{WRONG[0]},stroke-width:2px"


_OUTLINES = {
    "solid": "",
    "bold": ",stroke-width:3px",
    "dashed": ",stroke-dasharray:6 3",
    "dotted": ",stroke-dasharray:2 3",
}


def _nodes(numbers: Iterable[int]) -> str:
    return ",".join(f"n{number}" for number in numbers)
