"""How a difference is written: one function a format, in one table that imports what it needs when it is called."""

from __future__ import annotations

from collections.abc import Callable

from exlib.delta.difference import Difference
from exlib.delta.hiding import Hiding
from exlib.report.wording import Voice

_ALL = 1_000_000


def written(form: str, found: Difference, hiding: Hiding, voice: Voice, columns: int) -> str:
    """The product in one of ``FORMATS``."""
    return FORMATS[form](found, hiding, voice, columns)


def _text(found: Difference, hiding: Hiding, voice: Voice, columns: int) -> str:
    from exlib.report.delta_sheet import delta_sheet
    from exlib.report.sheet_text import sheet_text

    return sheet_text(delta_sheet(found, hiding), voice, columns)


def _brief(found: Difference, _hiding: Hiding, voice: Voice, _columns: int) -> str:
    from exlib.report.delta_brief import delta_brief

    return delta_brief(found, voice.style)


def _json(found: Difference, hiding: Hiding, _voice: Voice, _columns: int) -> str:
    from exlib.report.delta_json import delta_json

    return delta_json(found, hiding)


def _patch(found: Difference, _hiding: Hiding, _voice: Voice, _columns: int) -> str:
    from exlib.report.delta_json import delta_patch

    return delta_patch(found)


def _markdown(found: Difference, hiding: Hiding, _voice: Voice, _columns: int) -> str:
    from exlib.report.delta_sheet import delta_sheet
    from exlib.report.sheet_markdown import sheet_markdown

    return sheet_markdown(delta_sheet(found, hiding, _ALL))


def _github(found: Difference, hiding: Hiding, _voice: Voice, _columns: int) -> str:
    from exlib.report.delta_github import delta_github

    return delta_github(found, hiding)


def _html(found: Difference, hiding: Hiding, _voice: Voice, _columns: int) -> str:
    from exlib.report.delta_html import delta_html

    return delta_html(found, hiding)


FORMATS: dict[str, Callable[[Difference, Hiding, Voice, int], str]] = {
    "text": _text,
    "brief": _brief,
    "json": _json,
    "json-patch": _patch,
    "markdown": _markdown,
    "github": _github,
    "html": _html,
}
