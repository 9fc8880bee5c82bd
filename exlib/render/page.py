"""The HTML page that all tools write: one file, works offline, light and dark, and nothing in it is run but our own.

A page takes no request to anywhere: its policy forbids it, and everything it needs stands in it. Text of a workflow
reaches a page through ``escape`` or as JSON through ``data``, never as markup or script.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from exlib import __version__
from exlib.render.palette import CRITICAL, LOOKS

__all__ = ["asset", "chip", "escape", "figures", "page", "section", "table"]

_ASSETS = Path(__file__).with_name("assets")
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"


def page(
    title: str,
    body: str,
    *,
    subtitle: str = "",
    styles: str = "",
    script: str = "",
    data: Mapping[str, Any] | None = None,
    kind: str = "report",
    bar: str = "",
) -> str:
    """A whole page. ``body``, ``styles``, ``script`` and ``bar`` are ours, ``title`` and ``subtitle`` any text.

    ``bar`` stands in the header, beside the title. ``kind`` is the class of the page's body: a ``report`` is a column
    to be read; a page of another kind brings styles that say how it uses the window.
    ``data`` is found by the script as ``JSON.parse(document.getElementById("data").textContent)``.
    """
    shown = escape(title)
    under = f'<p class="subtitle">{escape(subtitle)}</p>' if subtitle else ""
    scripts = f"<script>{asset('page.js')}\n{script}</script>"
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="Executioner {__version__}">
<title>{shown}</title>
<link rel="icon" href="data:,">
<style>{_colours()}{asset("page.css")}{styles}</style>
</head>
<body class="{kind}">
<header class="top"><div class="name"><h1>{shown}</h1>{under}</div>{bar}
<button id="theme" type="button" title="Light or dark">◐</button></header>
{body}
{_embedded(data) if data is not None else ""}{scripts}
</body>
</html>
"""


@cache
def asset(name: str) -> str:
    """A file of styles or script that is put into pages."""
    return (_ASSETS / name).read_text("utf-8")


def section(heading: str, body: str, note: str = "") -> str:
    """A part of a report with its heading and a line of explanation; ``body`` is markup."""
    said = f'<p class="note">{escape(note)}</p>' if note else ""
    return f"<section><h2>{escape(heading)}</h2>{said}{body}</section>\n"


def figures(shown: Sequence[tuple[str, str]]) -> str:
    """The few numbers that matter, large: (value, what it is) each."""
    items = "".join(f"<div><dd>{escape(value)}</dd><dt>{escape(name)}</dt></div>" for value, name in shown)
    return f'<dl class="figures">{items}</dl>\n'


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> str:
    """A table whose headings sort it; cells are markup, columns whose number is in ``right`` hold numbers."""
    kind = [' class="number"' if number in right else "" for number in range(len(columns))]
    head = "".join(f"<th{kind[number]}>{escape(name)}</th>" for number, name in enumerate(columns))
    body = "".join(
        "<tr>" + "".join(f"<td{kind[number]}>{cell}</td>" for number, cell in enumerate(row)) + "</tr>\n"
        for row in rows
    )
    return (
        f'<div class="scroll"><table class="data"><thead><tr>{head}</tr></thead><tbody>\n{body}</tbody></table></div>\n'
    )


def chip(status: str) -> str:
    """A status as a coloured word with its mark."""
    look = LOOKS.get(status)
    mark = f"{look.mark} " if look else ""
    return f'<span class="chip" data-status="{escape(status)}">{mark}{escape(status)}</span>'


def _embedded(data: Mapping[str, Any]) -> str:
    """JSON that cannot end its own element: ``<`` is written as an escape, lone surrogates too."""
    text = json.dumps(data, ensure_ascii=True, separators=(",", ":"))
    text = text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return f'<script type="application/json" id="data">{text}</script>\n'


@cache
def _colours() -> str:
    """The palette as CSS variables: ``--failed``, ``--failed-fill`` … and what each status' chip looks like."""
    tints = [
        ";".join(
            [f"--{name}:{look.strong[dark]};--{name}-fill:{look.fill[dark]}" for name, look in LOOKS.items()]
            + [f"--critical:{CRITICAL[dark]}"]
        )
        for dark in (0, 1)
    ]
    chips = "".join(f'[data-status="{name}"]{{--strong:var(--{name});--tint:var(--{name}-fill)}}' for name in LOOKS)
    light = f":root{{{tints[0]}}}"
    dark = f"@media (prefers-color-scheme:dark){{:root:not([data-theme=light]){{{tints[1]}}}}}"
    return f"{light}{dark}:root[data-theme=dark]{{{tints[1]}}}{chips}\n"
