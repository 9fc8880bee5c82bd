"""The statements of a script at its top, in order, each with its lines, its comments and what it does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from exlib.convert.bash import effects
from exlib.convert.bash.disguises import constants_of
from exlib.convert.bash.effects import ENVIRONMENT, Effects
from exlib.convert.bash.grammar import exit_code, literal, name_of, parsed, said, walk, words

if TYPE_CHECKING:
    from tree_sitter import Node

_BETWEEN = frozenset(["&", ";", "\n"])


@dataclass
class Unit:
    """One statement. ``start`` and ``end`` are bytes of the script, a comment behind it on its line included."""

    node: Node
    start: int
    end: int
    first: int
    last: int
    background: bool = False
    comments: list[Node] = field(default_factory=list)
    effects: Effects = field(default_factory=Effects)
    carried: bool = False
    errexit: bool = False

    @property
    def text(self) -> str:
        """Its text, as it stands."""
        return said(self.node)


class Unclear(Exception):
    """The tree does not account for every byte of the script."""


def units_of(root: Node, raw: bytes) -> tuple[list[Unit], list[Node]]:
    """The statements, and the comments that belong to none. Raises Unclear."""
    found: list[Unit] = []
    loose: list[Node] = []
    above: list[Node] = []
    end = 0
    for child in root.children:
        if raw[end : child.start_byte].replace(b"\\\n", b"").strip():
            raise Unclear
        end = child.end_byte
        line = child.start_point[0] + 1
        if child.type == "&" and found:
            found[-1].background = True
        elif child.start_byte == 0 and raw.startswith(b"#!"):
            continue
        elif child.type == "comment":
            if found and found[-1].last == line and not raw[found[-1].end : child.start_byte].strip(b" \t"):
                found[-1].end = child.end_byte
            elif found and found[-1].last == line:
                loose.append(child)
            else:
                if above and above[-1].end_point[0] + 2 != line:
                    loose += above
                    above = []
                above.append(child)
        elif child.is_named:
            beside = bool(above) and above[-1].end_point[0] + 2 == line
            loose += [] if beside else above
            found.append(_unit(child, above if beside else []))
            above = []
        elif child.type not in _BETWEEN and child.text and child.text.strip() not in (b"", b";", b"&"):
            raise Unclear
    return found, [*loose, *above]


def _unit(node: Node, comments: list[Node]) -> Unit:
    last = node.end_point[0] + (0 if node.end_point[1] == 0 and node.end_point[0] > node.start_point[0] else 1)
    return Unit(node, node.start_byte, node.end_byte, node.start_point[0] + 1, last, comments=comments)


def fill(units: list[Unit], sourced: Callable[[str], str | None]) -> dict[str, Effects]:
    """Find what each statement does, with the functions that it calls; returns what these do.

    ``sourced`` gives the text of a file that is read in, as its functions count too.
    """
    functions: dict[str, Effects] = {}
    constants = constants_of([unit.node for unit in units if not unit.background])
    for name, body in _defined([unit.node for unit in units], sourced, set()):
        functions.setdefault(name, Effects()).take(effects.of(body, constants, function=True))
    for unit in units:
        if unit.node.type == "function_definition":
            continue
        total = effects.with_calls(effects.of(unit.node, constants), functions)
        if "jobs" in total.calls:
            total.whole = total.whole or "jobs, which tells of all children"
        if unit.background:
            apart = Effects()
            apart.take(total, apart=True)
            total = apart
        unit.effects = total
    exported = {name for one in (*functions.values(), *(unit.effects for unit in units)) for name in one.exported}
    for unit in units:
        if exported & unit.effects.leaves:
            unit.effects.leaves.add(ENVIRONMENT)
    return functions


def _defined(nodes: Iterable[Node], sourced: Callable[[str], str | None], seen: set[str]) -> Iterator[tuple[str, Node]]:
    for top in nodes:
        for node in walk(top):
            yield from functions_in(node)
            if node.type == "command" and name_of(node) in (".", "source") and len(words(node)) > 1:
                path = literal(words(node)[1])
                if path is not None and path not in seen:
                    seen.add(path)
                    text = sourced(path)
                    if text is not None and not (root := parsed(text)).has_error:
                        yield from _defined([root], sourced, seen)


def functions_in(node: Node) -> Iterator[tuple[str, Node]]:
    """The function that a statement defines: its name and its body."""
    if node.type == "function_definition":
        name = node.child_by_field_name("name")
        body = node.child_by_field_name("body")
        if name is not None and body is not None:
            yield said(name), body


def says_nothing(unit: Unit) -> bool:
    """Whether it is an ``exit`` that as the last statement says no more than the order of the jobs does."""
    return unit.text in ("exit", "exit 0", "exit $?", 'exit "$?"') and not unit.background


def ends_well(node: Node) -> bool | None:
    """Whether an ``exit`` states success; None if it states what was before, or what nobody knows."""
    code = exit_code(node)
    return None if code is None else code == 0


def errexit_after(node: Node, before: bool) -> bool:
    """Whether a failing command ends the script after a statement that may set that."""
    if node.type != "command" or name_of(node) != "set":
        return before
    texts = [literal(word) or "" for word in words(node)[1:]]
    for at, text in enumerate(texts):
        sign, letters = text[:1], text[1:]
        if (
            sign in "-+"
            and sign
            and ("e" in letters.partition("o")[0] or ("o" in letters and texts[at + 1 : at + 2] == ["errexit"]))
        ):
            before = sign == "-"
        elif text == "--":
            break
    return before
