"""What of a document is secret, and what the history may keep: everything but that."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from exlib.document import Document, Editor
from exlib.environment import MASK, is_secret
from exlib.findings import Finding, Pointer
from exlib.masking import Mask
from exlib.workflow import env_text

_NOT_SECRET = frozenset(["smtp_password_file", "secrets"])
"""Keys of the format that sound like secrets and hold none: a path, and names."""


def secret_values(document: Document, named: Iterable[str] = ()) -> set[str]:
    """The values of keys that are secrets by their name, or ``named`` as such, anywhere in a document.

    A value with a reference in it (``${VAULT_TOKEN}``) is what that stands for, which only an environment knows.
    """
    return {text for _, text in _secrets(document, frozenset(named)) if "${" not in text}


def without_secrets(
    findings: Iterable[Finding], document: Document, environ: Mapping[str, str], named: Iterable[str]
) -> list[Finding]:
    """What was found in a document that may not be one to run, with the secrets hidden that can be known by then.

    They are those of the document and of ``environ``, by their names or ``named``. A line with one is left out.
    """
    listed = document.data.get("secrets")
    names = frozenset([*named, *(name for name in (listed if isinstance(listed, list) else ()) if type(name) is str)])
    mask = Mask(secret_values(document, names) | {environ[name] for name in environ if is_secret(name, names)})
    return [
        finding._replace(
            message=mask.text(finding.message),
            source_line=finding.source_line if mask.text(finding.source_line) is finding.source_line else "",
            mend=finding.mend and mask.text(finding.mend),
        )
        for finding in findings
    ]


def redacted(document: Document, mask: Mask, secrets: Iterable[str] = ()) -> tuple[bytes, bool]:
    """The document's bytes without the values of secrets, by their keys and wherever else ``mask`` knows one.

    Keys and the ids of jobs stay: the rows of the history are found by them. The second value tells whether
    anything was taken out: what is left cannot be run.
    """
    editor = Editor(document)
    changed = False
    for place, _ in _secrets(document, frozenset(secrets)):
        editor.replace(place, MASK)
        changed = True
    if mask.active:
        for place, text in _texts(document.data):
            hidden = mask.text(text)
            if hidden is not text and not _is_id(place):
                editor.replace(place, hidden)
                changed = True
    return (editor.result(), True) if changed else (document.raw, False)


def _secrets(document: Document, named: frozenset[str]) -> Iterator[tuple[Pointer, str]]:
    """Every scalar under a key that is a secret by its name, alone or in a list, with its text."""
    secret = cache(lambda key: key not in _NOT_SECRET and is_secret(key.lstrip("_"), named))
    containers: list[tuple[Pointer, Any, bool]] = [((), document.data, False)]
    while containers:
        above, container, hidden = containers.pop()
        pairs = container.items() if isinstance(container, dict) else enumerate(container)
        for key, value in pairs:
            hide = secret(key) if isinstance(key, str) else hidden
            if isinstance(value, dict | list):
                containers.append(((*above, key), value, hide))
            elif hide and value not in (None, ""):
                yield (*above, key), env_text(value)


def _texts(data: Any) -> Iterator[tuple[Pointer, str]]:
    """Every string and number of a document."""
    containers: list[tuple[Pointer, Any]] = [((), data)]
    while containers:
        above, container = containers.pop()
        for key, value in container.items() if isinstance(container, dict) else enumerate(container):
            if isinstance(value, dict | list):
                containers.append(((*above, key), value))
            elif isinstance(value, str | int | float):
                yield (*above, key), env_text(value)


def _is_id(place: Pointer) -> bool:
    """Whether an id of a job stands there: its own, or one that it depends on."""
    if len(place) < 3 or place[0] != "jobs":
        return False
    key, rest = place[2], place[3:]
    return (key in ("id", "job_id") and not rest) or (key == "dependencies" and (len(rest) < 2 or rest[1:] == ("job",)))
