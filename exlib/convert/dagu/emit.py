"""A small writer of YAML: maps, lists and texts that every reader of YAML takes for the same."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

_BARE = re.compile(r"[A-Za-z_./][A-Za-z0-9_./ -]*[A-Za-z0-9_./-]|[A-Za-z_./]")
_WORDS = frozenset(["true", "false", "null", "yes", "no", "on", "off", "y", "n"])
_BLOCK = re.compile(r"[^\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\r]*")
_LONG = 80
"""Characters of a text that needs quotes from which on a block is easier to read."""


def lines_of(value: Any, indent: int = 0) -> Iterator[str]:
    """The lines of a map or a list that is not empty."""
    blank = " " * indent
    if isinstance(value, Mapping):
        for key, one in value.items():
            yield from _member(f"{blank}{scalar(str(key))}:", one, indent)
    else:
        for one in value:
            yield from item(one, indent)


def item(value: Any, indent: int) -> Iterator[str]:
    """One item of a list."""
    blank = " " * indent
    if isinstance(value, Mapping | list) and value:
        first, *others = lines_of(value, indent + 2)
        yield f"{blank}- {first[indent + 2 :]}"
        yield from others
    else:
        yield from _member(f"{blank}-", value, indent)


def _member(start: str, value: Any, indent: int) -> Iterator[str]:
    if isinstance(value, Mapping | list):
        if value:
            yield start
            yield from lines_of(value, indent + 2)
        else:
            yield f"{start} {'{}' if isinstance(value, Mapping) else '[]'}"
    elif isinstance(value, str) and _fits_block(value):
        yield f"{start} |{'' if value.endswith(chr(10)) else '-'}"
        for line in value.removesuffix("\n").split("\n"):
            yield f"{' ' * (indent + 2)}{line}" if line else ""
    else:
        yield f"{start} {scalar(value)}"


def _fits_block(text: str) -> bool:
    """Whether a text of several lines, or one that is hard to read in quotes, reads the same as a block."""
    lines = text.removesuffix("\n").split("\n")
    return (
        (len(lines) > 1 or "\t" in text or (len(text) > _LONG and not _BARE.fullmatch(text)))
        and _BLOCK.fullmatch(text.replace("\n", "")) is not None
        and bool(lines[0].strip())
        and not lines[0].startswith((" ", "\t"))
        and bool(lines[-1].strip())
        and all(line.strip() or not line for line in lines)
    )


def scalar(value: Any) -> str:
    """A value on one line."""
    if isinstance(value, float):
        number, e, power = repr(value).partition("e")
        return number + (".0" if e and "." not in number else "") + e + power  # without a point it would be a text
    if not isinstance(value, str):
        return json.dumps(value)
    if _BARE.fullmatch(value) and value.lower() not in _WORDS and not value.startswith(("-", ".")):
        return value
    return "".join(one if one.isprintable() else _escaped(one) for one in json.dumps(value, ensure_ascii=False))


def _escaped(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04x}" if code < 1 << 16 else f"\\U{code:08x}"
