"""The section ``environment``: variables that are known, secrets, and what only Groovy can compute."""

from __future__ import annotations

import re

from exlib.convert.jenkins.context import Context, body_of
from exlib.convert.jenkins.ledger import Ledger
from exlib.convert.jenkins.scope import Pieces, Ref, Scope, as_value, pieces
from exlib.convert.jenkins.shell import WORKSPACE, word
from exlib.convert.jenkins.syntax import Assign, Call, Name, Node
from exlib.environment import NAME

_WORD = re.compile(r"\w+")


def environment(ledger: Ledger, call: Call, context: Context) -> Context:
    """The context with the variables; what Groovy computes guards the jobs."""
    path = f"{context.path}environment"
    ledger.head("exact", call.at, path, "environment")
    section = _Section(ledger, context, path)
    assigned = [section.assignment(each) for each in body_of(ledger, call)]
    for name, _ in assigned:
        section.scope.env.setdefault(name, None)
    for name, node in _in_order(ledger, assigned):
        section.read(name, node)
    env, guards = unmoved(context, section.env, {name for name, _ in assigned})
    return context.with_(
        scope=section.scope,
        env=env,
        environment=section.kept,
        exports=tuple(section.exports),
        guards=[*section.guards, *guards],
    )


def unmoved(context: Context, env: dict[str, str], changed: set[str]) -> tuple[dict[str, str], list[str]]:
    """The variables of a stage with those of outside that refer to what it changes, as they were outside.

    ex-run looks up references in the end; Jenkins did when it came to them. What cannot be told guards the jobs.
    """
    outer, found, guards = context.scope, dict(env), []
    moved = set(changed)
    for _ in outer.env:
        more = {
            name
            for name, text in outer.env.items()
            if name not in moved and any(isinstance(piece, Ref) and piece.name in moved for piece in text or ())
        }
        if not more:
            break
        moved |= more
    for name in sorted(moved - changed):
        if name in outer.exported:
            refers = {piece.name for piece in outer.env[name] or () if isinstance(piece, Ref)}
            if refers & changed - outer.exported:
                guards.append(f"{name} refers to a variable that is set anew here")
            continue
        value = outer.settled(name)
        if isinstance(value, str) and as_value((value,)) is not None:
            found[name] = value
        else:
            guards.append(f"{name} refers to a variable that is set anew here")
    return found, guards


class _Section:
    """One section as it is read, variable by variable."""

    def __init__(self, ledger: Ledger, context: Context, path: str) -> None:
        self._ledger = ledger
        self._outer = context.scope
        self._path = path
        self.scope = context.scope.within()
        self.env = dict(context.env)
        self.kept = dict(context.environment)
        self.exports = list(context.exports)
        self.guards: list[str] = []

    def assignment(self, node: Node) -> tuple[str, Assign]:
        """The variable that a statement sets. Raises InputError if it sets none."""
        if isinstance(node, Assign) and isinstance(node.target, Name) and NAME.match(node.target.name):
            return node.target.name, node
        raise self._ledger.refuse(node.at, "this sets no variable", "environment takes NAME = value")

    def read(self, name: str, node: Assign) -> None:
        """Take one variable."""
        value, path = node.value, f"{self._path}.{name}"
        if isinstance(value, Call) and value.name == "credentials" and value.of is None:
            self.scope.secrets.update((name, f"{name}_USR", f"{name}_PSW"))
            self._keep(name, node)
            reason = f"set {name} in the environment, or {name}_USR and {name}_PSW; jobs that use it fail without"
            self._ledger.say("manual", node.at, path, "credentials", reason)
            return
        given = self.scope.variables.get(name)
        text = pieces(value, self._before(name)) if given is None else (given,)
        self.scope.declare(name, text)
        if text is None:
            self._keep(name, node)
            self.guards.append(f"Groovy computes the value of {name}")
            reason = f"Groovy computes its value: --var {name}=VALUE gives one"
            self._ledger.say("manual", node.at, path, "variable", reason)
        else:
            self._set(name, node, text, path)

    def _set(self, name: str, node: Assign, text: Pieces, path: str) -> None:
        """A value that is known, or that is put together where the job runs."""
        needed = [piece.name for piece in text if isinstance(piece, Ref) and piece.needed]
        value = as_value(text)
        hanging = any(isinstance(piece, Ref) and piece.name in self.scope.exported for piece in text)
        if value is not None and not needed and not hanging and name not in self.scope.exported:
            self.kept.pop(name, None)
            self.env[name] = value
            self._ledger.say("exact", node.at, path, "variable")
            return
        self._keep(name, node)
        self.scope.exported.add(name)
        self.exports.append(f"export {name}={word(text)}")
        missing = ", ".join(each for each in needed if each != WORKSPACE)
        if missing:
            self._ledger.say("manual", node.at, path, "variable", f"nothing here sets {missing}: jobs fail without")
        else:
            self._ledger.say("exact", node.at, path, "variable", "set in the command of each job")

    def _keep(self, name: str, node: Assign) -> None:
        """A variable that the document has no value for: its text, for the way back."""
        self.env.pop(name, None)
        self.kept[name] = self._ledger.text(node.value.at)

    def _before(self, name: str) -> Scope:
        """The scope for the value of a variable: its own name there means the one of the stage around."""
        inner = self.scope.within()
        if name in self._outer.env:
            inner.env[name] = self._outer.env[name]
        else:
            inner.env.pop(name, None)
        return inner


def _in_order(ledger: Ledger, assigned: list[tuple[str, Assign]]) -> list[tuple[str, Assign]]:
    """Each after those that it refers to: Jenkins looks them up wherever they stand."""
    names = {name for name, _ in assigned}
    waiting = [(each, names & set(_WORD.findall(ledger.text(each[1].value.at))) - {each[0]}) for each in assigned]
    found: list[tuple[str, Assign]] = []
    done: set[str] = set()
    while waiting:
        ready = [each for each in waiting if each[1] <= done] or waiting[:1]
        found += [each for each, _ in ready]
        done.update(each[0] for each, _ in ready)
        waiting = [each for each in waiting if each not in ready]
    return found
