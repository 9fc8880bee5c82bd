"""Asks a real host process, as the engine does: descriptor 3 is a temporary file, output goes to a log."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from exlib.plugins.hosting import host_argv, read_verdict
from exlib.plugins.verdict import Verdict
from exlib.workflow import PluginSource

_REDIRECT = 'exec 3<>"$0" "$@"'


@dataclass
class Asked:
    """What a host answered, and what it left in the job's log."""

    verdict: Verdict
    exit_code: int
    log: str
    answer: bytes


def command(argv: Sequence[str], answer: str) -> list[str]:
    """``argv`` with descriptor 3 open on the file ``answer``."""
    return ["/bin/sh", "-c", _REDIRECT, answer, *argv]


def ask(
    role: str,
    name: str,
    params: Mapping[str, Any],
    *,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    sources: Sequence[PluginSource] = (),
    allow_shell: bool = True,
    interpreter: str | None = None,
) -> Asked:
    """Run one host to its end; an empty environment unless ``env`` is given."""
    argv = host_argv(role, name, json.dumps(params), sources=sources, allow_shell=allow_shell)
    if interpreter is not None:
        argv[0] = interpreter
    with tempfile.NamedTemporaryFile() as file:
        done = subprocess.run(
            command(argv, file.name),
            cwd=cwd,
            env=dict(env or {}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=60,
        )
        answer = Path(file.name).read_bytes()
    log = os.fsdecode(done.stdout)
    return Asked(read_verdict(answer, done.returncode), done.returncode, log, answer)


def plugin_file(directory: Path, text: str, name: str = "custom") -> PluginSource:
    """A plugin file with this text, as a document's ``dependency_plugins`` would name it."""
    path = directory / f"{name}.py"
    path.write_text(text)
    return PluginSource(name, str(path))
