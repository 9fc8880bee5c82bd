"""The ways in which programs write one and the same value: as it is, in base64, for a URL, for JSON, for a shell."""

from __future__ import annotations

import json
import re
from binascii import b2a_base64
from collections.abc import Iterator

SHORTEST_BASE64 = 6
"""Characters of base64 that must be certain: fewer stand in other words by chance."""

_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-~")
_URL_SAFE = bytes.maketrans(b"+/", b"-_")
_JSON_ESCAPE = re.compile(r"\\(?:u[0-9a-f]{4}|.)")
_SHELL_SPECIAL = re.compile(r"""[ \t"'\\|&;()<>!{}*\[?\]^$`,]|^#|(?:^|(?<=[:=]))~""")


def forms(value: str) -> set[bytes]:
    """Every form in which ``value`` is looked for, each at least as long as the value itself or 6 bytes."""
    raw = _bytes(value)
    texts = {value, *_json(value), *_shell(value)}
    return {*map(_bytes, texts), *_url(raw), *_base64(raw)}


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _json(value: str) -> Iterator[str]:
    """As a string of a JSON document, without the quotes."""
    escaped, plain = json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]
    yield from (escaped, plain)
    yield _JSON_ESCAPE.sub(lambda found: found[0][:2] + found[0][2:].upper(), escaped)
    for text in (escaped, plain):
        yield text.replace("/", "\\/")  # PHP
        for special in ("<>&", "<>&='"):  # Go, and Gson
            yield "".join(f"\\u{ord(char):04x}" if char in special else char for char in text)


def _shell(value: str) -> Iterator[str]:
    """As a word of a shell command, without the quotes around it."""
    yield value.replace("'", "'\"'\"'")  # shlex.quote, and dash under set -x
    yield value.replace("'", "'\\''")  # bash under set -x, and ${value@Q}
    yield _SHELL_SPECIAL.sub(r"\\\g<0>", value)  # printf %q
    yield re.sub(r'["$`\\]', r"\\\g<0>", value)  # between double quotes


def _url(raw: bytes) -> Iterator[bytes]:
    """Percent-encoded: quote, quote_plus, encodeURIComponent and encodeURI, in capital and small hexadecimals."""
    for safe in (b"", b"/", b"!'()*", b";,/?:@&=+$#!'()*"):
        kept = _UNRESERVED | frozenset(safe)
        for code in (b"%%%02X", b"%%%02x"):
            quoted = b"".join(b"%c" % byte if byte in kept else code % byte for byte in raw)
            yield quoted
            yield quoted.replace(b"%20", b"+")


def _base64(raw: bytes) -> Iterator[bytes]:
    """Within base64 of a longer text, wherever in it the value begins, and at the end of such a text.

    The first and the last character there may be made of bits of the neighbours too: only what is certain is
    looked for, and no fewer than ``SHORTEST_BASE64`` characters of it.
    """
    for offset, lead in enumerate((0, 2, 3)):
        encoded = b2a_base64(bytes(offset) + raw, newline=False)[lead:]
        bare = encoded.rstrip(b"=")
        certain = bare[: (offset + len(raw)) * 8 // 6 - lead]
        for form in (certain, bare, encoded):
            if len(form) >= SHORTEST_BASE64:
                yield form
                yield form.translate(_URL_SAFE)
