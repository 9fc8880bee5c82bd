"""Checks and dependency plugins: that they exist, and that they are given what they need."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from exlib.errors import InputError
from exlib.findings import Pointer
from exlib.rules.subject import Subject, shown
from exlib.workflow import plugin_sources

if TYPE_CHECKING:
    from exlib.plugins.catalog import Kind


def check_checks(subject: Subject) -> None:
    """Report E701 to E704."""
    plugins = _Plugins(subject)
    for index, raw in enumerate(subject.jobs):
        for key in ("pre_checks", "post_checks"):
            for place, check in enumerate(raw.get(key) or ()):
                if check is not None:
                    plugins.judge("check", check["name"], check.get("params"), ("jobs", index, key, place), "name")
        dependencies = raw.get("dependencies")
        for place, entry in enumerate(dependencies if isinstance(dependencies, list) else ()):
            if isinstance(entry, dict) and "plugin" in entry:
                at = ("jobs", index, "dependencies", place)
                plugins.judge("wait", entry["plugin"], entry.get("params"), at, "plugin")
    if subject.top.get("dependency_plugins"):
        plugins.report_files()


class _Plugins:
    """The checks and waits that this document can name; nothing is looked up before it is named."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject

    def judge(self, role: str, name: str, params: Mapping[str, Any] | None, at: Pointer, key: str) -> None:
        """Report an unknown name, or parameters that do not fit."""
        from exlib.plugins.catalog import check_kind, problems, wait_kind

        kind: Kind | None = check_kind(name) if role == "check" else wait_kind(name)
        if kind is not None:
            for problem in problems(kind, params or {}):
                inside = (problem.parameter,) if problem.parameter in (params or {}) else ()
                where = (*at, "params", *inside) if params else at
                self._subject.report("E703", f"{name}: {problem.message}", where, mend=problem.mend)
        elif name not in self._files[0] and not self._files[1]:
            self._unknown(role, name, (*at, key))

    def report_files(self) -> None:
        """Report plugin files that cannot be read or are not Python (E704)."""
        for error in self._files[1]:
            self._subject.report("E704", error.message, ("dependency_plugins",), mend="check the path and the file")

    @cached_property
    def _files(self) -> tuple[frozenset[str], list[InputError]]:
        """The names that plugin files bring, and the files that cannot be used."""
        found: set[str] = set()
        broken: list[InputError] = []
        if self._subject.top.get("dependency_plugins"):
            from exlib.plugins.sources import names

            for source in plugin_sources(self._subject.document):
                try:
                    found |= {source.name} | names(source)
                except InputError as error:
                    broken.append(error)
        return frozenset(found), broken

    def _unknown(self, role: str, name: str, at: Pointer) -> None:
        from exlib.plugins.catalog import check_names, wait_names
        from exlib.rules.nearest import Nearest

        known = [*(check_names() if role == "check" else wait_names()), *sorted(self._files[0])]
        near = Nearest(known).to(name)
        mend = f"did you mean {shown(near)}?" if near else f"there are {', '.join(known)}"
        if role == "check":
            self._subject.report("E701", f"there is no check named {shown(name)}", at, mend=mend)
        else:
            self._subject.report("E702", f"there is no dependency plugin named {shown(name)}", at, mend=mend)
