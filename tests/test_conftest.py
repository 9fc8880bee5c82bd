"""The rules of the tests themselves: nothing is skipped on CI, no test sees the home of who runs it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SKIPPING = """
import pytest
def test_fine(): pass
def test_skips(): pytest.skip("no shell")
@pytest.mark.skipif(True, reason="not here")
def test_never(): pass
@pytest.mark.xfail
def test_known(): assert False
"""
SKIPPING_WHOLE = "import pytest\npytest.skip('no module', allow_module_level=True)\n"


@pytest.mark.parametrize(
    ("ci", "text", "code", "closing"),
    [
        ("", SKIPPING, 0, "1 passed, 2 skipped, 1 xfailed"),
        ("true", SKIPPING, 1, "1 failed, 1 passed, 1 xfailed, 1 error"),
        ("true", SKIPPING_WHOLE, 2, "1 error"),
    ],
)
def test_a_skip_fails_on_ci(ci: str, text: str, code: int, closing: str, tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(text)
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-p", "no:cacheprovider", "--rootdir=.", "test_it.py"],
        cwd=tmp_path,
        env={**os.environ, "CI": ci, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == code, result.stdout
    assert closing in result.stdout.splitlines()[-1]
    assert ("skipping is failing on CI" in result.stdout) is bool(ci)


INTERRUPTED = """
import signal, subprocess, sys
def test_a_child_can_be_interrupted():
    code = "import os, signal; os.kill(os.getpid(), signal.SIGINT)"
    assert subprocess.run([sys.executable, "-c", code], stderr=subprocess.DEVNULL).returncode == -signal.SIGINT
"""


@pytest.mark.parametrize("workers", ["0", "1"])
def test_children_are_interrupted_even_where_the_shell_ignores_it(workers: str, tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(INTERRUPTED)
    command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-p", "no:cacheprovider", "--rootdir=."]
    result = subprocess.run(
        ["sh", "-c", "trap '' INT; exec \"$@\"", "sh", *command, "-n", workers, "test_it.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout


def test_home_is_the_tests_own() -> None:
    assert not list(Path.home().iterdir())
    assert "EX_DB" not in os.environ


def test_the_ci_script_ends_with_pytests_closing_line() -> None:
    script = (ROOT / ".ci" / "run").read_text()
    assert "CI=true" in script
    [pattern] = re.findall(r"grep -E '([^']+)'", script)
    for line in ("530 passed in 10.04s", "= 8 failed, 530 passed in 9.90s =", "1 error in 0.06s"):
        assert re.search(pattern, line)
    assert not re.search(pattern, "tests/test_x.py::test_3 failed")
