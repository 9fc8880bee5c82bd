"""When a job or a step runs, as far as it can be told."""

from __future__ import annotations

from typing import Any, NamedTuple

from exlib.convert.github.contexts import WORLDS
from exlib.convert.github.evaluator import Contexts, evaluate
from exlib.convert.github.expressions import BadExpression, uses_status
from exlib.convert.github.templates import condition, is_padded
from exlib.convert.github.values import Unknown, truth
from exlib.convert.yaml.tree import Node

_PADDED = "the blanks or line ends around its ${{ }}, with which GitHub takes it for a text that is true: remove them"
SUCCESS, ALWAYS, FAILURE, NEVER, UNKNOWN = "success", "always", "failure", "never", "unknown"


class When(NamedTuple):
    """One of the words above, and what it depends on if it is unknown."""

    word: str
    paths: tuple[str, ...] = ()


def when(node: Node | None, contexts: Contexts) -> When:
    """When something with this ``if`` runs: after success, after failure, in either case or never."""
    if node is None:
        return When(SUCCESS)
    if not node.is_scalar:
        raise node.refuse("a condition is one expression")
    found = _when(node, contexts)
    if is_padded(node) and found.word not in (SUCCESS, ALWAYS):
        return When(UNKNOWN, (_PADDED,))
    return found


def _when(node: Node, contexts: Contexts) -> When:
    tree = condition(node)
    after_success = _value(tree, {**contexts, **WORLDS["success"]})
    succeeded = truth(after_success)
    if not uses_status(tree):
        return _word(after_success, SUCCESS, NEVER)
    after_failure = _value(tree, {**contexts, **WORLDS["failure"]})
    failed = truth(after_failure)
    if succeeded is None:
        return _word(after_success, SUCCESS, NEVER)
    if succeeded:
        paths = after_failure.paths if isinstance(after_failure, Unknown) and failed is None else ()
        return When(ALWAYS if failed else SUCCESS, paths)
    return When(FAILURE if failed or failed is None else NEVER, ("",) if failed is None else ())


def skipped_world(contexts: Contexts, node: Node | None) -> bool | None:
    """Whether a job runs though one that it needs is left out: only if its condition asks for no success."""
    if node is None:
        return False
    if is_padded(node):
        return None
    tree = condition(node)
    if not uses_status(tree):
        return False
    return truth(_value(tree, {**contexts, **WORLDS["success"], "success()": False}))


def _value(tree: Any, contexts: Contexts) -> Any:
    try:
        return evaluate(tree, contexts)
    except BadExpression as error:
        return Unknown((str(error),))


def _word(value: Any, yes: str, no: str) -> When:
    known = truth(value)
    if known is None:
        return When(UNKNOWN, value.paths if isinstance(value, Unknown) else ())
    return When(yes if known else no)


def undecided(paths: tuple[str, ...]) -> str:
    """Why a condition is not decided, and what would decide it."""
    names = [path for path in dict.fromkeys(paths) if path]
    settable = [name for name in names if name.split(".")[0] in ("github", "inputs", "vars", "runner") and "." in name]
    hint = f"; --var {settable[0]}=… decides it" if settable else ""
    return f"it depends on {', '.join(names) or 'what only a run knows'}{hint}"
