"""What is still known of the variables once a step has run: any program may have written to the file GITHUB_ENV."""

from __future__ import annotations

import re
from typing import Any

from exlib.convert.github import actions
from exlib.convert.github.values import Open, Partial
from exlib.convert.yaml.tree import Node

_TALK = re.compile(r"(?:(?:echo|printf|true|pwd)(?:[ \t][^$`<>|&;()\\]*)?|[ \t]*#.*|[ \t]*)")
"""A line that starts no program and writes to no file."""
_BUILTIN = ("", "bash", "sh")


class Before(Open):
    """Variables of which none is known any more; ``were`` are their values before."""

    def __init__(self, were: dict[str, str]) -> None:
        super().__init__()
        self.were = were


def over(env: dict[str, Any], own: dict[str, str | None], kind: type[dict[str, Any]]) -> dict[str, Any]:
    """The variables with those of a step above them; of its own those that are None are not known."""
    merged: dict[str, Any] = Before(env.were) if isinstance(env, Before) else kind(env)
    merged.update({name: value for name, value in own.items() if value is not None})
    for name, value in own.items():
        if value is None:
            merged.pop(name, None)
    return merged


def after_run(run: Node, shell: str, env: dict[str, Any]) -> dict[str, Any]:
    """The variables after a script: as before if it does nothing but talk, else not known."""
    lines = run.text.split("\n")
    if shell in _BUILTIN and "::" not in run.text and all(_TALK.fullmatch(line) for line in lines):
        return env
    return unknown(env)


def after_action(uses: str, ident: Node | None, contexts: dict[str, Any]) -> None:
    """What it may have set is not known, but that a cache which never holds anything has no hit."""
    if not actions.sets_nothing(uses):
        contexts["env"] = unknown(contexts["env"])
    if ident is not None and actions.is_cache(uses):
        steps = Partial(contexts["steps"])
        steps[ident.text] = Partial({"outputs": Partial({actions.HIT: ""})})
        contexts["steps"] = steps


def unknown(env: dict[str, Any]) -> dict[str, Any]:
    """The variables where a step may have changed any of them."""
    return env if isinstance(env, Before) else Before({k: v for k, v in env.items() if isinstance(v, str)})


def likely(name: str, env: dict[str, Any]) -> str:
    """The value that a variable had before the steps, and very likely still has."""
    return env.were.get(name, "") if isinstance(env, Before) else ""
