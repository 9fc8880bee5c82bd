"""The variables of a ``.env`` that is there to be read: plain ``NAME=value`` lines, nothing that asks a shell."""

from __future__ import annotations

import re
from collections.abc import Collection

from exlib.convert.source import Source
from exlib.environment import is_secret
from exlib.errors import InputError

_LINE = re.compile(r"(?:export\s+)?([A-Za-z_]\w*)=(?:([\w%+,./:@-]*)|'([^'\\]*)'|\"([^\"\\$`]*)\")\s*", re.ASCII)


def static_dotenv(source: Source, path: str, taken: Collection[str]) -> dict[str, str] | str:
    """The variables that the file sets, or why it cannot be said here; ``taken`` are names that are set elsewhere."""
    try:
        lines = source.opened(path).lines
    except InputError:
        return "it is not there to be read"
    found: dict[str, str] = {}
    for line in lines:
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = _LINE.fullmatch(line.strip())
        if match is None:
            return "it holds more than NAME=value"
        name, value = match[1], match[2] or match[3] or match[4] or ""
        if is_secret(name):
            return f"it holds a secret, {name}"
        if name in taken or name in found:
            return f"{name} is set twice"
        found[name] = value
    return found
