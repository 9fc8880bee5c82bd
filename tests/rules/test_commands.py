"""The quick look at a command, before it is read, never overlooks a program."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from exlib.rules.programs import _HEADS, _programs
from exlib.rules.words import read

PIECES = [
    "a",
    "b",
    "gone",
    " ",
    " ",
    "\n",
    ";",
    "&",
    "|",
    "&&",
    "||",
    "(",
    ")",
    "{ ",
    "; }",
    "<",
    ">",
    "2>&1",
    "#",
    "!",
]
PIECES += [
    "if ",
    "then ",
    "do ",
    "A=1 ",
    "'",
    '"',
    "\\",
    "$x",
    "$(",
    "`",
    "<<E",
    "\nE\n",
    "\t",
    "\r",
    "/",
    "time ",
    "~",
]


@given(st.lists(st.sampled_from(PIECES), max_size=9).map("".join))
@example("a>&gone")
@example("a;>x gone")
@example("a\\\n;gone")
@example("A=1 gone")
@example("a|!gone")
def test_a_program_is_among_the_heads(command: str) -> None:
    if {"a", "b"}.issuperset(_HEADS.findall(command)):
        assert {"a", "b"}.issuperset(_programs(read(command), direct=False))
