"""Texts as Groovy writes them: nothing in them is ever taken for code."""

from __future__ import annotations

import re

from exlib.convert.jenkins import shell
from exlib.environment import REFERENCE

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f\x85\u2028\u2029\ufeff\ud800-\udfff]")
_NAMED = {"\t": "\\t", "\n": "\\n", "\r": "\\r"}


def quoted(text: str) -> str:
    """A text on one line, in single quotes."""
    return "'" + _plain(text).replace("'", "\\'").replace("\n", "\\n") + "'"


def script(text: str, indent: str) -> str:
    """A script as a text: over several lines where it has them, indented where that changes nothing."""
    if "\n" not in text:
        return quoted(text)
    inner = indent + "    "
    moved = "\n" + "\n".join(inner + line if line.strip() else "" for line in text.split("\n")) + f"\n{indent}"
    if not text.startswith("#!") and shell.plain_script(moved) == shell.plain_script(text):
        text = moved
    return "'''" + re.sub("'(?='|\\Z)", "\\'", _plain(text)) + "'''"


def value(text: str) -> str:
    """A value in which ``${NAME}`` means a variable."""
    parts = REFERENCE.split(text)
    if len(parts) == 1:
        return quoted(text)
    pieces = [
        f"${{env.{part}}}" if at % 2 else _plain(part).replace('"', '\\"').replace("$", "\\$").replace("\n", "\\n")
        for at, part in enumerate(parts)
    ]
    return '"' + "".join(pieces) + '"'


def comment(text: str, indent: str) -> list[str]:
    """Lines of a comment."""
    return [f"{indent}// {_CONTROL.sub(' ', line)}".rstrip() for line in text.split("\n")]


def _plain(text: str) -> str:
    return _CONTROL.sub(_escape, text.replace("\\", "\\\\"))


def _escape(match: re.Match[str]) -> str:
    return _NAMED.get(match[0]) or f"\\u{ord(match[0]):04x}"
