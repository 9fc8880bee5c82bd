"""What holds at a place of a pipeline: what the stages around a stage hand down to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from exlib.convert.jenkins.ledger import Ledger
from exlib.convert.jenkins.scope import Scope
from exlib.convert.jenkins.syntax import Call, Name, Node, Span

NO_PART = "it is no part of {}"


@dataclass(frozen=True)
class Context:
    """Texts are kept as they stand in the source, for the way back."""

    scope: Scope
    path: str = ""
    suffix: str = ""
    """What the cell of a matrix adds to the names of its stages."""
    env: dict[str, str] = field(default_factory=dict)
    exports: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)
    agent: str = ""
    tools: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    when: tuple[str, ...] = ()
    asked: str = ""
    timeout: float | None = None
    retries: int | None = None
    guards: tuple[str, ...] = ()
    skips: tuple[Span, str] | None = None
    """Where an option says that stages are skipped once the run is unstable."""
    beside: bool = False
    """Whether stages run side by side around it."""

    def with_(self, *, guards: Sequence[str] = (), **changes: Any) -> Context:
        """The context with other values; guards are added to those that are there."""
        return replace(self, guards=tuple(dict.fromkeys((*self.guards, *guards))), **changes)


def sections(ledger: Ledger, statements: Sequence[Node], known: frozenset[str], what: str) -> dict[str, Call]:
    """The sections of a block by their names. Raises InputError for one that is unknown or given twice."""
    found: dict[str, Call] = {}
    for statement in statements:
        name = statement.name if isinstance(statement, (Call, Name)) else ""
        if name not in known or (isinstance(statement, Call) and statement.of is not None):
            said = " ".join(ledger.text(statement.at).split())[:40]
            raise ledger.refuse(
                statement.at, f"{said!r} {NO_PART.format(what)}", f"there are {', '.join(sorted(known))}"
            )
        if name in found:
            raise ledger.refuse(statement.at, f"{name} is given twice in {what}")
        if not isinstance(statement, Call):
            raise ledger.refuse(statement.at, f"{name} says nothing")
        found[name] = statement
    return found


def body_of(ledger: Ledger, call: Call) -> tuple[Node, ...]:
    """The statements of a block. Raises InputError if it has none."""
    if call.body is None or call.body.head:
        raise ledger.refuse(call.at, f"{call.name} needs a block in braces")
    return call.body.statements
