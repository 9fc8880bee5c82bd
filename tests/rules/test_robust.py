"""Whatever a document holds, the rules answer; and what they let pass, the typed view can read."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from exlib import rules, schema
from exlib.document import Document
from exlib.workflow import Workflow

WORKFLOW = schema.load("workflow")
JOB = WORKFLOW["$defs"]["job"]["properties"]
UNKNOWN = ["jobs", "id", "x-note", "_n", "timout", "database", "name", "job"]

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6)
    | st.sampled_from(
        [
            "a",
            "b",
            "a, b",
            "${A}",
            "${A}/${B}",
            "strict",
            "off",
            "default",
            "check_pattern",
            "file",
            "python3 -c",
            "~/x",
        ]
    )
    | st.text(alphabet="rm -f/~*$A{}'\"|;&><()\n#`=sudo chmod77curlsh:@p", max_size=30)
)
keys = st.sampled_from(["A", "B", "A=B", "", "name", "job", "plugin", "params", "path", "command", "timeout"])
values = st.recursive(scalars, lambda v: st.lists(v, max_size=3) | st.dictionaries(keys, v, max_size=3), max_leaves=6)
jobs = values | st.dictionaries(st.sampled_from([*JOB, *UNKNOWN]), values, max_size=7)
near_jobs = st.fixed_dictionaries(
    {"id": st.sampled_from("abc"), "command": st.text(alphabet="rm -/$A{}'\"|;&>a", max_size=20)},
    optional={
        "dependencies": st.lists(st.sampled_from("abcd"), max_size=3),
        "env_variables": st.dictionaries(st.sampled_from("AB"), st.sampled_from(["${A}", "${B}", "x", ""])),
        "max_retries": st.integers(0, 2),
        "retry_delay": st.integers(0, 10_000),
        "shell": st.sampled_from([True, False, "bash", ""]),
    },
)
documents = st.fixed_dictionaries(
    {"jobs": st.lists(jobs | near_jobs, max_size=3) | values},
    optional={key: values for key in [*WORKFLOW["properties"], *UNKNOWN] if key != "jobs"},
)


@settings(max_examples=300)
@given(documents)
def test_every_document_gets_an_answer(data: dict[str, Any]) -> None:
    document = Document(json.dumps(data, indent=1).encode(), "wf.json")
    found = rules.check(document, environ={"PATH": "/usr/bin:/bin"})
    assert all(finding.code in rules.CATALOG and finding.line for finding in found)
    assert found == sorted(found, key=lambda finding: (finding.line, finding.column))
    errors = {(finding.code, finding.pointer, finding.message) for finding in rules.errors(document)}
    assert errors == {(f.code, f.pointer, f.message) for f in found if f.severity == "error"}
    if not errors:
        assert len(Workflow.from_document(document).jobs) == len(document.jobs)
