"""Findings as SARIF 2.1.0, which code scanning services and editors read."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from exlib import __version__
from exlib.findings import Finding
from exlib.report.findings import Checked, title
from exlib.report.findings_json import json_pointer

if TYPE_CHECKING:
    from exlib.rules.catalog import Rule

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def render(checked: Sequence[Checked]) -> str:
    """One run with every rule of the catalogue, indented, with a line end."""
    from exlib.rules.catalog import CATALOG

    places = {code: number for number, code in enumerate(CATALOG)}
    driver = {
        "name": "ex-validate",
        "semanticVersion": __version__,
        "rules": [_rule(rule) for rule in CATALOG.values()],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": all(one.unreadable is None for one in checked)}],
        "artifacts": [{"location": {"uri": _uri(one.file)}} for one in checked],
        "results": [_result(finding, places) for one in checked for finding in one.findings],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False) + "\n"


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.code,
        "name": "".join(word.capitalize() for word in rule.name.replace("_", "-").split("-")),
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": rule.summary},
        "help": {"text": rule.page, "markdown": rule.page},
        "defaultConfiguration": {"level": rule.severity},
    }


def _result(finding: Finding, places: dict[str, int]) -> dict[str, Any]:
    location: dict[str, Any] = {"physicalLocation": {"artifactLocation": {"uri": _uri(finding.file)}}}
    if finding.line:
        location["physicalLocation"]["region"] = {
            "startLine": finding.line,
            "startColumn": finding.column,
            "endColumn": max(finding.end_column, finding.column),
        }
    if finding.pointer:
        location["logicalLocations"] = [{"fullyQualifiedName": json_pointer(finding.pointer), "kind": "value"}]
    text = title(finding) + (f". Mend: {finding.mend}" if finding.mend else "")
    result: dict[str, Any] = {"ruleId": finding.code, "level": finding.severity, "message": {"text": text}}
    result["locations"] = [location]
    if finding.code in places:
        result["ruleIndex"] = places[finding.code]
    return result


def _uri(file: str) -> str:
    """A relative path as a relative reference, an absolute one as a file URI."""
    from urllib.parse import quote

    quoted = quote(os.fsencode(os.path.normpath(file)))
    return f"file://{quoted}" if os.path.isabs(file) else quoted
