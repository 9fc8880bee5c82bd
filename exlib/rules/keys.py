"""Keys: unknown ones, old spellings, and those that have lost their effect."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from exlib import schema
from exlib.findings import Pointer
from exlib.rules.nearest import Nearest
from exlib.rules.subject import Grouped, Subject
from exlib.workflow import LEGACY_JOB_KEYS, LEGACY_TOP_KEYS, MERGE_CONFLICT

WITHOUT_EFFECT = {
    "security_level": "security_policy sets how strict the lint is",
    "command_whitelist": "a list of allowed commands protected from nothing; see security_policy",
    "command_allowlist_patterns": "a list of allowed commands protected from nothing; see security_policy",
    "workspace_paths": "jobs can reach every path that their user can reach",
    "database": "the history's place is set by EX_DB or ex-run --db",
}
"""Keys of the original program that are accepted and do nothing, each with what to know instead."""


def check_keys(subject: Subject) -> None:
    """Report W501 to W505."""
    root = schema.load("workflow")
    job = root["$defs"]["job"]["properties"]
    data = subject.document.data
    top = _Object(subject, root["properties"], LEGACY_TOP_KEYS, others=job, where="the document")
    top.check((), data)
    jobs = _Object(subject, job, LEGACY_JOB_KEYS, others=root["properties"], where="a job")
    checks = _Object(subject, root["$defs"]["checks"]["items"]["properties"], {}, where="a check")
    dependency = _Object(subject, job["dependencies"]["items"]["properties"], {}, where="a dependency")
    for index, raw in enumerate(subject.document.jobs):
        if not isinstance(raw, dict):
            continue
        if not jobs.fine.issuperset(raw):
            jobs.check(("jobs", index), raw)
        for key in ("pre_checks", "post_checks"):
            if raw.get(key):
                checks.check_items(("jobs", index, key), raw[key])
        dependencies = raw.get("dependencies")
        if isinstance(dependencies, str):
            mend = "ex-validate --fix rewrites it" if dependencies.strip() else "write []"
            subject.report(
                "W504", "dependencies is a string; it should be a list", ("jobs", index, "dependencies"), mend=mend
            )
        elif dependencies:
            dependency.check_items(("jobs", index, "dependencies"), dependencies)
    top.old_ones.report(subject)
    jobs.old_ones.report(subject)
    plugin = root["properties"]["dependency_plugins"]["items"]["properties"]
    _Object(subject, plugin, {}, where="a plugin").check_items(("dependency_plugins",), data.get("dependency_plugins"))


def check_merge_conflicts(subject: Subject) -> None:
    """Report E506: what ex-merge --mark left for a person to decide."""
    if MERGE_CONFLICT not in subject.document.text and "\\u" not in subject.document.text:
        return
    places: list[Pointer] = [(MERGE_CONFLICT,)] if MERGE_CONFLICT in subject.document.data else []
    for index, raw in enumerate(subject.document.jobs):
        if isinstance(raw, dict) and MERGE_CONFLICT in raw:
            places.append(("jobs", index, MERGE_CONFLICT))
    for pointer in places:
        subject.report(
            "E506",
            "a conflict of a merge is not settled",
            pointer,
            mend=f"choose the values, then remove {MERGE_CONFLICT}",
            at_key=True,
        )


class _Object:
    """The keys that one kind of object may have."""

    def __init__(
        self,
        subject: Subject,
        known: Iterable[str],
        legacy: Mapping[str, str],
        *,
        where: str,
        others: Iterable[str] = (),
    ) -> None:
        self._subject = subject
        self._known = frozenset(known)
        self._legacy = legacy
        self._where = where
        self._others = frozenset(others)
        self._nearest = Nearest(sorted(self._known - legacy.keys()))
        self.old_ones = Grouped(at_key=True)
        self.fine = self._known - legacy.keys()
        """Keys that need no look."""

    def check_items(self, at: Pointer, items: Any) -> None:
        """Check the objects of a list."""
        for place, item in enumerate(items if isinstance(items, list) else ()):
            if isinstance(item, dict):
                self.check((*at, place), item)

    def check(self, at: Pointer, raw: Mapping[str, Any]) -> None:
        """Check one object."""
        for key in raw:
            if key in self._legacy:
                self._old((*at, key), key, raw)
            elif key in self._known or key.startswith(("_", "x-")):
                continue
            elif key in WITHOUT_EFFECT:
                self._subject.report(
                    "W502", f"the key {key} has no effect", (*at, key), mend=WITHOUT_EFFECT[key], at_key=True
                )
            else:
                self._subject.report(
                    "W501", f'{self._where} has no key "{key}"', (*at, key), mend=self._mend(key), at_key=True
                )

    def _old(self, at: Pointer, old: str, raw: Mapping[str, Any]) -> None:
        new = self._legacy[old]
        if new in raw:
            self._subject.report(
                "W505", f"both {old} and {new} are given; {new} counts", at, mend=f"remove {old}", at_key=True
            )
        else:
            self.old_ones.add("W503", f"{old} is the old name of {new}", at, "ex-validate --fix renames it")

    def _mend(self, key: str) -> str:
        if key in self._others and key not in self._legacy:
            return f'"{key}" belongs into {"each job" if self._where == "the document" else "the top of the document"}'
        near = self._nearest.to(key)
        return f'did you mean "{near}"?' if near else f'for a note of your own write "_{key}"'
