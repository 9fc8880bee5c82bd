"""Another reading of YAML for the tests: PyYAML's scanner and nodes, in place of ruamel's."""

from __future__ import annotations

from typing import Any

import pytest

yaml = pytest.importorskip("yaml")


def comments_of(text: str) -> list[tuple[int, str]]:
    """The line and the text of each comment: what begins with ``#`` where no token of the scanner is.

    A block's own token ends where the next one begins, so the lines in it are told apart by the value.
    """
    tokens = list(yaml.scan(text, Loader=yaml.SafeLoader))
    found: list[tuple[int, str]] = []
    at = 0
    for token in tokens:
        if isinstance(token, yaml.ScalarToken) and token.style in ("|", ">"):
            _gap(text, at, token.start_mark.index, found)
            at = _after_block(text, token, found)
        elif token.end_mark.index > token.start_mark.index:
            _gap(text, at, token.start_mark.index, found)
            at = token.end_mark.index
    _gap(text, at, len(text), found)
    return found


def _gap(text: str, start: int, end: int, found: list[tuple[int, str]]) -> None:
    number = text.count("\n", 0, start) + 1
    for offset, line in enumerate(text[start:end].split("\n")):
        if "#" in line:
            found.append((number + offset, line.partition("#")[2].strip()))


def _after_block(text: str, token: Any, found: list[tuple[int, str]]) -> int:
    """Note the comment in the block's head; where its last line with text ends."""
    head = text.index("\n", token.start_mark.index) if "\n" in text[token.start_mark.index :] else len(text)
    _gap(text, token.start_mark.index, head, found)
    filled = [line.strip() for line in token.value.split("\n") if line.strip()]
    at = head
    while filled and at < token.end_mark.index:
        end = text.find("\n", at + 1)
        end = len(text) if end < 0 else end
        line = text[at + 1 : end].strip()
        if line and token.style == "|":
            assert line == filled.pop(0)
        elif line:
            assert filled[0].startswith(line)
            filled[0] = filled[0][len(line) :].strip()
            if not filled[0]:
                filled.pop(0)
        at = end
    return at


def values_of(text: str) -> list[tuple[int, str]]:
    """The line and the text of every value that has none below it; of nothing only that it is there."""
    found: list[tuple[int, str]] = []
    seen: set[int] = set()
    pending = [document for document in yaml.compose_all(text, Loader=yaml.SafeLoader) if document is not None]
    while pending:
        node = pending.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if not isinstance(node.value, list):
            found.append((node.start_mark.line + 1 if node.value or node.style else 0, str(node.value)))
        elif not node.value:
            found.append((node.start_mark.line + 1, ""))
        elif isinstance(node, yaml.MappingNode):
            pending += [value for _, value in node.value]
        else:
            pending += node.value
    return sorted(found)
