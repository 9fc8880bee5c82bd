"""What names mean at a place of a pipeline, and what an expression says there as far as it is known without Jenkins."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from exlib.convert.jenkins.syntax import Binary, Call, Choice, GString, ListOf, Literal, Name, Node, Property, Unary
from exlib.environment import DEFAULT_INHERITED, NAME, REFERENCE

SET_BY_JENKINS = frozenset(
    "BRANCH_NAME BRANCH_IS_PRIMARY CHANGE_ID CHANGE_URL CHANGE_TITLE CHANGE_AUTHOR CHANGE_TARGET CHANGE_BRANCH "
    "TAG_NAME BUILD_NUMBER BUILD_ID BUILD_DISPLAY_NAME JOB_NAME JOB_BASE_NAME BUILD_TAG EXECUTOR_NUMBER NODE_NAME "
    "NODE_LABELS WORKSPACE WORKSPACE_TMP JENKINS_HOME JENKINS_URL BUILD_URL JOB_URL GIT_COMMIT GIT_PREVIOUS_COMMIT "
    "GIT_PREVIOUS_SUCCESSFUL_COMMIT GIT_BRANCH GIT_LOCAL_BRANCH GIT_URL STAGE_NAME".split()
)


class Unknown:
    """Of what is not known."""


UNKNOWN: Final = Unknown()


class Ref(NamedTuple):
    """A variable of the environment within a text; ``needed``: nothing here sets it."""

    name: str
    needed: bool = False


Pieces = tuple[str | Ref, ...]
"""A text: parts that are known, and variables."""


class Scope:
    """The names at a place. ``env`` are variables of the pipeline; None is one whose value Groovy computes."""

    def __init__(self, variables: Mapping[str, str], local: Mapping[str, str | None]) -> None:
        """Begin with what --var says and with the variables of Groovy that stand before the pipeline."""
        self.variables = variables
        self.local = local
        self.env: dict[str, Pieces | None] = {}
        self.parameters: set[str] = set()
        self.switches: dict[str, bool] = {}
        """Parameters by name: whether it is true or false, or a text."""
        self.secrets: set[str] = set()
        self.exported: set[str] = set()
        """Variables that the commands of the jobs set, and not the document."""
        self.stage = ""
        self.used: set[str] = set()
        """Names of --var that a text refers to."""

    def within(self, stage: str | None = None) -> Scope:
        """A scope inside this one."""
        inner = Scope(self.variables, self.local)
        inner.env = dict(self.env)
        inner.parameters, inner.secrets, inner.used = set(self.parameters), self.secrets, self.used
        inner.switches = self.switches
        inner.exported = set(self.exported)
        inner.stage = self.stage if stage is None else stage
        return inner

    def declare(self, name: str, pieces: Pieces | None) -> None:
        """Set a variable; it is no parameter any more."""
        self.env[name] = pieces
        self.parameters.discard(name)

    def reference(self, name: str, *, bare: bool = False) -> Pieces | None:
        """What ``${name}`` or ``${env.name}`` stands for in a text; None if only Groovy knows."""
        if bare and name in self.local:
            value = self.local[name]
            return None if value is None else (value,)
        if name == "STAGE_NAME" and self.stage:
            return (self.stage,)
        if name in self.env or name in self.secrets:
            return (Ref(name, name in self.secrets or self.env.get(name) is None),)
        if name in self.variables and NAME.match(name):
            self.used.add(name)
            return (Ref(name),)
        if name in DEFAULT_INHERITED:
            return (Ref(name),)
        if bare and name not in SET_BY_JENKINS:
            return None
        return (Ref(name, True),) if NAME.match(name) else None

    def value(self, name: str) -> Any:
        """The text of a variable if it is decided: by --var, or because the pipeline itself sets it; else UNKNOWN."""
        return self._value(name, 0)

    def settled(self, name: str) -> Any:
        """The text of a variable as the document has it, parameters with their defaults; else UNKNOWN."""
        return self._settled(name, 0)

    def _settled(self, name: str, depth: int) -> Any:
        pieces = self.env.get(name)
        if pieces is None or name in self.secrets or name in self.exported or depth > 20:
            return UNKNOWN
        known = [piece if isinstance(piece, str) else self._settled(piece.name, depth + 1) for piece in pieces]
        return UNKNOWN if UNKNOWN in known else "".join(known)

    def _value(self, name: str, depth: int) -> Any:
        if name in self.variables:
            return self.variables[name]
        if name == "STAGE_NAME" and self.stage:
            return self.stage
        pieces = self.env.get(name)
        if pieces is None or name in self.parameters or name in self.secrets or depth > 20:
            return UNKNOWN
        known = [piece if isinstance(piece, str) else self._value(piece.name, depth + 1) for piece in pieces]
        return UNKNOWN if UNKNOWN in known else "".join(map(str, known))


def pieces(node: Node, scope: Scope) -> Pieces | None:
    """The text that an expression makes, with the variables in it; None if only Groovy knows."""
    if isinstance(node, Literal):
        return (text_of(node.value),)
    if isinstance(node, GString):
        parts = [(part,) if isinstance(part, str) else pieces(part, scope) for part in node.parts]
        return None if None in parts else _joined(*(part for part in parts if part is not None))
    if isinstance(node, Name):
        return scope.reference(node.name, bare=True)
    if isinstance(node, Property) and isinstance(node.of, Name):
        if node.of.name == "env":
            return scope.reference(node.name)
        if node.of.name == "params":
            if node.name in scope.parameters or node.name in scope.variables:
                return scope.reference(node.name)
            return None
    if isinstance(node, Binary) and node.sign == "+" and _is_text(node.left, node.right):
        left, right = pieces(node.left, scope), pieces(node.right, scope)
        return None if left is None or right is None else _joined(left, right)
    known = static(node, scope)
    return None if known is UNKNOWN or isinstance(known, (list, dict)) else (text_of(known),)


def _is_text(left: Node, right: Node) -> bool:
    """Whether a plus between the two joins texts."""
    for node in (left, right):
        if isinstance(node, GString) or (isinstance(node, Literal) and isinstance(node.value, str)):
            return True
        if isinstance(node, Property) and isinstance(node.of, Name) and node.of.name == "env":
            return True
        if isinstance(node, Binary) and node.sign == "+" and _is_text(node.left, node.right):
            return True
    return False


def _joined(*parts: Pieces) -> Pieces:
    found: list[str | Ref] = []
    for part in parts:
        for piece in part:
            if isinstance(piece, str) and found and isinstance(found[-1], str):
                found[-1] += piece
            elif piece != "":
                found.append(piece)
    return tuple(found)


def text_of(value: Any) -> str:
    """A value as Groovy writes it into a text."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def as_value(text: Pieces) -> str | None:
    """A text as a value of ``env_variables``; None if a part of it would be taken for a variable."""
    if any(isinstance(piece, str) and REFERENCE.search(piece) for piece in text):
        return None
    joined = "".join(piece if isinstance(piece, str) else f"${{{piece.name}}}" for piece in text)
    wanted = sum(isinstance(piece, Ref) for piece in text)
    return joined if len(REFERENCE.findall(joined)) == wanted else None


