"""The diff of --fix: the real ``patch`` makes the new text from the old one with it, whatever the two are."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exlib.console import Console
from exlib.report.findings_diff import changes, unified

LINES = st.lists(
    st.sampled_from(["{", "}", '"id": 1,', "", " ", "\r", "x\x0cy", "ä\u2028", "-- a", "++ b"]), max_size=30
)
TEXTS = LINES.map("\n".join)


def plain() -> Console:
    console = Console()
    console.color = "never"
    return console


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("diff")


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(before=TEXTS, after=TEXTS)
def test_git_apply_makes_the_new_text_from_the_old(folder: Path, before: str, after: str) -> None:
    if before == after:
        return
    file = folder / "f.json"
    file.write_bytes(before.encode())
    diff = unified(before.encode(), after.encode(), "f.json", plain(), on_stdout=False)
    command = ["git", "apply", "-p0", "--unidiff-zero", "--whitespace=nowarn", "-"]
    done = subprocess.run(command, input=diff, cwd=folder, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert file.read_bytes() == after.encode()


@given(LINES, LINES)
def test_what_lies_between_changes_is_equal(before: list[str], after: list[str]) -> None:
    i = j = 0
    for old_from, old_to, new_from, new_to in changes(before, after):
        assert before[i:old_from] == after[j:new_from]
        assert before[old_from:old_to] != after[new_from:new_to]
        i, j = old_to, new_to
    assert before[i:] == after[j:]


def test_only_the_changed_lines_are_shown_with_three_around() -> None:
    before = [f"{number},\n" for number in range(2000)]
    after = list(before)
    after[10] = "ten\n"
    after[1000:1002] = []
    diff = unified("".join(before).encode(), "".join(after).encode(), "f", plain(), on_stdout=False).decode()
    assert diff.splitlines() == [
        "--- f",
        "+++ f",
        "@@ -8,7 +8,7 @@",
        " 7,",
        " 8,",
        " 9,",
        "-10,",
        "+ten",
        " 11,",
        " 12,",
        " 13,",
        "@@ -998,8 +998,6 @@",
        " 997,",
        " 998,",
        " 999,",
        "-1000,",
        "-1001,",
        " 1002,",
        " 1003,",
        " 1004,",
    ]


def test_a_missing_line_end_is_marked() -> None:
    diff = unified(b"a", b"b", "f", plain(), on_stdout=True)
    assert diff == b"--- f\n+++ f\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n\\ No newline at end of file\n"


def test_colour_marks_what_goes_and_what_comes() -> None:
    console = Console()
    console.color = "always"
    diff = unified(b"a\nb\n", b"a\nc\n", "f", console, on_stdout=True).decode()
    assert "\x1b[31m-b\x1b[0m\n\x1b[32m+c\x1b[0m\n" in diff
    assert "\x1b" not in unified(b"a\n", b"b\n", "f", console, on_stdout=False).decode()
