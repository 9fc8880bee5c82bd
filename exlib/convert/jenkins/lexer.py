"""Groovy as tokens: names, numbers, strings in their six forms, operators, ends of lines; comments apart."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from exlib.convert.source import Source

Kind = Literal["name", "number", "string", "gstring", "op", "newline", "end"]
DEEPEST = 40
"""How deep brackets and interpolations may nest: far beyond what a person writes, well within Python's own stack."""

_NAME = re.compile(r"[^\W\d$]\w*|\$(?!/)\w+|[^\W\d]", re.UNICODE)
_NUMBER = re.compile(r"0[xX][0-9a-fA-F_]+[lLgG]?|\d[\d_]*(?:\.\d[\d_]*)?(?:[eE][+-]?\d+)?[a-zA-Z]?")
_OPERATORS = (
    "<=>", "==~", "===", "!==", "**=", "<<=", ">>=", "..<", "...", ">>>",
    "?.", "*.", ".&", ".@", "?:", "==", "!=", "<=", ">=", "&&", "||", "=~", "->", "..", "++", "--", "+=", "-=", "*=",
    "/=", "%=", "<<", ">>", "**", "::", "?=",
)  # fmt: skip
_OPERATOR = re.compile("|".join(map(re.escape, _OPERATORS)))
_BLANKS = re.compile(r"[ \t\r\f]+")
_SINGLE = frozenset("{}()[],;:.?=<>+-*/%!~&|^@")
_ESCAPES = {"n": "\n", "t": "\t", "b": "\b", "r": "\r", "f": "\f", "s": " ", "\\": "\\", "'": "'", '"': '"', "$": "$"}
_OCTAL = re.compile(r"[0-3]?[0-7]{1,2}")
_HEX = re.compile(r"u+([0-9a-fA-F]{4})")
_DOTTED = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*", re.UNICODE)
_CLOSING = {"(": ")", "[": "]", "{": "}"}


class Token(NamedTuple):
    """``value`` is the text of a string, or the parts of an interpolated one: texts, and the tokens between ``${}``."""

    kind: Kind
    text: str
    start: int
    end: int
    line: int
    end_line: int
    value: str | tuple[str | list[Token], ...] = ""


class Comment(NamedTuple):
    """A comment; ``alone``: nothing stands before it on its line."""

    text: str
    start: int
    end: int
    line: int
    end_line: int
    alone: bool


