"""A picture in DOT, the language of Graphviz. Nodes are named by the ids of their jobs, for other programs to find.

Each box is given a width that its text has in the widest of the common fonts: who looks at an SVG may have other fonts
than the machine that laid it out, and where none are installed the layout measures nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING

from exlib.console import plural
from exlib.render.labels import ems, wrapped
from exlib.render.palette import CRITICAL, LOOKS, WRONG
from exlib.render.picture import Arrow, Box, Picture

if TYPE_CHECKING:
    from exlib.render.layout import Band

FONT = "Helvetica,Arial,sans-serif"
_SIZE, _SMALL = 13, 10.5
_COLUMNS, _LINES = 34, 3
_MARGIN = 0.3
"""Inches left and right of the text together."""
_INK, _GREY, _LINE = "#1b1f24", "#57606a", "#8a929c"
_PORTS = {"LR": {"tailport": "e", "headport": "w"}, "RL": {"tailport": "w", "headport": "e"}}
_HASTE: tuple[dict[str, str], ...] = ({}, {"splines": "line", "nslimit": "2", "nslimit1": "2", "mclimit": "0.5"})
"""Straight lines, and bounds to the search for a good order."""
_PLAIN_LOOK = ("#ffffff", "#57606a", "solid")


def dot(picture: Picture, haste: int = 0) -> str:
    """The text of a digraph; ``haste`` (0 or 1) has Graphviz take less trouble, for pictures of hundreds of boxes."""
    levels = _levels(picture) if picture.levels else ()  # first, so that the scale stands first
    return _digraph(picture, _HASTE[haste], levels, [_of_box(box) for box in picture.boxes])


def placed_dot(picture: Picture) -> str:
    """The same with a place for every box, for graphs that Graphviz would take minutes to lay out."""
    from exlib.render.layout import layout

    looks = [_of_box(box) for box in picture.boxes]
    sizes = [(float(look["width"]) * 72, _height(box)) for look, box in zip(looks, picture.boxes, strict=True)]
    edges = [(arrow.source, arrow.target) for arrow in picture.arrows]
    levels = [box.level for box in picture.boxes] if picture.levels else []
    found = layout(sizes, edges, picture.direction, levels)
    for look, (left, top), (width, height) in zip(looks, found.corners, sizes, strict=True):
        look |= {"pos": f"{left + width / 2:.0f},{-top - height / 2:.0f}", "height": f"{height / 72:.2f}"}
        look["fixedsize"] = "true"
    scale = [_on_scale(band, picture.direction) for band in found.bands]
    return _digraph(picture, {"splines": "line", "outputorder": "edgesfirst"}, scale, looks)


def _digraph(
    picture: Picture, care: Mapping[str, str], first: Iterable[str], looks: Sequence[Mapping[str, str]]
) -> str:
    lines = [f"digraph {quoted(picture.title)} {{"]
    lines += [f"  {kind} [{_listed(attributes)}];" for kind, attributes in _defaults(picture, care).items()]
    lines += [f"  {line}" for line in first]
    lines += [f"  {quoted(box.id)} [{_listed(look)}];" for box, look in zip(picture.boxes, looks, strict=True)]
    lines += [f"  {_arrow(picture, arrow)};" for arrow in picture.arrows]
    return "\n".join([*lines, "}"]) + "\n"


def quoted(text: str) -> str:
    """Text as an id of DOT; a backslash at its end would otherwise take the quote with it."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


class _Markup(str):
    """Text that is written between ``<`` and ``>``: Graphviz reads it as markup."""

    __slots__ = ()


class _Label(str):
    """Text with escapes of labels in it, in which a backslash means something."""

    __slots__ = ()


def _listed(attributes: Mapping[str, str]) -> str:
    return ", ".join(f"{name}={_value(value)}" for name, value in attributes.items())


def _value(text: str) -> str:
    if isinstance(text, _Markup):
        return f"<{text}>"
    if isinstance(text, _Label):
        return '"' + text.replace('"', '\\"') + '"'
    return text if text.isascii() and text.isalpha() else quoted(text)


def _defaults(picture: Picture, care: Mapping[str, str]) -> dict[str, dict[str, str]]:
    graph = {
        "rankdir": picture.direction,
        "fontname": FONT,
        "fontsize": "12",
        "fontcolor": _INK,
        "bgcolor": "white",
        "pad": "0.3",
        "nodesep": "0.25",
        "ranksep": "0.45" if picture.direction in ("TB", "BT") else "0.85",
        "labelloc": "t",
        "labeljust": "l",
        "label": _Markup(_caption(picture)),
    }
    graph |= care
    node = {
        "shape": "box", "style": "rounded,filled", "fillcolor": _PLAIN_LOOK[0], "color": _PLAIN_LOOK[1],
        "fontname": FONT, "fontsize": str(_SIZE), "fontcolor": _INK, "margin": "0.15,0.08", "height": "0.4",
    }  # fmt: skip
    edge = {"color": _LINE, "arrowsize": "0.7", "fontname": FONT, "fontsize": "10", "fontcolor": _GREY}
    return {"graph": graph, "node": node, "edge": edge | _PORTS.get(picture.direction, {})}


def _lines(box: Box) -> tuple[list[str], list[str]]:
    """What stands in a box: the lines of its title, and the smaller ones below."""
    mark = f"{LOOKS[box.status].mark} " if box.status else ""
    title = wrapped(mark + box.title, _COLUMNS, _LINES)
    return title, [part for line in box.lines for part in wrapped(line, _COLUMNS + 8, 2)]


