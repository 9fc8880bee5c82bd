"""A report for a terminal: headings, wrapped paragraphs, plain tables, sparklines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from exlib.console import pad, plural, width
from exlib.render.sparkline import sparkline
from exlib.report.sheet import (
    Cell,
    Commands,
    Facts,
    Figure,
    Line,
    Listing,
    Loud,
    Part,
    Piece,
    Points,
    Section,
    Series,
    Sheet,
    Status,
    Table,
    Words,
)
from exlib.report.wording import MARKS, STYLES, Voice

_Shown = tuple[str, tuple[str, ...]]
_TONES = {"good": ("green",), "bad": ("red",)}
_SPARK = 40
_LEAST_SPARK = 10


def sheet_text(sheet: Sheet, voice: Voice, columns: int = 80) -> str:
    """The report in lines of at most so many columns where that can be; tables keep what they hold."""
    blocks = [list(_head(sheet, voice, columns))]
    for section in sheet.sections:
        lines = [line for part in section.parts for line in _part(part, voice, columns)]
        if lines:
            blocks.append([*_heading(section, voice, columns), *lines])
    if sheet.footer:
        blocks.append([voice.style(line, "dim") for line in wrapped(voice.plain(sheet.footer), columns)])
    return "\n\n".join("\n".join(line.rstrip() for line in block) for block in blocks) + "\n"


def wrapped(text: str, columns: int, indent: str = "") -> list[str]:
    """Text broken at spaces; a word that is too long for a line keeps one to itself."""
    lines, line = [], ""
    for word in text.split(" "):
        if line and width(indent + line) + 1 + width(word) > columns:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return [indent + line for line in [*lines, line] if line]


def _head(sheet: Sheet, voice: Voice, columns: int) -> Iterator[str]:
    yield voice.style(voice.plain(sheet.title), "bold")
    if sheet.subtitle:
        yield voice.style(voice.plain(sheet.subtitle), "dim")
    if sheet.lead:
        yield from _lines(sheet.lead, voice, columns)
    if sheet.figures:
        yield ""
        widest = max(width(value) for value, _ in sheet.figures)
        for value, name in sheet.figures:
            yield f"  {voice.style(' ' * (widest - width(value)) + voice.plain(value), 'bold')}  {voice.plain(name)}"


def _heading(section: Section, voice: Voice, columns: int) -> Iterator[str]:
    yield voice.style(voice.plain(section.heading), "bold")
    if section.note:
        yield from (voice.style(line, "dim") for line in wrapped(voice.plain(section.note), columns, "  "))


def _part(part: Part, voice: Voice, columns: int) -> Iterator[str]:
    if isinstance(part, Words):
        yield from _lines(part.text, voice, columns, "  ")
    elif isinstance(part, Points):
        for item in part.items:
            yield from _lines(item, voice, columns, "    ", f"  {voice.pick('•', '-')} ")
    elif isinstance(part, Facts):
        yield from _facts(part, voice, columns)
    elif isinstance(part, Table):
        yield from _table(part, voice, columns)
    elif isinstance(part, Listing):
        yield from _listing(part, voice)
    elif isinstance(part, Commands):
        widest = max((len(text) for text, _ in part.items), default=0)
        for text, meaning in part.items:
            yield f"  {voice.style(pad(voice.plain(text), widest), 'cyan')}  {voice.style(voice.plain(meaning), 'dim')}"
    elif isinstance(part, Figure):
        for line in part.text:
            text, styles = _shown(line, voice, columns - 2)
            yield f"  {voice.style(text, *styles)}"


def _facts(part: Facts, voice: Voice, columns: int) -> Iterator[str]:
    widest = max((width(name) for name, _ in part.items), default=0)
    for name, cell in part.items:
        beside = f"  {voice.style(pad(voice.plain(name), widest), 'dim')}  "
        yield from _lines(cell, voice, columns, " " * (widest + 4), beside)


def _lines(cell: Cell, voice: Voice, columns: int, indent: str = "", first: str | None = None) -> Iterator[str]:
    """One or more lines; what is styled is styled word by word, so that a line can be broken anywhere."""
    first = indent if first is None else first
    line, used, empty = first, width(indent), True
    for word, styles in _words(cell, voice):
        if not empty and used + 1 + width(word) > columns:
            yield line
            line, used, empty = indent, width(indent), True
        line += ("" if empty else " ") + voice.style(word, *styles)
        used += width(word) + (not empty)
        empty = False
    yield line


def _words(cell: Cell, voice: Voice) -> Iterator[_Shown]:
    """Words with their styles; two pieces that no space parts are one word, in the styles of the first of them."""
    pending: _Shown | None = None
    for text, styles in (_shown(piece, voice) for piece in _pieces(cell)):
        words = text.split(" ")
        for number, word in enumerate(words):
            if number or pending is None:
                if pending is not None and pending[0]:
                    yield pending
                pending = (word, styles)
            else:
                pending = (pending[0] + word, pending[1] or styles)
    if pending is not None and pending[0]:
        yield pending


def _pieces(cell: Cell) -> Sequence[Piece]:
    return cell.pieces if isinstance(cell, Line) else (cell,)


def _shown(piece: Cell, voice: Voice, room: int = _SPARK) -> _Shown:
    """The text of a piece and its styles."""
    if isinstance(piece, str):
        return voice.plain(piece), ()
    if isinstance(piece, Status):
        fine, plain, _ = MARKS.get(piece.status, ("", "", ()))
        return f"{voice.pick(fine, plain)} {voice.plain(piece.status)}".strip(), STYLES.get(piece.status, ())
    if isinstance(piece, Series):
        return sparkline(piece.values, room, bad=frozenset(piece.bad), fine=voice.unicode), ()
    if isinstance(piece, Loud):
        return voice.plain(piece.text), ("bold", *_TONES.get(piece.tone, ()))
    if isinstance(piece, Line):
        return "".join(_shown(part, voice)[0] for part in piece.pieces), ()
    return voice.plain(piece.text), ()


def _table(part: Table, voice: Voice, columns: int) -> Iterator[str]:
    shown = part.rows[: part.most] if part.most else part.rows
    drawn = [at for at in range(len(part.columns)) if any(isinstance(row[at], Series) for row in shown)]
    nothing: _Shown = ("", ())
    cells = [[nothing if at in drawn else _shown(cell, voice) for at, cell in enumerate(row)] for row in shown]
    heads: list[_Shown] = [(voice.plain(name.upper()), ("dim",)) for name in part.columns]
    rows = [heads, *cells]
    widths = [max(width(row[at][0]) for row in rows) for at in range(len(heads))]
    if drawn:  # what is drawn takes the room that is left
        left = columns - 2 - sum(widths[at] + 2 for at in range(len(heads)) if at not in drawn)
        room = max(min(left // len(drawn) - 2, _SPARK), _LEAST_SPARK)
        for row, said in zip(cells, shown, strict=True):
            for at in drawn:
                row[at] = _shown(said[at], voice, room)
        widths = [max(width(row[at][0]) for row in rows) for at in range(len(heads))]
    for row in rows if shown else ():
        yield "  " + "  ".join(
            _set(text, styles, widths[at], at in part.right, voice) for at, (text, styles) in enumerate(row)
        )
    if len(part.rows) > len(shown):
        yield voice.style(f"  and {plural(len(part.rows) - len(shown), 'more row')}", "dim")


def _set(text: str, styles: tuple[str, ...], columns: int, right: bool, voice: Voice) -> str:
    room = " " * (columns - width(text))
    shown = voice.style(text, *styles) if text else text
    return room + shown if right else shown + room


def _listing(part: Listing, voice: Voice) -> Iterator[str]:
    if part.caption:
        yield f"  {voice.style(voice.plain(part.caption), 'dim')}"
    bar = voice.style(voice.pick("│", "|"), "dim")
    for number, line in enumerate(part.text.split("\n")):
        text = voice.plain(line.expandtabs(4))
        yield f"  {bar} {voice.style(text, 'red') if number in part.lit else text}"
