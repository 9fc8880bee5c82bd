"""The catalogue of rules as people and programs read it: one page, or the table of all."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from exlib.console import Console
from exlib.errors import UsageError
from exlib.report.findings_json import VERSION

if TYPE_CHECKING:
    from exlib.rules.catalog import Rule


def find(word: str) -> Rule:
    """The rule of a code or name, upper or lower case. Raises UsageError, naming the nearest."""
    from exlib.rules.catalog import CATALOG

    known = {rule.name.lower(): rule for rule in CATALOG.values()} | {code.lower(): r for code, r in CATALOG.items()}
    rule = known.get(word.strip().lower())
    if rule is not None:
        return rule
    import difflib

    close = difflib.get_close_matches(word.strip().lower(), known, n=1, cutoff=0.5)
    mend = f"did you mean {known[close[0]].code} ({known[close[0]].name})? " if close else ""
    raise UsageError(f"there is no rule {word}", mend=f"{mend}ex-validate --list-rules shows all")


def page(word: str, format_name: str, console: Console) -> str:
    """What one rule means, why it matters and how to mend it, as Markdown; headings are bold where there is colour."""
    rule = find(word)
    if format_name == "json":
        return json.dumps({"version": VERSION, "rules": [_as_json(rule)]}, indent=2, ensure_ascii=False) + "\n"
    return "".join(f"{_styled(line, console)}\n" for line in rule.page.rstrip().splitlines())


def table(format_name: str, console: Console) -> str:
    """All rules, a line each."""
    from exlib.rules.catalog import CATALOG

    rules = list(CATALOG.values())
    if format_name == "json":
        listed = [_as_json(rule) for rule in rules]
        return json.dumps({"version": VERSION, "rules": listed}, indent=2, ensure_ascii=False) + "\n"
    names = max(len(rule.name) for rule in rules)
    lines = []
    for rule in rules:
        code = console.style(rule.code, "bold", stream=sys.stdout)
        severity = console.style(f"{rule.severity:7}", _STYLES[rule.severity], stream=sys.stdout)
        lines.append(f"{code}  {severity}  {rule.name:{names}}  {rule.summary}\n")
    return "".join(lines)


_STYLES = {"error": "red", "warning": "yellow"}


def _as_json(rule: Rule) -> dict[str, str]:
    return {key: getattr(rule, key) for key in ("code", "severity", "name", "summary", "page")}


def _styled(line: str, console: Console) -> str:
    if not line.startswith("#"):
        return line
    bare = line.lstrip("#").strip()
    bold = console.style(bare, "bold", stream=sys.stdout)
    return line if bold == bare else bold
