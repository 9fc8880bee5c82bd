"""Groovy expressions from tokens: values, calls with parentheses and without, closures."""

from __future__ import annotations

from abc import ABC, abstractmethod

from exlib.convert.jenkins.cursor import Cursor, Unreadable
from exlib.convert.jenkins.lexer import Token
from exlib.convert.jenkins.syntax import (
    Binary,
    Call,
    Choice,
    Closure,
    GString,
    Index,
    ListOf,
    Literal,
    MapOf,
    Name,
    Node,
    Opaque,
    Property,
    Span,
    Unary,
)

PROGRAM = frozenset(
    "if for while try switch class enum import package throw assert break continue synchronized do static final "
    "private public protected interface trait abstract void".split()
)
"""Words that begin what is a program rather than a pipeline."""
WORDS = frozenset("in instanceof as else catch finally".split())
_CONSTANTS: dict[str, bool | None] = {"true": True, "false": False, "null": None}
_LEVELS = (
    ("||",), ("&&",), ("|",), ("^",), ("&",), ("==", "!=", "<=>", "===", "!==", "=~", "==~"),
    ("<", "<=", ">", ">=", "in", "instanceof", "as"), ("<<", ">>", ">>>", "..", "..<"), ("+", "-"),
    ("*", "/", "%"), ("**",),
)  # fmt: skip
_STRENGTH = {sign: level for level, signs in enumerate(_LEVELS) for sign in signs}
_LONGEST = 200
"""How many signs or members an expression may have; a longer one is kept whole."""


