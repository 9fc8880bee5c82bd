"""The syntax tree of a script, and what is read off single nodes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from exlib.convert import extras

if TYPE_CHECKING:
    from tree_sitter import Node

NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_NUMBER = re.compile(r"\d{1,4}", re.ASCII)
_ON_ONE_LINE = frozenset(
    "command variable_assignments declaration_command unset_command redirected_statement file_redirect".split()
)
_RESERVED = frozenset(["fi", "done", "esac", "then", "else", "elif", "do", "}", ")", ";;"])
DEEPEST = 200
"""Nodes within nodes that are looked into; a script that is nested deeper stays whole."""


def parsed(text: str) -> Node:
    """The root of the tree; ``has_error`` where the grammar does not know what stands there."""
    extras.needed("tree_sitter", "reading shell scripts")
    extras.needed("tree_sitter_bash", "reading shell scripts")
    import tree_sitter
    import tree_sitter_bash

    language = tree_sitter.Language(tree_sitter_bash.language())
    return tree_sitter.Parser(language).parse(text.encode()).root_node


def too_deep(root: Node) -> bool:
    """Whether nodes are nested deeper than we follow."""
    stack = [(root, 0)]
    while stack:
        node, depth = stack.pop()
        if depth > DEEPEST:
            return True
        stack += [(child, depth + 1) for child in node.children]
    return False


def misread(root: Node, raw: bytes) -> bool:
    """Whether a command goes on behind the end of its line, as the grammar has it behind some words."""
    for node in walk(root):
        if node.type == "word" and raw[node.start_byte : node.start_byte + 1].isspace():
            return True
        if node.type not in _ON_ONE_LINE:
            continue
        for before, after in pairwise(node.children):
            if b"\n" in raw[before.end_byte : after.start_byte].replace(b"\\\n", b""):
                return True
    return False


def first_error(root: Node) -> int | None:
    """The line of the first place that is no shell text that the grammar knows; None without one."""
    stray = next((node for node in walk(root) if node.type == "command" and _is_stray(node)), None)
    if not root.has_error:
        return stray.start_point[0] + 1 if stray is not None else None
    node = root
    while True:
        inner = next((child for child in node.children if child.has_error), None)
        if inner is None:
            return node.start_point[0] + 1
        node = inner


def _is_stray(command: Node) -> bool:
    """Whether a word of the shell that ends or goes on something stands where a command begins."""
    name = command.named_children[0] if command.named_children else None
    return name is not None and name.type == "command_name" and said(name) in _RESERVED


def said(node: Node) -> str:
    """The text of a node."""
    return (node.text or b"").decode()


def walk(node: Node) -> Iterator[Node]:
    """A node and all below it, in their order."""
    stack = [node]
    while stack:
        node = stack.pop()
        yield node
        stack += reversed(node.children)


def words(command: Node) -> list[Node]:
    """The name and the arguments of a simple command, without redirections and assignments before it."""
    own = [
        child
        for child in command.named_children
        if child.type not in ("variable_assignment", "file_redirect", "heredoc_redirect", "herestring_redirect")
    ]
    return own + list(_behind(command))


def _behind(command: Node) -> Iterator[Node]:
    """The words behind a redirection, which the grammar takes for further files."""
    node, above = command, command.parent
    while above is not None and above.type in ("list", "negated_command", "pipeline") and above.children[-1] == node:
        node, above = above, above.parent
    if above is None or above.type != "redirected_statement" or above.child_by_field_name("body") != node:
        return
    for child in above.named_children[1:]:
        for one in [child, *child.named_children] if child.type == "heredoc_redirect" else [child]:
            yield from one.children_by_field_name("argument")
            yield from one.children_by_field_name("destination")[1:]


def literal(node: Node) -> str | None:
    """The text that a word has whatever happens; None if it depends on something."""
    if node.type == "command_name" and node.named_child_count == 1:
        return literal(node.named_children[0])
    if node.type in ("word", "number", "variable_name"):
        text = said(node)
        return None if any(sign in text for sign in "*?[~{\\") else text
    if node.type == "raw_string":
        return said(node)[1:-1]
    if node.type == "string" and all(child.type == "string_content" for child in node.named_children):
        text = said(node)[1:-1]
        return None if "\\" in text or "`" in text else text
    if node.type == "concatenation":
        parts = [literal(child) for child in node.named_children]
        return None if None in parts else "".join(part for part in parts if part)
    return None


def name_of(command: Node) -> str | None:
    """The name of a simple command, past ``command`` and ``builtin``; None if it is known only when it runs."""
    for word in words(command):
        text = literal(word)
        if text not in ("command", "builtin") and not (text or "").startswith("-"):
            return text
    return None


def exit_code(command: Node) -> int | None:
    """The code that an ``exit`` states; None if it states none that is a number."""
    given = words(command)[1:]
    text = literal(given[0]) if len(given) == 1 else None
    return int(text) % 256 if text is not None and _NUMBER.fullmatch(text) else None
