"""Real processes for tests: python snippets that speak through pipes, so that nobody has to sleep."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_PREAMBLE = """
import os, signal, sys
sys.path.insert(0, {root!r})
from exlib.history.lock import RunLock, is_held
from exlib.history.sqlite import open_store
from tests.history.story import NEW_YEAR, Story
def say(text):
    print(text, flush=True)
def wait():
    return sys.stdin.readline()
"""


class Process:
    """A python process that runs ``code`` with ``say``, ``wait``, ``open_store`` and ``Story`` at hand."""

    def __init__(self, code: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", _PREAMBLE.format(root=str(ROOT)) + code],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def heard(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def go_on(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()

    def kill(self) -> None:
        self._process.kill()
        self.end()

    def end(self) -> int:
        out, _ = self._process.communicate(timeout=120)
        self.rest = out
        return self._process.returncode
