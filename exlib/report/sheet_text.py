"""A report for a terminal: headings, wrapped paragraphs, plain tables, sparklines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from exlib.console import cut, pad, plural, width
from exlib.render.sparkline import sparkline
from exlib.report.sheet import (
    Bars,
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
_DIFF = {"+": ("green",), "-": ("red",), "~": ("yellow",), "@": ("bold",)}
_SPARK = 40
_NARROWEST = 12
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
    if isinstance(part, Words) and isinstance(part.text, Series):
        yield f"  {_shown(part.text, voice, columns - 2)[0]}"
    elif isinstance(part, Words):
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
        yield from _commands(part, voice, columns)
    elif isinstance(part, Figure):
        for one in part.text:
            yield from _part(one, voice, columns)


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
    if isinstance(piece, Bars):
        return _bars(piece, voice, room), ()
    return voice.plain(piece.text), ()


def _bars(piece: Bars, voice: Voice, room: int) -> str:
    """A bar a span, at least a column each; what did not succeed is drawn by other characters."""
    drawn = [" "] * room
    for start, end, status in piece.spans:
        first = min(int(start / (piece.end or 1.0) * room), room - 1)
        last = min(max(round(end / (piece.end or 1.0) * room), first + 1), room)
        mark = voice.pick("█", "#") if status in ("success", "") else voice.pick("▒", "x")
        drawn[first:last] = mark * (last - first)
    return "".join(drawn)


def _table(part: Table, voice: Voice, columns: int) -> Iterator[str]:
    shown = part.rows[: part.most] if part.most else part.rows
    drawn = [at for at in range(len(part.columns)) if any(isinstance(row[at], Series | Bars) for row in shown)]
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
    widths = _fitted(widths, [at for at in range(len(heads)) if at not in drawn], columns - 2 * len(widths))
    for row in rows if shown else ():
        folded = [_folded(text, widths[at]) if width(text) > widths[at] else [text] for at, (text, _) in enumerate(row)]
        for number in range(max(map(len, folded))):
            line = [(lines[number] if number < len(lines) else "", row[at][1]) for at, lines in enumerate(folded)]
            yield "  " + "  ".join(
                _set(text, styles, widths[at], at in part.right, voice) for at, (text, styles) in enumerate(line)
            )
    if len(part.rows) > len(shown):
        yield voice.style(f"  and {plural(len(part.rows) - len(shown), 'more row')}", "dim")


def _fitted(widths: list[int], foldable: Sequence[int], room: int) -> list[int]:
    """The widths with the widest ones made narrower until all fit, if they can."""
    fitted = list(widths)
    while sum(fitted) > room:
        widest = max(foldable, key=fitted.__getitem__, default=None)
        if widest is None or fitted[widest] <= _NARROWEST:
            break
        fitted[widest] -= 1
    return fitted


def _folded(text: str, room: int) -> list[str]:
    """Text broken at spaces, and a word that is too long anywhere."""
    lines: list[str] = []
    for line in wrapped(text, room):
        while width(line) > room:
            head = cut(line, room, "")
            lines.append(head)
            line = line[len(head) :]
        lines.append(line)
    return lines


def _set(text: str, styles: tuple[str, ...], columns: int, right: bool, voice: Voice) -> str:
    room = " " * (columns - width(text))
    shown = voice.style(text, *styles) if text else text
    return room + shown if right else shown + room


def _commands(part: Commands, voice: Voice, columns: int) -> Iterator[str]:
    """Each command with its meaning beside it, or below it where that has no room."""
    widest = max((width(text) for text, _ in part.items), default=0)
    beside = all(4 + widest + width(meaning) <= columns for _, meaning in part.items)
    for text, meaning in part.items:
        shown, said = voice.style(voice.plain(text), "cyan"), voice.style(voice.plain(meaning), "dim")
        if beside:
            yield f"  {shown}{' ' * (widest - width(text))}  {said}"
        else:
            yield f"  {shown}"
            yield f"      {said}"


def _listing(part: Listing, voice: Voice) -> Iterator[str]:
    if part.caption:
        yield f"  {voice.style(voice.plain(part.caption), 'dim')}"
    bar = voice.style(voice.pick("│", "|"), "dim")
    for number, line in enumerate(part.text.split("\n")):
        text = voice.plain(line.expandtabs(4))
        styles = _DIFF.get(line[:1], ()) if part.language == "diff" else ("red",) if number in part.lit else ()
        yield f"  {bar} {voice.style(text, *styles)}"
