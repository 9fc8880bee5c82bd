"""Comments of ours in other formats: what the format cannot say travels in them and comes back on import.

``# executioner: {"tags": ["daily"]}``: one JSON object on one line of a comment. A note holds only what the format has
no words for; what it does say is read from there, so an edited file is believed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

_UNSEEN = re.compile("[\x7f-\x9f\xad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff\ufff9-\ufffb]")
_NOTE = re.compile(r"\s*(?:#+|//|--)?\s*executioner: (\{.*\})\s*")


def note(keys: Mapping[str, Any], *, to_line_end: bool = False) -> str:
    """The text of the comment, without the sign that begins a comment there.

    ``to_line_end``: nothing but the line's end can end it, and nothing is looked up in it.
    """
    if to_line_end:
        shown = json.dumps(keys, ensure_ascii=False)
        return "executioner: " + _UNSEEN.sub(lambda match: f"\\u{ord(match[0]):04x}", shown)
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
