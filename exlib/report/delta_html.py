"""A difference as a page: the sentence, what it means, and every job that differs with both versions side by side."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Any, NamedTuple

from exlib.console import plural
from exlib.delta import Change
from exlib.delta.difference import Difference
from exlib.delta.hiding import Hiding
from exlib.delta.reading import entries_of, jobs_of, settings_of
from exlib.delta.summary import edited, own_edges
from exlib.render.page import asset, figures, page
from exlib.report.delta_sheet import delta_sheet
from exlib.report.sheet_html import cell, escape, section_html

MOST = 500
"""Jobs that stand side by side; nobody reads more."""
_TOLD = ("Dependencies", "Inherited", "Order", "What it means")
_SIGNS = {"added": "+", "removed": "−", "renamed": ">", "changed": "~"}
_SAME = '<p class="note">Nothing but the id differs.</p>'


class Card(NamedTuple):
    """A job, or the settings, in both versions; ``kind`` is added, removed, renamed or changed."""

    name: str
    was: str
    kind: str
    before: Sequence[str]
    after: Sequence[str]


class Row(NamedTuple):
    """Lines beside each other, None where a side has none; ``kind`` is same, changed, came or went."""

    before: str | None
    after: str | None
    kind: str


def delta_html(found: Difference, hiding: Hiding) -> str:
    """The page."""
    sheet = delta_sheet(found, hiding)
    cards = list(_cards(found, hiding))
    body = f'<p class="lead">{cell(sheet.lead)}</p>\n'
    if not found.equal:
        body += figures(_figures(found))
        told = sorted((one for one in sheet.sections if one.heading in _TOLD), key=lambda one: one.heading != _TOLD[-1])
        body += "".join(map(section_html, told))
    if cards:
        left, right = map(escape, found.names)
        heads = f'<div class="heads" aria-hidden="true"><span>{left}</span><span>{right}</span></div>'
        body += f"<section><h2>Side by side</h2>{heads}\n{''.join(map(_card, cards[:MOST]))}</section>\n"
    if len(cards) > MOST:
        body += f'<p class="note">and {plural(len(cards) - MOST, "more job")}, which --format json has</p>\n'
    title = sheet.title if len(sheet.title) < 120 else "ex-diff"
    return page(title, body, styles=asset("sheet.css") + asset("delta.css"))


def _figures(found: Difference) -> list[tuple[str, str]]:
    delta, sides = found.delta, (found.meaning.added, found.meaning.removed)
    counts = [
        (len(delta.added), "added"),
        (len(delta.removed), "removed"),
        (len(delta.renamed), "renamed"),
        (len(edited(delta)), "changed"),
        (sum(len(own_edges(delta, edges)) for edges in sides), "dependencies changed"),
    ]
    shown = [(f"{number:,}", name) for number, name in counts]
    return [*shown, (f"{len(found.redone.again):,}", "run again by a resume")] if found.redone else shown


def _cards(found: Difference, hiding: Hiding) -> Iterator[Card]:
    delta, old, new = found.delta, jobs_of(found.before), jobs_of(found.after)
    if delta.settings:
        sides = _sides(settings_of(found.before), settings_of(found.after), delta.settings, hiding)
        yield Card("Settings of the document", "", "changed", *sides)
    for job in delta.removed:
        yield Card(job, "", "removed", _lines(hiding.scrubbed(old[job])), [])
    for job in delta.added:
        yield Card(job, "", "added", [], _lines(hiding.scrubbed(new[job])))
    origin = {one.after: one.before for one in delta.renamed}
    changes = {one.job: one.changes for one in delta.changed}
    for job in dict.fromkeys([*origin, *changes]):
        was = origin.get(job, "")
        sides = _sides(old[was or job], new[job], changes.get(job, ()), hiding)
        yield Card(job, was, "renamed" if was else "changed", *sides)


def _sides(
    old: dict[str, Any], new: dict[str, Any], changes: Sequence[Change], hiding: Hiding
) -> tuple[list[str], list[str]]:
    """The lines of both; where only hidden parts differ, the second says so."""
    before, after = hiding.scrubbed(old), hiding.scrubbed(new)
    for change in changes:
        table, key = (after, change.key)
        if key.startswith("env_variables.") and isinstance(after.get("env_variables"), dict):
            table, key = after["env_variables"], key.removeprefix("env_variables.")
        shown = [hiding.scrubbed(value, change.key) for value in (change.before, change.after)]
        if change.kind == "changed" and (hiding.hides(change.key) or shown[0] == shown[1]):
            table[key] = f"{_short(table.get(key))} (another value, not shown)"
    return _lines(before), _lines(after)


def _short(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _lines(shown: dict[str, Any]) -> list[str]:
    if "dependencies" in shown:  # their order and spelling are no difference
        shown = shown | {"dependencies": sorted(entry.removeprefix("job ") for entry in entries_of(shown, {}))}
    lines = json.dumps(dict(sorted(shown.items())), indent=2, ensure_ascii=False).split("\n")[1:-1]
    return [line[2:].removesuffix(",") for line in lines]


def rows(before: Sequence[str], after: Sequence[str]) -> Iterator[Row]:
    """The lines of both sides, those that are the same beside each other."""
    from difflib import SequenceMatcher

    for kind, first, last, start, end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        for one, other in zip_longest(before[first:last], after[start:end]):
            what = "same" if kind == "equal" else "came" if one is None else "went" if other is None else "changed"
            yield Row(one, other, what)


def _card(card: Card) -> str:
    shown = "".join(
        f'<div class="row {row.kind}">{_side(row, left=True)}{_side(row, left=False)}</div>\n'
        for row in rows(card.before, card.after)
    )
    was = f'<span class="was"><code>{escape(card.was)}</code> → </span>' if card.was else ""
    sign = f'<span class="sign {card.kind}">{_SIGNS[card.kind]} {card.kind}</span>'
    return f'<article class="job"><h3>{was}<code>{escape(card.name)}</code>{sign}</h3>\n{shown or _SAME}</article>\n'


def _side(row: Row, *, left: bool) -> str:
    text, other = (row.before, row.after) if left else (row.after, row.before)
    if text is None:
        return '<pre class="none"></pre>'
    shown = escape(text) if row.kind != "changed" or other is None else _marked(text, other)
    sign = " " if row.kind == "same" else "-" if left else "+"
    side = "before" if left else "after"
    return f'<pre class="{side}"><span class="gutter">{sign}</span><span>{shown}</span></pre>'


def _marked(text: str, other: str) -> str:
    """``text`` with a mark around what differs from the other line."""
    shorter = min(len(text), len(other))
    first = next((at for at in range(shorter) if text[at] != other[at]), shorter)
    ends = next((at for at in range(shorter - first) if text[-1 - at] != other[-1 - at]), shorter - first)
    last = len(text) - ends
    middle = f"<mark>{escape(text[first:last])}</mark>" if first < last else ""
    return f"{escape(text[:first])}{middle}{escape(text[last:])}"
