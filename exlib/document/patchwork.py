"""A document put together from pieces of several: what comes from the model keeps its text, the rest takes its style.

A piece says where its value comes from: a place of a document, or a container whose items come from several places.
The model is the document whose text the result starts from; pieces of others are laid out as the model is, with
every number and every string as it was written.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from exlib.document.edit import dump
from exlib.document.model import Document
from exlib.document.positions import Span
from exlib.findings import Pointer


@dataclass(frozen=True, slots=True)
class Taken:
    """The value at a place of a document, as it stands there."""

    document: Document
    pointer: Pointer = ()

    def below(self, step: str | int) -> Taken:
        """The value one step further down."""
        return Taken(self.document, (*self.pointer, step))

    @property
    def value(self) -> Any:
        """What stands there."""
        value: Any = self.document.data
        for step in self.pointer:
            value = value[step]
        return value


@dataclass(frozen=True, slots=True)
class Made:
    """A value that stands in none of the documents."""

    value: Any


@dataclass(frozen=True, slots=True)
class Table:
    """An object of which each value is a piece; ``home`` is the object that it was made from."""

    members: dict[str, Piece]
    home: Taken | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """An array of which each item is a piece; ``home`` is the array that it was made from."""

    items: list[Piece]
    home: Taken | None = None


Piece = Taken | Made | Table | Listing


def write(root: Piece, model: Document) -> bytes:
    """The bytes of a document whose root is this piece, in the model's style and with its BOM."""
    span = model.positions.span(())
    text = model.text[: span.start] + _Writer(model).text(root, "") + model.text[span.end :]
    bom = codecs.BOM_UTF8 if model.raw.startswith(codecs.BOM_UTF8) else b""
    return bom + text.encode("utf-8")


def on_one_line(raw: bytes) -> bytes:
    """A document without line ends and indentation, and otherwise as it is."""
    document = Document(raw)
    return (_Writer(document).on_one_line() + "\n").encode("utf-8")