class Expressions(Cursor, ABC):
    """Values and calls. Statements are read by the class that is built on it."""

    @abstractmethod
    def statements(self) -> tuple[Node, ...]:
        """Up to a closing brace or the end."""

    @abstractmethod
    def inner(self, tokens: list[Token]) -> tuple[Node, ...]:
        """The statements of an interpolation."""

    # Expressions

    def _expression(self, *, command: bool = False) -> Node:
        self._deeper()
        node = self._choice(command=command)
        self._depth -= 1
        return node

    def _choice(self, *, command: bool) -> Node:
        first = self._here()
        test = self._binary(0, command=command)
        if self._sign("?:"):
            self._next()
            self._skip_lines()
            no = self._expression()
            return Choice(self._span(first), test, None, no)
        if self._sign("?"):
            self._next()
            self._skip_lines()
            yes = self._expression()
            self._skip_lines()
            self._expect(":")
            self._skip_lines()
            no = self._expression()
            return Choice(self._span(first), test, yes, no)
        return test

    def _binary(self, level: int, *, command: bool = False) -> Node:
        first = self._here()
        left = self._unary(command=command)
        for _ in range(_LONGEST):
            token = self._peek()
            strength = _STRENGTH.get(token.text, -1) if token.kind in ("op", "name") else -1
            if strength < level:
                return left
            self._next()
            self._skip_lines()
            right = self._binary(strength + 1)
            left = Binary(self._span(first), token.text, left, right)
        raise Unreadable

    def _unary(self, *, command: bool = False) -> Node:
        first = self._here()
        token = self._peek()
        if token.kind == "op" and token.text in ("!", "-", "+", "~", "++", "--"):
            self._next()
            self._deeper()
            value = self._unary()
            self._depth -= 1
            if token.text == "-" and isinstance(value, Literal) and type(value.value) in (int, float):
                return Literal(self._span(first), -value.value)  # type: ignore[operator]
            return Unary(self._span(first), token.text, value)
        return self._postfix(command=command)

    def _postfix(self, *, command: bool) -> Node:
        first = self._here()
        node = self._primary()
        for _ in range(_LONGEST):
            before = self._tokens[self._at - 1]
            token = self._hanging_dot() or self._peek()
            if token.kind == "op" and token.text in (".", "?.", "*."):
                self._next()
                self._skip_lines()
                name = self._next()
                if name.kind not in ("name", "string"):
                    raise Unreadable
                text = str(name.value) if name.kind == "string" else name.text
                node = Property(self._span(first), node, text)
            elif token.kind == "op" and token.text == "(" and token.line == before.end_line:
                node = self._called(first, node)
            elif token.kind == "op" and token.text == "{" and token.line == before.end_line and _callable(node):
                node = self._with_body(first, node)
            elif token.kind == "op" and token.text == "[" and token.line == before.end_line:
                if command and token.start > before.end and isinstance(node, (Name, Property)):
                    return self._command(first, node)
                node = self._indexed(first, node)
            elif command and isinstance(node, (Name, Property)) and self._begins_argument(token, before):
                return self._command(first, node)
            elif token.kind == "op" and token.text in ("++", "--") and token.line == before.end_line:
                self._next()
                node = Unary(self._span(first), token.text, node)
            else:
                return node
        raise Unreadable

    def _hanging_dot(self) -> Token | None:
        """A dot that begins the next line belongs to the expression before it."""
        at = self._at
        while self._tokens[at].kind == "newline":
            at += 1
        token = self._tokens[at]
        if at > self._at and token.kind == "op" and token.text in (".", "?."):
            self._at = at
            return token
        return None

    def _begins_argument(self, token: Token, before: Token) -> bool:
        if token.line != before.end_line or token.start == before.end:
            return False
        if token.kind == "name":
            return token.text not in WORDS
        return token.kind in ("number", "string", "gstring")

    def _indexed(self, first: int, node: Node) -> Node:
        self._expect("[")
        within, self._within = self._within, True
        key = self._expression()
        self._expect("]")
        self._within = within
        return Index(self._span(first), node, key)

    def _called(self, first: int, node: Node) -> Node:
        self._expect("(")
        within, self._within = self._within, True
        args, named = self._arguments(")")
        self._expect(")")
        self._within = within
        return _call(self._span(first), node, args, named)

    def _with_body(self, first: int, node: Node) -> Node:
        body = self._closure()
        if isinstance(node, Call):
            return node._replace(at=self._span(first), body=body)
        return _call(self._span(first), node, (), (), body)

    def _command(self, first: int, node: Node) -> Node:
        """A call without parentheses: its arguments go to the end of the line, and on after a comma."""
        args, named = self._arguments("")
        call = _call(self._span(first), node, args, named)
        if self._sign("{") and self._peek().line == self._tokens[self._at - 1].end_line:
            return call._replace(body=self._closure(), at=self._span(first))
        return call

    def _arguments(self, close: str) -> tuple[tuple[Node, ...], tuple[tuple[str, Node], ...]]:
        args: list[Node] = []
        named: list[tuple[str, Node]] = []
        while not (close and self._sign(close)):
            key = self._key()
            if key is not None:
                self._skip_lines()
                named.append((key, self._expression()))
            elif self._sign("*", "*:"):
                raise Unreadable
            else:
                args.append(self._expression())
            if not self._sign(","):
                break
            self._next()
            self._skip_lines()
        return tuple(args), tuple(named)

    def _key(self) -> str | None:
        """The key before a colon, taken with it; None if no key stands here."""
        token = self._peek()
        after = self._tokens[self._at + 1] if token.kind != "end" else token
        if token.kind in ("name", "string", "number") and after.kind == "op" and after.text == ":":
            self._at += 2
            return str(token.value) if token.kind == "string" else token.text
        return None

    def _primary(self) -> Node:
        first = self._here()
        token = self._next()
        if token.kind == "string":
            return Literal(self._span(first), str(token.value))
        if token.kind == "gstring":
            return self._gstring(token)
        if token.kind == "number":
            return Literal(self._span(first), _number(token.text))
        if token.kind == "name":
            if token.text in _CONSTANTS:
                return Literal(self._span(first), _CONSTANTS[token.text])
            if token.text in WORDS or token.text in PROGRAM:
                raise Unreadable
            if token.text == "new":
                made = self._postfix(command=False)
                return Unary(self._span(first), "new", made)
            return Name(self._span(first), token.text)
        if token.kind == "op" and token.text == "(":
            within, self._within = self._within, True
            inner = self._expression(command=True)
            self._expect(")")
            self._within = within
            return inner
        if token.kind == "op" and token.text == "[":
            return self._list_or_map(first)
        if token.kind == "op" and token.text == "{":
            self._at -= 1
            return self._closure()
        raise Unreadable

    def _list_or_map(self, first: int) -> Node:
        within, self._within = self._within, True
        items: list[Node] = []
        entries: list[tuple[str | None, Node]] = []
        if self._sign(":"):
            self._next()
            self._expect("]")
            self._within = within
            return MapOf(self._span(first), ())
        while not self._sign("]"):
            key = self._key()
            if key is not None:
                entries.append((key, self._expression()))
            else:
                item = self._expression()
                if self._sign(":"):
                    self._next()
                    entries.append((None, self._expression()))
                else:
                    items.append(item)
            if not self._sign(","):
                break
            self._next()
        self._expect("]")
        self._within = within
        if entries and items:
            raise Unreadable
        return MapOf(self._span(first), tuple(entries)) if entries else ListOf(self._span(first), tuple(items))

    def _closure(self) -> Closure:
        first = self._here()
        self._expect("{")
        head = self._parameters()
        statements = self.statements()
        within, self._within = self._within, False
        self._expect("}")
        self._within = within
        return Closure(self._span(first), statements, head)

    def _parameters(self) -> bool:
        """Take ``a, b ->`` if it stands here."""
        at = self._at
        while self._tokens[at].kind in ("name", "newline") or self._tokens[at].text in (",", ".", "="):
            at += 1
        if self._tokens[at].text == "->" and self._tokens[at].kind == "op":
            self._at = at + 1
            return True
        return False

    def _gstring(self, token: Token) -> Node:
        parts: list[str | Node] = []
        span = Span(token.start, token.end, token.line, token.end_line)
        for part in token.value:
            if isinstance(part, str):
                parts.append(part)
                continue
            statements = self.inner(part)
            parts.append(statements[0] if len(statements) == 1 else Opaque(span, "${}"))
        return GString(span, tuple(parts))


def _callable(node: Node) -> bool:
    return isinstance(node, (Name, Property)) or (isinstance(node, Call) and node.body is None)


def _call(
    span: Span,
    node: Node,
    args: tuple[Node, ...],
    named: tuple[tuple[str, Node], ...],
    body: Closure | None = None,
) -> Call:
    if isinstance(node, Name):
        return Call(span, None, node.name, args, named, body)
    if isinstance(node, Property):
        return Call(span, node.of, node.name, args, named, body)
    return Call(span, node, "call", args, named, body)


def _number(text: str) -> int | float:
    plain = text.replace("_", "")
    try:
        if plain[:2].lower() == "0x":
            return int(plain.rstrip("lLgG"), 16)
        plain = plain.rstrip("abcdfghijklmnopqrstuvwxyzABCDFGHIJKLMNOPQRSTUVWXYZ")
        if len(plain) > 400:
            raise Unreadable
        return float(plain) if any(sign in plain for sign in ".eE") else int(plain)
    except ValueError:
        raise Unreadable from None
