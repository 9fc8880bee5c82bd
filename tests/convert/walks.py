"""Every construct of a source, found without the readers: values of YAML and JSON by path, other texts by line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.events import AliasEvent, MappingEndEvent, MappingStartEvent, ScalarEvent, SequenceStartEvent

from exlib.convert.account import Entry


def yaml_values(text: str) -> Iterator[str]:
    """The paths of all values that have none below them, of the last document of a text."""
    events = [event for event in YAML(pure=True).parse(text) if type(event).__name__[:6] not in ("Stream", "Docume")]
    roots = []
    position = 0
    while position < len(events):
        found: list[str] = []
        position = _value(events, position, "", found)
        roots.append(found)
    yield from roots[-1] if roots else ()


def _value(events: Sequence[Any], at: int, path: str, found: list[str]) -> int:
    event = events[at]
    if isinstance(event, ScalarEvent):
        found.append(path)
        return at + 1
    if isinstance(event, AliasEvent):  # what it stands for is a construct where its anchor is
        return at + 1
    at += 1
    number = 0
    if isinstance(event, SequenceStartEvent) and type(events[at]).__name__ == "SequenceEndEvent":
        found.append(path)
    if isinstance(event, MappingStartEvent) and isinstance(events[at], MappingEndEvent):
        found.append(path)
    while type(events[at]).__name__ not in ("SequenceEndEvent", "MappingEndEvent"):
        if isinstance(event, SequenceStartEvent):
            at = _value(events, at, f"{path}[{number}]", found)
            number += 1
        else:
            key = events[at].value
            plain = re.fullmatch(r"[^\s.\[\]]+", key)
            step = f"{'.' if path else ''}{key}" if plain else f'["{key}"]'
            at = _value(events, at + 1, path + step, found)
    return at + 1


def json_values(text: str) -> Iterator[str]:
    """The paths of all values that have none below them."""

    def below(value: Any, path: str) -> Iterator[str]:
        if isinstance(value, dict) and value:
            for key, inner in value.items():
                yield from below(inner, f"{path}.{key}" if path else key)
        elif isinstance(value, list) and value:
            for number, inner in enumerate(value):
                yield from below(inner, f"{path}[{number}]")
        else:
            yield path

    return below(json.loads(text), "")


def unspoken_paths(paths: Iterator[str], entries: Sequence[Entry]) -> list[str]:
    """The paths that no entry speaks of, alone or with what is above them."""
    exact = {entry.place.path for entry in entries}
    whole = {entry.place.path for entry in entries if entry.place.whole}

    def said(path: str) -> bool:
        if path in exact or "" in whole:
            return True
        return any(path.startswith(above) and path[len(above)] in ".[" for above in _above(path) if above in whole)

    return [path for path in paths if not said(path)]


def _above(path: str) -> Iterator[str]:
    yield from (path[:at] for at in range(1, len(path)) if path[at] in ".[")


def unspoken_lines(text: str, entries: Sequence[Entry], file: str) -> list[int]:
    """The lines with something on them that no entry speaks of."""
    said: set[int] = set()
    for entry in entries:
        if entry.place.file == file:
            said |= set(range(entry.place.line, max(entry.place.line, entry.place.end_line) + 1))
    lines = text.replace("\r\n", "\n").split("\n")
    return [number for number, line in enumerate(lines, 1) if line.strip() and number not in said]
