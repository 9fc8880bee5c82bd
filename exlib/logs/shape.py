"""The shape of a message: what stays of it when all that differs from one time to the next is taken out."""

from __future__ import annotations

import re

_LONGEST = 300
_PARTS = re.compile(
    r"""
    (?P<kept>\b(?:exit\ code|signal|HTTP|error|ERROR|line)\ \d{1,5}\b | \b[A-Z][A-Z0-9]{1,7}-\d{1,6}\b)
  | (?P<time>\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?
      | \b\d\d:\d\d:\d\d(?:[.,]\d+)?\b
      | \b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),?\ [A-Z][a-z]{2}\ +\d+(?:\ [\d:]+)?(?:\ \d{4})?)
  | (?P<text>"(?:[^"\\]|\\.)*" | (?<!\w)'(?:[^'\\]|\\.)*'(?!\w) | `[^`']*[`'])
  | (?P<address>\b[a-z][a-z0-9+.-]*://\S+ | \b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b)
  | (?P<path>(?<![\w.])(?:(?:~|\.{1,2})?/|(?:[\w.+-]+/){2,})[^\s:;,()'"]+
      | \b[A-Za-z]:\\[^\s:;,()'"]+)
  | (?P<id>\b[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}\b | \b0x[0-9a-fA-F]+\b | \b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{7,}\b)
  | (?P<n>(?<![A-Za-z\d])[-+]?\d[\d_.,]*(?:e[-+]?\d+)?)
    """,
    re.VERBOSE,
)
_BLANKS = re.compile(r"\s+")
_FINAL = re.compile(r"[.,]+$")


def shape(message: str) -> str:
    """``user 12 at "a.b"`` and ``user 7 at "c.d"`` are both ``user <n> at <text>``; codes such as ORA-01555 stay."""
    return _BLANKS.sub(" ", _PARTS.sub(_abstract, message[: 4 * _LONGEST])).strip()[:_LONGEST]


def _abstract(found: re.Match[str]) -> str:
    kind = found.lastgroup
    if kind == "kept":
        return found[0]
    end = _FINAL.search(found[0])
    return f"<{kind}>{end[0] if end else ''}"
