"""Texts and names as Python and as Jinja write them: nothing in them is ever taken for code or for a template."""

from __future__ import annotations

import keyword
import re

_MARKS = re.compile(r"\{[{%#]|\r|\n\Z")
"""What Jinja reads as its own, and the ends of lines that it takes away."""
_ENDINGS = (".sh", ".bash", ".json", ".sql", ".html")
"""Airflow takes a text that ends so for the name of a file to read."""
_TAKEN = frozenset(["DAG", "BashOperator", "HERE", "dag", "datetime", "os"])


def literal(text: str) -> str:
    """A text of Python; a lone surrogate, which no file can hold, is escaped."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return ascii(text)
    return repr(text)


def block(text: str, indent: str) -> str:
    """A text line by line, if it has several."""
    lines = text.splitlines(keepends=True) if "\n" in text else [text]
    if len(lines) == 1:
        return literal(text)
    return "(\n" + "".join(f"{indent}    {literal(line)}\n" for line in lines) + f"{indent})"


def untemplated(text: str) -> str:
    """A template that comes out as the text."""
    if not _MARKS.search(text) and not text.endswith(_ENDINGS):
        return text
    if "endraw" not in text and "\r" not in text:
        return "{% raw %}" + text + "{% endraw %}"
    escaped = "".join(character if character.isalnum() else _escaped(character) for character in text)
    return '{{ "' + escaped + '" }}'


def _escaped(character: str) -> str:
    """As Jinja's own texts have it, braces included, so that no sign of a template is left."""
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


class Names:
    """Names that Airflow and Python take, each once."""

    def __init__(self) -> None:
        self._keys: set[str] = set()
        self._variables: set[str] = set()

    def key(self, wanted: str) -> str:
        """The id of a task: letters, digits, ``_``, ``-`` and dots."""
        base = re.sub(r"[^A-Za-z0-9_.-]+", "_", wanted).strip(".")[:200]
        base = base if re.search("[A-Za-z0-9]", base) else "task"
        name = _once(base, self._keys)
        self._keys.add(name)
        return name

    def variable(self, key: str) -> str:
        """The variable for a task."""
        base = re.sub(r"\W+", "_", key, flags=re.ASCII).strip("_").lower() or "task"
        if not base.isidentifier() or keyword.iskeyword(base) or keyword.issoftkeyword(base):
            base = f"task_{base}"
        name = _once(base, self._variables | _TAKEN)
        self._variables.add(name)
        return name


def _once(base: str, taken: set[str] | frozenset[str]) -> str:
    name, number = base, 1
    while name in taken:
        number += 1
        name = f"{base}_{number}"
    return name