_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{},:]|[^\s\[\]{},:"]+')
_EMPTY_LINE = re.compile(r"\r?\n[ \t]*(?=\r?\n)")
_CLOSES = {"[": "]", "{": "}"}


@dataclass(frozen=True, slots=True)
class _Separators:
    """The white space and the commas of one container, and where a new item's lines would start."""

    lead: str
    between: str
    tail: str
    indent: str
    inline: bool


class _Writer:
    """Writes pieces in the style of one document."""

    def __init__(self, model: Document, others: dict[int, _Writer] | None = None) -> None:
        self._model = model
        self._others = {} if others is None else others
        self._others[id(model)] = self
        self._text = model.text
        self._newline = "\r\n" if "\r\n" in model.text else "\n"

    def text(self, piece: Piece, indent: str, *, broken: bool | None = None, inline: bool = False) -> str:
        """A piece as text whose further lines start with ``indent``; ``broken`` says whether it has such lines."""
        if isinstance(piece, Taken):
            span = piece.document.positions.span(piece.pointer)
            text = piece.document.text[span.start : span.end]
            if piece.document is self._model:
                return text
        elif isinstance(piece, Made):
            text = dump(piece.value)
        elif piece.home is None:
            text = self._fresh(piece)
            broken = isinstance(piece, Listing) and any(map(_is_object, piece.items))
        elif piece.home.document is self._model:
            return self._container(piece, piece.home)
        else:
            text = self._writer(piece.home.document).text(piece, "")
        return self._laid_out(text, indent, broken=broken, inline=inline)

    def _writer(self, document: Document) -> _Writer:
        """The writer in the style of another document; what it finds out of that is kept."""
        return self._others.get(id(document)) or _Writer(document, self._others)

    def on_one_line(self) -> str:
        """The whole model on one line."""
        return self._laid_out(self._text, "", broken=None, inline=True)

    def _fresh(self, piece: Table | Listing) -> str:
        if isinstance(piece, Listing):
            return f"[{', '.join(self.text(item, '') for item in piece.items)}]"
        return "{" + ", ".join(f"{dump(key)}: {self.text(value, '')}" for key, value in piece.members.items()) + "}"

    def _container(self, piece: Table | Listing, home: Taken) -> str:
        """A container of the model with other items: what stays keeps its text and the white space around it."""
        outer = self._model.positions.span(home.pointer)
        children = self._model.positions.children(home.pointer)
        spans = list(children.values())
        layout = self._separators(outer, spans, piece)
        siblings = next((self._text[span.start : span.end] for span in spans if self._text[span.start] in "[{"), None)
        broken = "\n" in siblings if siblings is not None and isinstance(piece, Listing) else None
        place = {key: number for number, key in enumerate(children)}
        places: list[int | None] = []
        texts: list[str] = []
        for key, item in _items(piece):
            text = self.text(item, layout.indent, broken=broken, inline=layout.inline)
            at = place.get(key) if isinstance(key, str) else self._place(item, home)
            if isinstance(key, str):
                span = spans[at] if at is not None else None
                text = (self._text[span.key_start : span.start] if span else dump(key) + self._colon) + text
            places.append(at)
            texts.append(text)
        opener, closer = self._text[outer.start], self._text[outer.end - 1]
        if not texts:
            return opener + closer
        made = [opener, layout.lead]
        before: int | None = None
        for number, (at, text) in enumerate(zip(places, texts, strict=True)):
            if number:
                adjacent = before is not None and at == before + 1
                made.append(self._gap(spans, at) if adjacent and at is not None else layout.between)
            made.append(text)
            before = at
        return "".join([*made, layout.tail, closer])

    def _place(self, item: Piece, home: Taken) -> int | None:
        """Which item of the array it was, if it was one."""
        origin = item if isinstance(item, Taken) else None if isinstance(item, Made) else item.home
        if origin is None or origin.document is not self._model or origin.pointer[:-1] != home.pointer:
            return None
        return int(origin.pointer[-1])

    def _gap(self, spans: Sequence[Span], at: int) -> str:
        """What stands between an item and the one before it."""
        return self._text[spans[at - 1].end : _start(spans[at])]

    def _plain_gap(self, spans: Sequence[Span], at: int) -> str:
        """The same without empty lines and without what lines columns up."""
        gap = self._gap(spans, at)
        return _EMPTY_LINE.sub("", gap) if "\n" in gap else re.sub(r"\s{2,}", " ", gap)

    def _separators(self, outer: Span, spans: Sequence[Span], piece: Table | Listing) -> _Separators:
        if not spans:
            return self._separators_of_empty(outer, piece)
        lead = self._text[outer.start + 1 : _start(spans[0])]
        tail = self._text[spans[-1].end : outer.end - 1]
        gaps = Counter(self._plain_gap(spans, at) for at in range(1, min(len(spans), 100)))
        between = gaps.most_common(1)[0][0] if gaps else "," + (lead if "\n" in lead else self._space)
        inline = "\n" not in self._text[outer.start : outer.end]
        indent = lead.rpartition("\n")[2] if "\n" in lead else self._indent(spans[0].start)
        return _Separators(lead, between, tail, indent, inline)

    def _separators_of_empty(self, outer: Span, piece: Table | Listing) -> _Separators:
        indent = self._indent(outer.start)
        holds_objects = isinstance(piece, Listing) and any(map(_is_object, piece.items))
        if self._unit is None or not (holds_objects or outer.start == self._model.positions.span(()).start):
            return _Separators("", f",{self._space}", "", indent, True)
        lead = self._newline + indent + self._unit
        return _Separators(lead, f",{lead}", self._newline + indent, indent + self._unit, False)

    def _indent(self, offset: int) -> str:
        """The white space that the line of an offset starts with."""
        line = self._model.positions.line_text(self._model.positions.line_column(offset)[0])
        return line[: len(line) - len(line.lstrip())]

    @cached_property
    def _unit(self) -> str | None:
        """One step of indentation; None for a document on one line."""
        root = self._model.positions.span(())
        first = next(iter(self._model.positions.children(()).values()), None)
        if first is None or "\n" not in self._text[root.start : root.end]:
            return None
        lead = self._text[root.start + 1 : first.key_start]
        return (lead.rpartition("\n")[2] if "\n" in lead else "") or "  "

    @cached_property
    def _colon(self) -> str:
        first = next(iter(self._model.positions.children(()).values()), None)
        return ":" if first is not None and self._text[first.key_end : first.start] == ":" else ": "

    @property
    def _space(self) -> str:
        return self._colon[1:]

    def _laid_out(self, text: str, indent: str, *, broken: bool | None, inline: bool) -> str:
        """Foreign text with the model's indentation; a container that had lines of its own keeps having them."""
        unit = None if inline else self._unit
        tokens = [(match[0], match.start()) for match in _TOKEN.finditer(text)]
        with_lines = _with_lines(text, tokens) if unit is not None else set()
        if broken is False:
            with_lines.clear()
        elif broken and unit is not None:
            with_lines.add(0)
        made: list[str] = []
        stack: list[str | None] = []  # the line end and indentation inside each open container, None on one line
        for number, (sign, _) in enumerate(tokens):
            if sign in _CLOSES:
                depth = sum(line is not None for line in stack) + 1
                line = f"{self._newline}{indent}{(unit or '') * depth}" if number in with_lines else None
                stack.append(line)
                empty = tokens[number + 1][0] == _CLOSES[sign]
                made.append(sign if empty or line is None else sign + line)
            elif sign in ("]", "}"):
                line = stack.pop()
                empty = tokens[number - 1][0] in _CLOSES
                made.append(sign if empty or line is None else line[: len(line) - len(unit or "")] + sign)
            elif sign == ",":
                made.append("," + (stack[-1] or self._space))
            else:
                made.append(self._colon if sign == ":" else sign)
        return "".join(made)


def _with_lines(text: str, tokens: Sequence[tuple[str, int]]) -> set[int]:
    """The numbers of the tokens that open a container of several lines."""
    found: set[int] = set()
    stack: list[int] = []
    for number, (sign, start) in enumerate(tokens):
        if sign in _CLOSES:
            stack.append(number)
        elif sign in ("]", "}"):
            opener = stack.pop()
            if text.find("\n", tokens[opener][1], start) >= 0:
                found.add(opener)
    return found


def _items(piece: Table | Listing) -> Iterator[tuple[str | None, Piece]]:
    if isinstance(piece, Table):
        yield from piece.members.items()
    else:
        yield from ((None, item) for item in piece.items)


def _is_object(piece: Piece) -> bool:
    if isinstance(piece, (Taken, Made)):
        return isinstance(piece.value, dict)
    return isinstance(piece, Table)


def value(piece: Piece) -> Any:
    """The JSON value that a piece stands for."""
    if isinstance(piece, (Taken, Made)):
        return piece.value
    if isinstance(piece, Table):
        return {key: value(item) for key, item in piece.members.items()}
    return [value(item) for item in piece.items]


def _start(span: Span) -> int:
    return span.key_start if span.key_start >= 0 else span.start
