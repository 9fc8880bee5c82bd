"""The Makefile: which Python it takes, what it says when there is none, that it does nothing twice."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A directory with the Makefile in it, and a PATH of its own with make and a shell's tools."""
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("make", "sh", "sed", "printf", "touch", "echo", "test"):
        found = shutil.which(name)
        if found:
            (programs / name).symlink_to(found)
    return tmp_path


def python(checkout: Path, name: str, *, works: bool) -> None:
    """An interpreter of that name on PATH: this one, or one that is too old."""
    text = f'#!/bin/sh\nexec "{sys.executable}" "$@"\n' if works else "#!/bin/sh\nexit 1\n"
    (checkout / "programs" / name).write_text(text)
    (checkout / "programs" / name).chmod(0o755)


def make(checkout: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environ = {"PATH": str(checkout / "programs"), "HOME": os.environ["HOME"]}
    return subprocess.run(
        ["make", *arguments], cwd=checkout, env=environ, capture_output=True, text=True, check=False, timeout=120
    )


def test_the_first_python_that_is_new_enough_is_taken(checkout: Path) -> None:
    python(checkout, "python3", works=False)
    python(checkout, "python3.12", works=True)
    python(checkout, "python3.11", works=True)
    result = make(checkout, "--dry-run", "demo")
    assert result.returncode == 0, result.stderr
    assert "python3.12 -m venv .venv" in result.stdout


def test_python3_comes_first(checkout: Path) -> None:
    python(checkout, "python3", works=True)
    python(checkout, "python3.12", works=True)
    assert "\npython3 -m venv .venv" in make(checkout, "--dry-run", "test").stdout


def test_no_suitable_python_is_told_in_one_line(checkout: Path) -> None:
    python(checkout, "python3", works=False)
    result = make(checkout, "demo")
    assert result.returncode == 2
    assert result.stderr.splitlines()[0].startswith("make: Executioner needs Python 3.11 or later")
    assert not (checkout / ".venv").exists()


def test_nothing_is_set_up_twice(checkout: Path) -> None:
    python(checkout, "python3", works=True)
    (checkout / ".venv" / "bin").mkdir(parents=True)
    for made in ("bin/python", "installed", "dev-installed"):
        (checkout / ".venv" / made).touch()
    result = make(checkout, "--dry-run", "test")
    assert result.stdout.split() == ".venv/bin/python -m pytest -n auto".split()


def test_the_benchmark_has_an_environment_of_its_own(checkout: Path) -> None:
    python(checkout, "python3", works=True)
    (checkout / ".venv" / "bin").mkdir(parents=True)
    for made in ("bin/python", "installed"):
        (checkout / ".venv" / made).touch()
    commands = make(checkout, "--dry-run", "bench", "ARGS=--quick").stdout
    assert ".venv/bin/python -m venv .venv-bench" in commands
    assert ".venv-bench/bin/python -m pip install --quiet --disable-pip-version-check --group bench" in commands
    assert commands.endswith(".venv/bin/python -m compileall -q exlib\n.venv/bin/python -m bench --quick\n")
    assert "--group dev" not in commands


def test_a_changed_pyproject_sets_up_anew(checkout: Path) -> None:
    python(checkout, "python3", works=True)
    (checkout / ".venv" / "bin").mkdir(parents=True)
    for made in ("bin/python", "installed", "dev-installed"):
        (checkout / ".venv" / made).touch()
        os.utime(checkout / ".venv" / made, (1, 1))
    result = make(checkout, "--dry-run", "test")
    assert "pip install" in result.stdout
    assert "--group dev" in result.stdout
    assert "-m venv" not in result.stdout


def test_targets_are_listed(checkout: Path) -> None:
    result = make(checkout)
    assert result.returncode == 0, result.stderr
    listed = [line.split()[1] for line in result.stdout.splitlines()]
    assert {"demo", "test", "lint", "completions", "bench", "clean"} <= set(listed)
