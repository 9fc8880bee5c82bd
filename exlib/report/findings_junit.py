"""Findings as JUnit XML: a test suite a file, a test case a finding."""

from __future__ import annotations

from collections.abc import Sequence

from exlib.console import printable
from exlib.findings import Finding
from exlib.report.findings import Checked, title


def render(checked: Sequence[Checked]) -> str:
    """The report. Errors are failures, what cannot be read is an error, warnings are passed cases that say so."""
    suites = [_suite(one) for one in checked]
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="ex-validate">\n'
    return head + "".join(suites) + "</testsuites>\n"


def _suite(one: Checked) -> str:
    count = sum(finding.severity == "error" for finding in one.findings)
    failures, errors = (0, count) if one.unreadable is not None else (count, 0)
    cases = [_case(finding, one) for finding in one.findings]
    if not cases:
        cases = [f'    <testcase classname="{_escaped(one.file)}" name="no findings"/>\n']
    numbers = f'tests="{len(cases)}" failures="{failures}" errors="{errors}" skipped="0"'
    return f'  <testsuite name="{_escaped(one.file)}" {numbers}>\n{"".join(cases)}  </testsuite>\n'


def _case(finding: Finding, one: Checked) -> str:
    at = f' line="{finding.line}"' if finding.line else ""
    head = f'    <testcase classname="{_escaped(one.file)}" name="{_escaped(f"{finding.code} {finding.place}")}"'
    head += f' file="{_escaped(one.file)}"{at}>\n'
    said = [f"{finding.place}: {finding.severity} {finding.code}: {title(finding)}"]
    if finding.mend:
        said.append(f"mend: {printable(finding.mend)}")
    text = "\n".join(map(_escaped, said))
    if finding.severity == "warning":
        return f"{head}      <system-out>{text}</system-out>\n    </testcase>\n"
    kind = "error" if one.unreadable is not None else "failure"
    body = f'<{kind} type="{finding.code}" message="{_escaped(title(finding))}">{text}</{kind}>'
    return f"{head}      {body}\n    </testcase>\n"


def _escaped(text: str) -> str:
    """Text for XML content or a quoted attribute; what XML cannot hold is made visible."""
    shown = printable(text)
    for mark, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;")):
        shown = shown.replace(mark, entity)
    return shown