# Values that are known


def static(node: Node, scope: Scope) -> Any:
    """The value of an expression, as far as it is decided; else UNKNOWN. Truth is three-valued."""
    if isinstance(node, Literal):
        return node.value
    if isinstance(node, GString):
        parts = [part if isinstance(part, str) else static(part, scope) for part in node.parts]
        return UNKNOWN if UNKNOWN in parts else "".join(map(text_of, parts))
    if isinstance(node, Name):
        return _named(node.name, scope)
    if isinstance(node, Property) and isinstance(node.of, Name) and node.of.name in ("env", "params"):
        return scope.value(node.name) if node.of.name == "env" else _parameter(node.name, scope)
    if isinstance(node, ListOf):
        items = [static(item, scope) for item in node.items]
        return UNKNOWN if UNKNOWN in items else items
    if isinstance(node, Unary) and node.sign == "!":
        value = truth(static(node.value, scope))
        return UNKNOWN if value is None else not value
    if isinstance(node, Choice):
        return _chosen(node, scope)
    if isinstance(node, Binary):
        return _compared(node, scope)
    if isinstance(node, Call):
        return _called(node, scope)
    return UNKNOWN


def _parameter(name: str, scope: Scope) -> Any:
    """What is given for a parameter; "false" is a text that counts as true, unless it is declared to be a switch."""
    value = scope.variables.get(name)
    if value is None:
        return UNKNOWN
    if scope.switches.get(name, value in ("true", "false")):
        return value == "true" if scope.switches.get(name) else UNKNOWN
    return value


