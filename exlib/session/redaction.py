"""What of a document is secret, and what the history may keep: everything but that."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from exlib.document import Document, Editor
from exlib.environment import MASK, is_secret
from exlib.findings import Finding, Pointer
from exlib.masking import Mask
from exlib.masking.documents import Place, pointer_of, secret_places, secret_values
from exlib.workflow import env_text


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
    for place, _ in secret_places(document, frozenset(secrets)):
        editor.replace(place, MASK)
        changed = True
    # All at once first: few documents hold a secret anywhere else.
    if mask.active and mask.text(together := "\n".join(text for _, text in _scalars(document.data))) is not together:
        for at, text in _scalars(document.data):
            hidden = mask.text(text)
            if hidden is not text and not _is_id(pointer := pointer_of(at)):
                editor.replace(pointer, hidden)
                changed = True
    return (editor.result(), True) if changed else (document.raw, False)


def _scalars(data: Any) -> Iterator[tuple[Place, str]]:
    """Every string and number of a document."""
    containers: list[tuple[Place, Any]] = [(None, data)]
    while containers:
        above, container = containers.pop()
        for key, value in container.items() if isinstance(container, dict) else enumerate(container):
            if isinstance(value, str):
                yield (above, key), value
            elif type(value) in (dict, list):
                containers.append(((above, key), value))
            elif isinstance(value, int | float):
                yield (above, key), env_text(value)


def _is_id(place: Pointer) -> bool:
    """Whether an id of a job stands there: its own, or one that it depends on."""
    if len(place) < 3 or place[0] != "jobs":
        return False
    key, rest = place[2], place[3:]
    return (key in ("id", "job_id") and not rest) or (key == "dependencies" and (len(rest) < 2 or rest[1:] == ("job",)))