class Lexer:
    """The tokens and the comments of a source; brackets are checked to match."""

    def __init__(self, source: Source) -> None:
        """Read it all. Raises InputError with the line of what cannot be read."""
        self._source = source
        self._text = source.text
        self._at = 0
        self._line = 1
        self.comments: list[Comment] = []
        if self._text.startswith("#!"):
            end = self._text.find("\n")
            self._comment(len(self._text) if end < 0 else end)
        self.tokens = self._run(0)

    def _run(self, depth: int) -> list[Token]:
        """Tokens up to the end, or, within an interpolation, up to the brace that closes it."""
        found: list[Token] = []
        opened: list[Token] = []
        while True:
            self._blanks()
            if self._at >= len(self._text):
                if opened or depth:
                    line = opened[-1].line if opened else self._line
                    sign = opened[-1].text if opened else "${"
                    raise self._source.refuse(line, f"the {sign} that begins here is not closed")
                return [*found, Token("end", "", self._at, self._at, self._line, self._line)]
            token = self._token(found, depth)
            if token.text in _CLOSING and token.kind == "op":
                opened.append(token)
                if len(opened) + depth > DEEPEST:
                    raise self._source.refuse(token.line, f"brackets nest more than {DEEPEST} deep")
            elif token.kind == "op" and token.text in ")]}":
                if not opened and depth and token.text == "}":
                    return [*found, Token("end", "", token.start, token.start, token.line, token.line)]
                if not opened or _CLOSING[opened[-1].text] != token.text:
                    raise self._source.refuse(token.line, f"this {token.text} closes nothing that is open")
                opened.pop()
            found.append(token)

    def _blanks(self) -> None:
        text = self._text
        while self._at < len(text):
            if match := _BLANKS.match(text, self._at):
                self._at = match.end()
            elif text.startswith("\\\n", self._at):
                self._at += 2
                self._line += 1
            elif text.startswith("//", self._at):
                end = text.find("\n", self._at)
                self._comment(len(text) if end < 0 else end)
            elif text.startswith("/*", self._at):
                end = text.find("*/", self._at + 2)
                if end < 0:
                    raise self._source.refuse(self._line, "the comment that begins here is not closed")
                self._comment(end + 2)
            else:
                return

    def _comment(self, end: int) -> None:
        text = self._text[self._at : end]
        before = self._text[self._text.rfind("\n", 0, self._at) + 1 : self._at]
        last = self._line + text.count("\n")
        self.comments.append(Comment(text, self._at, end, self._line, last, not before.strip()))
        self._at, self._line = end, last

    def _token(self, before: list[Token], depth: int) -> Token:
        text, at, line = self._text, self._at, self._line
        character = text[at]
        if character == "\n":
            self._at += 1
            self._line += 1
            return Token("newline", "\n", at, at + 1, line, line)
        if character in "'\"" or (self._begins_value(before) and (character == "/" or text.startswith("$/", at))):
            return self._string(depth)
        if match := _NAME.match(text, at):
            self._at = match.end()
            return Token("name", match[0], at, self._at, line, line)
        if match := _NUMBER.match(text, at):
            self._at = match.end()
            return Token("number", match[0], at, self._at, line, line)
        match = _OPERATOR.match(text, at)
        sign = match[0] if match else character
        if match is None and character not in _SINGLE:
            raise self._source.refuse(line, f"{character} begins nothing that Groovy knows")
        self._at += len(sign)
        return Token("op", sign, at, self._at, line, line)

    @staticmethod
    def _begins_value(before: list[Token]) -> bool:
        """Whether a slash here begins a string: it divides after what ends an expression."""
        if not before:
            return True
        last = before[-1]
        if last.kind == "name":
            return last.text in ("return", "in", "case", "assert")
        return last.kind == "newline" or (last.kind == "op" and last.text not in ")]}")

    def _string(self, depth: int) -> Token:
        text, start, line = self._text, self._at, self._line
        quote = next(sign for sign in ("'''", '"""', "$/", "'", '"', "/") if text.startswith(sign, start))
        close = "/$" if quote == "$/" else quote
        if depth > DEEPEST:
            raise self._source.refuse(line, f"strings nest more than {DEEPEST} deep")
        self._at += len(quote)
        parts: list[str | list[Token]] = []
        piece: list[str] = []
        many = quote not in ("'", '"')
        while not text.startswith(close, self._at):
            if self._at >= len(text) or (text[self._at] == "\n" and not many):
                raise self._source.refuse(line, f"the string that begins with {quote} here is not closed")
            inner = None if quote in ("'", "'''") else self._interpolated(quote, depth)
            if inner is not None:
                parts += ["".join(piece), inner]
                piece = []
            else:
                piece.append(self._character(quote))
        self._at += len(close)
        last = "".join(piece)
        if parts:
            value = (*parts, last)
            return Token("gstring", text[start : self._at], start, self._at, line, self._line, value)
        return Token("string", text[start : self._at], start, self._at, line, self._line, last)

    def _interpolated(self, quote: str, depth: int) -> list[Token] | None:
        """The tokens of an interpolation that begins here; None if a character does."""
        text, at, line = self._text, self._at, self._line
        if text[at] != "$":
            return None
        if text.startswith("${", at):
            self._at += 2
            tokens = self._run(depth + 1)
            self._at = tokens[-1].end + 1
            return tokens
        if quote == "$/" and text[at : at + 2] in ("$$", "$/"):
            return None
        if match := _DOTTED.match(text, at + 1):
            self._at = match.end()
            tokens = []
            place = at + 1
            for number, name in enumerate(match[0].split(".")):
                if number:
                    tokens.append(Token("op", ".", place, place + 1, line, line))
                    place += 1
                tokens.append(Token("name", name, place, place + len(name), line, line))
                place += len(name)
            return [*tokens, Token("end", "", place, place, line, line)]
        if quote in ('"', '"""'):
            raise self._source.refuse(line, "a $ in this string begins no name", "write \\$ for the character")
        return None

    def _character(self, quote: str) -> str:
        """The next character, escapes undone."""
        text, at = self._text, self._at
        character = text[at]
        self._at += 1
        if character == "\n":
            self._line += 1
        if quote in ("/", "$/"):
            for escape, meant in (("\\/", "/"),) if quote == "/" else (("$$", "$"), ("$/", "/")):
                if text.startswith(escape, at):
                    self._at += 1
                    return meant
            return character
        if character != "\\":
            return character
        after = text[at + 1 : at + 2]
        self._at += 1
        if after == "\n":
            self._line += 1
            return ""
        if match := _HEX.match(text, at + 1):
            self._at = match.end()
            return chr(int(match[1], 16))
        if match := _OCTAL.match(text, at + 1):
            self._at = match.end()
            return chr(int(match[0], 8))
        if after not in _ESCAPES:
            raise self._source.refuse(self._line, f"\\{after} is no escape of Groovy", "write \\\\ for a backslash")
        return _ESCAPES[after]
