"""What of a document is secret: the values under keys that are secrets by their names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from exlib.document import Document
from exlib.environment import is_secret
from exlib.findings import Pointer
from exlib.workflow import env_text

_NOT_SECRET = frozenset(["smtp_password_file", "secrets"])
"""Keys of the format that sound like secrets and hold none: a path, and names."""
_TEXT_ALONE = {str}


def secret_values(document: Document, named: Iterable[str] = ()) -> set[str]:
    """The values of keys that are secrets by their name, or ``named`` as such, anywhere in a document.

    A value with a reference in it (``${VAULT_TOKEN}``) is what that stands for, which only an environment knows.
    """
    return {text for _, text in secret_places(document, frozenset(named)) if "${" not in text}


Place = tuple[Any, str | int] | None
"""A place as its container's place and a key: ten thousand jobs have many, and few are wanted as a pointer."""


def pointer_of(place: Place) -> Pointer:
    """The place as a pointer."""
    keys: list[str | int] = []
    while place is not None:
        place, key = place
        keys.append(key)
    return tuple(reversed(keys))


class _Answers(dict[str, bool]):
    """Whether a key is a secret by its name, or ``named`` as one; found out once for each."""

    def __init__(self, named: frozenset[str]) -> None:
        super().__init__(dict.fromkeys(_NOT_SECRET, False))
        self._named = named

    def __missing__(self, key: str) -> bool:
        answer = self[key] = is_secret(key.lstrip("_"), self._named)
        return answer


def secret_places(document: Document, named: frozenset[str]) -> Iterator[tuple[Pointer, str]]:
    """Every scalar under a key that is a secret by its name, alone or in a list, with its text."""
    secret = _Answers(named)
    containers: list[tuple[Place, Any, bool]] = [(None, document.data, False)]
    while containers:
        above, container, hidden = containers.pop()
        for key, value in container.items() if type(container) is dict else enumerate(container):
            hide = secret[key] if type(key) is str else hidden
            kind = type(value)
            if kind is dict or (kind is list and (hide or set(map(type, value)) != _TEXT_ALONE)):
                containers.append(((above, key), value, hide))
            elif hide and kind is not list and value not in (None, ""):
                yield pointer_of((above, key)), env_text(value)
