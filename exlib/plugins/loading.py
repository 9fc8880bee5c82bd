"""Plugins of others: finding one by its name, calling it, and reading what it returns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from exlib.errors import InputError
from exlib.plugins import sources as files
from exlib.plugins.catalog import GROUPS, check_names, wait_names
from exlib.plugins.verdict import PluginContext, Verdict
from exlib.workflow import PluginSource


def find(role: str, name: str, sources: Sequence[Sequence[str]]) -> Any:
    """The plugin: from the files first, in their order, then from installed packages. Raises InputError if absent."""
    for path in sources:
        source = PluginSource(*path)
        if name in files.names(source):
            return files.load(source, name)
    from importlib.metadata import entry_points

    for point in entry_points(group=GROUPS[role], name=name):
        return point.load()
    raise InputError(
        f'there is no {role} "{name}", built-in, installed or in a file of dependency_plugins{_hint(role, name)}'
    )


def _hint(role: str, name: str) -> str:
    from difflib import get_close_matches

    close = get_close_matches(name, check_names() if role == "check" else wait_names(), n=1)
    return f": did you mean {close[0]}?" if close else ""


def prepare(name: str, plugin: Any, params: dict[str, Any], context: PluginContext) -> Callable[[], Verdict]:
    """A function that asks the plugin once more. A class is made once, with the parameters, and keeps its state."""
    if isinstance(plugin, type):
        made: Any = plugin(params)
        return lambda: verdict_of(name, made.check())
    return lambda: verdict_of(name, plugin(params, context))


def verdict_of(name: str, answer: Any) -> Verdict:
    """True, False, a reason why not, or (passed, message). Raises TypeError for anything else, None above all."""
    if isinstance(answer, bool):
        return Verdict(answer, f"{name} {'passed' if answer else 'did not pass'}")
    if isinstance(answer, str):
        return Verdict(False, answer or f"{name} did not pass")
    if isinstance(answer, tuple) and len(answer) == 2 and isinstance(answer[0], bool):
        return Verdict(answer[0], str(answer[1]))
    raise TypeError(f"it returned {answer!r}: return True, False, a reason why not, or (passed, message)")
