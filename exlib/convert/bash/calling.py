"""What a script knows of its caller, which a job does not have: its own name, its arguments, its standard input.

The name stands in a variable of the document instead, as the script's path is known when it is read. The arguments are
none: where the script does not see to that itself, the job waits for a person, and so it does where somebody is asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from exlib.convert.account import Fate
from exlib.convert.bash.grammar import literal, name_of, said, walk, words

if TYPE_CHECKING:
    from tree_sitter import Node

SCRIPT = "EX_SCRIPT"
"""The variable that holds the path of the script."""
_NO_NAME = f"nothing tells which script it is: give ex-run --env {SCRIPT}=PATH, or convert it as a file"
_NO_PLACE = "only $0 and ${BASH_SOURCE[0]} are known: write the path of the script"
_NO_ARGUMENTS = "a job has no arguments: it is what the script does without any"
_ASKED_ARGUMENTS = "it takes arguments, and a job has none: write set -- ARGUMENTS before its commands"
_NO_INPUT = "the standard input of a job is empty"
_ASKS = "it asks on standard input, which is empty here: write the answer"
_LINES = "lines are counted within the command of the job"
_OTHERWISE = frozenset([":-", "-", ":=", "=", ":+", "+", ":?", "?"])
_TOLD = ("echo", "printf")
_READING = frozenset(["read", "mapfile", "readarray"])
_LATER = re.compile(r"\$\{?(?:(?P<name>0|BASH_SOURCE)|(?P<argument>[1-9@*#])|(?P<line>LINENO))")
_OWN_NAME = re.compile(r"\$(?:(?P<brace>\{)(?P<name>0|BASH_SOURCE(?:\[0\]|(?!\[)))|0|BASH_SOURCE\b)")
_COUNTED = re.compile(
    r"""\$\{?#|\$\{\d+:?[-=+?]|-[nz]\s+["']?\$\{?[1-9@*]|["']?\$\{?[1-9]\}?["']?\s*!?==?\s*(?:''|"")"""
)
_ENDS = re.compile(r"\b(?:exit|die|usage|return|abort|fail|error)\b")
_CONTROL = frozenset(["while_statement", "if_statement", "elif_clause", "list", "case_statement", "test_command"])
_QUOTED = re.compile(r"'[^']*'|(?m:(?:^|(?<=\s))#.*$)")


class Finding(NamedTuple):
    """One such construct, at a byte of the script; ``held``: its job waits, ``file``: the script has to be there."""

    start: int
    line: int
    construct: str
    fate: Fate
    reason: str
    held: bool = False
    file: bool = False


class Span(NamedTuple):
    """Bytes of the script that are written otherwise in jobs."""

    start: int
    end: int
    text: bytes


