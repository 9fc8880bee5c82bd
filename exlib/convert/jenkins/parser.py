"""Groovy statements from tokens. What is a program rather than a pipeline is kept whole, unread: an ``Opaque``."""

from __future__ import annotations

from exlib.convert.jenkins.cursor import Unreadable
from exlib.convert.jenkins.expressions import PROGRAM, WORDS, Expressions
from exlib.convert.jenkins.lexer import Comment, Lexer, Token
from exlib.convert.jenkins.syntax import Assign, Node, Opaque, Return
from exlib.convert.source import Source

_ASSIGNING = frozenset(["=", "+=", "-=", "*=", "/=", "%=", "**=", "<<=", ">>=", "?="])
_GOES_ON = frozenset(["else", "catch", "finally"])
_HANGS_BEFORE = frozenset([".", "?.", "*.", "?", ":", "&&", "||", "?:", "->"])


class Parsed:
    """The statements of a source and its comments."""

    def __init__(self, source: Source) -> None:
        """Read it. Raises InputError with the line of what is no Groovy."""
        lexer = Lexer(source)
        self.comments: list[Comment] = lexer.comments
        self.tokens = lexer.tokens
        self.statements = _Parser(lexer.tokens).statements()


class _Parser(Expressions):
    def __init__(self, tokens: list[Token]) -> None:
        super().__init__(tokens)
        self._match = _matches(tokens)

    def inner(self, tokens: list[Token]) -> tuple[Node, ...]:
        """The statements of an interpolation."""
        return _Parser(tokens).statements()

    def statements(self) -> tuple[Node, ...]:
        """Up to a closing brace or the end, each read or kept whole."""
        found: list[Node] = []
        within, self._within = self._within, False
        while True:
            while self._tokens[self._at].kind == "newline" or self._sign(";"):
                self._at += 1
            token = self._tokens[self._at]
            if token.kind == "end" or self._sign("}"):
                break
            found.append(self._statement())
        self._within = within
        return tuple(found)

    def _statement(self) -> Node:
        first, depth = self._at, self._depth
        try:
            statement = self._read_statement()
            if self._at > first and self._ends():
                return statement
        except Unreadable:
            pass
        self._at, self._within, self._depth = first, False, depth
        return self._opaque()

    def _ends(self) -> bool:
        token = self._tokens[self._at]
        return token.kind in ("newline", "end") or (token.kind == "op" and token.text in ";}")

    def _read_statement(self) -> Node:
        first = self._at
        token = self._tokens[first]
        if token.kind == "name":
            if token.text in PROGRAM:
                raise Unreadable
            if token.text == "return":
                self._at += 1
                value = None if self._ends() else self._expression()
                return Return(self._span(first), value)
            after = self._tokens[first + 1]
            if token.text == "def" and after.kind == "op":
                raise Unreadable
            if after.kind == "name" and self._tokens[first + 2].text == "=" and token.text not in WORDS:
                self._at += 1
                return self._assigned(first, declared=True)
        if token.kind == "op" and token.text == "@":
            raise Unreadable
        return self._assigned(first, declared=False)

    def _assigned(self, first: int, *, declared: bool) -> Node:
        target = self._expression(command=not declared)
        token = self._peek()
        if token.kind == "op" and token.text in _ASSIGNING:
            self._at += 1
            self._skip_lines()
            value = self._expression(command=True)
            return Assign(self._span(first), target, token.text, value, declared)
        if declared:
            raise Unreadable
        return target

    def _opaque(self) -> Opaque:
        """Skip to the end of a statement: brackets whole, and on over a line's end where more has to come."""
        first = self._at
        word = self._tokens[first].text
        while True:
            token = self._tokens[self._at]
            if token.kind == "end" or (token.kind == "op" and token.text in ";}"):
                break
            if token.kind == "newline" and not self._hangs(first):
                break
            self._at = self._match.get(self._at, self._at) + 1
        return Opaque(self._span(first), word)

    def _hangs(self, first: int) -> bool:
        """Whether the statement goes on after this end of a line."""
        last = self._tokens[self._at - 1]
        after = self._at
        while self._tokens[after].kind == "newline":
            after += 1
        following = self._tokens[after]
        if following.kind == "name" and following.text in _GOES_ON:
            return True
        if following.kind == "op" and following.text in _HANGS_BEFORE:
            return True
        if last.text in ("else", "try", "do", "finally") and last.kind == "name":
            return True
        head = self._tokens[first].text
        if last.text == ")" and head in ("if", "for", "while", "switch"):
            return True
        return last.kind == "op" and last.text not in (")", "]", "}", "++", "--", "*")


def _matches(tokens: list[Token]) -> dict[int, int]:
    """Where each opening bracket is closed."""
    found: dict[int, int] = {}
    opened: list[int] = []
    for at, token in enumerate(tokens):
        if token.kind != "op":
            continue
        if token.text in "([{":
            opened.append(at)
        elif token.text in ")]}":
            found[opened.pop()] = at
    return found
