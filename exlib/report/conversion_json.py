"""The whole account of a conversion as JSON, after ``schemas/conversion.schema.json``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from exlib.convert.account import FATES, Entry
from exlib.convert.conversion import Conversion

VERSION = 1


def as_json(conversion: Conversion) -> str:
    """The report: the formats, the sums, every construct with its fate."""
    body = {
        "version": VERSION,
        "from": conversion.origin,
        "to": conversion.target,
        "jobs": conversion.jobs,
        "files": [file.name for file in conversion.files if file.name],
        "counts": {fate: conversion.count(fate) for fate in FATES},
        "constructs": [
            *_entries(conversion.incoming, "from"),
            *_entries(conversion.outgoing, "to"),
        ],
    }
    return json.dumps(body, ensure_ascii=False, indent=2) + "\n"


def _entries(entries: Sequence[Entry], side: str) -> Iterator[dict[str, Any]]:
    for entry in entries:
        place = entry.place
        yield {
            "fate": entry.fate,
            "side": side,
            "construct": entry.construct,
            "file": place.file,
            "line": place.line,
            "end_line": max(place.line, place.end_line),
            "path": place.path,
            "text": place.text,
            "reason": entry.reason,
            "job": entry.job,
        }
