"""The commands of a task: what each is, with its loops written out."""

from __future__ import annotations

import itertools
import shlex
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from exlib.convert.taskfile.scope import Book
from exlib.convert.taskfile.template import ASSUMED, Unknown, render
from exlib.convert.yaml.tree import Node


class Step(NamedTuple):
    """One command, or one call of another task; ``held`` is why it waits for a person.

    ``taken`` are the variables that it takes not to be in the environment.
    """

    node: Node
    command: str = ""
    task: str = ""
    call: Mapping[str, Any] = {}
    deferred: bool = False
    ignored: bool = False
    when: str = ""
    held: str = ""
    taken: frozenset[str] = frozenset()


def steps(book: Book, node: Node | None, values: Mapping[str, Any], *, calls: bool = False) -> Iterator[Step]:
    """The commands that a node lists; with ``calls`` it lists names of tasks. Raises InputError for what is none."""
    if node is None or (node.is_scalar and node.plain() is None):
        return
    for one in node.items if node.is_list else [node]:
        if one.is_list:
            raise one.refuse("a command is a text or a map")
        if one.is_map and (loop := one.get("for")) is not None:
            try:
                rounds = _rounds(loop, values)
            except Unknown as why:
                yield Step(one, task=_text(one, "task"), held=str(why))
                continue
            for more in rounds:
                yield _step(book, one, {**values, **more}, calls=calls)
        else:
            yield _step(book, one, values, calls=calls)


def _step(book: Book, node: Node, values: Mapping[str, Any], *, calls: bool) -> Step:
    before = frozenset(values.get(ASSUMED, ()))
    try:
        step = _known(book, node, values, calls=calls)
        return step._replace(taken=frozenset(values.get(ASSUMED, ())) - before)
    except Unknown as why:
        return Step(node, task=_text(node, "task") if node.is_map else "", held=str(why))


def _known(book: Book, node: Node, values: Mapping[str, Any], *, calls: bool) -> Step:
    if node.is_scalar:
        text = render(node.text, values) if node.plain() is not None else ""
        return Step(node, task=text) if calls else Step(node, command=text)
    deferred = node.get("defer")
    holder = deferred if deferred is not None and deferred.is_map else node
    command = deferred if deferred is not None and deferred.is_scalar else holder.get("cmd")
    task = holder.get("task")
    ignored = node.get("ignore_error")
    when = holder.get("if") or node.get("if")
    if not here(node.get("platforms")):
        return Step(node)
    step = Step(
        node,
        deferred=deferred is not None,
        ignored=ignored is not None and ignored.plain() is True,
        when=render(when.text, values) if when is not None else "",
    )
    if task is not None:
        handed = holder.get("vars")
        call = {name: _handed(one, values) for name, one in handed.members.items()} if handed is not None else {}
        if call and ASSUMED in values:
            call[ASSUMED] = frozenset(values[ASSUMED])
        return step._replace(task=render(task.text, values), call=call)
    if command is None or not command.is_scalar:
        raise node.refuse("a command needs cmd, task or defer")
    return step._replace(command=_shelled(node, render(command.text, values)))


def missing(step: Step) -> str:
    """What stands in the place of a command that nobody knows: it fails until a person writes it."""
    node = step.node
    for key in ("defer", "cmd", "task"):
        node = node.get(key) or node if node.is_map else node
    said = node.text if node.is_scalar else ""
    about = f"{said.strip()}: {step.held}" if said.strip() else step.held
    return f"echo {shlex.quote(f'this is to be written: {about}')} >&2\nexit 1"


def _handed(node: Node, values: Mapping[str, Any]) -> Any:
    from exlib.convert.taskfile.scope import evaluated

    if node.is_map and "sh" in node.members:
        return Unknown(f"a command tells {node.path.rsplit('.', 1)[-1]}: write its value")
    return evaluated(node, values)


def _shelled(node: Node, command: str) -> str:
    """The command behind the options of the shell that are its own."""
    return prologue(node) + command


def prologue(node: Node) -> str:
    """The lines that set a shell as ``set`` and ``shopt`` say."""
    options, others = node.get("set"), node.get("shopt")
    lines = [f"set -o {shlex.quote(_long(one.text))}" for one in (options.items if options is not None else ())]
    lines += [f"shopt -s {shlex.quote(one.text)}" for one in (others.items if others is not None else ())]
    return "".join(f"{line}\n" for line in lines)


_LONG = {
    "a": "allexport", "e": "errexit", "f": "noglob", "n": "noexec", "u": "nounset", "x": "xtrace",
}  # fmt: skip


def _long(option: str) -> str:
    return _LONG.get(option, option)


def here(platforms: Node | None) -> bool:
    """Whether Linux is among the systems. Raises Unknown if that depends on the processor."""
    if platforms is None:
        return True
    found = [one.text for one in platforms.items]
    if "linux" in found or not found:
        return True
    if any(name.startswith("linux/") or name in _PROCESSORS for name in found):
        raise Unknown("it depends on the processor")
    return False


_PROCESSORS = frozenset(["amd64", "386", "arm", "arm64", "riscv64", "ppc64le", "s390x"])


def _text(node: Node, key: str) -> str:
    found = node.get(key) if node.is_map else None
    return found.text if found is not None and "{{" not in found.text else ""


def _rounds(loop: Node, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What each round of a loop sets. Raises Unknown for a loop over what only a run can tell."""
    if loop.is_list:
        return [{"ITEM": _shown(one, values)} for one in loop.items]
    if loop.is_scalar:
        raise Unknown(f"it is repeated for each of {loop.text}, which are files that only a run can find")
    matrix, variable, name = loop.get("matrix"), loop.get("var"), loop.get("as")
    item = name.text if name is not None else "ITEM"
    if matrix is not None:
        axes = {axis: [_shown(one, values) for one in _axis(node, values)] for axis, node in matrix.members.items()}
        return [{item: dict(zip(axes, one, strict=True))} for one in itertools.product(*axes.values())]
    if variable is None:
        raise loop.refuse("a loop goes over a list, var or matrix")
    value = values.get(variable.text)
    if isinstance(value, Unknown):
        raise value
    if value is None:
        raise Unknown(f"the value of {variable.text} is not known here: give it with --var {variable.text}=…")
    split = loop.get("split")
    if isinstance(value, str):
        value = value.split(split.text) if split is not None and split.text else value.split()
    if isinstance(value, Mapping):
        return [{item: one, "KEY": key} for key, one in value.items()]
    return [{item: one} for one in (value if isinstance(value, list) else [value])]


def _axis(node: Node, values: Mapping[str, Any]) -> list[Node]:
    if not node.is_list:
        raise Unknown("a list of the matrix is told by a variable")
    return node.items


def _shown(node: Node, values: Mapping[str, Any]) -> Any:
    value = node.plain()
    return render(value, values) if isinstance(value, str) else value
