"""The rules of ``ex-validate``: ``check`` reports everything, ``errors`` what makes a document unusable.

Each rule is one function over a ``Subject``; the catalogue gives each code its severity and its page.
A rule may expect well-shaped values: ``check_shape`` goes first and leaves the others out.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from itertools import chain

from exlib.document import Document
from exlib.findings import Finding, Severity
from exlib.rules.catalog import CATALOG, Rule
from exlib.rules.checks import check_checks
from exlib.rules.commands import check_commands, check_shell_syntax
from exlib.rules.dependencies import check_dependencies
from exlib.rules.glance import worth_a_look
from exlib.rules.ids import check_ids
from exlib.rules.keys import check_keys, check_merge_conflicts
from exlib.rules.paths import check_working_dirs
from exlib.rules.settings import check_addresses, check_settings
from exlib.rules.shape import check_shape
from exlib.rules.subject import Hit, Subject
from exlib.rules.variables import check_names, check_references
from exlib.workflow import job_id

__all__ = ["CATALOG", "Rule", "before_run", "check", "errors", "is_sound"]

_STOPPING: tuple[Callable[[Subject], None], ...] = (
    check_merge_conflicts,
    check_ids,
    check_dependencies,
    check_addresses,
    check_names,
    check_shell_syntax,
    check_checks,
)
_TOGETHER = (check_ids, check_dependencies)
"""Those that look at several jobs."""


def _check_programs(subject: Subject) -> None:
    from exlib.rules.programs import check_programs  # what reads commands is not loaded before a run

    check_programs(subject)


_TELLING: tuple[Callable[[Subject], None], ...] = (
    check_keys,
    check_settings,
    check_references,
    check_working_dirs,
    _check_programs,
)
_CONFIDENTIAL = frozenset(["S604", "S606"])
"""Findings whose source line holds a secret, and is therefore not shown."""


def check(document: Document, *, environ: Mapping[str, str] | None = None) -> list[Finding]:
    """All findings of a document, in the order of its text. ``environ`` stands in for the shell's environment."""
    subject = Subject(document, os.environ if environ is None else environ)
    for rule in (check_shape, *_STOPPING, *_TELLING, _check_security):
        rule(subject)
    return _found(subject)


def errors(document: Document) -> list[Finding]:
    """Only what makes a document unusable, without looking at programs and folders of this machine."""
    return [finding for finding in before_run(document) if finding.severity == "error"]


def is_sound(document: Document, like: Document | None = None) -> bool:
    """Whether a document has no errors but those of a strict security lint, which is not asked.

    ``like`` is a sound one: jobs that stand in it as they are here need no second look for themselves.
    """
    if like is None:
        return _passes(Subject(document, os.environ), (check_shape, *_STOPPING))
    if not isinstance(document.data.get("jobs"), list):
        return False
    seen = set(map(repr, like.jobs))
    others = {**document.data, "jobs": [raw for raw in document.jobs if repr(raw) not in seen]}
    alone = Subject(Document(json.dumps(others).encode(), document.name), os.environ)
    if not _passes(alone, (check_shape, *(rule for rule in _STOPPING if rule not in _TOGETHER))):
        return False
    whole = Subject(document, os.environ)
    whole.top, whole.jobs = document.data, document.jobs
    return _passes(whole, _TOGETHER)


def _passes(subject: Subject, rules: Sequence[Callable[[Subject], None]]) -> bool:
    for rule in rules:
        rule(subject)
    return not any(CATALOG[hit.code].severity == "error" for hit in subject.hits)


def before_run(document: Document) -> list[Finding]:
    """What is to be said before a document is run: its errors, and what the security lint finds."""
    subject = Subject(document, os.environ)
    for rule in (check_shape, *_STOPPING, _check_security):
        rule(subject)
    subject.hits = [hit for hit in subject.hits if hit.code[0] == "S" or _severity(subject, hit) == "error"]
    return _found(subject)


def _check_security(subject: Subject) -> None:
    """The lint of ``rules.security``, which is loaded only if a glance finds something to read."""
    commands = (raw.get("command") or "" for raw in subject.jobs)
    checked = (raw for raw in subject.jobs if "pre_checks" in raw or "post_checks" in raw)
    of_checks = (command for raw in checked for command, _ in check_commands(raw, 0))
    if subject.top.get("smtp_password") or any(map(worth_a_look, chain(commands, of_checks))):
        from exlib.rules.security import check_security

        check_security(subject)


def _found(subject: Subject) -> list[Finding]:
    """The hits as findings with positions, sorted; lines that hold a secret stay hidden."""
    if not subject.hits:
        return []
    document = subject.document
    found = [
        document.finding(
            hit.code,
            _severity(subject, hit),
            hit.message,
            hit.pointer,
            mend=hit.mend,
            job=_job(document, hit),
            at_key=hit.at_key,
        )
        for hit in subject.hits
    ]
    hidden = {(finding.file, finding.line) for finding in found if finding.code in _CONFIDENTIAL}
    shown = [_hidden(finding) if (finding.file, finding.line) in hidden else finding for finding in found]
    return sorted(shown, key=lambda finding: _order(finding, document.name))


def _hidden(finding: Finding) -> Finding:
    return finding._replace(source_line="")


def _order(finding: Finding, own: str) -> tuple[bool, str, int, int, str]:
    """By place; what is included comes behind what includes it."""
    return (finding.file != own, finding.file, finding.line, finding.column, finding.code)


def _severity(subject: Subject, hit: Hit) -> Severity:
    return "error" if hit.code[0] == "S" and _is_strict(subject) else CATALOG[hit.code].severity


def _is_strict(subject: Subject) -> bool:
    return subject.top.get("security_policy") in ("strict", "block")


def _job(document: Document, hit: Hit) -> str | None:
    if len(hit.pointer) < 2 or hit.pointer[0] != "jobs":
        return None
    return job_id(document.jobs[int(hit.pointer[1])])
