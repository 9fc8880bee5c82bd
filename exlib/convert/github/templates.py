"""Texts with expressions in them: ``cmake -B ${{ matrix.dir }}`` in pieces, and conditions."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from exlib.convert.github.evaluator import Contexts, evaluate, whole
from exlib.convert.github.expressions import BadExpression, Call, Literal, Tree, parse
from exlib.convert.github.values import Unknown, number_text, parse_number, text
from exlib.convert.yaml.tree import Node

OPEN, CLOSE = "${{", "}}"
_INSIDE = re.compile(r"(?:[^'}]|'(?:[^']|'')*'|\}(?!\}))*")
_INTEGER = re.compile(r"[-+]?[0-9]+|0x[0-9a-fA-F]+|0o[0-7]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_CONSTANTS = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip


class Hole(NamedTuple):
    """An expression whose value is not known: its tree, its text, and what it depends on."""

    tree: Tree
    written: str
    paths: tuple[str, ...]


Pieces = list[str | Hole]
"""A text as far as it is known."""


def scalar(node: Node) -> Any:
    """The value of a scalar as an expression sees it."""
    if node.quoted or not node.is_scalar:
        return node.text
    written = node.text
    if written in _CONSTANTS:
        return _CONSTANTS[written]
    if _INTEGER.fullmatch(written) or _FLOAT.fullmatch(written):
        return parse_number(written)
    return written


def scalar_text(node: Node) -> str:
    """The text that GitHub takes a scalar for: ``1.10`` is the number 1.1, and its text is that."""
    value = scalar(node)
    if isinstance(value, float):
        return number_text(value)
    return node.text if OPEN in node.text else text(value)


def trees(written: str, node: Node) -> list[str | tuple[Tree, str]]:
    """The pieces of a text: plain ones, and expressions with their texts. Raises InputError for a wrong one."""
    pieces: list[str | tuple[Tree, str]] = []
    at = 0
    while (start := written.find(OPEN, at)) >= 0:
        if start > at:
            pieces.append(written[at:start])
        inside = _INSIDE.match(written, start + len(OPEN))
        end = inside.end() if inside else start
        if inside is None or not written.startswith(CLOSE, end):
            raise node.refuse(f"an expression that {OPEN} begins has no end", f"end it with {CLOSE}")
        pieces.append((_parsed(inside[0], node), written[start : end + len(CLOSE)]))
        at = end + len(CLOSE)
    if at < len(written):
        pieces.append(written[at:])
    return pieces


def _parsed(written: str, node: Node) -> Tree:
    try:
        return parse(written)
    except BadExpression as error:
        raise node.refuse(f"the expression {written.strip()[:80]} is wrong: {error}") from None


def value_of(node: Node, contexts: Contexts) -> Any:
    """The value of a node, its members with it, as far as it is known; an Unknown where it is not."""
    if node.is_map:
        return {key: value_of(item, contexts) for key, item in node.members.items()}
    if node.is_list:
        return [value_of(item, contexts) for item in node.items]
    pieces = trees(node.text, node)
    if len(pieces) == 1 and not isinstance(pieces[0], str):
        tree = pieces[0][0]
        return _value(tree, contexts)
    if all(isinstance(piece, str) for piece in pieces):
        return scalar(node)
    found = filled(node, contexts)
    known = known_text(found)
    return known if known is not None else Unknown(depends_on(found))


def filled(node: Node, contexts: Contexts) -> Pieces:
    """The text of a scalar with the values of its expressions in it; what is not known is left as a hole."""
    return _filled(trees(scalar_text(node), node), contexts)


def _filled(pieces: list[str | tuple[Tree, str]], contexts: Contexts) -> Pieces:
    made: Pieces = []
    for piece in pieces:
        if isinstance(piece, str):
            found: str | Hole = piece
        else:
            value = _value(piece[0], contexts)
            unknown = isinstance(value, Unknown)
            found = Hole(piece[0], piece[1], value.paths) if unknown else text(value)
        if isinstance(found, str) and made and isinstance(made[-1], str):
            made[-1] += found
        elif found != "":
            made.append(found)
    return made


def _value(tree: Tree, contexts: Contexts) -> Any:
    """The value; an expression that fails there has none, and whatever needs it is not known."""
    try:
        return whole(evaluate(tree, contexts), tree)
    except BadExpression as error:
        return Unknown((str(error),))


def known_text(pieces: Pieces) -> str | None:
    """The text if all of it is known."""
    return "".join(str(piece) for piece in pieces) if not any(isinstance(p, Hole) for p in pieces) else None


def depends_on(pieces: Pieces) -> tuple[str, ...]:
    """What the unknown pieces depend on."""
    return tuple(dict.fromkeys(path for piece in pieces if isinstance(piece, Hole) for path in piece.paths))


def condition(node: Node) -> Tree:
    """The tree of an ``if``: an expression with or without ``${{ }}``; a text around one makes it a text."""
    written = scalar_text(node).strip()
    if not written:
        return Call("success", ())
    pieces = trees(written, node)
    if len(pieces) > 1:
        first = "".join("{}" if not isinstance(p, str) else p.replace("{", "{{").replace("}", "}}") for p in pieces)
        inner = tuple(piece[0] for piece in pieces if not isinstance(piece, str))
        numbered = iter(range(len(inner)))
        template = re.sub(r"(?<!\{)\{\}(?!\})", lambda _: f"{{{next(numbered)}}}", first)
        return Call("format", (Literal(template), *inner))
    return _parsed(written, node) if isinstance(pieces[0], str) else pieces[0][0]


def is_padded(node: Node) -> bool:
    """Whether blanks or line ends stand around the one expression of an ``if``: then it is a text, so true."""
    if OPEN not in node.text or node.text == node.text.strip():
        return False
    return len(trees(node.text.strip(), node)) == 1
