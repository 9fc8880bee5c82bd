from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from exlib.errors import ExecutionerError
from tests.convert.converting import imported, run_document
from tests.corpus.place import document

TEXT = """\
--------- * Start of Release 1.2 in DB1 * ----------
Log Directory: logs

 **** DISABLE TRIGGERS
Before Release:
sqlplus /nolog @PR_1001.sql $(who) # Run as a
After BO Commit:[feeds are off]
After FO Commit:
mail the others
run -u x@db1 rebuild
sqlplus /nolog @sub/PR_1002.sql

 **** ENABLE TRIGGERS
"""
WARNED = TEXT.replace(
    "run -u",
    "***** CRITICAL: an index is missing\n***** CRITICAL: DO NOT PROCEED\nPR_1002.sql: CREATE INDEX i;\nrun -u",
)


def allowing(job: dict[str, Any]) -> str:
    return " ".join(check["params"]["reason"] for check in job.get("pre_checks", ()))


def test_it_is_what_the_original_made_of_it() -> None:
    text, made = document("executioner", "prhelper.txt"), document("executioner", "96.0.json")
    [ours], entries = imported(text.read_bytes(), "prhelper", name="prhelper.txt")
    theirs = json.loads(made.read_text())["jobs"]
    for one, other in zip(ours["jobs"], theirs, strict=True):
        assert one["id"] == other["id"]
        assert one.get("dependencies", []) == other["dependencies"]
        assert one.get("post_checks", []) == other.get("post_checks", [])
        if one["id"] != "critical_check":
            assert one["command"] == other["command"]
            assert one["description"] == other["description"]
    critical = ours["jobs"][0]
    assert "DO NOT PROCEED" in allowing(critical)
    assert "DISABLE TRIGGERS" in allowing(critical)
    assert "idx_TU_ACCT_ENROLL_PLATFORM_CODE_ID" in critical["description"]
    assert "FO Commit is the process" in allowing(ours["jobs"][14])
    assert [entry for entry in entries if entry.fate == "dropped"] == []
    spoken = {entry.place.line for entry in entries}
    assert spoken == {number for number, line in enumerate(text.read_text().split("\n"), 1) if line.strip()}


def test_the_steps_are_a_chain_with_the_check_of_their_logs() -> None:
    [made], _ = imported(TEXT, "prhelper")
    assert made["application_name"] == "Start of Release 1.2 in DB1"
    assert [job["id"] for job in made["jobs"]] == ["PR_1001", "run_cmd_1", "PR_1002"]
    assert [job.get("dependencies") for job in made["jobs"]] == [None, ["PR_1001"], ["run_cmd_1"]]
    check = made["jobs"][2]["post_checks"][0]
    assert check == {"name": "check_no_ora_errors", "params": {"log_file": "logs/*1002*.log"}}
    assert made["jobs"][1]["x-source"] == {"section": "After FO Commit"}
    assert made["x-source"]["afterwards"] == ["ENABLE TRIGGERS"]


def test_what_a_person_has_to_do_holds_up_what_follows() -> None:
    [made], entries = imported(TEXT, "prhelper")
    assert allowing(made["jobs"][0]) == "DISABLE TRIGGERS"
    assert allowing(made["jobs"][1]) == "After BO Commit: feeds are off; After FO Commit; mail the others"
    assert "pre_checks" not in made["jobs"][2]
    assert [entry.place.line for entry in entries if entry.fate == "manual"] == [4, 7, 8, 9, 13]


def test_the_warning_is_a_first_job_that_fails_until_it_is_acknowledged(tmp_path: Path) -> None:
    [made], _ = imported(WARNED, "prhelper")
    first = made["jobs"][0]
    assert first["id"] == "critical_check"
    assert allowing(first) == "an index is missing; DO NOT PROCEED; DISABLE TRIGGERS"
    assert made["jobs"][1]["dependencies"] == ["critical_check"]
    assert "pre_checks" not in made["jobs"][1]
    for job in made["jobs"]:
        job["command"] = f"touch '{job['id']}'"
        job.pop("post_checks", None)
    assert run_document(made, tmp_path).returncode == 1
    assert list(tmp_path.glob("PR_*")) == []
    assert run_document(made, tmp_path, EX_ALLOW="critical_check").returncode == 1
    assert (tmp_path / "PR_1001").exists()
    assert not (tmp_path / "run_cmd_1").exists()


def test_without_a_log_directory_it_says_where_it_looks() -> None:
    [made], entries = imported("sqlplus /nolog @fix.sql\n", "prhelper")
    assert made["jobs"][0]["post_checks"][0]["params"]["log_file"] == "*fix*.log"
    assert [entry.fate for entry in entries] == ["approximated"]


def test_a_step_that_is_there_twice_gets_two_ids() -> None:
    [made], _ = imported("Log Directory: l\nsqlplus @PR_1.sql\nsqlplus @PR_1.sql\n", "prhelper")
    assert [(job["id"], job.get("dependencies")) for job in made["jobs"]] == [("PR_1", None), ("PR_1_2", ["PR_1"])]


def test_a_text_without_steps_has_no_job() -> None:
    assert imported("Before Release:\n\nnothing\n", "prhelper")[0] == []


@pytest.mark.parametrize("seed", range(4))
def test_hostile_text_is_an_error_or_a_document(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(150):
        text = list(WARNED)
        for _ in range(chance.randrange(1, 30)):
            text[chance.randrange(len(text))] = chance.choice(
                [*"@*:-[]\n \t'\"${}é\\", "sqlplus @", "\u202e", "CRITICAL"]
            )
        try:
            _, entries = imported("".join(text), "prhelper")
        except ExecutionerError:
            continue
        else:
            lines = "".join(text).split("\n")
            spoken = {entry.place.line for entry in entries}
            assert all(number in spoken or not line.strip() for number, line in enumerate(lines, 1) if entries)