def _named(name: str, scope: Scope) -> Any:
    if scope.switches.get(name):
        return UNKNOWN  # it may be the text or the switch
    if name in scope.local:
        value = scope.local[name]
        return UNKNOWN if value is None else value
    return scope.value(name)


def truth(value: Any) -> bool | None:
    """Groovy's truth of a value; None if the value is not known."""
    return None if value is UNKNOWN else bool(value)


def _chosen(node: Choice, scope: Scope) -> Any:
    test = static(node.test, scope)
    decided = truth(test)
    if decided is None:
        return UNKNOWN
    if decided:
        return test if node.yes is None else static(node.yes, scope)
    return static(node.no, scope)


def _compared(node: Binary, scope: Scope) -> Any:
    left, right = static(node.left, scope), static(node.right, scope)
    if node.sign in ("&&", "||"):
        sides = (truth(left), truth(right))
        settles = node.sign == "||"
        if settles in sides:
            return settles
        return UNKNOWN if None in sides else not settles
    if left is UNKNOWN or right is UNKNOWN:
        return UNKNOWN
    if node.sign in ("==", "!="):
        if type(left) is not type(right) and left is not None and right is not None:
            return UNKNOWN  # Groovy compares a text with a number or a truth value in ways of its own
        return (left == right) == (node.sign == "==")
    if node.sign == "in" and isinstance(right, list):
        return left in right
    if node.sign in ("==~", "=~") and isinstance(left, str) and isinstance(right, str):
        found = matched(right, left, whole=node.sign == "==~")
        return UNKNOWN if found is None else found
    if node.sign == "+" and isinstance(left, str) and isinstance(right, str):
        return left + right
    if node.sign in ("<", "<=", ">", ">=") and type(left) is int and type(right) is int:
        return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[node.sign]
    return UNKNOWN


def _called(node: Call, scope: Scope) -> Any:
    if node.of is None or node.named or node.body:
        return UNKNOWN
    value = static(node.of, scope)
    if isinstance(value, bool) and node.name == "toBoolean" and not node.args:
        return value
    args = [static(arg, scope) for arg in node.args]
    if not isinstance(value, str) or any(not isinstance(arg, str) for arg in args) or len(args) > 1:
        return UNKNOWN
    arg = args[0] if args else None
    if arg is None:
        made: dict[str, Any] = {
            "trim": value.strip(), "toLowerCase": value.lower(), "toUpperCase": value.upper(),
            "toString": value, "isEmpty": not value,
            "toBoolean": value.strip().lower() in ("true", "y", "1"),
        }  # fmt: skip
    else:
        made = {
            "equals": value == arg, "equalsIgnoreCase": value.lower() == arg.lower(), "contains": arg in value,
            "startsWith": value.startswith(arg), "endsWith": value.endswith(arg),
        }  # fmt: skip
    return made.get(node.name, UNKNOWN)


_BEYOND = re.compile(r"\\[pPGHhRXQEZ]|\\[1-9k]|[*+?}]\+|&&|\(\?[<=!>#(P]|\)[*+{]|\[[^\]]*\[")
_ATOMS = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
"""Characters that are escaped, and classes: what stands in them repeats nothing."""


def _takes_long(pattern: str, text: str) -> bool:
    """Whether there may be so many ways to match that trying them one after the other takes seconds."""
    bare = _ATOMS.sub("x", pattern)
    repeats = sum(bare.count(sign) for sign in "*+{")
    choices = bare.count("?") - bare.count("(?:") + (bare.count("(") if "|" in bare else 0)
    return repeats > 2 or choices > 4 or (repeats > 1 and len(text) > 250)


def matched(pattern: str, text: str, *, whole: bool = True) -> bool | None:
    """Whether a pattern of Java matches; None for one that Python reads otherwise, or that could take its time."""
    if _BEYOND.search(pattern) or len(pattern) > 300 or len(text) > 1000 or _takes_long(pattern, text):
        return None
    try:
        return bool((re.fullmatch if whole else re.search)(pattern, text))
    except (re.error, OverflowError, RecursionError):
        return None
