"""A difference as GitHub shows it in a job's summary: the sentence, what it means, and the rest to be opened."""

from __future__ import annotations

from exlib.delta.difference import Difference
from exlib.delta.hiding import Hiding
from exlib.report.delta_sheet import delta_sheet
from exlib.report.sheet import Sheet
from exlib.report.sheet_markdown import cell, plain, section_markdown

MOST = 1_000_000
"""Bytes, somewhat fewer than the 1 MiB that GitHub takes of one step."""
_OPEN = ("Ended differently", "What it means")
"""Sections that are not folded, and come first."""


def delta_github(found: Difference, hiding: Hiding) -> str:
    """Markdown for ``$GITHUB_STEP_SUMMARY``; what is too long for it is left out, and that is said."""
    return sheet_github(delta_sheet(found, hiding))


def sheet_github(sheet: Sheet) -> str:
    """A report in that way; sections that have no heading of their own in GitHub's outline are folded."""
    blocks = [f"### {plain(sheet.title)}", cell(sheet.lead).strip()]
    size = sum(len(block.encode()) for block in blocks)
    for heading, parts in _ordered(sheet):
        block = "\n\n".join(parts if heading in _OPEN else _folded(heading, parts))
        size += len(block.encode()) + 2
        if size > MOST:
            blocks.append("There is more than GitHub shows: `ex-diff --format html` has all.")
            break
        blocks.append(block)
    return "\n\n".join(blocks) + "\n"


def _ordered(sheet: Sheet) -> list[tuple[str, list[str]]]:
    """The sections that say something, what it means first."""
    shown = [(one.heading, parts) for one in sheet.sections if (parts := section_markdown(one))]
    return sorted(shown, key=lambda section: section[0] not in _OPEN)


def _folded(heading: str, parts: list[str]) -> list[str]:
    return [f"<details><summary>{plain(heading)}</summary>", *parts, "</details>"]
