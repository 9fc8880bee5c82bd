"""A report as an HTML page, by the rules of ``render.page``: what a workflow says reaches it escaped, and only so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from exlib.console import plural, printable, span
from exlib.render import chart
from exlib.render.page import asset, chip, figures, page, section, table
from exlib.render.page import escape as escaped
from exlib.report.sheet import (
    MOST_ROWS,
    Bars,
    Cell,
    Code,
    Commands,
    Facts,
    Figure,
    Line,
    Listing,
    Loud,
    Number,
    Part,
    Points,
    Section,
    Sheet,
    Status,
    Table,
    Words,
)

_POINT = "Point at a bar, or reach one with Tab and the arrow keys, to see its details."
_DIFF = {"+": "came", "-": "went", "@": "where"}


def sheet_html(sheet: Sheet) -> str:
    """The page."""
    body = f'<p class="lead">{cell(sheet.lead)}</p>\n' if sheet.lead else ""
    body += figures([(printable(value), printable(name)) for value, name in sheet.figures]) if sheet.figures else ""
    body += "".join(section_html(one) for one in sheet.sections)
    body += f"<footer>{escape(sheet.footer)}</footer>" if sheet.footer else ""
    bars: dict[str, Any] = {}
    for one in sheet.sections:
        for part in one.parts:
            bars |= part.bars if isinstance(part, Figure) else {}
    return page(
        printable(sheet.title),
        body,
        subtitle=printable(sheet.subtitle),
        styles=asset("sheet.css") + chart.STYLES + asset("gantt.css"),
        script=asset("gantt.js") if bars else "",
        data={"bars": bars} if bars else None,
    )


def escape(text: str) -> str:
    """Text of whatever origin as markup; control characters and what is no text are made visible."""
    return escaped(printable(text))


def cell(shown: Cell) -> str:
    """A cell as markup."""
    if isinstance(shown, str):
        return escape(shown)
    if isinstance(shown, Line):
        return "".join(cell(piece) for piece in shown.pieces)
    if isinstance(shown, Status):
        return chip(printable(shown.status))
    if isinstance(shown, Code):
        return f"<code>{escape(shown.text)}</code>"
    if isinstance(shown, Number):
        return f'<span data-value="{shown.value!r}">{escape(shown.text)}</span>'
    if isinstance(shown, Loud):
        return f'<strong class="{escape(shown.tone)}">{escape(shown.text)}</strong>'
    if isinstance(shown, Bars):
        return escape(", ".join(f"{span(start)} to {span(end)}" for start, end, _ in shown.spans))
    return chart.spark(shown.values, printable(shown.name), bad=shown.bad)


def section_html(one: Section) -> str:
    """A section as markup; nothing if it has nothing to say."""
    parts = "".join(piece for part in one.parts for piece in _part(part))
    if not parts:
        return ""
    if one.level == 2:
        return section(printable(one.heading), parts, printable(one.note))
    note = f'<p class="note">{escape(one.note)}</p>' if one.note else ""
    return f"<section><h3>{escape(one.heading)}</h3>{note}{parts}</section>\n"


def _part(part: Part) -> Iterator[str]:
    if isinstance(part, Words):
        yield f"<p>{cell(part.text)}</p>\n"
    elif isinstance(part, Points):
        yield f"<ul>{''.join(f'<li>{cell(item)}</li>' for item in part.items)}</ul>\n"
    elif isinstance(part, Facts):
        items = "".join(f"<dt>{escape(name)}</dt><dd>{cell(value)}</dd>" for name, value in part.items)
        yield f'<dl class="facts">{items}</dl>\n'
    elif isinstance(part, Table):
        yield from _table(part)
    elif isinstance(part, Listing):
        yield _listing(part)
    elif isinstance(part, Commands):
        items = "".join(
            f"<dt><code>{escape(text)}</code></dt><dd>{escape(meaning)}</dd>" for text, meaning in part.items
        )
        yield f'<dl class="commands">{items}</dl>\n'
    elif isinstance(part, Figure) and part.svg:
        said = f"<figcaption>{escape(part.caption)}</figcaption>" if part.caption else ""
        yield f"<figure>{part.svg}{said}</figure>\n"
        if part.bars:
            yield f'<div id="bar-detail" aria-live="polite"><p>{_POINT}</p></div>\n'


def _table(part: Table) -> Iterator[str]:
    if part.rows:
        rows = [[cell(shown) for shown in row] for row in part.rows[:MOST_ROWS]]
        yield table([*map(printable, part.columns)], rows, part.right)
    if len(part.rows) > MOST_ROWS:
        yield f'<p class="note">and {plural(len(part.rows) - MOST_ROWS, "more row")}</p>\n'


def _listing(part: Listing) -> str:
    lines = [escape(line.expandtabs(4)) for line in part.text.split("\n")]
    if part.language == "diff":
        lines = [f'<span class="{_DIFF[line[:1]]}">{line}</span>' if line[:1] in _DIFF else line for line in lines]
    lit = [f"<mark>{line}</mark>" if number in part.lit else line for number, line in enumerate(lines)]
    said = f'<p class="note">{escape(part.caption)}</p>' if part.caption else ""
    return f'{said}<pre tabindex="0">{chr(10).join(lit)}</pre>\n'
