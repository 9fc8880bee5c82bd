"""The diff of --fix: the real ``patch`` makes the new text from the old one with it, whatever the two are."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exlib.console import Console
from exlib.document.edit import Splice
from exlib.report.findings_diff import changes, unified

LINES = ["{", "}", '"id": 1,', "", " ", "\r", "x\x0cy", "ä\u2028", "-- a", "++ b"]
TEXTS = st.lists(st.sampled_from(LINES), max_size=40).map("\n".join)


@st.composite
def spliced(draw: st.DrawFn) -> tuple[str, list[Splice]]:
    """A text and splices of it that do not overlap, in order."""
    text = draw(TEXTS)
    places = sorted(draw(st.lists(st.integers(0, len(text)), max_size=8, unique=True)))
    pairs = zip(places[::2], places[1::2], strict=False)
    return text, [(start, end, draw(TEXTS.map(lambda new: new[:20]))) for start, end in pairs]


def applied(text: str, splices: list[Splice]) -> str:
    for start, end, new in reversed(splices):
        text = text[:start] + new + text[end:]
    return text


def plain() -> Console:
    console = Console()
    console.color = "never"
    return console


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("diff")


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(change=spliced(), mark=st.sampled_from(["", "\ufeff"]))
def test_git_apply_makes_the_new_text_from_the_old(folder: Path, change: tuple[str, list[Splice]], mark: str) -> None:
    before, splices = change
    after = applied(before, splices)
    if before == after or before.startswith("\ufeff"):
        return
    file = folder / "f.json"
    file.write_bytes((mark + before).encode())
    diff = unified(file.read_bytes(), splices, "f.json", plain(), on_stdout=False)
    command = ["git", "apply", "-p0", "--unidiff-zero", "--whitespace=nowarn", "-"]
    done = subprocess.run(command, input=diff, cwd=folder, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert file.read_bytes() == (mark + after).encode()


@given(spliced())
def test_changes_name_the_lines_that_differ(change: tuple[str, list[Splice]]) -> None:
    before, splices = change
    lines = [f"{line}\n" for line in before.split("\n")]
    for first, last, new in reversed(list(changes("".join(lines), splices))):
        assert lines[first:last] != new
        lines[first:last] = new
    assert "".join(lines) == applied(before, splices) + "\n"


def test_only_the_changed_lines_are_shown_with_three_around() -> None:
    text = "".join(f"{number},\n" for number in range(2000))
    ten, thousand = text.index("10,"), text.index("1000,")
    splices = [(ten, ten + 2, "ten"), (thousand, thousand + len("1000,\n1001,\n"), "")]
    diff = unified(text.encode(), splices, "f", plain(), on_stdout=False).decode()
    assert diff.splitlines() == [
        "--- f",
        "+++ f",
        "@@ -8,7 +8,7 @@",
        " 7,",
        " 8,",
        " 9,",
        "-10,",
        "+ten,",
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


def test_neighbouring_lines_that_change_are_one_change_and_equal_ones_between_are_kept() -> None:
    text = "a\nb\nc\nd\n"
    splices = [(0, 1, "A"), (2, 3, "B"), (6, 7, "D")]
    diff = unified(text.encode(), splices, "f", plain(), on_stdout=False).decode()
    assert diff.splitlines()[3:] == ["-a", "-b", "+A", "+B", " c", "-d", "+D"]


@pytest.mark.parametrize(("gap", "hunks"), [(6, 1), (7, 2)])
def test_changes_share_a_hunk_when_their_contexts_touch(gap: int, hunks: int) -> None:
    text = "a\n" + "=\n" * gap + "b\n"
    splices = [(0, 1, "A"), (len(text) - 2, len(text) - 1, "B")]
    assert unified(text.encode(), splices, "f", plain(), on_stdout=False).count(b"\n@@ ") == hunks


def test_a_text_that_vanishes_has_no_first_line() -> None:
    assert b"@@ -1 +0,0 @@\n-a\n" in unified(b"a\n", [(0, 2, "")], "f", plain(), on_stdout=False)


def test_a_missing_line_end_is_marked() -> None:
    diff = unified(b"a", [(0, 1, "b")], "f", plain(), on_stdout=True)
    assert diff == b"--- f\n+++ f\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n\\ No newline at end of file\n"


def test_colour_marks_what_goes_and_what_comes() -> None:
    console = Console()
    console.color = "always"
    diff = unified(b"a\nb\n", [(2, 3, "c")], "f", console, on_stdout=True).decode()
    assert "\x1b[31m-b\x1b[0m\n\x1b[32m+c\x1b[0m\n" in diff
    assert "\x1b" not in unified(b"a\n", [(0, 1, "b")], "f", console, on_stdout=False).decode()
