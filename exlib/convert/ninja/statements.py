"""What the statements of a ninja file say: rules, build statements, and the scopes in which names mean something."""

from __future__ import annotations

from dataclasses import dataclass, field

from exlib.convert.account import Place


@dataclass
class Rule:
    """A rule: its bindings, not expanded."""

    name: str
    place: Place
    bindings: dict[str, str] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    said: set[str] = field(default_factory=set)


class Scope:
    """The variables and rules of a file, over those of the file that it is a subninja of."""

    def __init__(self, outer: Scope | None = None) -> None:
        self.outer = outer
        self.variables: dict[str, str] = {}
        self.rules: dict[str, Rule] = {}

    def value(self, name: str) -> str:
        """The value of a variable; nothing if none has that name."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.variables:
                return scope.variables[name]
            scope = scope.outer
        return ""

    def rule(self, name: str) -> Rule | None:
        """The rule of a name."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.rules:
                return scope.rules[name]
            scope = scope.outer
        return None


@dataclass
class Build:
    """A build statement; ``scope`` holds its own variables over those of its file."""

    rule: str
    outputs: list[str]
    implicit_outputs: list[str]
    inputs: list[str]
    implicit: list[str]
    order_only: list[str]
    validations: list[str]
    place: Place
    scope: Scope
    bindings: dict[str, Place] = field(default_factory=dict)
    comments: list[tuple[str, Place]] = field(default_factory=list)
    note: dict[str, object] = field(default_factory=dict)
    said: bool = False

    @property
    def all_outputs(self) -> list[str]:
        """What it makes."""
        return [*self.outputs, *self.implicit_outputs]
