"""What is wrong with text that is not JSON, in words that a stranger to JSON can act on.

Python's own messages change between its versions, so most is told from the place itself.
"""

from __future__ import annotations

import re
from json import JSONDecodeError

from exlib.document.flaws import Flaw, openers
from exlib.document.positions import Positions

_WORD = re.compile(r"[\w$.-]+")
_VALUES = ("true", "false", "null", "NaN", "Infinity", "-Infinity")
_SPELLED = {"True": "true", "False": "false", "None": "null", "yes": "true", "no": "false", "nil": "null"}
_QUOTES = "'‘’“”„«»`"


def explain(text: str, error: JSONDecodeError) -> Flaw:
    """The flaw that the JSON parser stopped at."""
    at = error.pos
    rest = text[at : at + 200].lstrip(" \t\r\n")
    if not text.strip():
        return _flaw(
            "the document is empty", 0, 'the smallest workflow: {"jobs": [{"id": "hello", "command": "echo hello"}]}'
        )
    if _is_cut(text, at, rest):
        return _cut(text)
    return _in_string(text, error) or _around_comma(text, at, rest) or _by_expectation(text, error, rest)


def _is_cut(text: str, at: int, rest: str) -> bool:
    if len(text) - at > 200:
        return False
    number = text[at - 1 : at].isdigit() and re.fullmatch(r"(\.|(\.\d+)?[eE][+-]?)\s*", text[at:])
    return not rest or any(value.startswith(rest.rstrip()) for value in _VALUES) or bool(number)


def _cut(text: str) -> Flaw:
    mend = "the file was cut off: write it again, whole"
    stack = _open_at(text, len(text))
    if stack:
        mend = f"close {_opener(text, stack[-1])}; or, if the file was cut off, write it again, whole"
    return _flaw("the document ends in the middle", len(text.rstrip()), mend)


def _in_string(text: str, error: JSONDecodeError) -> Flaw | None:
    at = error.pos
    if error.msg.startswith("Unterminated string"):
        return _flaw("the string that starts here is not closed", at, 'close it with "; is the file whole?')
    if error.msg.startswith("Invalid control character"):
        if text[at] in "\r\n":
            mend = 'close the string with ", or write the line break as \\n'
            return _flaw("the line ends inside a string", at, mend)
        escape = "\\t" if text[at] == "\t" else f"\\u{ord(text[at]):04x}"
        mend = "remove it" if text[at] == "\0" else f"write it as {escape}"
        return _flaw(f"a raw control character, U+{ord(text[at]):04X}, in a string", at, mend)
    if error.msg.startswith("Invalid \\"):
        at = text.rfind("\\", 0, at + 1)
        shown = text[at : at + 2]
        if shown[1:] in ("\r", "\n"):
            mend = "JSON cannot continue a string on the next line: join the two, or write \\n"
            return _flaw("the line ends inside a string", at, mend)
        if shown == "\\u":
            return _flaw("\\u wants four hexadecimal digits", at, "write a backslash itself as \\\\")
        return _flaw(f"{shown} is not an escape that JSON knows", at, "write a backslash itself as \\\\")
    return None


def _around_comma(text: str, at: int, rest: str) -> Flaw | None:
    before = text[:at].rstrip(" \t\r\n")
    after = rest[1:].lstrip(" \t\r\n")
    if rest[0] == "," and after[:1] in ("}", "]"):  # newer Pythons point at the comma
        return _flaw(f"a comma before the closing {after[0]}", text.index(",", at), "remove the comma")
    if rest[0] in "}]" and before.endswith(","):
        return _flaw(f"a comma before the closing {rest[0]}", len(before) - 1, "remove the comma")
    if rest[0] == "," and before[-1:] in (",", "[", "{", ":"):
        return _flaw(
            "a comma with nothing before it", text.index(",", at), "remove the comma, or write what is missing"
        )
    return None


def _by_expectation(text: str, error: JSONDecodeError, rest: str) -> Flaw:
    at = text.index(rest[0], error.pos)
    word = match[0] if (match := _WORD.match(rest)) else ""
    if rest.startswith(("//", "/*", "#")):
        return _flaw("JSON has no comments", at, 'use a key that starts with "_" for notes')
    if rest[0] in _QUOTES:
        return _flaw(f"JSON has no quotes like {rest[0]}", at, 'use double quotes "..."')
    if not rest[0].isprintable():
        return _flaw(f"a stray character, U+{ord(rest[0]):04X}, outside any string", at, "remove it")
    if not text[:at].strip():
        return _flaw(f"this is not JSON: a workflow starts with {{, not with {rest[0]}", at)
    if error.msg.startswith("Extra data"):
        if rest[0] in "}]":
            return _flaw(f"a closing {rest[0]} too many", at, "remove it")
        return _flaw("text after the end of the document", at, "one document a file")
    if error.msg.startswith("Expecting ':'"):
        return _flaw("a colon is missing after the key", at, 'write "key": value')
    if error.msg.startswith("Expecting property name"):
        mend = f'write "{word}"' if word else 'write "key": value'
        return _flaw(f"a key in double quotes is wanted here, not {word or rest[0]}", at, mend)
    if error.msg.startswith("Expecting ',"):
        return _no_comma(text, at, rest, word)
    if word and (word[0].isalpha() or word[0] == "_"):
        mend = f"write {_SPELLED[word]}" if word in _SPELLED else f'write a text in quotes: "{word}"'
        return _flaw(f"{word} is not a value that JSON knows", at, mend)
    if rest[0] in "+-." and rest[1:2] in tuple("0123456789."):
        return _flaw("JSON numbers start with a digit, or with - and a digit", at, "write it like 0.5, 1 or -1")
    return _flaw(f"a value is wanted here, not {rest[0]}", at)


def _no_comma(text: str, at: int, rest: str, word: str) -> Flaw:
    if rest[0] in "}]":
        stack = _open_at(text, at)
        return _flaw(
            f"{rest[0]} does not close {_opener(text, stack[-1])}", at, f"put {_closer(text, stack[-1])} first"
        )
    if text[at - 1].isalnum() and word:
        start = at
        while start and (text[start - 1].isalnum() or text[start - 1] in "+-._"):
            start -= 1
        shown = text[start : at + len(word)]
        if shown[0].isdigit() or shown[0] == "-":
            return _flaw(f"{shown} is not a number that JSON knows", start, "write it like 10, 0.5 or -1")
    return _flaw("a comma is missing before this", at, 'put "," between the two')


def _open_at(text: str, end: int) -> list[int]:
    stack: list[int] = []
    for stack in openers(text, end):  # noqa: B007
        pass
    return stack


def _opener(text: str, offset: int) -> str:
    return f"the {text[offset]} of line {Positions(text).line_column(offset)[0]}"


def _closer(text: str, offset: int) -> str:
    return "}" if text[offset] == "{" else "]"


def _flaw(message: str, offset: int, mend: str | None = None) -> Flaw:
    return Flaw("E102", message, offset, mend)
