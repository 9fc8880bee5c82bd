"""Bad input is one message with its place, whatever is broken."""

from __future__ import annotations

import contextlib
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exlib.convert.conversion import convert
from exlib.convert.gitlab.keywords import KEPT, READ
from exlib.convert.source import Source
from exlib.convert.wishes import Wishes
from exlib.errors import ExecutionerError, InputError
from tests.convert.gitlab.test_reader import RICH

VALUES = ("[]", "{}", "null", "1", "true", "x", "[a, b]", "{a: b}", "!reference [a, b]", "[[a]]", "-1", "1.5", '""')


def tried(raw: bytes) -> None:
    """Convert, to and fro: it may be refused, and nothing else."""
    with contextlib.suppress(ExecutionerError):
        convert(Source(raw, "ci.yml"), "gitlab", "gitlab", Wishes())


@pytest.mark.parametrize(
    "raw",
    [
        b"\x00\x01\x02",
        b"\xff\xfe",
        b"a:\n\t- b\n",
        b"a: [",
        b"'unclosed",
        b"1",
        b"- x\n",
        b"a: &x [*x]\n",
        b"a: {<<: *none}\n",
        b"x" * (9 << 20),
        b"a: " + b"[" * 500 + b"]" * 500,
        b"a: {script: x}\n---\nb: {script: x}\n",
        b"a0: &a0 [x, x]\n" + b"".join(b"a%d: &a%d [*a%d, *a%d]\n" % (i, i, i - 1, i - 1) for i in range(1, 30)),
    ],
)
def test_what_is_no_configuration_is_refused(raw: bytes) -> None:
    with pytest.raises(InputError) as raised:
        convert(Source(raw, "ci.yml"), "gitlab", "executioner", Wishes())
    assert str(raised.value.place).startswith("ci.yml")


@given(st.integers(0, 10**9))
def test_wrong_types_at_any_key_are_no_bug(seed: int) -> None:
    chance = random.Random(seed)
    lines = chance.choice([*RICH.values()]).split("\n")
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(lines))
        head = lines[at].split(": ")[0]
        choice = chance.randrange(4)
        if choice == 0:
            lines = lines[: at + 1]
        elif choice == 1:
            del lines[at : at + 1]
            lines = lines or [""]
        else:
            lines[at] = f"{head}: {chance.choice(VALUES)}"
    tried("\n".join(lines).encode())


@given(st.integers(0, 2000))
def test_a_truncated_file_is_no_bug(length: int) -> None:
    tried(RICH["kept"].encode()[:length])


@pytest.mark.parametrize("key", [*READ, *KEPT])
@pytest.mark.parametrize("value", VALUES)
def test_a_wrong_type_at_a_key_is_no_bug(key: str, value: str) -> None:
    script = "" if key == "script" else "script: x, "
    tried(f"j: {{{script}{key}: {value}}}\n".encode())


@pytest.mark.parametrize("key", ["stages", "variables", "default", "workflow", "include", "image", "spec"])
@pytest.mark.parametrize("value", VALUES)
def test_a_wrong_type_at_the_top_is_no_bug(key: str, value: str) -> None:
    tried(f"{key}: {value}\nj: {{script: x}}\n".encode())
