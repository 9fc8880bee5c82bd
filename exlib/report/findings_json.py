"""Findings as one JSON object, described by ``schemas/findings.schema.json``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from exlib.findings import Finding, Pointer
from exlib.report.findings import Checked

VERSION = 1


def render(checked: Sequence[Checked]) -> str:
    """The report, indented for people, with a line end."""
    found = [finding for one in checked for finding in one.findings]
    severities = [finding.severity for finding in found]
    report = {
        "version": VERSION,
        "ok": all(one.exit_code == 0 for one in checked),
        "counts": {
            "files": len(checked),
            "errors": severities.count("error"),
            "warnings": severities.count("warning"),
        },
        "files": [{"file": one.file, "exit_code": int(one.exit_code)} for one in checked],
        "findings": [_finding(finding) for finding in found],
    }
    return json.dumps(report, indent=2, ensure_ascii=False) + "\n"


def json_pointer(pointer: Pointer) -> str:
    """A pointer as RFC 6901 writes it: ``/jobs/3/timeout``."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in pointer)


def _finding(finding: Finding) -> dict[str, Any]:
    known = finding.line > 0
    return {
        "code": finding.code,
        "severity": finding.severity,
        "message": finding.message,
        "mend": finding.mend,
        "job": finding.job,
        "file": finding.file,
        "line": finding.line if known else None,
        "column": finding.column if known else None,
        "end_column": finding.end_column if known else None,
        "pointer": json_pointer(finding.pointer),
    }
