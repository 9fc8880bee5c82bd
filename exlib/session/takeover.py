"""What a resume takes over from the run it goes on with: its document, its directory, its options."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from typing import Any

from exlib.document import STDIN_NAME, Document
from exlib.environment import is_secret
from exlib.errors import InputError, UsageError
from exlib.findings import DocumentRefused
from exlib.history.lookup import find_run
from exlib.history.sqlite import open_store
from exlib.history.store import RunRecord
from exlib.masking import Mask
from exlib.merge.includes import resolved
from exlib.session.request import Request
from exlib.workflow import application_name

_KEPT = ("workers", "skip", "only", "continue_on_error", "timeout", "grace", "working_dir", "log_dir")


def hidden_env(request: Request, secrets: Collection[str], mask: Mask) -> list[str]:
    """The variables of ``--env`` that may not be kept: they are secrets, or a secret is part of them."""
    return [name for name, value in request.env.items() if is_secret(name, secrets) or mask.text(value) is not value]


def to_keep(request: Request, hidden: Collection[str]) -> str:
    """The options of a run as JSON for the history; of ``hidden`` variables only the names."""
    kept = {name: getattr(request, name) for name in (*_KEPT, "secrets")}
    env = {name: value for name, value in request.env.items() if name not in hidden}
    return json.dumps({**kept, "env": env, "secret_env": sorted(hidden), "directory": os.getcwd()})


def taken_over(
    record: RunRecord, asked: Collection[str], env: Mapping[str, str], secrets: Sequence[str] = ()
) -> dict[str, Any]:
    """The options of the earlier run that were not ``asked`` for anew. Raises UsageError for a secret that is gone.

    What was secret then stays so, besides the ``secrets`` named now.
    """
    kept = json.loads(record.options)
    gone = [name for name in kept.get("secret_env", ()) if name not in env]
    if gone:
        raise UsageError(
            f"run {record.run} had secret variables, and the history does not keep their values: {', '.join(gone)}",
            mend=f"say them again: ex-run --resume {record.run} --env {gone[0]}=…",
        )
    found = {name: kept[name] for name in _KEPT if name in kept and name not in asked}
    for name in ("skip", "only"):
        if name in found:
            found[name] = tuple(found[name])
    named = tuple(dict.fromkeys((*kept.get("secrets", ()), *secrets)))
    return {**found, "env": {**kept.get("env", {}), **env}, "secrets": named}


def resumed_run(wanted: str, db: str | None, document: Document | None) -> RunRecord:
    """The run that ``--resume`` names; with a document, ``last`` is the last run of its application.

    Raises UsageError if the document is of another application than the run.
    """
    name = application_name(document) if document else None
    store = open_store(db, readonly=True)
    try:
        record = find_run(store, f"last:{name}" if wanted == "last" and name else wanted)
    finally:
        store.close()
    if name is not None and name != record.application:
        raise UsageError(
            f'run {record.run} is of "{record.application}", and this document is "{name}"',
            mend=f"ex-history list --app {name} shows the runs of this one",
        )
    if "." in wanted.removeprefix("last:") and not wanted.startswith("last"):
        raise UsageError(f"a resume goes on from the latest attempt: say --resume {record.run}")
    return record


def document_of(record: RunRecord, db: str | None) -> Document:
    """The document of a run: its file as it is now, else the copy in the history. Raises InputError.

    Where a file that it includes is gone, the copy serves too: it has what was included.
    """
    if record.document_name != STDIN_NAME and os.path.exists(record.document_name):
        with open(record.document_name, "rb") as stream:
            document = Document(stream.read(), record.document_name)
        if "includes" not in document.data:
            return document
        with suppress(DocumentRefused):
            return resolved(document)
    store = open_store(db, readonly=True)
    try:
        kept = store.document(record.run)
    finally:
        store.close()
    if kept is None or kept.redacted:
        why = "its secrets were left out of the history" if kept else "the history does not have it"
        raise InputError(
            f"run {record.run} was read from {record.document_name}, which is gone, and {why}",
            mend=f"name the document: ex-run --resume {record.run} FILE",
        )
    return Document(kept.raw, record.document_name)


def enter(record: RunRecord) -> None:
    """Go to the directory in which the run was started, so that what is relative means the same again."""
    directory = json.loads(record.options).get("directory")
    if directory is None:
        return
    try:
        os.chdir(directory)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise InputError(f"run {record.run} was started in {directory}: {reason}") from None
