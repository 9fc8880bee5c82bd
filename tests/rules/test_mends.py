"""Messages name all there is to mend, and promise of --fix only what it does."""

from __future__ import annotations

import json
from typing import Any

import pytest

from exlib import fix
from tests.rules.test_rules import check, document, job, only


def test_all_idle_retry_settings_of_a_job_are_named() -> None:
    found = only(check(job(retry_delay=1, retry_jitter=0.5, retry_on_exit_codes=[1])))
    keys = "retry_delay, retry_jitter and retry_on_exit_codes"
    assert found.message == f"{keys} have no effect: the job is never retried"
    found = only(check({"default_retry_delay": 1, "default_retry_backoff": 1, **job()}))
    assert found.message == "default_retry_delay and default_retry_backoff have no effect: no job is ever retried"
    assert only(check(job(retry_delay=1))).message == "retry_delay has no effect: the job is never retried"


@pytest.mark.parametrize(
    ("data", "mend"),
    [
        (job(shell=False), "allow the shell for this job"),
        (
            {"allow_shell": False, **job()},
            'put it into a script; for a shell, remove "allow_shell": false from the document',
        ),
        (
            {"allow_shell": False, **job(shell=False)},
            'put it into a script; for a shell, remove "allow_shell": false from the document, '
            'and "shell": false from the job',
        ),
    ],
)
def test_the_mend_of_shell_syntax_fits_its_cause(data: Any, mend: str) -> None:
    data["jobs"][0]["command"] = "true | true"
    assert only(check(data)).mend == f"quote what is meant as it stands, or {mend}"


@pytest.mark.parametrize(
    ("ids", "mends"),
    [
        (["a "], ['write "a" (ex-validate --fix does it)']),
        (["a", "a "], ['write "a", or another id if that is taken']),
        (["a ", " a"], ['write "a", or another id if that is taken'] * 2),
        (["a", "b "], ['write "b" (ex-validate --fix does it)']),
    ],
)
def test_a_trim_is_promised_only_where_it_is_made(ids: list[str], mends: list[str]) -> None:
    data = {"jobs": [{"id": name, "command": "true"} for name in ids]}
    assert [finding.mend for finding in check(data)] == mends
    left = [finding.code for finding in check(json.loads(fix.mend(document(data)).raw))]
    assert left == ["W309"] * sum("--fix" not in mend for mend in mends)


@pytest.mark.parametrize(
    ("second", "mend"),
    [
        ("a", "ex-validate --fix removes one"),
        ({"job": "a"}, "ex-validate --fix removes one"),
        ({"job": "a", "_note": "x"}, "keep one; this one holds more than the id"),
    ],
)
def test_a_removal_is_promised_only_where_it_is_made(second: Any, mend: str) -> None:
    data = {"jobs": [{"id": "a", "command": "true"}, {"id": "b", "command": "true", "dependencies": ["a", second]}]}
    assert only(check(data)).mend == mend
    assert bool(check(json.loads(fix.mend(document(data)).raw))) == ("--fix" not in mend)


def test_an_invisible_character_is_named() -> None:
    found = only(check(job(id="z\u200b")))
    assert found.message == "the id holds U+200B (ZERO WIDTH SPACE), which nobody sees"
    assert only(check(job(id="z\U0010fffd"))).message == "the id holds U+10FFFD (for private use), which nobody sees"


def test_a_name_under_its_old_key_may_hold_no_control_character_either() -> None:
    assert {finding.code for finding in check({"name": "a\nb", **job()})} == {"W503", "W414"}
