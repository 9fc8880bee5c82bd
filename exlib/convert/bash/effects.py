"""What a piece of a script needs of the shell that runs it, and what it leaves in that shell for what follows.

State has names: those of variables, and of what is no variable, which begin with ``%``: the directory, options, the
arguments of the script, the environment, open descriptors and traps, children in the background. A piece that leaves
something cannot be in another process than the pieces that need it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from exlib.convert.bash.disguises import LASTING, UNKNOWN, disguised, is_harmless
from exlib.convert.bash.grammar import NAME, exit_code, literal, name_of, parsed, said, walk, words

if TYPE_CHECKING:
    from tree_sitter import Node

ANY, CWD, OPTIONS, ARGUMENTS, ENVIRONMENT, OPEN, CHILDREN, PID = (
    "%any", "%cwd", "%options", "%arguments", "%environment", "%open", "%children", "%pid"
)  # fmt: skip
AROUND = frozenset([ANY, CWD, OPTIONS, ENVIRONMENT, OPEN])
"""What every command runs in."""
_LEAVES = {
    "cd": CWD, "pushd": CWD, "popd": CWD, "set": OPTIONS, "shopt": OPTIONS, "umask": OPTIONS, "ulimit": OPTIONS,
    "trap": OPTIONS, "shift": ARGUMENTS, "eval": ANY, ".": ANY, "source": ANY,
}  # fmt: skip
_NAMING = frozenset(["read", "mapfile", "readarray", "getopts", "let", "printf"])
_CHILDREN = frozenset(["wait", "kill"])
_GIVEN = ('"$@"', '"${@}"', '"$1"', '"${1}"')
_EXPORTED = frozenset(
    "PATH HOME LD_LIBRARY_PATH PYTHONPATH PERL5LIB TMPDIR LANG LC_ALL TZ SHELL USER JAVA_HOME CLASSPATH CC CXX".split()
)
_ARGUMENT = re.compile(r"[1-9]\d*|[@*#]")
_ASSIGNED = re.compile(r"([A-Za-z_]\w*)\s*(?:[-+*/%&|^]|<<|>>)?=(?!=)", re.ASCII)
_STEPPED = re.compile(r"([A-Za-z_]\w*)\s*(?:\+\+|--)|(?:\+\+|--)\s*([A-Za-z_]\w*)", re.ASCII)
_SUBSHELLS = ("subshell", "command_substitution", "process_substitution")
_SEQUENCES = frozenset(["do_group", "compound_statement", "subshell", "if_statement", "else_clause", "for_statement"])
_LATE = frozenset(["SECONDS", "BASH_COMMAND", "FUNCNAME", "BASH_SUBSHELL", "BASH_EXECUTION_STRING"])


@dataclass
class Effects:
    """``needs`` and ``leaves`` are names of state; ``whole`` is why the whole script must stay in one process."""

    needs: set[str] = field(default_factory=set)
    leaves: set[str] = field(default_factory=set)
    calls: set[str] = field(default_factory=set)
    told: set[tuple[str, tuple[str | None, ...]]] = field(default_factory=set)
    exported: set[str] = field(default_factory=set)
    local: set[str] = field(default_factory=set)
    previous: bool = False
    dynamic: bool = False
    whole: str | None = None

    def take(self, other: Effects, *, apart: bool = False) -> None:
        """Add what another piece does; ``apart``, in a process of its own."""
        self.needs |= other.needs
        self.calls |= other.calls
        self.told |= other.told
        self.previous |= other.previous
        self.dynamic |= other.dynamic
        if apart:
            if CHILDREN in other.leaves:
                self.whole = "a process that it leaves in the background"
            return
        self.leaves |= other.leaves
        self.exported |= other.exported
        self.whole = self.whole or other.whole


def of(node: Node, constants: Mapping[str, tuple[int, str]], *, function: bool = False) -> Effects:
    """What one piece needs and leaves, but for what the functions do that it calls."""
    found = _Reader(function, constants).read(node)
    if "$$" in said(node):
        found.needs.add(PID)
        found.leaves.add(PID)
    return found


def with_calls(effects: Effects, functions: Mapping[str, Effects]) -> Effects:
    """The same with what the functions do that are called, and those that they call."""
    total, seen = Effects(), set[str]()
    stack = [effects]
    while stack:
        one = stack.pop()
        total.take(one)
        for name in one.calls & functions.keys() - seen:
            seen.add(name)
            stack.append(functions[name])
    if not all(_is_sure(name, given, functions) for name, given in total.told):
        total.whole = total.whole or UNKNOWN
    return total


def _is_sure(name: str, given: tuple[str | None, ...], functions: Mapping[str, Effects]) -> bool:
    """Whether it is known what a function runs that runs its arguments; and that a trap calls no function."""
    if name == "trap":
        return not functions.keys() & set(given)
    if name not in functions or not functions[name].dynamic:
        return True
    if functions[name].calls & {"set", "eval", ".", "source", "exec"}:
        return False
    shifted = given if "shift" in functions[name].calls else given[:1]
    return all(
        word is not None and word not in functions and (is_harmless(word) or word.startswith("-")) for word in shifted
    )


class _Reader:
    def __init__(self, function: bool, constants: Mapping[str, tuple[int, str]]) -> None:
        self._function = function
        self._constants = constants

    def read(self, node: Node, ran: bool = False) -> Effects:
        """``ran``: whether a command of the same piece has ended before, to whose exit code ``$?`` then belongs."""
        found = Effects(previous=False)
        self._ran = ran
        self._visit(node, found)
        found.needs -= found.local
        found.leaves -= found.local
        return found

    def _visit(self, node: Node, into: Effects) -> None:
        kind = node.type
        if kind in _SUBSHELLS or kind == "pipeline":
            inner = Effects()
            for child in node.children:
                self._visit(child, inner)
            self._ampersands(node, inner)
            into.take(inner, apart=True)
        elif kind == "function_definition":
            into.leaves.add(ANY)
        elif kind in ("for_statement", "select_statement"):
            self._loop(node, into)
        else:
            handle = getattr(self, f"_{kind}", None)
            if handle is not None:
                handle(node, into)
            for child in node.children:
                self._visit(child, into)
            self._ampersands(node, into)
            if kind in ("command", "test_command", "declaration_command"):
                self._ran = True

    @staticmethod
    def _ampersands(node: Node, into: Effects) -> None:
        if node.type == "binary_expression":
            return
        if any(child.type == "&" and not _waited_for(child) for child in node.children):
            into.leaves.add(CHILDREN)

    def _command(self, node: Node, into: Effects) -> None:
        given = words(node)
        if self._function and given and said(given[0]) in _GIVEN:
            into.dynamic = True
            return
        why, name = disguised(node, self._constants)
        if why is not None:
            into.whole = into.whole or why
            into.needs.add(ANY)
        name = name or (literal(given[0]) if given else None)
        if name is None:
            return
        into.calls.add(name)
        into.told.add((name, tuple(map(literal, given[1:]))))
        if why is not None:
            return
        if name in _LEAVES and not (name == "shift" and self._function):
            into.leaves.add(_LEAVES[name])
        if name == "set" and not self._function:
            into.leaves.add(ARGUMENTS)
        if name in ("eval", ".", "source"):
            into.needs.add(ANY)
        if name in _CHILDREN:
            into.needs.add(CHILDREN)
        if name in _NAMING:
            self._names(name, given[1:], into)
        self._ends(name, node, into)

    @staticmethod
    def _names(name: str, given: list[Node], into: Effects) -> None:
        texts = [said(word).strip("\"'") for word in given]
        unsure = [word for word in (given[:1] if name == "printf" else given) if literal(word) is None]
        if name != "printf" or texts[:1] == ["-v"] or any(not said(word).startswith('"') for word in unsure):
            # Which variable is set is known only when it runs.
            into.leaves |= {ANY} if unsure or (name == "printf" and literal(given[1]) is None) else set()
        texts = [text[at:] for text in texts for at in (range(len(text)) if _glued(name, text) else (0,))]
        if name == "let":
            for text in texts:
                into.leaves |= set(_ASSIGNED.findall(text)) | set(NAME.findall(text))
            return
        if name == "printf":
            texts = texts[1:3] if given and (literal(given[0]) or "").startswith("-v") else []
        into.leaves |= {text.partition("[")[0] for text in texts if NAME.match(text)}
        if name == "read":
            into.leaves.add("REPLY")
        if name in ("mapfile", "readarray"):
            into.leaves.add("MAPFILE")
        if name == "getopts":
            into.leaves |= {"OPTARG", "OPTIND"}
            into.needs |= {ARGUMENTS, "OPTIND"}

    def _ends(self, name: str, node: Node, into: Effects) -> None:
        if name == "exit" and not exit_code(node):
            before, given = node.prev_sibling, words(node)[1:]
            if before is None or before.type != "||" or (given and said(given[0]) not in ("$?", '"$?"')):
                into.whole = "an exit that may be a success"
        elif name == "return" and not self._function:
            into.whole = "a return outside of a function"
        elif name == "exec":
            if len(words(node)) > 1:
                into.whole = "an exec of a command, which nothing follows"
            into.leaves.add(OPEN)
        elif name == "trap":
            self._trap(node, into)

    def _trap(self, node: Node, into: Effects) -> None:
        """What a trap does it does within any later command: it may speak of nothing that changes."""
        action = next((text for text in map(literal, words(node)[1:]) if text != "--"), None)
        root = parsed(action or "")
        inner = _Reader(self._function, {}).read(root)
        into.whole = into.whole or inner.whole
        into.told.add(("trap", tuple(inner.calls)))
        if root.has_error or inner.leaves or inner.dynamic or inner.needs - {"LINENO"}:
            into.whole = into.whole or "a trap that speaks of what changes"

    def _variable_assignment(self, node: Node, into: Effects) -> None:
        # Before a command it holds for that command alone.
        name = _target(node)
        if node.parent is not None and node.parent.type == "command":
            if name_of(node.parent) in LASTING:
                into.leaves |= {name, ENVIRONMENT}
            return
        if node.parent is not None and node.parent.type == "declaration_command":
            return
        into.leaves.add(name)
        if name in ("RANDOM", "SECONDS", "BASH_ALIASES", "BASH_CMDS", "POSIXLY_CORRECT", "BASH_COMPAT"):
            into.whole = f"{name}, which changes the shell itself"
        if name == "IFS":
            into.leaves.add(OPTIONS)
        if name in _EXPORTED or name.startswith("LC_"):
            into.leaves.add(ENVIRONMENT)
        if "+=" in said(node)[: len(said(node).partition("=")[0]) + 1]:
            into.needs.add(name)

    def _declaration_command(self, node: Node, into: Effects) -> None:
        word = said(node.children[0])
        names = {
            _target(child) if child.type == "variable_assignment" else said(child)
            for child in node.named_children
            if child.type in ("variable_assignment", "variable_name")
        }
        options = [said(child) for child in node.named_children if said(child).startswith("-")]
        unsure = [child for child in node.named_children if child.type not in ("variable_assignment", "variable_name")]
        if any("n" in option for option in options) or any(_is_unsure(word) for word in unsure):
            into.leaves.add(ANY)
        if word == "local" or (self._function and word in ("declare", "typeset") and "-g" not in options):
            into.local |= names
            return
        into.leaves |= names
        if word == "export" or any("x" in option for option in options):
            into.leaves.add(ENVIRONMENT)
            into.exported |= names

    def _unset_command(self, node: Node, into: Effects) -> None:
        if any(literal(child) is None for child in node.named_children):
            into.leaves.add(ANY)
        into.leaves |= {said(child) for child in node.named_children}
        into.leaves.add(ENVIRONMENT)

    def _loop(self, node: Node, into: Effects) -> None:
        """What the loop's own variable was before, the loop does not need."""
        inner = Effects()
        own = next((child for child in node.named_children if child.type == "variable_name"), None)
        for child in node.children:
            if child != own:
                self._visit(child, inner)
        if own is not None:
            words_of = [child for child in node.named_children if child.type not in ("variable_name", "do_group")]
            if not any(said(own) in said(child) for child in words_of):
                inner.needs.discard(said(own))
            inner.leaves.add(said(own))
        into.take(inner)
        into.local |= inner.local
        self._ampersands(node, into)

    def _variable_name(self, node: Node, into: Effects) -> None:
        name = said(node)
        if name[0].isdigit():  # $1x is $1 and an x
            self._special(name if name.isdigit() else name[0], into)
            return
        if name in _LATE:
            into.whole = f"${name}, which tells of the whole script"
        if name == "PIPESTATUS":
            into.previous |= not self._ran
        into.needs.add(name)

    def _arithmetic(self, node: Node, into: Effects) -> None:
        text = said(node)
        into.needs |= set(NAME.findall(text))
        into.leaves |= set(_ASSIGNED.findall(text))
        into.leaves |= {before or after for before, after in _STEPPED.findall(text)}

    _arithmetic_expansion = _arithmetic
    _subscript = _arithmetic

    def _c_style_for_statement(self, node: Node, into: Effects) -> None:
        for child in node.named_children:
            if child.type not in ("do_group", "compound_statement"):
                self._arithmetic(child, into)

    def _compound_statement(self, node: Node, into: Effects) -> None:
        if said(node).startswith("(("):
            self._arithmetic(node, into)

    def _test_command(self, node: Node, into: Effects) -> None:
        if "=~" in said(node):
            into.leaves.add("BASH_REMATCH")
        # Arithmetic tests take the names of variables without a dollar.
        for child in node.named_children:
            for inner in walk(child):
                if inner.type == "word":
                    into.needs |= set(NAME.findall(said(inner)))

    def _expansion(self, node: Node, into: Effects) -> None:
        text = said(node)
        if text.startswith("${!"):
            into.needs.add(ANY)
        for child in node.children:
            if child.type in (":=", "=") and (name := node.child_by_field_name("variable") or _first_name(node)):
                into.leaves.add(said(name))

    def _special_variable_name(self, node: Node, into: Effects) -> None:
        self._special(said(node), into)

    def _special(self, sign: str, into: Effects) -> None:
        if sign in ("?", "_"):
            into.previous |= not self._ran
        elif sign == "!":
            into.needs.add(CHILDREN)
            into.previous = True
        elif sign == "$":
            into.needs.add(PID)
            into.leaves.add(PID)
        elif _ARGUMENT.fullmatch(sign) and not self._function:
            into.needs.add(ARGUMENTS)

    def _simple_expansion(self, node: Node, into: Effects) -> None:
        sign = said(node)[1:]
        if len(sign) == 1 and not (node.named_children and node.named_children[0].type == "special_variable_name"):
            self._special(sign, into)


def _waited_for(sign: Node) -> bool:
    """Whether a ``wait`` for all follows surely, in the same piece."""
    node: Node | None = sign
    while node is not None and node.parent is not None and node.parent.type in _SEQUENCES:
        after = node.next_sibling
        while after is not None:
            if after.type == "command" and said(after) == "wait":
                return True
            after = after.next_sibling
        node = node.parent
    return False


def _glued(name: str, text: str) -> bool:
    """Whether a word may hold options and the name of a variable in one."""
    return name in ("read", "mapfile", "readarray", "printf") and text.startswith("-")


def _is_unsure(word: Node) -> bool:
    """Whether a word of a declaration is no option, so that it may name any variable."""
    text = literal(word)
    return text is None or not text.startswith(("-", "+"))


def _target(node: Node) -> str:
    return said(node).partition("=")[0].rstrip("+").partition("[")[0]


def _first_name(node: Node) -> Node | None:
    return next((child for child in node.named_children if child.type == "variable_name"), None)
