"""What a job says of its matrix: its combinations, and whether they run one after another."""

from __future__ import annotations

from typing import Any

from exlib.convert.github import matrix
from exlib.convert.github.conditions import undecided
from exlib.convert.github.ledger import Ledger
from exlib.convert.github.templates import value_of
from exlib.convert.github.values import Unknown
from exlib.convert.yaml.tree import Node


def combinations(node: Node, contexts: dict[str, Any], ledger: Ledger) -> list[Any] | Unknown:
    """The combinations of the matrix of a job, one None if it has none; or what they depend on."""
    strategy = node.get("strategy")
    if strategy is None:
        return [None]
    if not strategy.is_map:
        raise strategy.refuse("a map with matrix is needed")
    found = strategy.get("matrix")
    say = ledger.say
    if found is None:
        return [None]
    combined = matrix.combinations(found, contexts)
    if isinstance(combined, Unknown):
        say("manual", found, "matrix", f"its combinations are not known: {undecided(combined.paths)}")
        return combined
    if not combined:
        raise found.refuse("nothing is left of the matrix")
    say("exact", found, "matrix", f"{len(combined)} combinations")
    return combined


def is_chain(node: Node, count: int, contexts: dict[str, Any], ledger: Ledger) -> bool:
    """Whether the combinations run one after another, none after a failure; the account is told how they run."""
    strategy = node.get("strategy")
    if strategy is None:
        return False
    fast, parallel = strategy.get("fail-fast"), strategy.get("max-parallel")
    most = value_of(parallel, contexts) if parallel is not None else None
    ends = fast is None or value_of(fast, contexts) not in (False, "false")
    one = isinstance(most, Unknown) or most == 1
    say = ledger.say
    if count < 2 or (ends and one):
        how = "one after another, none after a failure" if count > 1 else ""
        for key, given in (("fail-fast", fast), ("max-parallel", parallel)):
            unknown = given is not None and isinstance(value_of(given, contexts), Unknown) and count > 1
            ledger.say("approximated" if unknown else "exact", given, key, how) if given is not None else None
        return count > 1
    if parallel is not None:
        say(
            "dropped",
            parallel,
            "max-parallel",
            "nothing limits the jobs of one matrix; ex-run --max-workers limits all",
        )
    if ends:
        what = "fail-fast is the default there: " if fast is None else ""
        reason = f"{what}here a failure neither ends the other combinations nor keeps them from running"
        say("approximated", fast or strategy, "fail-fast", reason, whole=fast is not None)
    else:
        ledger.exact(fast, "fail-fast")
    return False
