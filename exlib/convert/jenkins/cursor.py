"""Tokens of Groovy one after the other, and how deep one has come."""

from __future__ import annotations

from exlib.convert.jenkins.lexer import Token
from exlib.convert.jenkins.syntax import Span

_DEEPEST = 60
"""How deep an expression may nest; a deeper one is kept whole."""


class Unreadable(Exception):
    """A statement that is none of those a pipeline is made of."""


class Cursor:
    """Tokens, read one after the other."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0
        self._within = False
        """Whether ends of lines mean nothing here, as in parentheses."""

    def _peek(self) -> Token:
        if self._within:
            self._skip_lines()
        return self._tokens[self._at]

    def _next(self) -> Token:
        token = self._peek()
        if token.kind != "end":
            self._at += 1
        return token

    def _skip_lines(self) -> None:
        while self._tokens[self._at].kind == "newline":
            self._at += 1

    def _sign(self, *signs: str) -> bool:
        token = self._peek()
        return token.kind == "op" and token.text in signs

    def _expect(self, sign: str) -> Token:
        if not self._sign(sign):
            raise Unreadable
        return self._next()

    def _span(self, first: int) -> Span:
        """From a token to the one before the present one, ends of lines aside."""
        last = self._at - 1
        while last > first and self._tokens[last].kind == "newline":
            last -= 1
        begin, end = self._tokens[first], self._tokens[max(last, first)]
        return Span(begin.start, end.end, begin.line, end.end_line)

    def _here(self) -> int:
        self._peek()
        return self._at

    def _deeper(self) -> None:
        """Count a level: what nests further than any person writes is not read."""
        self._depth += 1
        if self._depth > _DEEPEST:
            raise Unreadable
