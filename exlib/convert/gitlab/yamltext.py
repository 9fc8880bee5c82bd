"""YAML as text that means the same to YAML 1.1 and 1.2: whatever could be taken for more than a word is quoted."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from exlib.convert.gitlab.parts import resolved

_PLAIN = re.compile(r"[A-Za-z_./][\w./@+=,;()'\" *$<>|&^~!?-]*", re.ASCII)
_UNPRINTED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]")
_WIDE = 100


def scalar(value: Any) -> str:
    """A plain value on one line."""
    if not isinstance(value, str):
        return json.dumps(value)
    if _PLAIN.fullmatch(value) and value == value.strip() and isinstance(resolved(value), str):
        return value
    text = json.dumps(value, ensure_ascii=False)
    return _UNPRINTED.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def entry(key: str, value: Any, depth: int) -> Iterator[str]:
    """The lines of a key and its value, ``depth`` steps in."""
    step = "  " * depth
    yield from _after(f"{step}{_key(key)}:", value, depth)


def flow(value: Any) -> str:
    """A value on one line, with brackets and braces."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_quoted(str(key))}: {flow(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(flow(each) for each in value) + "]"
    return _quoted(value) if isinstance(value, str) else scalar(value)


def _after(head: str, value: Any, depth: int) -> Iterator[str]:
    if isinstance(value, dict) and value:
        yield head
        for key, each in value.items():
            yield from entry(str(key), each, depth + 1)
    elif isinstance(value, list) and value:
        if all(not isinstance(each, dict | list) for each in value) and "script" not in head:
            line = f"{head} {flow(value)}"
            if len(line) <= _WIDE:
                yield line
                return
        yield head
        for each in value:
            yield from _item(each, depth + 1)
    elif isinstance(value, dict | list):
        yield f"{head} {flow(value)}"
    elif isinstance(value, str) and _is_block(value):
        yield f"{head} |-"
        yield from _block(value, depth + 1)
    else:
        yield f"{head} {scalar(value)}"


def _item(value: Any, depth: int) -> Iterator[str]:
    step = "  " * depth
    if isinstance(value, dict) and value:
        lines = [line for key, each in value.items() for line in entry(str(key), each, depth + 1)]
        yield f"{step}- {lines[0].lstrip()}"
        yield from lines[1:]
    elif isinstance(value, dict | list):
        yield f"{step}- {flow(value)}"
    elif isinstance(value, str) and _is_block(value):
        yield f"{step}- |-"
        yield from _block(value, depth + 1)
    else:
        yield f"{step}- {scalar(value)}"


def _is_block(text: str) -> bool:
    """Whether a text can stand as a block: several lines, none of which the block would change."""
    return (
        "\n" in text
        and not text.startswith((" ", "\n", "\t"))
        and not text.endswith("\n")
        and not _UNPRINTED.search(text)
        and all(line.strip() or not line for line in text.split("\n"))
    )


def _block(text: str, depth: int) -> Iterator[str]:
    step = "  " * depth
    yield from (f"{step}{line}" if line else "" for line in text.split("\n"))


def _key(text: str) -> str:
    plain = re.fullmatch(r"[A-Za-z_.$][\w.$/ -]*", text, re.ASCII) and text == text.strip()
    return text if plain and isinstance(resolved(text), str) else _quoted(text)


def _quoted(text: str) -> str:
    if re.fullmatch(r"[A-Za-z_./][\w./-]*", text, re.ASCII) and isinstance(resolved(text), str):
        return text
    return _UNPRINTED.sub(lambda match: f"\\u{ord(match[0]):04x}", json.dumps(text, ensure_ascii=False))
