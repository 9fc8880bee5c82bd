"""What a tool loads at its start: a pipe pays for every module of every stage, so the slow ones must stay out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from exlib.launch import COMMANDS

ROOT = Path(__file__).resolve().parents[1]
SLOW = frozenset(
    "asyncio concurrent.futures deepdiff difflib email.message email.mime graphviz http importlib.metadata jsonschema "
    "logging multiprocessing networkx numpy rich smtplib socket ssl tempfile unittest urllib.request xml yaml".split()
)
TOOLS = [*(f"ex-{name}" for name in COMMANDS), "executioner"]
DOCUMENT = json.dumps({"jobs": [{"id": "a", "command": "true"}, {"id": "b", "command": "true", "dependencies": ["a"]}]})


def loaded(directory: Path, argv: list[str], exit_code: int = 0) -> set[str]:
    """The modules that a tool has imported when it ends, as the interpreter itself reports them."""
    program = f"import sys; from exlib.launch import main; sys.exit(main({argv!r}))"
    result = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", program],
        cwd=directory,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        input=DOCUMENT,
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [line for line in result.stderr.splitlines() if line.startswith("import time:")]
    said = [line for line in result.stderr.splitlines() if not line.startswith("import time:")]
    assert result.returncode == exit_code, "\n".join(said)
    modules = {line.rsplit("|", 1)[1].strip() for line in lines}
    assert "exlib.launch" in modules
    return modules


def slow(modules: set[str]) -> list[str]:
    return sorted(SLOW & modules)


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_and_version_load_nothing_slow(tool: str, option: str, tmp_path: Path) -> None:
    assert not slow(loaded(tmp_path, [tool, option]))


@pytest.mark.parametrize(
    "argv",
    [
        ["ex-validate"],
        ["ex-filter", "--pattern", "b", "--with-deps"],
        ["ex-run"],
        ["ex-run", "--parallel", "--workers", "2"],
        ["ex-run", "--dry-run"],
        ["ex-merge"],
        ["ex-convert"],
        ["ex-convert", "--to", "mermaid"],
        ["ex-visualize"],
        ["ex-visualize", "--format", "mermaid"],
    ],
    ids=" ".join,
)
def test_a_small_clean_document_loads_nothing_slow(argv: list[str], tmp_path: Path) -> None:
    assert not slow(loaded(tmp_path, argv))


def test_the_overview_imports_no_command(tmp_path: Path) -> None:
    modules = loaded(tmp_path, ["executioner"])
    assert not [name for name in modules if name.startswith("exlib.commands.")]
    assert "click" not in modules


def test_a_dry_run_opens_no_database(tmp_path: Path) -> None:
    assert "sqlite3" not in loaded(tmp_path, ["ex-run", "--dry-run"])


def test_a_slow_module_would_be_seen(tmp_path: Path) -> None:
    broken = '{"jobs": [{"id": "a", "command": "true", "timeout": "60"}]}'
    (tmp_path / "broken.json").write_text(broken)
    assert slow(loaded(tmp_path, ["ex-validate", "brokn.json"], exit_code=2)) == ["difflib"]
