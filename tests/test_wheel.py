"""The wheel: what it holds, and that it works where there is no checkout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from exlib import __version__
from exlib.launch import COMMANDS

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built by the backend itself: nothing is fetched."""
    directory = tmp_path_factory.mktemp("wheel")
    build = f"from hatchling.build import build_wheel; print(build_wheel({str(directory)!r}))"
    result = subprocess.run([sys.executable, "-c", build], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return directory / result.stdout.strip().splitlines()[-1]


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bin directory of a fresh environment with the wheel in it; its dependencies are those of this one."""
    directory = tmp_path_factory.mktemp("environment")
    venv.create(directory, with_pip=False, symlinks=True)
    pip = [sys.executable, "-m", "pip", "--python", str(directory / "bin" / "python"), "install", "--quiet"]
    subprocess.run([*pip, "--no-deps", "--no-index", "--disable-pip-version-check", str(wheel)], check=True)
    site = next((directory / "lib").glob("python*/site-packages"))
    dependencies = [path for path in sys.path if path.endswith("site-packages")]
    (site / "dependencies.pth").write_text("\n".join(dependencies) + "\n")
    return directory / "bin"


def ran(argv: list[str], cwd: Path, given: str = "") -> subprocess.CompletedProcess[str]:
    environ = {"PATH": "/usr/bin:/bin", "HOME": os.environ["HOME"], "LC_ALL": "C.UTF-8"}
    return subprocess.run(argv, cwd=cwd, env=environ, input=given, capture_output=True, text=True, check=False)


def test_the_wheel_holds_code_schemas_completions_and_entry_points(wheel: Path) -> None:
    assert wheel.name == f"executioner-{__version__}-py3-none-any.whl"
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        [entry_points] = [name for name in names if name.endswith("entry_points.txt")]
        scripts = archive.read(entry_points).decode()
    for folder, room in (("schemas", "exlib/schemas"), ("completions", "exlib/completions"), ("exlib", "exlib")):
        there = [path for path in (ROOT / folder).rglob("*") if path.is_file() and path.suffix not in (".pyc", ".md")]
        missing = {f"{room}/{path.relative_to(ROOT / folder)}" for path in there} - names
        assert there
        assert not missing
    for tool in ("executioner", *(f"ex-{name}" for name in COMMANDS)):
        assert f"{tool} = exlib.launch:main" in scripts
    assert not [name for name in names if name.startswith(("tests/", "bench/", "docs/"))]


def test_the_installed_tools_run_without_the_checkout(installed: Path, tmp_path: Path) -> None:
    where = ran([str(installed / "python"), "-c", "import exlib; print(exlib.__file__)"], tmp_path)
    assert where.stdout.startswith(str(installed.parent))
    for tool in ("executioner", *(f"ex-{name}" for name in COMMANDS)):
        result = ran([str(installed / tool), "--version"], tmp_path)
        assert (result.returncode, result.stdout, result.stderr) == (0, f"{tool} {__version__}\n", "")


def test_the_installed_schema_is_found(installed: Path, tmp_path: Path) -> None:
    wrong = json.dumps({"jobs": [{"id": "a", "command": "true", "timeout": [1]}]})
    result = ran([str(installed / "ex-validate"), "--check"], tmp_path, given=wrong)
    assert result.returncode == 1, result.stderr
    assert "timeout" in result.stdout


def test_the_installed_tools_run_a_workflow(installed: Path, tmp_path: Path) -> None:
    document = '{"jobs": [{"id": "a", "command": "echo done > done.txt"}]}'
    result = ran([str(installed / "ex-run")], tmp_path, given=document)
    assert result.returncode == 0, result.stderr
    assert (tmp_path / "done.txt").read_text() == "done\n"
