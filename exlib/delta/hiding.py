"""What of a document's values may be shown: no secrets, and the values of variables only when they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from exlib.environment import MASK, is_secret
from exlib.workflow.keys import MERGE_CONFLICT

_NO_SECRET = frozenset(["smtp_password_file", "secrets"])
"""Keys of the format that sound like secrets and hold none: a path, and names."""


class Hiding:
    """``mask`` hides the values of secrets in any text; ``variables`` tells whether other variables are shown."""

    def __init__(self, mask: Callable[[str], str], secrets: Iterable[str] = (), *, variables: bool = False) -> None:
        self.mask = mask
        self._secrets = frozenset(secrets)
        self._variables = variables

    def hides(self, key: str) -> bool:
        """Whether the value of a key is not shown; a key may be a place, ``env_variables.NAME`` or ``a[0].b``."""
        steps = key.split(".")
        if steps[0] == "env_variables" and not self._variables:
            return True
        if steps[0].startswith(f"{MERGE_CONFLICT}["):
            return True  # the sides of a conflict may be anything
        return any(self.is_secret(step.partition("[")[0]) for step in steps)

    def scrubbed(self, value: Any, key: str = "") -> Any:
        """A value without what is not shown of it, of whatever depth."""
        if key == MERGE_CONFLICT and isinstance(value, list):
            return [self._mark(entry) for entry in value]
        if isinstance(value, dict):
            hide = key == "env_variables" and not self._variables
            return {
                name: MASK if hide or (self.is_secret(name) and item not in (None, "")) else self.scrubbed(item, name)
                for name, item in value.items()
            }
        if isinstance(value, list):
            return [self.scrubbed(item) for item in value]
        if isinstance(value, str):
            return self.mask(value)
        return value

    def _mark(self, entry: Any) -> Any:
        """A conflict that a merge left: what it is about is shown, its sides as the key that it names would be."""
        if not isinstance(entry, dict):
            return self.scrubbed(entry)
        about = entry.get("key")
        key = about if isinstance(about, str) else ""
        last = key.rpartition(".")[2]
        return {
            name: value if name in ("conflict", "key") else MASK if self.hides(key) else self.scrubbed(value, last)
            for name, value in entry.items()
        }

    def is_secret(self, key: str) -> bool:
        """Whether a key names a secret, which is never shown."""
        return key not in _NO_SECRET and is_secret(key.lstrip("_"), self._secrets)
