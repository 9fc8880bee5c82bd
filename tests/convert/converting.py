"""What the tests of all formats share: convert a text, run what came out, look at the files that are left."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from exlib import rules
from exlib.convert.account import Account, Entry
from exlib.convert.formats import OWN, reader, writer
from exlib.convert.outgoing import Outgoing
from exlib.convert.source import Source
from exlib.convert.wishes import File, Wishes
from exlib.document import Document

NO_WISHES = Wishes()


def imported(
    text: str | bytes, origin: str, *, name: str = "source", wishes: Wishes = NO_WISHES
) -> tuple[list[dict[str, Any]], list[Entry]]:
    """The documents that a text becomes, each without errors, and the account."""
    raw = text.encode() if isinstance(text, str) else text
    account = Account()
    made = reader(origin)(Source(raw, name), wishes, account)
    documents = [Document(one.raw, f"<{one.name}>") for one in made]
    for document in documents:
        assert not rules.errors(document), [finding.message for finding in rules.errors(document)]
    for entry in account.entries:
        assert entry.fate == "exact" or entry.reason, f"no reason: {entry}"
    return [document.data for document in documents], account.entries


def exported(
    document: Mapping[str, Any], target: str, *, wishes: Wishes = NO_WISHES, name: str = "nightly.json"
) -> tuple[list[File], list[Entry]]:
    """The files that a document becomes, and the account, settled."""
    account = Account()
    outgoing = Outgoing(Document(json.dumps(document).encode(), name), account)
    files = writer(target)(outgoing, wishes)
    if target != OWN:
        outgoing.settle()
    return files, account.entries


def assert_fixed_point(text: str, form: str, *, name: str = "source", wishes: Wishes = NO_WISHES) -> None:
    """Import, export, import again: the document is the same one, and so is the second export."""
    first = imported(text, form, name=name, wishes=wishes)[0]
    for document in first:
        written = exported(document, form)[0]
        assert len(written) == 1
        again = imported(written[0].content, form, name=name, wishes=wishes)[0]
        assert again == [document]
        assert exported(again[0], form)[0] == written


def run_document(document: Mapping[str, Any], folder: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run a document with the real ex-run in a folder; its history and logs are those of the test's own home."""
    return subprocess.run(
        ["ex-run", "-q"],
        input=json.dumps(document),
        cwd=folder,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def files_of(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with its bytes."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def fates(entries: list[Entry]) -> dict[str, str]:
    """The fate of each construct by its path, for tests of single ones; the worst where a path has several."""
    order = ("exact", "approximated", "dropped", "manual")
    found: dict[str, str] = {}
    for entry in entries:
        worst = max(order.index(entry.fate), order.index(found.get(entry.place.path, "exact")))
        found[entry.place.path] = order[worst]
    return found
