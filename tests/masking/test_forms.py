"""Every way in which a program may write a value is known."""

from __future__ import annotations

import base64
import json
import random
import shlex
import shutil
import subprocess
import urllib.parse

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exlib.masking import Mask
from exlib.masking.forms import SHORTEST_BASE64, forms

NASTY = 'it\'s "quoted" $HOME/`x` \\ 100% a+b=c <é> ~#日;?'
VALUES = st.text(st.characters(exclude_categories=["Cs", "Cc", "Z"]) | st.just(" "), min_size=4, max_size=40).filter(
    lambda value: value.strip() == value
)


def quoted_by_bash(value: str, how: str) -> bytes:
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("there is no bash here")
    return subprocess.run([bash, "-c", how, "bash", value], capture_output=True, check=True).stdout


def inside_base64(value: str, before: int, after: int) -> bytes:
    rng = random.Random(before * 100 + after)
    return base64.b64encode(rng.randbytes(before) + value.encode() + rng.randbytes(after))


@given(VALUES)
def test_json(value: str) -> None:
    for text in (json.dumps(value), json.dumps(value, ensure_ascii=False)):
        assert text[1:-1].encode() in forms(value)
        assert text[1:-1].replace("/", "\\/").encode() in forms(value)


def test_json_as_other_languages_write_it() -> None:
    for text in ("<a&b>/caf\\u00E9=", "\\u003ca\\u0026b\\u003e/café=", "\\u003ca\\u0026b\\u003e/café\\u003d"):
        assert text.encode() in forms("<a&b>/café=")


@given(VALUES)
def test_urls(value: str) -> None:
    quote, plus = urllib.parse.quote, urllib.parse.quote_plus
    for text in (quote(value), quote(value, safe=""), plus(value), plus(value, safe="/"), quote(value, safe="!'()*")):
        assert text.encode() in forms(value)
        pieces = text.split("%")
        small = "%".join([pieces[0], *(piece[:2].lower() + piece[2:] for piece in pieces[1:])])
        assert small.encode() in forms(value)


@given(VALUES)
def test_shell_words(value: str) -> None:
    quoted = shlex.quote(value).encode()
    assert quoted in forms(value) or quoted[1:-1] in forms(value)


@pytest.mark.parametrize("value", [NASTY, "#begin", "~home", "a=~b", "k:~v", "tab\tand space", "{a,b}[c]!"])
def test_what_bash_writes(value: str) -> None:
    for how in ('printf %q "$1"', 'echo -n "${1@Q}"'):
        assert Mask([value])(quoted_by_bash(value, how)).strip(b"$'") == b"********"


@pytest.mark.parametrize("before", range(4))
@pytest.mark.parametrize("after", range(4))
@pytest.mark.parametrize("length", range(5, 12))
def test_base64_of_a_longer_text(before: int, after: int, length: int) -> None:
    value = "s3cr3t-Üb~>"[:length]
    text = inside_base64(value, before, after)
    for written in (text, text.translate(bytes.maketrans(b"+/", b"-_")), text.rstrip(b"=")):
        hidden = Mask([value])(written)
        assert b"********" in hidden
        for place in range(len(written) - SHORTEST_BASE64 + 1):
            if place * 6 >= before * 8 and (place + SHORTEST_BASE64) * 6 <= (before + len(value.encode())) * 8:
                assert written[place : place + SHORTEST_BASE64] not in hidden


def test_base64_of_the_value_alone_leaves_nothing() -> None:
    for value in ("abcd", "abcde", "abcdef"):
        text = base64.b64encode(value.encode())
        assert Mask([value])(text) == Mask([value])(text.rstrip(b"=")) == b"********"


def test_a_fragment_that_words_hold_by_chance_is_not_looked_for() -> None:
    assert min(map(len, forms("abcd") - {b"abcd"})) >= SHORTEST_BASE64


def test_a_value_that_is_not_text() -> None:
    value = b"caf\xe9-au-lait".decode("utf-8", "surrogateescape")
    assert b"caf\xe9-au-lait" in forms(value)
    assert base64.b64encode(b"caf\xe9-au-lait")[:-4] in b" ".join(forms(value))
    assert b"caf%E9-au-lait" in forms(value)
