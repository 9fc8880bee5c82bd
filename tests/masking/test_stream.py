"""However a stream is cut, what comes out is what the whole would have become."""

from __future__ import annotations

import base64
import json
import random
from urllib.parse import quote_plus

from hypothesis import example, given, settings
from hypothesis import strategies as st

from exlib.masking import Mask, MaskStream

SECRETS = st.lists(st.text("ab/+ é'\\", min_size=4, max_size=9), min_size=1, max_size=4)
WRITTEN = st.sampled_from(
    [
        str.encode,
        lambda value: base64.b64encode(value.encode()),
        lambda value: base64.b64encode(b"x" + value.encode() + b"y"),
        lambda value: base64.urlsafe_b64encode(b"xx" + value.encode()),
        lambda value: base64.encodebytes(b"z" * 50 + value.encode() * 9),
        lambda value: base64.encodebytes(b"z" * 50 + value.encode() * 9).replace(b"\n", b"\r\n"),
        lambda value: json.dumps(value).encode(),
        lambda value: quote_plus(value).encode(),
        lambda value: value.encode()[:-1],
        lambda value: value.encode()[1:],
        lambda value: value.encode() * 3,
    ]
)
NOISE = st.sampled_from(
    [b"", b"a", b"b", b"\n", b"\r\n", b"\r", b"\xff", b"=" * 3, b"A" * 48 + b"\n", b"A" * 50 + b"\r\n"]
)


def streamed(mask: Mask, pieces: list[bytes]) -> bytes:
    stream = MaskStream(mask)
    return b"".join([*map(stream.feed, pieces), stream.flush()])


@st.composite
def texts(draw: st.DrawFn) -> tuple[list[str], bytes]:
    secrets = draw(SECRETS)
    parts = draw(st.lists(st.tuples(NOISE, WRITTEN, st.sampled_from(secrets), NOISE), max_size=5))
    return secrets, b"".join(before + write(value) + after for before, write, value, after in parts)


@settings(max_examples=150, deadline=None)
@given(texts())
@example((["aaaa"], b"aaaaaaaaaa"))
@example((["aaaa", "aaaab"], b"aaaaaab"))
def test_every_split_in_two_gives_the_same(case: tuple[list[str], bytes]) -> None:
    secrets, text = case
    mask = Mask(secrets)
    whole = mask(text)
    for at in range(len(text) + 1):
        assert streamed(mask, [text[:at], text[at:]]) == whole


@settings(max_examples=300, deadline=None)
@given(texts(), st.lists(st.integers(1, 30), min_size=1, max_size=9))
def test_every_split_in_many_gives_the_same(case: tuple[list[str], bytes], sizes: list[int]) -> None:
    secrets, text = case
    mask = Mask(secrets)
    pieces, at = [], 0
    while at < len(text):
        size = sizes[len(pieces) % len(sizes)]
        pieces.append(text[at : at + size])
        at += size
    assert streamed(mask, pieces) == streamed(mask, [text[n : n + 1] for n in range(len(text))]) == mask(text)


def test_nothing_is_held_back_that_cannot_become_a_secret() -> None:
    stream = MaskStream(Mask(["secret-value"]))
    assert stream.feed(b"waiting for the lock\n") == b"waiting for the lock\n"
    assert stream.feed(b"password: secr") == b"password: "
    assert stream.feed(b"et!\n") == b"secret!\n"
    assert stream.feed(b"secret-valu") == b""
    assert stream.feed(b"e") == b"********"
    assert stream.feed(b"sec") == b""
    assert stream.flush() == b"sec"
    assert stream.flush() == b""


def test_what_is_held_back_is_bounded_whatever_comes() -> None:
    rng = random.Random(1)
    mask = Mask(["a" * 30, "ab" * 20, "secret-value"])
    stream = MaskStream(mask)
    taken = given_out = 0
    for _ in range(2000):
        piece = rng.choice([b"a" * 40, b"ab" * 30, b"A" * 76 + b"\n", b"secret-", b"YWFh" * 19 + b"\n"])
        taken += len(piece)
        given_out += len(stream.feed(piece))
        assert len(stream._held) <= mask.longest


def test_without_secrets_the_pieces_pass_as_they_are() -> None:
    stream, data = MaskStream(Mask()), b"secret-value"
    assert stream.feed(data) is data
    assert stream.flush() == b""
