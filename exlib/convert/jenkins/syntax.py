"""What a Groovy text is made of, as far as a declarative pipeline needs it."""

from typing import NamedTuple


class Span(NamedTuple):
    """From where to where: offsets in the text, and lines counted from 1."""

    start: int
    end: int
    line: int
    end_line: int


class Literal(NamedTuple):
    """A text, number, truth value or null."""

    at: Span
    value: str | int | float | bool | None


class GString(NamedTuple):
    """An interpolated text: texts and expressions by turns."""

    at: Span
    parts: "tuple[str | Node, ...]"


class Name(NamedTuple):
    """A bare name."""

    at: Span
    name: str


class Property(NamedTuple):
    """``of.name``; ``?.`` counts as ``.``."""

    at: Span
    of: "Node"
    name: str


class Index(NamedTuple):
    """``of[key]``."""

    at: Span
    of: "Node"
    key: "Node"


class Call(NamedTuple):
    """A call, with parentheses or without: ``of.name(args, key: named) { body }``; ``of`` is None for a bare name."""

    at: Span
    of: "Node | None"
    name: str
    args: "tuple[Node, ...]" = ()
    named: "tuple[tuple[str, Node], ...]" = ()
    body: "Closure | None" = None

    def argument(self, key: str) -> "Node | None":
        """The named argument; of one of them that is given twice the last."""
        return dict(self.named).get(key)


class ListOf(NamedTuple):
    """``[a, b]``."""

    at: Span
    items: "tuple[Node, ...]"


class MapOf(NamedTuple):
    """``[a: 1]``; a key that is no plain name or text is None."""

    at: Span
    entries: "tuple[tuple[str | None, Node], ...]"


class Closure(NamedTuple):
    """``{ … }``, its statements one by one; ``head`` is true if it names parameters."""

    at: Span
    statements: "tuple[Node, ...]"
    head: bool


class Unary(NamedTuple):
    """A sign before a value."""

    at: Span
    sign: str
    value: "Node"


class Binary(NamedTuple):
    """A sign between two values."""

    at: Span
    sign: str
    left: "Node"
    right: "Node"


class Choice(NamedTuple):
    """``test ? yes : no``; ``test ?: no`` has no ``yes``."""

    at: Span
    test: "Node"
    yes: "Node | None"
    no: "Node"


class Assign(NamedTuple):
    """``target = value``, as a statement; ``declared`` with def or a type before it."""

    at: Span
    target: "Node"
    sign: str
    value: "Node"
    declared: bool = False


class Return(NamedTuple):
    """``return value``."""

    at: Span
    value: "Node | None"


class Opaque(NamedTuple):
    """A statement of Groovy the programming language, as far as it goes; ``word`` is how it begins."""

    at: Span
    word: str


Node = (
    Literal | GString | Name | Property | Index | Call | ListOf | MapOf | Closure | Unary | Binary | Choice | Assign
    | Return | Opaque
)  # fmt: skip