class Calling:
    """All findings of a script, in their order, and its text as jobs have it."""

    def __init__(self, root: Node, raw: bytes, script: str | None, *, clear: bool) -> None:
        """``script`` is its path if that is known; ``clear``: the tree is one to rely on."""
        self._raw = raw
        self._script = script
        self.spans: list[Span] = []
        found = self._found(root) if clear else self._unclear()
        self.findings = sorted(found, key=lambda one: one.start)

    def text(self, start: int, end: int) -> str:
        """The text from a byte to another."""
        pieces, at = [], start
        for span in self.spans:
            if start <= span.start and span.end <= end:
                pieces += [self._raw[at : span.start], span.text]
                at = span.end
        return b"".join([*pieces, self._raw[at:end]]).decode()

    def _found(self, root: Node) -> list[Finding]:
        found: list[Finding] = []
        for node in walk(root):
            if node.type in ("simple_expansion", "expansion"):
                found += self._expansion(node)
            elif node.type == "command":
                found += [*self._command(node), *self._later(node)]
            elif node.type == "for_statement" and node.children[0].type == "select":
                if not _is_fed(node):
                    found.append(self._finding(node, "select", "manual", _ASKS, held=True))
            elif node.type == "for_statement" and not any(child.type == "in" for child in node.children):
                found += self._arguments(node, given=True)
            elif node.type == "variable_name" and said(node) in ("BASH_SOURCE", "LINENO", "BASH_LINENO"):
                found += self._variable(node)
        self.spans.sort()
        return found

    def _unclear(self) -> Iterator[Finding]:
        text = self._raw.decode()
        for match in _LATER.finditer(_QUOTED.sub(lambda quoted: " " * len(quoted[0]), text)):
            start = len(text[: match.start()].encode())
            line = text.count("\n", 0, match.start()) + 1
            if match["name"]:
                yield Finding(start, line, "$0", "manual", "write the path of the script", held=True)
            elif match["argument"]:
                yield Finding(start, line, "arguments", "approximated", _NO_ARGUMENTS)
            else:
                yield Finding(start, line, "$LINENO", "approximated", _LINES)

    @staticmethod
    def _finding(
        node: Node, construct: str, fate: Fate, reason: str, *, held: bool = False, file: bool = False
    ) -> Finding:
        return Finding(node.start_byte, node.start_point[0] + 1, construct, fate, reason, held, file)

    def _expansion(self, node: Node) -> Iterator[Finding]:
        text = said(node)
        if node.type == "simple_expansion":
            name = text[1:]
            if name[:1] == "0" or name == "BASH_SOURCE":
                end = node.start_byte + (2 if name[:1] == "0" else len(text))
                yield from self._name(node, node.start_byte, end, plain=True)
            elif name[:1].isdigit() or name in ("@", "*", "#"):
                yield from self._arguments(node, given=not name[:1].isdigit())
            return
        inner = next((one for one in node.children if one.type in _NAMED), None)
        sign = node.children[1].type if len(node.children) > 1 else ""
        if inner is None:
            return
        name = said(inner)
        if inner.type == "subscript" and name.startswith("BASH_SOURCE["):
            if name == "BASH_SOURCE[0]" and sign == "subscript":
                yield from self._name(node, inner.start_byte, inner.end_byte)
            else:
                yield self._finding(node, "$BASH_SOURCE", "manual", _NO_PLACE, held=True)
        elif name in ("0", "BASH_SOURCE"):
            if sign in ("!", "#"):
                yield self._finding(node, "$0", "manual", _NO_PLACE, held=True)
            else:
                yield from self._name(node, inner.start_byte, inner.end_byte)
        elif name.isdigit() or name in ("@", "*", "#"):
            otherwise = any(child.type in _OTHERWISE for child in node.children)
            yield from self._arguments(node, given=otherwise or not name.isdigit())

    def _name(self, node: Node, start: int, end: int, *, plain: bool = False) -> Iterator[Finding]:
        told = _is_told(node)
        if self._script is None and told:
            yield self._finding(node, "$0", "approximated", "it is the name of the shell")
            return
        text = SCRIPT
        if plain:
            glued = self._raw[end : end + 1].replace(b"_", b"a").isalnum()
            text = f"${{{SCRIPT}}}" if glued else f"${SCRIPT}"
        self.spans.append(Span(start, end, text.encode()))
        if self._script is None:
            yield self._finding(node, "$0", "manual", _NO_NAME, file=True)
        else:
            where = f"it is {self._script}, seen from where the jobs run"
            yield self._finding(node, "$0", "approximated", where, file=not told)

    def _arguments(self, node: Node, *, given: bool) -> Iterator[Finding]:
        """``given``: it means something without any argument too."""
        if any(one.type == "function_definition" for one in _above(node)) or self._are_set(node):
            return
        if given or self._is_asked(node):
            yield self._finding(node, "arguments", "approximated", _NO_ARGUMENTS)
        else:
            yield self._finding(node, "arguments", "manual", _ASKED_ARGUMENTS, held=True)

    def _before(self, node: Node) -> Iterator[Node]:
        """The statements at the top before that of a node."""
        top = node
        for top in _above(node):
            if top.parent is not None and top.parent.parent is None:
                break
        one = top.prev_named_sibling
        while one is not None:
            yield one
            one = one.prev_named_sibling

    def _are_set(self, node: Node) -> bool:
        """Whether the script states its arguments itself."""
        for one in self._before(node):
            if one.type == "command" and name_of(one) == "set":
                given = [literal(word) for word in words(one)[1:]]
                if given[:1] == ["--"] or any(text is None or text[:1] not in "-+" for text in given[:1]):
                    return True
        return False

    def _is_asked(self, node: Node) -> bool:
        """Whether the script sees to it that there is an argument: it asks around there, or ended otherwise before."""
        for one in _above(node):
            end = one.end_byte if one.type == "test_command" else node.start_byte
            if one.type in _CONTROL and _COUNTED.search(self._raw[one.start_byte : end].decode()):
                return True
        return any(_COUNTED.search(said(one)) and _ENDS.search(said(one)) for one in self._before(node))

    def _command(self, node: Node) -> Iterator[Finding]:
        name, given = name_of(node), words(node)[1:]
        if name in ("getopts", "shift"):
            yield from self._arguments(node, given=True)
        elif name == "caller":
            yield self._finding(node, "caller", "approximated", _LINES)
        elif name in _READING and not _is_fed(node):
            options = "".join(text[1:] for text in map(said, given) if text.startswith("-"))
            if name == "read" and "u" in options:
                return
            inside = any(one.type == "function_definition" for one in _above(node))
            if inside and not set("ps") & set(options):
                yield self._finding(node, "standard input", "approximated", f"{_NO_INPUT}, unless {name} is fed")
            else:
                yield self._finding(node, "standard input", "manual", _ASKS, held=True)
        elif name == "cat" and all(said(word).startswith("-") for word in given) and not _is_fed(node):
            yield self._finding(node, "standard input", "approximated", _NO_INPUT)

    def _later(self, node: Node) -> Iterator[Finding]:
        """What a text says that is read when its time has come."""
        if name_of(node) not in ("trap", "eval"):
            return
        for word in words(node)[1:]:
            raw = word.type == "raw_string"
            text = said(word) if raw or word.type == "ansi_c_string" else "".join(re.findall(r"\\(\$.\w*)", said(word)))
            for match in _LATER.finditer(text):
                if match["line"]:
                    yield self._finding(word, "$LINENO", "approximated", _LINES)
                elif match["name"] and raw and (own := _OWN_NAME.match(text, match.start())):
                    at = word.start_byte + len(text[: own.start()].encode())
                    begin = at + own.start("name") - own.start() if own["brace"] else at
                    end = at + len(own[0])
                    yield from self._name(word, begin, end, plain=not own["brace"])
                elif match["name"]:
                    yield self._finding(word, "$0", "manual", _NO_PLACE, held=True)
                elif match["argument"]:
                    yield from self._arguments(word, given=not match["argument"].isdigit())

    def _variable(self, node: Node) -> Iterator[Finding]:
        if said(node) != "BASH_SOURCE":
            yield self._finding(node, "$LINENO", "approximated", _LINES)
        elif node.parent is None or node.parent.type not in ("simple_expansion", "expansion", "subscript"):
            yield self._finding(node, "$BASH_SOURCE", "manual", _NO_PLACE, held=True)


