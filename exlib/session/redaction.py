"""What of a document the history may keep: everything but the values of secrets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from exlib.document import Document, Editor
from exlib.environment import MASK, is_secret
from exlib.findings import Pointer
from exlib.masking import Mask


def redacted(document: Document, mask: Mask, secrets: Iterable[str] = ()) -> tuple[bytes, bool]:
    """The document's bytes without the values of secrets, by their keys and wherever else ``mask`` knows one.

    The second value tells whether anything was taken out: what is left cannot be run.
    """
    raw = document.raw
    found = list(_secrets(document, frozenset(secrets)))
    if found:
        editor = Editor(document)
        for pointer in found:
            editor.replace(pointer, MASK)
        raw = editor.result()
    raw = mask(raw)
    return raw, raw != document.raw


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
