"""The example package, installed into an environment of its own and asked through the host as the engine asks."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from exlib.workflow import PluginSource
from tests.plugins.asking import ask

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "plugins"


@pytest.fixture(scope="module")
def interpreter(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A virtual environment where the example is installed, and where our own build tools can be seen."""
    home = tmp_path_factory.mktemp("venv")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", home], check=True)
    python = home / "bin" / "python"
    site = next(home.glob("lib/python*/site-packages"))
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "--no-index", "-q", "--target", site, EXAMPLE], check=True)
    return str(python)


def test_the_check(interpreter: str, tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("id,name\n1,Ada\n2,Alan\n")
    params = {"path": "people.csv", "min_rows": 2}
    asked = ask("check", "check_row_count", params, cwd=tmp_path, env={"EX_JOB_ID": "j1"}, interpreter=interpreter)
    assert asked.verdict == (True, "people.csv has 2 rows, 2 are required")
    assert asked.log == f"counted {tmp_path}/people.csv for job j1\n"
    more = {**params, "min_rows": 3}
    asked = ask("check", "check_row_count", more, cwd=tmp_path, interpreter=interpreter)
    assert asked.verdict == (False, "people.csv has 2 rows, 3 are required")


def test_a_wrong_parameter_is_the_jobs_failure_with_its_message(interpreter: str, tmp_path: Path) -> None:
    asked = ask("check", "check_row_count", {"path": "none.csv"}, cwd=tmp_path, interpreter=interpreter)
    assert "check_row_count crashed: FileNotFoundError" in asked.verdict.message


def test_the_wait(interpreter: str, tmp_path: Path) -> None:
    params = {"below": 1_000_000, "times": 3, "poll_seconds": 0}
    asked = ask("wait", "quiet_machine", params, cwd=tmp_path, interpreter=interpreter)
    assert asked.verdict == (True, "quiet_machine passed")


def test_the_plugin_file(tmp_path: Path) -> None:
    source = PluginSource("weekday", str(EXAMPLE / "weekday.py"))
    assert ask("check", "weekday", {"days": "0123456"}, cwd=tmp_path, sources=[source]).verdict.passed
    refused = ask("check", "weekday", {"days": ""}, cwd=tmp_path, sources=[source]).verdict
    assert not refused.passed
    assert refused.message.startswith("today is day ")


def test_the_catalogue_names_installed_plugins(interpreter: str) -> None:
    script = (
        "from exlib.plugins.catalog import check_kind, check_names, wait_kind, wait_names\n"
        "kind = check_kind('check_row_count')\n"
        "assert kind.parameters is None and not kind.instant and kind.summary == 'a plugin: rowcount:check_row_count'\n"
        "assert wait_kind('quiet_machine') and not wait_kind('check_row_count')\n"
        "assert check_names()[-1] == 'check_row_count' and wait_names()[-1] == 'quiet_machine'"
    )
    subprocess.run([interpreter, "-c", script], cwd=ROOT, check=True)


def test_a_plugin_on_our_own_path_is_found_by_the_host(interpreter: str, tmp_path: Path) -> None:
    site = subprocess.check_output(
        [interpreter, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], text=True
    ).strip()
    assert site != sysconfig.get_path("purelib")
    script = (
        "import subprocess, sys; from exlib.plugins.hosting import host_argv\n"
        "argv = host_argv('wait', 'quiet_machine', '{\"below\": 1000000}')\n"
        "sys.exit(subprocess.run(argv, env={}).returncode)"
    )
    env = {"PYTHONPATH": os.pathsep.join([str(ROOT), site])}
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, env=env, capture_output=True, text=True)
    assert done.stdout == '{"passed": true, "message": "quiet_machine passed"}\n'
