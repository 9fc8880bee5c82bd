"""Golden command runs: every directory under ``cases/`` is one command line and exactly what it must print.

A case holds ``cmd`` (one shell line, run in a copy of the directory with bin/ on PATH and stdin empty), what is
expected in ``stdout``, ``stderr`` and ``exit`` (an absent file means nothing, nothing and 0), its input files,
and where output differs from run to run a ``normalise`` file of lines ``s/REGEX/REPLACEMENT/``.
``pytest tests/test_cases.py --repopulate`` writes what is printed now; review it with ``git diff``.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
CASES = sorted(path.parent for path in (ROOT / "tests" / "cases").glob("*/*/cmd"))
EXPECTATIONS = ("stdout", "stderr", "exit")


def test_there_are_cases() -> None:
    assert CASES
    strays = [path for path in (ROOT / "tests" / "cases").glob("*/*/") if not (path / "cmd").is_file()]
    assert not strays, f"directories without a cmd: {strays}"


@pytest.mark.parametrize("case", CASES, ids=[f"{case.parent.name}/{case.name}" for case in CASES])
def test_case(case: Path, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    result = _run(case, tmp_path)
    printed = {
        "stdout": _normalised(result.stdout, case),
        "stderr": _normalised(result.stderr, case),
        "exit": f"{result.returncode}\n".encode(),
    }
    if request.config.getoption("--repopulate"):
        _repopulate(case, printed)
        return
    for name in EXPECTATIONS:
        expected = _expected(case, name)
        assert printed[name].decode(errors="backslashreplace") == expected.decode(errors="backslashreplace"), (
            f"{name} of {case.relative_to(ROOT)}"
        )


def _run(case: Path, tmp_path: Path) -> subprocess.CompletedProcess[bytes]:
    work = tmp_path / case.name
    shutil.copytree(case, work, symlinks=True, ignore=shutil.ignore_patterns("cmd", *EXPECTATIONS, "normalise"))
    path = [str(ROOT / "bin"), os.path.dirname(sys.executable), "/usr/local/bin", "/usr/bin", "/bin"]
    environ = {
        "PATH": os.pathsep.join(path),
        "HOME": os.environ["HOME"],
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "COLUMNS": "100",
    }
    command = (case / "cmd").read_text().strip()
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        cwd=work,
        env=environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=120,
        check=False,
    )


def _expected(case: Path, name: str) -> bytes:
    file = case / name
    if file.is_file():
        return file.read_bytes()
    return b"0\n" if name == "exit" else b""


def _normalised(output: bytes, case: Path) -> bytes:
    rules = case / "normalise"
    if not rules.is_file():
        return output
    for line in rules.read_text().splitlines():
        if not line or line.startswith("#"):
            continue
        mark = re.escape(line[1])
        _, pattern, replacement, _ = re.split(rf"(?<!\\){mark}", line)
        output = re.sub(pattern.encode(), replacement.encode(), output, flags=re.MULTILINE)
    return output


def _repopulate(case: Path, printed: dict[str, bytes]) -> None:
    for name, content in printed.items():
        if content == (b"0\n" if name == "exit" else b""):
            (case / name).unlink(missing_ok=True)
        else:
            (case / name).write_bytes(content)
