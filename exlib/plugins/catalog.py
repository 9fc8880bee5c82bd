"""Which checks and waits there are: the built-in ones, and those of installed packages by their entry points.

A built-in name always means the built-in one. Only an unknown name makes us look at what is installed.
"""

from __future__ import annotations

import functools

from exlib.plugins.checks import CHECKS
from exlib.plugins.kinds import Kind, Parameter, Problem, problems

__all__ = [
    "GROUPS",
    "Kind",
    "Parameter",
    "Problem",
    "check_kind",
    "check_names",
    "installed",
    "problems",
    "wait_kind",
    "wait_names",
]

GROUPS = {"check": "executioner.checks", "wait": "executioner.dependencies"}
"""The entry point groups of packages that bring checks and waits."""


def check_kind(name: str) -> Kind | None:
    """The check of that name, built-in or installed; None if there is none."""
    return CHECKS.get(name) or _third_party("check", name)


def wait_kind(name: str) -> Kind | None:
    """The wait of that name, built-in or installed; None if there is none."""
    from exlib.plugins.waits import WAITS

    return WAITS.get(name) or _third_party("wait", name)


def check_names() -> tuple[str, ...]:
    """Every check that can be named, the built-in ones first."""
    return (*CHECKS, *(name for name in sorted(installed("check")) if name not in CHECKS))


def wait_names() -> tuple[str, ...]:
    """Every wait that can be named, the built-in ones first."""
    from exlib.plugins.waits import WAITS

    return (*WAITS, *(name for name in sorted(installed("wait")) if name not in WAITS))


@functools.cache
def installed(role: str) -> dict[str, str]:
    """Names of installed plugins and where each comes from (``module:object``); ``role`` is check or wait."""
    from importlib.metadata import entry_points

    return {point.name: point.value for point in entry_points(group=GROUPS[role])}


def _third_party(role: str, name: str) -> Kind | None:
    origin = installed(role).get(name)
    return None if origin is None else Kind(name, f"a plugin: {origin}", None, False, None)
