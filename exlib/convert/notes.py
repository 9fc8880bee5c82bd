"""Comments of ours in other formats: what the format cannot say travels in them and comes back on import.

``# executioner: {"tags": ["daily"]}``: one JSON object on one line of a comment. A note holds only what the format has
no words for; what it does say is read from there, so an edited file is believed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

_NOTE = re.compile(r"\s*(?:#+|//|--)?\s*executioner: (\{.*\})\s*")


def note(keys: Mapping[str, Any]) -> str:
    """The text of the comment, without the sign that begins a comment there."""
    # What could end a comment or a template somewhere is written as escapes.
    text = json.dumps(keys, ensure_ascii=True)
    for character in "<>&*/$%`":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return f"executioner: {text}"


def read_note(line: str) -> dict[str, Any] | None:
    """The keys in a line of a comment; None if it is another comment."""
    match = _NOTE.fullmatch(line)
    if match is None:
        return None
    try:
        keys = json.loads(match[1])
    except (ValueError, RecursionError):
        return None
    return keys if isinstance(keys, dict) else None
