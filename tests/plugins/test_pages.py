"""The pages on checks and plugins hold what the code holds."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from exlib.plugins.catalog import check_kind, problems, wait_kind
from exlib.plugins.checks import CHECKS
from exlib.plugins.kinds import Kind
from exlib.plugins.waits import WAITS

DOCS = Path(__file__).resolve().parents[2] / "docs"
CHECKS_PAGE = (DOCS / "checks.md").read_text()
PLUGINS_PAGE = (DOCS / "plugins.md").read_text()
EXAMPLES = [
    json.loads(text) for page in (CHECKS_PAGE, PLUGINS_PAGE) for text in re.findall(r"```json\n(.*?)```", page, re.S)
]


def _section(page: str, heading: str) -> str:
    return re.split(r"^## ", page.split(f"\n## {heading}", 1)[1], maxsplit=1, flags=re.M)[0]


@pytest.mark.parametrize("kind", CHECKS.values(), ids=CHECKS)
def test_each_check_has_its_section_with_every_parameter_and_an_example(kind: Kind) -> None:
    section = _section(CHECKS_PAGE, kind.name)
    assert kind.name == "check_no_pattern" or all(f"`{p.name}`" in section for p in kind.parameters or ())
    assert ("Instant." in section) is kind.instant
    assert f'{{"name": "{kind.name}", "params"' in section
    assert f"[`{kind.name}`](#{kind.name})" in CHECKS_PAGE


@pytest.mark.parametrize("kind", WAITS.values(), ids=WAITS)
def test_each_wait_has_its_section_with_every_parameter(kind: Kind) -> None:
    section = _section(PLUGINS_PAGE, f"{kind.name}:")
    assert all(f"`{parameter.name}`" in section for parameter in kind.parameters or ())


def test_the_examples_are_right() -> None:
    used = []
    jobs = [job for example in EXAMPLES for job in example.get("jobs", [example])]
    for job in jobs:
        checks = [job] if "name" in job else [*job.get("pre_checks", ()), *job.get("post_checks", ())]
        waits = [wait for wait in job.get("dependencies", ()) if isinstance(wait, dict)]
        used += [(check_kind(check["name"]), check["params"]) for check in checks]
        used += [(wait_kind(wait["plugin"]), wait["params"]) for wait in waits]
    known = [(kind, params) for kind, params in used if kind is not None]
    assert len(known) >= len(CHECKS) + 3
    assert [problems(kind, params) for kind, params in known] == [[]] * len(known)
