"""A picture as a page to wander in: one file whose script draws the graph and shows what is known of each job."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any
from unicodedata import combining, east_asian_width

from exlib.render.layout import Layout, layout
from exlib.render.page import asset, escape, page
from exlib.render.palette import LOOKS
from exlib.render.picture import Box, Picture

FLUENT = 2_000
"""Up to so many jobs the page draws everything it can; above, it says what it leaves out."""

_SCRIPTS = ("model", "drawing", "view", "light", "panel", "search", "keys")
_TITLE, _LINE = 13.0, 11.0
"""Sizes of letters, which the styles repeat."""
_NARROW, _WIDE = 92.0, 250.0
"""A box is no narrower or wider; longer text is cut where it is drawn, where its true length is known."""


def graph_page(picture: Picture) -> str:
    """A whole page that works offline: pan, zoom, search, details of each job, what it needs and what needs it."""
    edges = [(arrow.source, arrow.target) for arrow in picture.arrows]
    levels = [box.level for box in picture.boxes] if picture.levels else []
    placed = layout([_size(box) for box in picture.boxes], edges, picture.direction, levels)
    return page(
        picture.title,
        _body(picture, placed),
        subtitle=picture.run,
        styles=asset("graph/graph.css"),
        script="\n".join(asset(f"graph/{name}.js") for name in _SCRIPTS),
        data=_data(picture, placed),
        kind="graph",
        bar=_bar(picture, bool(placed.bands)),
    )


def _size(box: Box) -> tuple[float, float]:
    """How large a box has to be for its text, by the widths that letters mostly have."""
    title = _breadth(box.title, _TITLE) + (20 if box.status in LOOKS else 0)
    widest = max([title, *(_breadth(line, _LINE) for line in box.lines)])
    return min(max(widest + 26, _NARROW), _WIDE), 34 + 15 * len(box.lines)


def _breadth(text: str, size: float) -> float:
    """About the breadth of text; what is surely too long is not read to its end."""
    total = 0.0
    for letter in text[:80]:
        if combining(letter):
            continue
        if letter in "iljtfrI.,:;'|!()[] -":
            total += 0.45
        elif east_asian_width(letter) in "WF":
            total += 1.05
        else:
            total += 1.0 if letter in "mwMW@%" else 0.78 if letter.isupper() else 0.69
    return total * size


def _data(picture: Picture, placed: Layout) -> dict[str, Any]:
    """All that the script draws. Places are rounded to whole points."""
    boxes = []
    for box, (left, top) in zip(picture.boxes, placed.corners, strict=True):
        width, height = _size(box)
        boxes.append([round(left), round(top), round(width), round(height)])
    edges = [
        [arrow.source, arrow.target, int(arrow.critical), int(route.turned), arrow.merged, list(route.pieces)]
        for arrow, route in zip(picture.arrows, placed.routes, strict=True)
    ]
    at_level = Counter(placed.layers)
    return {
        "jobs": [_job(box) for box in picture.boxes],
        "boxes": boxes,
        "edges": edges,
        "pieces": [[round(value) for point in piece for value in point] for piece in placed.pieces],
        "bands": [[band.layer, round(band.start), round(band.end), at_level[band.layer]] for band in placed.bands],
        "size": [round(placed.width), round(placed.height)],
        "lying": picture.direction in ("LR", "RL"),
        "looks": {name: [look.mark, look.outline] for name, look in LOOKS.items()},
        "simple": len(picture.boxes) > FLUENT,
    }


def _job(box: Box) -> dict[str, Any]:
    known = {"id": box.id, "title": box.title, "lines": list(box.lines), "level": box.level, "status": box.status}
    known |= {"critical": box.critical, "members": list(box.members), "detail": dict(box.detail)}
    return {key: value for key, value in known.items() if value or key in ("id", "level")}


def _bar(picture: Picture, bands: bool) -> str:
    """Search and the switches for which the picture has something."""
    switches = [
        ("critical", "Critical path", any(box.critical for box in picture.boxes)),
        ("status", "Status", any(box.status for box in picture.boxes)),
        ("levels", "Levels", bands),
    ]
    buttons = "".join(
        f'<button type="button" class="switch" data-switch="{name}" aria-pressed="true">{said}</button>'
        for name, said, of_use in switches
        if of_use
    )
    return (
        '<div class="search"><input id="search" type="search" placeholder="Find a job" autocomplete="off" '
        'spellcheck="false" aria-label="Find a job by id, description, tag, command or status" aria-keyshortcuts="/">'
        '<kbd aria-hidden="true">/</kbd><output id="found" for="search"></output></div>'
        f'<div class="switches" role="group" aria-label="What is shown">{buttons}</div>'
    )


def _body(picture: Picture, placed: Layout) -> str:
    said = f"{_jobs(picture)}, {len(picture.arrows):,} arrow{'s' * (len(picture.arrows) != 1)}"
    notes = [note for note in (picture.note, _simplified(picture, placed)) if note]
    keys = (
        "Tab enters the graph. Arrow keys follow its edges; Enter shows a job's details, Escape closes them. "
        "Slash finds a job, plus and minus zoom, 0 fits everything into the window."
    )
    note = "".join(f"<p>{escape(text)}</p>" for text in notes)
    return f"""<main class="graph">
<div id="view" role="application" aria-label="{escape(f"Graph of {said}. {keys}")}">
<svg id="drawing"></svg>
<div id="map" aria-hidden="true"></div>
</div>
<aside id="panel" aria-label="Details of a job" hidden></aside>
</main>
<footer class="graph">{_legend(picture)}<div id="notes">{note}</div>
<div class="zoom" role="group" aria-label="Zoom"><span id="count">{said}</span>
<button type="button" id="out" title="Zoom out (-)" aria-label="Zoom out">−</button>
<button type="button" id="fit" title="Show everything (0)">Fit</button>
<button type="button" id="in" title="Zoom in (+)" aria-label="Zoom in">+</button></div></footer>
"""


def _jobs(picture: Picture) -> str:
    boxes = len(picture.boxes)
    jobs = sum(len(box.members) or 1 for box in picture.boxes)
    said = f"{jobs:,} job{'s' * (jobs != 1)}"
    return said if jobs == boxes else f"{said} in {boxes:,} box{'es' * (boxes != 1)}"


def _simplified(picture: Picture, placed: Layout) -> str:
    """What a page of very many jobs leaves out."""
    said = []
    if len(picture.boxes) > FLUENT:
        said.append(
            f"More than {FLUENT:,} jobs: no small map, names and arrowheads once you zoom in, and a job's relations "
            "are lit after a moment's rest on it."
        )
    if placed.straight:
        said.append(f"The {placed.straight:,} longest arrows run straight, behind boxes.")
    return " ".join(said)


def _legend(picture: Picture) -> str:
    """What occurs in the picture, with marks and counts; a status finds its jobs."""
    counts = Counter(box.status for box in picture.boxes if box.status)
    entries = [
        f'<li><button type="button" class="chip" data-status="{name}" data-find="{name}">{look.mark} {name} '
        f"<b>{counts[name]:,}</b></button></li>"
        for name, look in LOOKS.items()
        if counts[name]
    ]
    lines = _lines_of(picture.boxes)
    entries += [f'<li class="line {kind}"><i></i>{said}</li>' for kind, said in lines]
    return f'<ul id="legend" aria-label="Legend">{"".join(entries)}</ul>' if entries else ""


def _lines_of(boxes: Sequence[Box]) -> list[tuple[str, str]]:
    return [("critical", "critical path")] if any(box.critical for box in boxes) else []
