"""Findings as GitHub Actions workflow commands: annotations at the lines of a pull request."""

from __future__ import annotations

from collections.abc import Sequence

from exlib.console import printable
from exlib.findings import Finding
from exlib.report.findings import Checked, title


def render(checked: Sequence[Checked]) -> str:
    """One command a finding; empty when there is none."""
    return "".join(_command(finding) + "\n" for one in checked for finding in one.findings)


def _command(finding: Finding) -> str:
    properties = {"file": finding.file}
    if finding.line:
        properties |= {"line": str(finding.line), "col": str(finding.column), "endColumn": str(finding.end_column)}
    properties["title"] = finding.code
    lines = [title(finding)]
    if finding.mend:
        lines.append(f"mend: {printable(finding.mend)}")
    listed = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{finding.severity} {listed}::{_data(chr(10).join(lines))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
