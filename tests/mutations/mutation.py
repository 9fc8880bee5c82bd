"""One line that is broken on purpose, and how it is seen whether the tests notice: in a copy, never in the checkout."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[2]
LIMIT = 60.0
"""Seconds after which tests that hang are ended; a hang is noticed too."""
_COPIED = ("exlib", "tests", "schemas", "bin", "completions", "pyproject.toml")


class NotFound(Exception):
    """The snippet is not there once: the code moved, and the mutation has to follow it."""


@dataclass(frozen=True)
class Mutation:
    """A snippet that is replaced, and tests that should fail then."""

    name: str
    """Short words that also choose it on the command line."""
    file: str
    old: str
    """Found exactly once in the file, or after ``after``: short, so that it outlives changes around it."""
    new: str
    tests: tuple[str, ...]
    """Files or test names, as pytest takes them."""
    after: str = ""
    """Where to look from, such as the ``def`` of a function; the first place from there counts."""

    def applied(self, text: str) -> str:
        """The text with the snippet replaced. Raises NotFound."""
        begin = text.find(self.after)
        if begin < 0 or text.count(self.after) > 1 < len(self.after):
            raise NotFound(f"{self.file}: {self.after!r} is there {text.count(self.after)} times")
        head, tail = text[:begin], text[begin:]
        count = tail.count(self.old)
        if not count or (count > 1 and not self.after):
            raise NotFound(f"{self.file}: {self.old!r} is there {count} times")
        return head + tail.replace(self.old, self.new, 1)


@dataclass(frozen=True)
class Verdict:
    """What came of one mutation: whether the tests noticed, and which did first, or what went wrong."""

    caught: bool
    what: str
    seconds: float


def attempt(mutation: Mutation, source: Path) -> Verdict:
    """Break the line in a copy of ``source`` and run the tests that should notice."""
    begun = time.monotonic()
    with TemporaryDirectory(prefix="mutation-", ignore_cleanup_errors=True) as work:
        tree = copied(source, Path(work))
        path = tree / mutation.file
        try:
            path.write_text(mutation.applied(path.read_text()))
        except (NotFound, FileNotFoundError) as error:
            return Verdict(False, f"NOT FOUND: {error}", 0.0)
        # A compiled file counts by size and second, and neither need have changed.
        for stale in path.parent.glob(f"__pycache__/{path.stem}.*"):
            stale.unlink()
        code, output = run(tree, mutation.tests)
    seconds = time.monotonic() - begun
    if code is None:
        return Verdict(True, "they hang", seconds)
    if code == 0:
        return Verdict(False, "SURVIVED", seconds)
    failed = re.search(r"^FAILED (\S+)", output, re.MULTILINE)
    if code != 1 or failed is None:
        return Verdict(False, f"THE TESTS DO NOT RUN:\n{output[-2000:]}", seconds)
    return Verdict(True, failed[1].rpartition("/")[2], seconds)


def baseline(mutations: Iterable[Mutation], tree: Path) -> str | None:
    """Run all their tests in a copy without any mutation; what failed, None if nothing did."""
    tests = dict.fromkeys(test for mutation in mutations for test in mutation.tests)
    code, output = run(tree, list(tests), limit=10 * LIMIT)
    return None if code == 0 else output or "they hang"


def copied(source: Path, work: Path) -> Path:
    """A copy of what the tests need, compiled files too, below ``work``."""
    tree = work / "tree"
    tree.mkdir()
    for name in _COPIED:
        if (source / name).is_dir():
            shutil.copytree(source / name, tree / name)
        else:
            shutil.copy2(source / name, tree / name)
    return tree


def run(tree: Path, tests: Sequence[str], limit: float = LIMIT) -> tuple[int | None, str]:
    """Run tests in a copy until the first fails; their exit code, None if they hung, and what they printed."""
    argv = [sys.executable, "-m", "pytest", "-x", "-q", "--tb=line", "-p", "no:cacheprovider"]
    argv += ["--hypothesis-seed=1", "--hypothesis-profile=mutations", f"--basetemp={tree.parent / 'tmp'}", *tests]
    with subprocess.Popen(
        argv,
        cwd=tree,
        env={**os.environ, "PATIENCE": "5", "MUTATION": str(tree)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    ) as process:
        try:
            output, _ = process.communicate(timeout=limit)
            code: int | None = process.returncode
        except subprocess.TimeoutExpired:
            code, output = None, ""
        finally:
            sweep(tree.parent)
    return code, output


def sweep(work: Path) -> None:
    """Kill whatever a broken engine left behind: each process has the copy's path in its environment."""
    mark = os.fsencode(work)
    if not os.path.isdir("/proc/self"):
        return
    while found := [pid for pid in map(int, filter(str.isdigit, os.listdir("/proc"))) if _has(pid, mark)]:
        for pid in found:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        time.sleep(0.01)


def _has(pid: int, mark: bytes) -> bool:
    try:
        with open(f"/proc/{pid}/environ", "rb") as stream:
            return mark in stream.read()
    except OSError:
        return False