def _height(box: Box) -> float:
    """Points, with the margins."""
    title, small = _lines(box)
    return max(29.0, 1.2 * (_SIZE * len(title) + _SMALL * len(small)) + (16 if small else 12))


def _of_box(box: Box) -> dict[str, str]:
    title, small = _lines(box)
    width = max([ems(line) * _SIZE for line in title] + [ems(line) * _SMALL for line in small]) / 72 + _MARGIN
    attributes = {"label": _text(title, small), "width": f"{width:.2f}"}
    if box.status:
        look = LOOKS[box.status]
        attributes |= {"fillcolor": look.fill[0], "color": look.strong[0], "style": _style(look.outline)}
        attributes |= {"penwidth": "2.5"} if look.outline == "bold" else {}
    if box.members:
        attributes["peripheries"] = "2"
    if box.critical:
        attributes |= {"color": CRITICAL[0], "penwidth": "3"}
    if box.missing:
        attributes |= {"style": "rounded,dashed", "color": WRONG[0], "fontcolor": WRONG[0]}
    return attributes


def _style(outline: str) -> str:
    return f"rounded,filled,{outline}" if outline in ("dashed", "dotted") else "rounded,filled"


def _text(title: list[str], small: list[str]) -> str:
    """A label of the title's lines, and in smaller type those that follow."""
    if not small:
        return _Label("\\n".join(line.replace("\\", "\\\\").replace("&", "&amp;") for line in title))
    head = "<br/>".join(map(_in_markup, title))
    rest = "<br/>".join(map(_in_markup, small))
    return _Markup(
        f'{head}<br/><font point-size="3"> <br/></font><font point-size="{_SMALL}" color="{_GREY}">{rest}</font>'
    )


def _in_markup(text: str) -> str:
    """Text among markup, where Graphviz still reads ``\\G`` as the name of the graph."""
    return escape(text).replace("\\", "\\\\")


def _arrow(picture: Picture, arrow: Arrow) -> str:
    ends = f"{quoted(picture.boxes[arrow.source].id)} -> {quoted(picture.boxes[arrow.target].id)}"
    attributes: dict[str, str] = {}
    if arrow.merged > 1:
        attributes["label"] = f" {arrow.merged}"
    if arrow.critical:
        attributes |= {"color": CRITICAL[0], "penwidth": "2.5", "weight": "4"}
    if arrow.mutual:
        attributes |= {"style": "dashed"}
    if arrow.wrong:
        attributes |= {"color": WRONG[0], "style": "dashed", "penwidth": "1.8"}
    return f"{ends} [{_listed(attributes)}]" if attributes else ends


def _levels(picture: Picture) -> Iterator[str]:
    """A scale beside the graph, and each level's boxes on its line."""
    levels: dict[int, list[Box]] = {}
    for box in picture.boxes:
        levels.setdefault(box.level, []).append(box)
    taken = {box.id for box in picture.boxes}
    gap = " "
    while any(f"(level{gap}{level + 1})" in taken for level in levels):
        gap += " "
    scale = {level: quoted(f"(level{gap}{level + 1})") for level in sorted(levels)}
    for level, name in scale.items():
        label = quoted(f"{level + 1}: {plural(len(levels[level]), 'job')}")
        yield f'{name} [label={label}, shape=plaintext, style="", fontsize=10.5, fontcolor={quoted(_GREY)}];'
    if len(scale) > 1:
        yield f"{' -> '.join(scale.values())} [style=invis];"
    for level, boxes in sorted(levels.items()):
        yield f"{{ rank=same; {'; '.join([scale[level], *(quoted(box.id) for box in boxes)])}; }}"


def _on_scale(band: Band, direction: str) -> str:
    """The name of a level beside its boxes, above them where levels lie side by side."""
    middle = (band.start + band.end) / 2
    place = f"{middle:.0f},30" if direction in ("LR", "RL") else f"-60,{-middle:.0f}"
    label = quoted(f"level {band.layer + 1}")
    return f'"(band {band.layer + 1})" [label={label}, pos="{place}", shape=plaintext, style="", fontsize=10.5];'


def _caption(picture: Picture) -> str:
    """What the picture is of, and a legend of the statuses and signs that occur in it."""
    count = sum(max(len(box.members), 1) for box in picture.boxes if not box.missing)
    told = [plural(count, "job"), *filter(None, [picture.run, picture.note])]
    head = f'<b>{_in_markup(picture.title)}</b>  <font color="{_GREY}">{_in_markup("; ".join(told))}</font>'
    cells = [
        f'<td bgcolor="{look.fill[0]}" color="{look.strong[0]}" border="1"> {look.mark} {status} </td>'
        for status, look in LOOKS.items()
        if any(box.status == status for box in picture.boxes)
    ]
    if picture.critical:
        text = f"critical path: {_in_markup(picture.critical)}"
        cells.append(f'<td color="{CRITICAL[0]}" border="2"> {text} </td>')
    if any(arrow.wrong for arrow in picture.arrows):
        cells.append(f'<td><font color="{WRONG[0]}"> - - cannot be kept: circular or missing </font></td>')
    # Of a fixed size, as it would be stretched to the width of the title; room is left for wider fonts.
    wide = 4 + sum(ems(re.sub("<[^>]*>", "", cell)) * 12 * 1.1 + 12 for cell in cells)
    look = f'border="0" cellspacing="4" align="left" fixedsize="true" width="{wide:.0f}" height="30"'
    inner = f"<table {look}><tr>{''.join(cells)}</tr></table>"
    legend = f'<tr><td align="left">{inner}</td></tr>' if cells else ""
    return f'<table border="0" cellborder="0"><tr><td align="left">{head}</td></tr>{legend}</table>'
