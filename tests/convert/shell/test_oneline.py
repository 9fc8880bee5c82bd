"""Commands of several lines on one line: the shell reads them back, and so do we."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exlib.convert.shell.oneline import one_line, several_lines

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=60)


@given(TEXTS.filter(bool), st.sampled_from([" ", " \\\n"]))
def test_any_command_comes_back(command: str, between: str) -> None:
    assert several_lines(one_line(command, between)) == command


@pytest.mark.parametrize("between", [" ", " \\\n"])
def test_the_shell_runs_the_same(between: str) -> None:
    command = "x='it'\\''s'\ncat <<END\n  $x \\\\ %s \"q\"\n- end\nEND\nexit 3"
    plain = subprocess.run(["sh", "-c", command], capture_output=True, check=False)
    given_ = subprocess.run(["sh", "-c", one_line(command, between)], capture_output=True, check=False)
    assert (plain.stdout, plain.returncode) == (given_.stdout, given_.returncode)
    assert plain.returncode == 3


@pytest.mark.parametrize("line", ["echo", "eval \"$(printf '%s\\n' )\"", "eval \"$(printf '%s\\n' 'a' b )\"", ""])
def test_another_line_is_none_of_ours(line: str) -> None:
    assert several_lines(line) is None
