"""What the tests of the shell texts share: one document run by ex-run, and the texts of its jobs run by a shell."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from exlib.convert.account import Account
from exlib.convert.outgoing import Outgoing
from exlib.convert.shell.job import script
from exlib.document import Document

SHELLS = (("/bin/sh", "-c"), ("bash", "-euo", "pipefail", "-c"))


def outgoing(document: Mapping[str, Any]) -> Outgoing:
    return Outgoing(Document(json.dumps(document).encode(), "nightly.json"), Account())


def texts(document: Mapping[str, Any], done: frozenset[str] = frozenset()) -> dict[str, str]:
    """The text of each job."""
    return {job.job.id: script(job, done=done) for job in outgoing(document).jobs}


def run_text(text: str, folder: Path, *shell: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*(shell or SHELLS[0]), text],
        cwd=folder,
        env={**os.environ, **environ},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
