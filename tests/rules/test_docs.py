"""docs/formats.md and docs/rules.md say what the schema and the catalogue say; ``--repopulate`` writes the latter."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from exlib import rules, schema
from exlib.document import Document
from exlib.environment import DEFAULT_INHERITED
from exlib.rules.keys import WITHOUT_EFFECT

DOCS = Path(__file__).resolve().parents[2] / "docs"
FORMATS = (DOCS / "formats.md").read_text()
WORKFLOW = schema.load("workflow")
INTRODUCTION = """\
# The findings of ex-validate

Every finding has a code. A code keeps its meaning for ever: one that was released is never given to something else, so
it can be named in scripts. The first digit is the family: 1 text, 2 shape, 3 ids and dependencies, 4 variables,
commands and settings, 5 spelling, 6 the security lint, 7 checks and plugins. E is an error: the document is not used.
W is a warning, which `--strict` makes an error and `--ignore CODE` leaves out. S is a warning too, and an error under
`"security_policy": "strict"`.

`ex-validate --explain CODE` prints one of these pages.

"""


def rules_page() -> str:
    table = "".join(
        f"| [{rule.code}](#{rule.code.lower()}-{rule.name}) | {rule.severity} | {rule.summary} |\n"
        for rule in rules.CATALOG.values()
    )
    pages = "\n".join(f"#{rule.page}" for rule in rules.CATALOG.values())
    return f"{INTRODUCTION}| code | | |\n|---|---|---|\n{table}\n{pages}"


def test_the_page_of_rules_is_up_to_date(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--repopulate"):
        (DOCS / "rules.md").write_text(rules_page())
    assert (DOCS / "rules.md").read_text() == rules_page(), "pytest tests/rules/test_docs.py --repopulate"


def rows(heading: str) -> dict[str, list[str]]:
    """The rows of the tables below a heading, by the key in the first column."""
    section = FORMATS.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    cells = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line[:3] == "| `"
    ]
    return {row[0].strip("`"): row for row in cells}


def test_formats_lists_every_key_of_the_workflow() -> None:
    known = {key for key, below in WORKFLOW["properties"].items() if not below.get("deprecated")}
    assert rows("The workflow").keys() == known


def test_formats_lists_every_key_of_a_job_and_of_a_dependency() -> None:
    job = WORKFLOW["$defs"]["job"]["properties"]
    known = {key for key, below in job.items() if not below.get("deprecated")}
    assert rows("A job").keys() == known | job["dependencies"]["items"]["properties"].keys()


def test_formats_states_the_defaults_of_the_schema() -> None:
    for key, row in rows("The workflow").items():
        described = schema.resolve(WORKFLOW["properties"][key], WORKFLOW)
        if "default" in described:
            assert row[2] == f"`{json.dumps(described['default'])}`", key


def test_formats_lists_the_old_and_the_idle_keys() -> None:
    old = {key for key in rows("Old spellings") if not key.startswith('"')}
    assert old == {"name", "job_id", "job_description"}
    assert all(f"`{key}`" in FORMATS for key in WITHOUT_EFFECT)


def test_formats_lists_what_default_inherits() -> None:
    assert not [name for name in DEFAULT_INHERITED if not re.search(rf"\b{name}\b", FORMATS)]


@pytest.mark.parametrize("block", re.findall(r"```json\n(.*?)```", FORMATS, re.DOTALL))
def test_examples_have_no_errors(block: str) -> None:
    assert rules.errors(Document(block.encode())) == []


@pytest.mark.parametrize("name", ["formats.md", "rules.md"])
def test_links_lead_somewhere(name: str) -> None:
    text = (DOCS / name).read_text()
    for target in re.findall(r"\]\(([^)]+)\)", text):
        file, _, anchor = target.partition("#")
        page = (DOCS / (file or name)).read_text()
        headings = {
            re.sub(r"[^\w\- ]", "", line.lstrip("# ")).lower().replace(" ", "-")
            for line in page.splitlines()
            if line[:1] == "#"
        }
        assert not anchor or anchor in headings, target
