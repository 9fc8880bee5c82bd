"""GitHub's expressions as trees: what stands between ``${{`` and ``}}``, read token by token."""

from __future__ import annotations

import math
import re
from difflib import get_close_matches
from typing import Any, NamedTuple, NoReturn

from exlib.convert.github.values import parse_number

LONGEST = 21_000
DEEPEST = 50
CONTEXTS = frozenset(
    ["github", "env", "vars", "job", "jobs", "steps", "runner", "secrets", "strategy", "matrix", "needs", "inputs"]
)
FUNCTIONS = {
    "contains": (2, 2), "startswith": (2, 2), "endswith": (2, 2), "format": (1, 255), "join": (1, 2),
    "tojson": (1, 1), "fromjson": (1, 1), "hashfiles": (1, 255), "case": (3, 255),
    "success": (0, 255), "always": (0, 0), "failure": (0, 255), "cancelled": (0, 0),
}  # fmt: skip
"""The functions, and how few and how many arguments each takes."""
STATUS = frozenset(["success", "always", "failure", "cancelled"])
_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<sign>&&|\|\||[!=]=|[<>]=?|[!()\[\],])"
    r"|(?P<star>\*)|(?P<dot>\.)|(?P<word>[^\s()\[\],.!<>=&|']+))"
)
_NUMBER = re.compile(r"[^\s()\[\],!<>=&|]+")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_CONSTANTS = {"true": True, "false": False, "null": None, "NaN": math.nan, "Infinity": math.inf}
_STAR = "*"


class BadExpression(Exception):
    """What is wrong with an expression, in words; GitHub would refuse the whole file."""


class Literal(NamedTuple):
    """A value."""

    value: Any


class Context(NamedTuple):
    """A context by name."""

    name: str


class Index(NamedTuple):
    """A member of something; ``key`` None is ``*``."""

    of: Tree
    key: Tree | None


class Call(NamedTuple):
    """A function; its name is in small letters."""

    name: str
    arguments: tuple[Tree, ...]


class Operation(NamedTuple):
    """An operator over its operands: ``!`` has one, ``&&`` and ``||`` as many as stand in a row, the others two."""

    sign: str
    operands: tuple[Tree, ...]


Tree = Literal | Context | Index | Call | Operation


class _Token(NamedTuple):
    kind: str  # text, number, name, constant, sign, star, dot, end
    written: str
    at: int
    value: Any = None


def parse(written: str, contexts: frozenset[str] = CONTEXTS) -> Tree:
    """The tree of an expression. Raises BadExpression."""
    if len(written) > LONGEST:
        raise BadExpression(f"an expression has at most {LONGEST:,} characters")
    return _Parser(_tokens(written), contexts).parse()


def uses_status(tree: Tree) -> bool:
    """Whether it asks for the status of what ran before: else a condition means ``success() && …``."""
    return any(isinstance(part, Call) and part.name in STATUS for part in walk(tree))


def walk(tree: Tree) -> list[Tree]:
    """All parts of a tree, itself first."""
    found: list[Tree] = []
    pending: list[Tree] = [tree]
    while pending:
        part = pending.pop()
        found.append(part)
        if isinstance(part, Index):
            pending += [part.of, *([] if part.key is None else [part.key])]
        elif isinstance(part, Call):
            pending += part.arguments
        elif isinstance(part, Operation):
            pending += part.operands
    return found


def path(tree: Tree) -> str | None:
    """The path of a plain access, ``steps.meta.outputs.tags``; None for anything else."""
    if isinstance(tree, Context):
        return tree.name
    if isinstance(tree, Index) and isinstance(tree.key, Literal) and isinstance(tree.key.value, str):
        above = path(tree.of)
        return f"{above}.{tree.key.value}" if above is not None else None
    return None


def _tokens(written: str) -> list[_Token]:
    tokens: list[_Token] = []
    at = 0
    while written[at:].strip():
        start = at + len(written[at:]) - len(written[at:].lstrip())
        token = _number_at(written, start, tokens) or _other_at(written, start, tokens)
        tokens.append(token)
        at = start + len(token.written)
    return [*tokens, _Token("end", "", len(written))]


def _number_at(written: str, at: int, before: list[_Token]) -> _Token | None:
    first = written[at]
    follows = bool(before) and (before[-1].kind in ("name", "star") or before[-1].written in ("]", ")"))
    if not (first.isascii() and first.isdigit()) and first not in "+-" and not (first == "." and not follows):
        return None
    match = _NUMBER.match(written, at)
    value = parse_number(match[0]) if match else math.nan
    if match is None or math.isnan(value):
        _unexpected(match[0] if match else first, at)
    return _Token("number", match[0], at, value)


