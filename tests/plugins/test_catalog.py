from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from exlib.plugins.catalog import check_kind, check_names, problems, wait_kind, wait_names

ROOT = Path(__file__).resolve().parents[2]


def test_the_built_in_names() -> None:
    assert check_names()[:9] == (
        "check_file_exists",
        "check_file_not_empty",
        "check_no_ora_errors",
        "check_no_ora_or_sp2_errors",
        "check_pattern",
        "check_no_pattern",
        "check_command",
        "check_allowed",
        "check_disk_space",
    )
    assert wait_names()[:3] == ("file", "time", "workflow")


def test_a_kind_is_found_by_its_name() -> None:
    check, wait = check_kind("check_pattern"), wait_kind("time")
    assert check is not None
    assert check.parameters is not None
    assert [parameter.name for parameter in check.parameters] == ["pattern", "path", "log_file"]
    assert not check.instant
    assert wait is not None
    assert wait.instant
    assert check_kind("time") is None
    assert wait_kind("check_pattern") is None


def test_a_value_with_a_variable_is_not_judged_before_it_is_known() -> None:
    wait, check = wait_kind("time"), check_kind("check_pattern")
    assert wait is not None
    assert check is not None
    assert not problems(wait, {"at": "${START}", "tz": "${ZONE}", "day": "${DAY}"})
    assert not problems(check, {"path": "${LOG}", "pattern": "(${WORD}"})
    assert problems(check, {"path": "${LOG}", "pattern": "("})


def test_built_in_names_are_answered_without_looking_at_what_is_installed() -> None:
    script = (
        "import sys; from exlib.plugins.catalog import check_kind, wait_kind\n"
        "assert check_kind('check_pattern') and wait_kind('file')\n"
        "slow = {'importlib.metadata', 'subprocess', 'difflib', 'email', 'zoneinfo', 'inspect'}\n"
        "print(sorted(slow & set(sys.modules) - {'inspect'}))"
    )
    done = subprocess.run([sys.executable, "-S", "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