_NAMED = frozenset(["variable_name", "special_variable_name", "subscript"])


def _above(node: Node) -> Iterator[Node]:
    """A node and all around it."""
    one: Node | None = node
    while one is not None:
        yield one
        one = one.parent


def _is_told(node: Node) -> bool:
    """Whether a variable is only printed, to where nobody reads it again."""
    command = None
    for one in _above(node):
        if one.type == "command" and command is None:
            command = one
            if name_of(one) not in _TOLD:
                return False
        if one.type in ("command_substitution", "pipeline", "process_substitution") or (
            one.type == "file_redirect" and command is None
        ):
            return False
        if one.type == "redirected_statement" and not all(
            said(child).lstrip("012 ") in (">&2", ">/dev/stderr", "> /dev/stderr")
            for child in one.named_children
            if child.type.endswith("redirect")
        ):
            return False
    return command is not None


def _is_fed(node: Node) -> bool:
    """Whether something else than the script's own standard input is read there."""
    before = node
    for one in _above(node):
        if one.type == "pipeline" and before != one and one.named_children[:1] != [before]:
            return True
        redirects = [child for child in one.named_children if child.type.endswith("redirect")]
        if one.type in ("command", "redirected_statement", "function_definition") and before not in redirects:
            for child in redirects:
                if child.type != "file_redirect":
                    return True
                if any(sign.type in ("<", "<&") for sign in child.children) and "/dev/tty" not in said(child):
                    return True
        if one.parent is not None and one.parent.parent is None:
            return _takes_over(one)
        before = one
    return False


def _takes_over(top: Node) -> bool:
    """Whether a statement before gives the script another standard input."""
    one = top.prev_named_sibling
    while one is not None:
        if one.type == "redirected_statement" and re.match(r"exec\s+0?<", said(one)):
            return True
        one = one.prev_named_sibling
    return False
