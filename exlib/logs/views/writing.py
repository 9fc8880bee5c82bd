"""From a report to what is written of it: text, Markdown or an HTML page, with the word on damaged lines at its end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from exlib.console import plural
from exlib.logs.views import Telling
from exlib.report.sheet import Cell, Points, Section, Sheet

Write = Callable[[Any, Telling], str]
_LINES = 20


def written(make: Callable[[Any, Telling], Sheet]) -> Mapping[str, Write]:
    """By the name of a format how a report that ``make`` composes is written."""

    def text(found: Any, telling: Telling) -> str:
        from exlib.report.sheet_text import sheet_text

        return sheet_text(_whole(make(found, telling), telling), telling.voice, telling.columns)

    def markdown(found: Any, telling: Telling) -> str:
        from exlib.report.sheet_markdown import sheet_markdown

        return sheet_markdown(_whole(make(found, telling), telling))

    def html(found: Any, telling: Telling) -> str:
        from exlib.report.sheet_html import sheet_html

        return sheet_html(_whole(make(found, telling), telling))

    return {"text": text, "markdown": markdown, "html": html}


def _whole(sheet: Sheet, telling: Telling) -> Sheet:
    """The report with what of the input could not be read."""
    if not telling.damaged:
        return sheet
    total = sum(telling.damaged.values())
    shown = telling.damages[:_LINES]
    items: list[Cell] = [f"{number:,} {why}" for why, number in telling.damaged.items()]
    items += [f"{one.source.name}:{one.line}: {one.why}" for one in shown]
    section = Section(f"{plural(total, 'line')} could not be read", [Points(items)])
    return sheet._replace(sections=[*sheet.sections, section])
