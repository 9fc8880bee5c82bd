"""docs/ex-analyze-logs.md says what is so: its examples run as they stand, its metrics are those that are written."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from exlib.logs.openmetrics import openmetrics
from tests.logs.story import NEW_YEAR, told
from tests.logs.test_summary import good, summed
from tests.test_readme import ROOT, prints_on_its_document

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


def test_its_examples_are_so(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    repopulate = request.config.getoption("--repopulate")
    prints_on_its_document(PAGE, tmp_path, repopulate=repopulate, changing=CHANGING)


def test_its_metrics_are_those_that_are_written() -> None:
    families = text_string_to_metric_families(openmetrics(summed(told(1), good(2, NEW_YEAR + 20))))
    real = {f"{family.name}{'_total' if family.type == 'counter' else ''}": family.type for family in families}
    told_of = {
        name: row[2]
        for row in re.finditer(r"^\| (`executioner_[^|]*) \| (\w+) \|", PAGE.read_text(), re.MULTILINE)
        for name in re.findall(r"`(\w+)`", row[1])
    }
    assert told_of == real