def _other_at(written: str, at: int, before: list[_Token]) -> _Token:
    match = _TOKEN.match(written, at)
    if match is None:
        _unexpected(written[at:].split()[0], at)
    kind = str(match.lastgroup)
    found = match[kind]
    if kind == "text":
        return _Token("text", found, at, found[1:-1].replace("''", "'"))
    if kind != "word":
        return _Token(kind, found, at)
    if found in _CONSTANTS and not (before and before[-1].kind == "dot"):
        return _Token("constant", found, at, _CONSTANTS[found])
    if not _NAME.fullmatch(found):
        _unexpected(found, at)
    return _Token("name", found, at)


def _unexpected(written: str, at: int) -> NoReturn:
    what = f"{written} is not expected" if written else "it ends too early"
    raise BadExpression(f"{what} at character {at + 1}")


class _Parser:
    def __init__(self, tokens: list[_Token], contexts: frozenset[str]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0
        self._contexts = contexts

    def parse(self) -> Tree:
        if self._tokens[0].kind == "end":
            raise BadExpression("there is nothing in it")
        tree = self._expression()
        self._expect("end")
        return tree

    @property
    def _token(self) -> _Token:
        return self._tokens[self._at]

    def _next(self) -> _Token:
        token = self._token
        self._at += 1
        return token

    def _take(self, *signs: str) -> _Token | None:
        return self._next() if self._token.kind == "sign" and self._token.written in signs else None

    def _expect(self, kind: str, written: str = "") -> None:
        token = self._token
        if token.kind != kind or (written and token.written != written):
            _unexpected(token.written, token.at)
        self._next() if kind != "end" else None

    def _deeper(self, by: int = 1) -> None:
        self._depth += by
        if self._depth > DEEPEST:
            raise BadExpression("it is nested too deeply")

    def _expression(self) -> Tree:
        self._deeper()
        tree = self._row("||", lambda: self._row("&&", self._equality))
        self._depth -= 1
        return tree

    def _row(self, sign: str, part: Any) -> Tree:
        operands: list[Tree] = [part()]
        while self._take(sign):
            self._deeper(len(operands) == 1)
            operands.append(part())
        if len(operands) == 1:
            return operands[0]
        self._depth -= 1
        return Operation(sign, tuple(operands))

    def _equality(self) -> Tree:
        tree = self._order()
        while sign := self._take("==", "!="):
            tree = Operation(sign.written, (tree, self._order()))
        return tree

    def _order(self) -> Tree:
        tree = self._negation()
        while sign := self._take("<", "<=", ">", ">="):
            tree = Operation(sign.written, (tree, self._negation()))
        return tree

    def _negation(self) -> Tree:
        if not self._take("!"):
            return self._access()
        self._deeper()
        tree = Operation("!", (self._negation(),))
        self._depth -= 1
        return tree

    def _access(self) -> Tree:
        grouped = self._token.written == "(" and self._token.kind == "sign"
        tree = self._primary()
        steps = 0
        while grouped or not isinstance(tree, Literal):
            key = self._key()
            if key is None:
                break
            tree = Index(tree, None if key is _STAR else key)
            steps += 1
            self._deeper()
        self._depth -= steps
        return tree

    def _key(self) -> Tree | Any:
        if self._take("["):
            if self._token.kind == "star":
                self._next()
                key: Tree | Any = _STAR
            else:
                key = self._expression()
            self._expect("sign", "]")
            return key
        if self._token.kind == "dot":
            self._next()
            token = self._next()
            if token.kind not in ("star", "name"):
                _unexpected(token.written, token.at)
            return _STAR if token.kind == "star" else Literal(token.written)
        return None

    def _primary(self) -> Tree:
        token = self._next()
        if token.kind in ("text", "number", "constant"):
            return Literal(token.value)
        if token.kind == "sign" and token.written == "(":
            tree = self._expression()
            self._expect("sign", ")")
            return tree
        if token.kind != "name":
            _unexpected(token.written, token.at)
        if self._take("("):
            return self._call(token)
        if token.written.lower() not in self._contexts:
            close = get_close_matches(token.written, self._contexts, n=1)
            hint = f"; did you mean {close[0]}?" if close else "; a text stands in single quotes"
            raise BadExpression(f"there is no context {token.written}{hint}")
        return Context(token.written.lower())

    def _call(self, token: _Token) -> Tree:
        name = token.written.lower()
        arguments: list[Tree] = []
        while not self._take(")"):
            arguments.append(self._expression())
            if not (self._token.kind == "sign" and self._token.written == ")"):
                self._expect("sign", ",")
        if name not in FUNCTIONS:
            close = get_close_matches(name, FUNCTIONS, n=1)
            hint = f"; did you mean {close[0]}?" if close else ""
            raise BadExpression(f"there is no function {token.written}{hint}")
        least, most = FUNCTIONS[name]
        if not least <= len(arguments) <= most:
            raise BadExpression(f"{token.written} does not take {len(arguments)} arguments")
        if name == "case" and len(arguments) % 2 == 0:
            raise BadExpression("case takes pairs of a condition and a value, and a value for all else")
        return Call(name, tuple(arguments))
