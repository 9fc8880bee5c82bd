"""docs/ex-analyze-logs.md says what is so: its examples run as they stand, its metrics are those that are written."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from exlib.logs.openmetrics import openmetrics
from tests.logs.story import NEW_YEAR, told
from tests.logs.test_summary import good, summed
from tests.test_readme import ROOT, constant, session, steps

PAGE = ROOT / "docs" / "ex-analyze-logs.md"
CHANGING = (
    (re.compile(r"\d{4}-\d\d-\d\d( \d\d:\d\d:\d\d)?"), "DAY"),
    (re.compile(r"\b\d\d:\d\d:\d\d\b"), "TIME"),
    (re.compile(r"DAY( to (DAY|TIME))?"), "WHEN"),
    (re.compile(r"\d+(\.\d+)?s\b"), "0s"),
    (re.compile(r"(\d+|under 1|over 99)%"), "0%"),
    (re.compile(r"(csv|nightly,\w+,\d+,\d+,\d+,\d+).*"), r"\1"),
    (re.compile(r" {2,}"), "  "),
)


def plain(printed: str) -> list[str]:
    for pattern, replacement in CHANGING:
        printed = pattern.sub(replacement, printed)
    return constant(printed)


def test_its_examples_are_so(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    page = PAGE.read_text()
    document = re.search(r"^```json nightly\.json\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert document is not None
    (tmp_path / "nightly.json").write_text(document[1])
    written = steps(page)
    printed = session(tmp_path, [step.command for step in written])
    if request.config.getoption("--repopulate"):
        at = 0
        for step, now in zip(written, printed, strict=True):
            now = now.replace(str(tmp_path), "/srv/nightly")
            at = page.index(f"$ {step.command}\n", at) + len(f"$ {step.command}\n")
            page = page[:at] + now + page[at + len(step.printed) :]
        PAGE.write_text(page)
        return
    for step, now in zip(written, printed, strict=True):
        assert plain(now) == plain(step.printed), step.command


def test_its_metrics_are_those_that_are_written() -> None:
    families = text_string_to_metric_families(openmetrics(summed(told(1), good(2, NEW_YEAR + 20))))
    real = {f"{family.name}{'_total' if family.type == 'counter' else ''}": family.type for family in families}
    told_of = {
        name: row[2]
        for row in re.finditer(r"^\| (`executioner_[^|]*) \| (\w+) \|", PAGE.read_text(), re.MULTILINE)
        for name in re.findall(r"`(\w+)`", row[1])
    }
    assert told_of == real
