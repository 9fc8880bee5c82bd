"""Values are hidden wherever they stand, and nothing else is."""

from __future__ import annotations

import base64
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exlib.masking import UNMASKED, Mask


def test_without_secrets_nothing_is_touched() -> None:
    data, text = b"password=hunter22", "password=hunter22"
    assert not UNMASKED.active
    assert UNMASKED(data) is data
    assert UNMASKED.text(text) is text


def test_what_holds_no_secret_is_the_same_object() -> None:
    data, text = b"nothing here\n", "nothing here"
    mask = Mask(["hunter22"])
    assert mask(data) is data
    assert mask.text(text) is text


def test_the_longer_secret_wins() -> None:
    assert Mask(["secret", "secret-and-more"])(b"secret-and-more, secret") == b"********, ********"


def test_secrets_that_overlap_are_hidden_together() -> None:
    assert Mask(["abcdef", "efghij"])(b"<abcdefghij>") == b"<********>"
    assert Mask(["aaaa"])(b"<aaaaaaa>") == b"<********>"


def test_secrets_that_touch_are_hidden_apart() -> None:
    assert Mask(["abcd", "wxyz"])(b"abcdwxyz") == b"****************"


def test_short_and_common_values_are_no_secrets() -> None:
    assert not Mask(["1", "on", "yes", "true", "None", "", "  abc  ", "FALSE"]).active


def test_the_lines_of_a_secret_are_hidden_one_by_one() -> None:
    mask = Mask(["-----KEY-----\nabcdef\n"])
    assert mask(b"abcdef\n-----KEY-----\n") == b"********\n********\n"


def test_a_secret_of_short_lines_is_hidden_as_a_whole() -> None:
    mask = Mask(["ab\ncd\r\nef"])
    assert mask(b"ab cd ef <ab\ncd\r\nef>") == b"ab cd ef <********>"
    assert mask.text('"ab\\ncd\\r\\nef"') == '"********"'


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("before", range(60))
def test_base64_is_known_across_the_ends_of_its_lines(before: int, end: bytes) -> None:
    rng, value = random.Random(before), "a-token-of-24-characters"
    whole = base64.b64encode(rng.randbytes(before) + value.encode() * 4 + rng.randbytes(30))
    for width in (64, 76):
        lines = [whole[at : at + width] for at in range(0, len(whole), width)]
        hidden = Mask([value])(end.join(lines) + end)
        # Between two values stands at most the one character that they share.
        assert hidden.count(b"********") == 4
        assert len(hidden) < len(whole) - 4 * 31 + 4 * 8 + 20


def test_the_ends_of_other_lines_stay() -> None:
    line = b"x" * 80
    mask = Mask(["secret-value"])
    assert mask(line + b"\nsecret-value\n" + line + b"\n") == line + b"\n********\n" + line + b"\n"
    assert mask(b"secret\n-value") == b"secret\n-value"


@given(st.lists(st.text(min_size=4, max_size=12), min_size=1, max_size=8), st.data())
def test_no_value_survives_among_others(values: list[str], data: st.DataObject) -> None:
    values = [value.strip() for value in values if len(value.strip()) >= 4 and value.isprintable() and "*" not in value]
    between = st.text("ab \n", max_size=4)
    text = "".join(data.draw(between) + value for value in values)
    hidden = Mask(values).text(text)
    assert not [value for value in values if value in hidden and value.lower() not in ("true", "false", "none", "null")]


@given(st.binary(max_size=60))
def test_bytes_that_are_not_text_stay_as_they_are(data: bytes) -> None:
    mask = Mask(["secret-value"])
    assert mask(data + b"secret-value" + data) == data + b"********" + data
    assert mask.text(data.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape") == data
