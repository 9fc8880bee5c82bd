from __future__ import annotations

import json
import re
from pathlib import Path

from jsonschema import Draft202012Validator

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "schemas" / "event.schema.json").read_text())
PAGE = (ROOT / "docs" / "events.md").read_text()
SECTIONS = dict(re.findall(r"^### `(\w+)`\n(.*?)(?=^### |\Z)", PAGE, re.DOTALL | re.MULTILINE))


def test_the_page_has_every_event_with_an_example_that_fits_the_schema() -> None:
    assert list(SECTIONS) == list(SCHEMA["$defs"])
    for name, text in SECTIONS.items():
        (example,) = re.findall(r"```json\n(.*)\n```", text)
        assert json.loads(example)["event"] == name
        assert [error.message for error in Draft202012Validator(SCHEMA).iter_errors(json.loads(example))] == []


def test_the_page_describes_every_field_as_the_schema_does() -> None:
    for name, text in SECTIONS.items():
        described = dict(re.findall(r"^\| `(\w+)` \| [^|]+ \| (.*) \|$", text, re.MULTILINE))
        fields = {key: field for key, field in SCHEMA["$defs"][name]["properties"].items() if key in described}
        assert {"version", "event", "time", *described} == set(SCHEMA["$defs"][name]["properties"])
        for key, field in fields.items():
            assert described[key].startswith(field["description"])


def test_the_mail_page_names_every_setting_of_the_code_and_the_schema() -> None:
    page = (ROOT / "docs" / "mail.md").read_text()
    code = "".join((ROOT / "exlib" / "report" / name).read_text() for name in ("mail.py", "smtp.py"))
    assert set(re.findall(r"EX_SMTP_\w+", page)) == set(re.findall(r"EX_SMTP_\w+", code))
    keys = json.loads((ROOT / "schemas" / "workflow.schema.json").read_text())["properties"]
    wanted = {key for key in keys if key.startswith(("smtp_", "email_"))}
    assert wanted == set(re.findall(r"`((?:smtp|email)_\w+)`", page))
