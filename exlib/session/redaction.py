"""What of a document the history may keep: everything but the values of secrets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from exlib.document import Document, Editor
from exlib.environment import MASK, is_secret
from exlib.findings import Pointer


def redacted(document: Document, secrets: Iterable[str] = ()) -> tuple[bytes, bool]:
    """The document's bytes with the values of secrets replaced, and whether there were any."""
    named = frozenset(secrets)
    found = list(_secrets(document, named))
    if not found:
        return document.raw, False
    editor = Editor(document)
    for pointer in found:
        editor.replace(pointer, MASK)
    return editor.result(), True


def _secrets(document: Document, named: frozenset[str]) -> Iterator[Pointer]:
    secret = cache(lambda key: is_secret(key.lstrip("_"), named))

    def of(values: Mapping[str, Any], place: Pointer) -> Iterator[Pointer]:
        for key, value in values.items():
            if isinstance(value, str) and value and secret(key):
                yield (*place, key)
            elif key == "env_variables" and isinstance(value, dict):
                yield from of(value, (*place, key))

    yield from of(document.data, ())
    for index, job in enumerate(document.jobs):
        if isinstance(job, dict):
            yield from of(job, ("jobs", index))
