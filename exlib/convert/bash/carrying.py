"""Statements that only set up the shell, and do the same whenever they are said again: every later job says them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from exlib.convert.bash.disguises import disguised
from exlib.convert.bash.grammar import exit_code, literal, name_of, parsed, said, walk, words

if TYPE_CHECKING:
    from tree_sitter import Node

_CHANGING = frozenset("RANDOM SRANDOM SECONDS LINENO EPOCHSECONDS EPOCHREALTIME BASHPID OLDPWD PIPESTATUS".split())
_UNCLEAR = frozenset(["command_substitution", "process_substitution", "postfix_expression", "file_redirect"])
_SIGNS = ("?", "!", "_", "$")
_OPTION = re.compile(r"[-+]\w+|[\w.:/-]+|--")
_FILES = re.compile(r"-[a-hkprstuwxLNOSG]|-nt|-ot|-ef")
_QUIET = ([">/dev/null"], [">", "/dev/null"], [">/dev/null", "2>&1"], ["&>/dev/null"])
_NOWHERE = (">/dev/null", "&>/dev/null", "2>&1", "2>/dev/null", ">/dev/null2>&1")
_OWN_NAME = re.compile(r"\$\{?(?:0|BASH_SOURCE)\b")
_PLACES = frozenset(["dirname", "basename", "realpath", "readlink", "cd", "pwd"])
_TOLD = ("echo", "printf")
Sourced = Callable[[str], "str | None"]


class Carrying:
    """Decides of statements; ``sourced`` gives the text of a file that the script reads in, if it can be known."""

    def __init__(self, sourced: Sourced, *, trusting: bool = False) -> None:
        """``trusting``: whatever is read in is taken to do no more than that."""
        self._sourced = sourced
        self._trusting = trusting
        self.trusted: list[Node] = []
        self._depth = 0

    def __call__(self, node: Node) -> bool:
        """Whether saying the statement again, in another process, does again what it did."""
        decide = getattr(self, f"_{node.type}", None)
        return decide is not None and bool(decide(node))

    def _function_definition(self, node: Node) -> bool:
        return not any(child.type.endswith("redirect") for child in node.children)

    def _variable_assignment(self, node: Node) -> bool:
        array = any(child.type == "array" for child in node.named_children)
        return _is_fixed(node) and not (array and any(sign in said(node) for sign in "*?["))

    def _variable_assignments(self, node: Node) -> bool:
        return all(self(child) for child in node.named_children)

    def _declaration_command(self, node: Node) -> bool:
        options = [said(child) for child in node.named_children if said(child).startswith("-")]
        if said(node.children[0]) == "local" or any(set(option) & set("npF") for option in options):
            return False
        return all(
            child.type == "variable_name" or said(child) in options or self(child) for child in node.named_children
        )

    def _unset_command(self, node: Node) -> bool:
        return all(literal(child) is not None for child in node.named_children)

    def _command(self, node: Node) -> bool:
        name, given = name_of(node), words(node)[1:]
        if name is None or node.named_children[0].type != "command_name":
            return False
        if disguised(node, {}) != (None, None):
            return False
        texts = [literal(word) for word in given]
        if name == "cd":
            return len(given) == 1 and _is_fixed(given[0]) and said(given[0]) != "-" and not _globs(given[0])
        if name in (":", "true"):
            return all(map(_is_fixed, given))
        if name == "set":
            return bool(texts) and all(text is not None and _OPTION.fullmatch(text) for text in texts)
        if name in ("shopt", "umask", "ulimit"):
            return bool(texts) and all(text is not None for text in texts)
        if name == "trap":
            # What it does is looked at only in the script itself.
            return len(texts) > 1 and None not in texts and not self._depth
        return name in (".", "source") and self._reads_in(node, texts)

    def _redirected_statement(self, node: Node) -> bool:
        body = node.child_by_field_name("body")
        if body is None or body.type != "command":
            return False
        if said(body) != "exec":
            return name_of(body) == "cd" and self(body) and said(node)[len(said(body)) :].split() in _QUIET
        signs = [child.children for child in node.named_children if child.type != "command"]
        return all(
            any(part.type in (">>", "&>>") for part in parts)
            or (any(part.type == ">&" for part in parts) and parts[-1].type == "number")
            for parts in signs
        ) and all(_is_fixed(part) for parts in signs for part in parts if part.type != "file_redirect")

    def _list(self, node: Node) -> bool:
        left, sign, right = node.children[0], node.children[1], node.children[-1]
        if sign.type == "||" and self(left) and self._gives_up(right):
            return True
        return len(node.children) == 3 and not _sets(node) and self(left) and self(right)

    def _if_statement(self, node: Node) -> bool:
        return not _sets(node) and all(self(child) for child in node.named_children)

    _else_clause = _if_statement
    _elif_clause = _if_statement

    def _test_command(self, node: Node) -> bool:
        return _is_fixed(node) and not any(
            inner.type in ("test_operator", "word") and _FILES.fullmatch(said(inner)) for inner in walk(node)
        )

    def _negated_command(self, node: Node) -> bool:
        return self(node.named_children[0])

    def _gives_up(self, node: Node) -> bool:
        """Whether it ends the script as a failure, at most with a message."""
        inner = node.named_children if node.type == "compound_statement" else [node]
        if not inner or any(child.type not in ("command", "redirected_statement") for child in inner):
            return False
        commands = [child.named_children[0] if child.type == "redirected_statement" else child for child in inner]
        *told, last = commands
        bare = not told and len(words(last)) == 1
        return all(name_of(one) in _TOLD and _is_fixed(one) for one in told) and (
            name_of(last) == "exit" and (bare or bool(exit_code(last)))
        )

    def _reads_in(self, node: Node, texts: list[str | None]) -> bool:
        if len(texts) == 1 and self._is_setup(texts[0]):
            return True
        known = self._sourced(texts[0]) if texts and texts[0] is not None else None
        if known is not None and _sets(parsed(known)):
            return False
        if self._trusting and not self._depth and all(map(_is_fixed, words(node)[1:])):
            self.trusted.append(node)
            return True
        return False

    def _is_setup(self, path: str | None) -> bool:
        """Whether a file that is read in only sets up the shell too."""
        text = self._sourced(path) if path is not None and self._depth < 8 else None
        if text is None:
            return False
        root = parsed(text)
        self._depth += 1
        try:
            return not (root.has_error or _sets(root)) and all(
                self(child) for child in root.named_children if child.type != "comment"
            )
        finally:
            self._depth -= 1


def _is_fixed(node: Node) -> bool:
    """Whether what stands there depends on nothing but the environment and the variables that it names."""
    if "$$" in said(node):
        return False
    for inner in _apart_from_places(node):
        if inner.type in _UNCLEAR or inner.type.startswith("heredoc"):
            return False
        if inner.type == "variable_name" and said(inner) in _CHANGING:
            return False
        if inner.type == "special_variable_name" and said(inner) in _SIGNS:
            return False
        if inner.type in ("simple_expansion", "expansion") and (said(inner)[1:] in _SIGNS or "${!" in said(inner)):
            return False
    return True


def _apart_from_places(node: Node) -> Iterator[Node]:
    """A node and all below it, without what asks for the folder of the script and nothing else."""
    if node.type == "command_substitution" and _is_place(node):
        return
    yield node
    for child in node.children:
        yield from _apart_from_places(child)


def _is_place(node: Node) -> bool:
    if not _OWN_NAME.search(said(node)):
        return False
    for inner in walk(node):
        if inner.type == "command" and name_of(inner) not in _PLACES:
            return False
        if inner.type in ("variable_assignment", "process_substitution", "pipeline", "subshell"):
            return False
        if inner.type == "file_redirect" and said(inner).replace(" ", "") not in _NOWHERE:
            return False
    return True


def _sets(node: Node) -> bool:
    """Whether an option may be set there, or a command may be one that is not what stands there."""
    commands = [inner for inner in walk(node) if inner.type == "command"]
    return any(name_of(inner) == "set" or disguised(inner, {})[0] for inner in commands)


def _globs(node: Node) -> bool:
    return any(inner.type == "word" and any(sign in said(inner) for sign in "*?[") for inner in walk(node))
