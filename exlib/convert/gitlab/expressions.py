"""Expressions of ``rules: if``, with a third answer: not known.

The words of the language are those of GitLab: a variable, a text in quotes, a pattern between slashes, ``null``, the
operators ``== != =~ !~ && ||`` and parentheses. Truth is that of Ruby: in ``&&`` and ``||`` an empty text counts as
true, and at the end it does not. A variable that nobody told of is not known, and neither is what hangs on it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, NamedTuple

from exlib.convert.gitlab.patterns import Pattern, Unread


class Unknown:
    """The value of what nobody told of: any text or none, or (``UNDECIDED``) one of true and false."""


UNKNOWN: Final = Unknown()
UNDECIDED: Final = Unknown()
Value = str | bool | None | Pattern | Unknown
Lookup = Callable[[str], str | Unknown | None]
_TOKEN = re.compile(
    r"""\s*(?:(?P<operator>==|!=|=~|!~|&&|\|\||\(|\))|\$(?P<variable>\w+)|(?P<text>"[^"]*"|'[^']*')"""
    r"""|(?P<null>null\b)|(?P<pattern>/(?:[^/\\]|\\.)+/[ismU]*))""",
    re.DOTALL,
)
_PATTERN = re.compile(r"/((?:[^/\\]|\\.)+)/([ismU]*)", re.DOTALL)
_STRENGTH = {"||": 1, "&&": 2, "==": 3, "!=": 3, "=~": 3, "!~": 3}
_DEEPEST = 60


class BadExpression(ValueError):
    """What is no expression; the text says why."""


class Token(NamedTuple):
    """A word of the language."""

    kind: str
    text: str


class Answer(NamedTuple):
    """What an expression comes to: true, false or not known, and the variables that were asked for and not known."""

    holds: bool | None
    missing: tuple[str, ...]


def decide(expression: str, lookup: Lookup) -> Answer:
    """Evaluate an expression. Raises BadExpression for what is none."""
    asked: dict[str, None] = {}

    def find(name: str) -> Value:
        value = lookup(name)
        if isinstance(value, Unknown):
            asked[name] = None
        return value

    value = _Parser(_tokens(expression), find).whole()
    if isinstance(value, Unknown):
        return Answer(None, tuple(asked))
    return Answer(value is not None and value is not False and value != "", tuple(asked))


def variables(expression: str) -> list[str]:
    """The names of the variables in an expression, each once."""
    return list(dict.fromkeys(match["variable"] for match in _TOKEN.finditer(expression) if match["variable"]))


def _tokens(expression: str) -> list[Token]:
    found, at, end = [], 0, len(expression.rstrip())
    while at < end:
        match = _TOKEN.match(expression, at)
        if match is None:
            here = expression[at:].strip()
            if here.startswith("${"):
                raise BadExpression(f"{here.split('}')[0]}}} is no variable here: write ${here[2:].split('}')[0]}")
            raise BadExpression(f"it cannot be read from {here[:40]} on")
        kind = str(match.lastgroup)
        found.append(Token(kind, match[kind]))
        at = match.end()
    if not found:
        raise BadExpression("it is empty")
    return found


class _Parser:
    """One pass by the strength of operators, that evaluates as it goes."""

    def __init__(self, tokens: list[Token], lookup: Callable[[str], Value]) -> None:
        self._tokens = tokens
        self._at = 0
        self._lookup = lookup
        self._depth = 0

    def whole(self) -> Value:
        value = self._expression(0)
        if self._at < len(self._tokens):
            raise BadExpression(f"{self._tokens[self._at].text} stands where nothing can")
        return value

    def _expression(self, weakest: int) -> Value:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise BadExpression("it is nested too deeply")
        value = self._operand()
        while self._at < len(self._tokens):
            operator = self._tokens[self._at].text
            strength = _STRENGTH.get(operator, 0) if self._tokens[self._at].kind == "operator" else 0
            if not strength and operator != ")":
                raise BadExpression(f"{operator} stands where an operator must")
            if strength <= weakest or not strength:
                break
            self._at += 1
            value = _applied(operator, value, self._expression(strength))
        self._depth -= 1
        return value

    def _operand(self) -> Value:
        if self._at >= len(self._tokens):
            raise BadExpression("it ends where a value must stand")
        token = self._tokens[self._at]
        self._at += 1
        if token.kind == "variable":
            return self._lookup(token.text)
        if token.kind == "text":
            return token.text[1:-1]
        if token.kind == "null":
            return None
        if token.kind == "pattern":
            return _compiled(token.text)
        if token.text != "(":
            raise BadExpression(f"{token.text} stands where a value must")
        value = self._expression(0)
        if self._at >= len(self._tokens) or self._tokens[self._at].text != ")":
            raise BadExpression("a parenthesis is not closed")
        self._at += 1
        return value


def _applied(operator: str, left: Value, right: Value) -> Value:
    if operator in ("&&", "||"):
        return _joined(operator, left, right)
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        return UNDECIDED
    if operator in ("==", "!="):
        return (left == right) == (operator == "==")
    pattern = _compiled(right) if isinstance(right, str) and _PATTERN.fullmatch(right) else right
    if isinstance(pattern, Unknown):
        return UNDECIDED
    if not isinstance(pattern, Pattern):
        return operator == "!~"
    found = pattern.search(left if isinstance(left, str) else "")
    return UNDECIDED if found is None else found == (operator == "=~")


def _joined(operator: str, left: Value, right: Value) -> Value:
    """``&&`` and ``||``, where one side may settle what the other does not tell."""
    if not isinstance(left, Unknown) and (_is_true(left) == (operator == "||")):
        return left
    if not isinstance(left, Unknown):
        return right
    if operator == "&&" and _is_false(right):
        return False
    # An empty text is true in the midst and false at the end: what may be one is settled by nothing behind it.
    if operator == "||" and left is UNDECIDED and _is_true(right) and right != "":
        return right
    return UNDECIDED if left is UNDECIDED and (right is UNDECIDED or isinstance(right, bool)) else UNKNOWN


def _is_true(value: Value) -> bool:
    return not isinstance(value, Unknown) and value is not None and value is not False


def _is_false(value: Value) -> bool:
    return value is None or value is False


def _compiled(literal: str) -> Value:
    """The pattern of a literal; not known if it is one that cannot be read here."""
    return as_pattern(literal) or UNKNOWN


def as_pattern(literal: str) -> Pattern | None:
    """The pattern of ``/text/flags``; None if the text is none or cannot be read."""
    match = _PATTERN.fullmatch(literal)
    if match is None:
        return None
    try:
        return Pattern(match[1].replace("\\/", "/"), match[2])
    except Unread:
        return None
