"""A report as Markdown (GitHub's): tables, code and nothing that text of a workflow could turn into markup."""

from __future__ import annotations

import re
from collections.abc import Iterator

from exlib.console import plural, printable, span
from exlib.render.palette import LOOKS
from exlib.render.sparkline import sparkline
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
    Part,
    Points,
    Section,
    Series,
    Sheet,
    Status,
    Table,
    Words,
)

_SPECIAL = re.compile(r"[\\`*\[\]|$]|~~|<(?=[A-Za-z/!?])|&(?=#?\w+;)|(?<![^\W_])_|_(?![^\W_])")
_AT_START = re.compile(r"^(\s*)([#+-](?=\s|$)|[#>]|--|==)")
_NUMBERED = re.compile(r"^(\s*\d+)([.)])(?=\s|$)")
_ENTITIES = {"<": "&lt;", "&": "&amp;"}
_SPARK = 30


def sheet_markdown(sheet: Sheet) -> str:
    """The report, blocks parted by blank lines."""
    blocks = [f"# {plain(sheet.title)}"]
    if sheet.subtitle:
        blocks.append(plain(sheet.subtitle))
    if sheet.lead:
        blocks.append(cell(sheet.lead).strip())
    if sheet.figures:
        blocks.append("\n".join(f"- **{plain(value)}** {plain(name)}" for value, name in sheet.figures))
    for section in sheet.sections:
        parts = section_markdown(section)
        if parts:
            blocks += [f"{'#' * section.level} {plain(section.heading)}", *parts]
    if sheet.footer:
        blocks += ["---", plain(sheet.footer)]
    return "\n\n".join(blocks) + "\n"


def section_markdown(section: Section) -> list[str]:
    """The blocks of a section below its heading; none if it has nothing to say."""
    parts = [block for part in section.parts for block in _part(part)]
    return [plain(section.note), *parts] if parts and section.note else parts


def plain(text: str, *, in_table: bool = False) -> str:
    """Text of whatever origin, so that it is shown as it stands; no list or heading begins in a table."""
    shown = _SPECIAL.sub(lambda met: _ENTITIES.get(met[0], f"\\{met[0]}"), printable(text))
    return shown if in_table else _NUMBERED.sub(r"\1\\\2", _AT_START.sub(r"\1\\\2", shown))


def code(text: str, *, in_table: bool = False) -> str:
    """Text between as many backticks as it needs."""
    shown = printable(text)
    ticks = "`" * (max(map(len, re.findall("`+", shown)), default=0) + 1)
    spaced = shown[:1] == " " == shown[-1:]  # of these, readers of Markdown take one away
    room = " " if shown[:1] == "`" or shown[-1:] == "`" or spaced or not shown else ""
    return f"{ticks}{room}{shown.replace('|', chr(92) + '|') if in_table else shown}{room}{ticks}"


def cell(shown: Cell, *, in_table: bool = False) -> str:
    """A cell in one line."""
    if isinstance(shown, str):
        return plain(shown, in_table=in_table)
    if isinstance(shown, Line):
        return "".join(cell(piece, in_table=in_table) for piece in shown.pieces)
    if isinstance(shown, Status):
        look = LOOKS.get(shown.status)
        return f"{look.mark} {plain(shown.status)}" if look else plain(shown.status)
    if isinstance(shown, Code):
        return code(shown.text, in_table=in_table)
    if isinstance(shown, Series):
        return sparkline(shown.values, _SPARK, bad=frozenset(shown.bad))
    if isinstance(shown, Bars):
        return ", ".join(f"{span(start)} to {span(end)}" for start, end, _ in shown.spans)
    text = plain(shown.text, in_table=in_table)
    return f"**{text}**" if isinstance(shown, Loud) else text


def fenced(text: str, language: str = "") -> str:
    """Lines as they are, between fences longer than any in them."""
    lines = [printable(line.expandtabs(4)) for line in text.split("\n")]
    fence = "`" * max(3, max((len(run) for line in lines for run in re.findall("`+", line)), default=0) + 1)
    return "\n".join([f"{fence}{language}", *lines, fence])


def _part(part: Part) -> Iterator[str]:
    if isinstance(part, Words):
        yield cell(part.text).strip()
    elif isinstance(part, Points):
        yield "\n".join(f"- {cell(item).strip()}" for item in part.items)
    elif isinstance(part, Facts):
        yield "\n".join(f"- {plain(name)}: {cell(value)}" for name, value in part.items)
    elif isinstance(part, Table):
        yield from _table(part)
    elif isinstance(part, Listing):
        if part.caption:
            yield plain(part.caption)
        yield fenced(part.text, part.language)
    elif isinstance(part, Commands):
        widest = max((len(text) for text, _ in part.items), default=0)
        yield fenced("\n".join(f"{text:<{widest}}  # {meaning}" for text, meaning in part.items), "sh")
    elif isinstance(part, Figure) and (part.markdown or part.text):
        if part.markdown:
            yield part.markdown
        for one in () if part.markdown else part.text:
            yield from _part(one)
        if part.caption:
            yield plain(part.caption)


def _table(part: Table) -> Iterator[str]:
    if not part.rows:
        return
    rule = ["---:" if at in part.right else "---" for at in range(len(part.columns))]
    rows = [[plain(name) for name in part.columns], rule]
    rows += [[cell(shown, in_table=True) or " " for shown in row] for row in part.rows[:MOST_ROWS]]
    yield "\n".join(f"| {' | '.join(row)} |" for row in rows)
    if len(part.rows) > MOST_ROWS:
        yield f"and {plural(len(part.rows) - MOST_ROWS, 'more row')}"
