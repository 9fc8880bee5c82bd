"""Whatever the bytes, there is a pipeline or one clear message."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exlib.convert.account import Account
from exlib.convert.jenkins.reader import read
from exlib.convert.source import Source
from exlib.convert.wishes import Wishes
from exlib.errors import ExecutionerError, InputError
from tests.convert.converting import imported
from tests.convert.jenkins.test_reader import RICH

PIECES = st.sampled_from(
    "pipeline stages stage steps parallel matrix axes axis name values when expression environment post always sh echo "
    "script dir agent any options timeout retry input { } ( ) [ ] , ; : = . ' \" ''' \"\"\" "
    "${ $ / \\ \n 'x' \"${y}\" 1 true "
    "-> ?: && ! // /* */ if else "
    "return def new credentials parameters string".split(" ")
)


def attempt(raw: bytes) -> None:
    account = Account()
    try:
        made = read(Source(raw, "Jenkinsfile"), Wishes(), account)
    except ExecutionerError as error:
        refused: ExecutionerError | None = error
    else:
        refused = None
        assert all(one.raw for one in made)
    assert refused is None or (refused.message and str(refused.place).startswith("Jenkinsfile"))
    assert all(entry.fate == "exact" or entry.reason for entry in account.entries)


@settings(deadline=None, max_examples=200)
@given(st.lists(PIECES, max_size=60))
def test_words_in_any_order(words: list[str]) -> None:
    attempt(" ".join(words).encode())
    attempt(("pipeline { agent any\n stages { stage('a') { steps {\n" + " ".join(words) + "\n} } } }").encode())


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=200))
def test_any_bytes(raw: bytes) -> None:
    attempt(raw)


@pytest.mark.parametrize("seed", range(8))
def test_what_is_cut_or_changed(seed: int) -> None:
    dice = random.Random(seed)
    raw = RICH.encode()
    for _ in range(40):
        at = dice.randrange(len(raw))
        attempt(raw[:at])
        attempt(raw[:at] + raw[at + dice.randrange(30) :])
        attempt(raw[:at] + bytes([dice.randrange(256)]) + raw[at:])
        other = dice.randrange(len(raw))
        attempt(raw[:at] + raw[other : other + 40] + raw[at:])


@pytest.mark.parametrize(
    "text",
    ["", "\x00", "pipeline", "pipeline {", "pipeline { }", "{" * 5000, "a." * 5000, "!" * 5000 + "a", "a+" * 5000 + "a",
     "(" * 59 + ")" * 59, "x ? " * 3000, "a b c d e", "[" * 40 + "]" * 40, "-" * 3000 + "1",
     "echo(1" + "+1" * 5000 + ")", "echo " + "!" * 5000 + "a", "echo a" + ".b" * 5000, "0x", "1e999", "9" * 9999],
)  # fmt: skip
def test_odd_ones(text: str) -> None:
    attempt(text.encode())
    attempt(f"pipeline {{ agent any\n stages {{ stage('a') {{ steps {{\n{text}\n}} }} }} }}".encode())


def test_two_blocks_on_a_line_are_no_two_statements() -> None:
    post = "post { always { sh 'y' } failure { sh 'z' } }"
    text = f"pipeline {{ agent any\n stages {{ stage('a') {{ steps {{ sh 'x' }} }} }}\n {post}\n}}"
    with pytest.raises(InputError, match="a new line or ; is missing before failure"):
        imported(text, "jenkins")
