"""The hooks of ``.pre-commit-hooks.yaml``, tried with the real pre-commit on a throwaway repository.

pre-commit installs the package into an environment of its own, from a copy of this tree as it stands.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
CONFIG = """\
repos:
  - repo: {hooks}
    rev: {revision}
    hooks:
      - id: ex-validate
      - id: ex-validate-fix
        stages: [manual]
"""
GOOD = '{"application_name": "good", "jobs": [{"id": "a", "command": "true"}]}\n'
BROKEN = '{"application_name": "broken",\n "jobs": [{"id": "a", "command": "true", "dependencies": ["b"]}]}\n'
OLD = '{"name": "old", "jobs": [{"job_id": "a", "command": "true"}]}\n'


@pytest.fixture(scope="module")
def hooks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A git repository that holds this tree, uncommitted changes included."""
    copy = tmp_path_factory.mktemp("hooks") / "executioner"
    listed = (
        git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard") if (ROOT / ".git").exists() else ""
    )
    names = [name for name in listed.split("\0") if name and (ROOT / name).is_file()]
    if names:
        for name in names:
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name)
    else:
        shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".*venv*", "__pycache__", ".git"))
    repository(copy)
    return copy


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def repository(folder: Path) -> None:
    git(folder, "init", "-q")
    git(folder, "config", "user.name", "Test")
    git(folder, "config", "user.email", "test@example.com")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "All of it")


def test_a_commit_with_a_broken_workflow_is_refused(hooks: Path, tmp_path: Path) -> None:
    project = tmp_path / "project"
    (project / "workflows").mkdir(parents=True)
    config = CONFIG.format(hooks=hooks, revision=git(hooks, "rev-parse", "HEAD").strip())
    (project / ".pre-commit-config.yaml").write_text(config)
    (project / "package.json").write_text('{"name": "no workflow"}\n')
    (project / "workflows" / "good.json").write_text(GOOD)
    repository(project)
    environ = {**os.environ, "PRE_COMMIT_HOME": str(tmp_path / "cache"), "NO_COLOR": "1"}
    environ.pop("GIT_DIR", None)

    def pre_commit(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "pre_commit", *arguments]
        return subprocess.run(command, cwd=project, env=environ, capture_output=True, text=True, check=False)

    clean = pre_commit("run", "--all-files")
    assert clean.returncode == 0, clean.stdout + clean.stderr
    assert "check workflows" in clean.stdout
    assert "Passed" in clean.stdout

    assert pre_commit("install").returncode == 0
    (project / "workflows" / "broken.json").write_text(BROKEN)
    (project / "deploy.workflow.json").write_text(OLD)
    git(project, "add", "-A")
    refused = subprocess.run(
        ["git", "commit", "-m", "x"], cwd=project, env=environ, capture_output=True, text=True, check=False
    )
    assert refused.returncode == 1
    said = refused.stdout + refused.stderr
    assert "- exit code: 1" in said
    assert 'workflows/broken.json:2:59: error E302: job "a"' in said
    assert "deploy.workflow.json:1:2: warning W503" in said
    assert "package.json" not in said

    mended = pre_commit("run", "--hook-stage", "manual", "ex-validate-fix", "--files", "deploy.workflow.json")
    assert "- files were modified by this hook" in mended.stdout
    assert (project / "deploy.workflow.json").read_text() == (
        '{"application_name": "old", "jobs": [{"id": "a", "command": "true"}]}\n'
    )


GRAPH_CONFIG = """\
repos:
  - repo: {hooks}
    rev: {revision}
    hooks:
      - id: ex-visualize
        args: [--inject, README.md, --inject, docs/flow.md]
"""
PAGE = "# Flow\n\n<!-- executioner:graph {document} -->\n<!-- /executioner:graph -->\n"


def test_a_commit_with_a_graph_that_is_not_current_is_refused_and_mended(hooks: Path, tmp_path: Path) -> None:
    project = tmp_path / "project"
    (project / "docs").mkdir(parents=True)
    revision = git(hooks, "rev-parse", "HEAD").strip()
    (project / ".pre-commit-config.yaml").write_text(GRAPH_CONFIG.format(hooks=hooks, revision=revision))
    (project / "flow.json").write_text(GOOD)
    (project / "README.md").write_text(PAGE.format(document="flow.json"))
    (project / "docs" / "flow.md").write_text(PAGE.format(document="../flow.json"))
    repository(project)
    environ = {**os.environ, "PRE_COMMIT_HOME": str(tmp_path / "cache"), "NO_COLOR": "1"}
    environ.pop("GIT_DIR", None)

    def pre_commit(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "pre_commit", *arguments]
        return subprocess.run(command, cwd=project, env=environ, capture_output=True, text=True, check=False)

    first = pre_commit("run", "--all-files")
    assert first.returncode == 1
    assert "files were modified by this hook" in first.stdout
    for page in ("README.md", "docs/flow.md"):
        assert 'n0("a")' in (project / page).read_text()
    git(project, "add", "-A")
    assert pre_commit("run").returncode == 0

    # The document alone changes: its page is out of date, though nobody touched it.
    (project / "flow.json").write_text(GOOD.replace('"a"', '"b"'))
    git(project, "add", "flow.json")
    assert pre_commit("run").returncode == 1
    assert 'n0("b")' in (project / "README.md").read_text()


FORMAT_CONFIG = """\
repos:
  - repo: {hooks}
    rev: {revision}
    hooks:
      - id: ex-fmt
        args: [--sort-dependencies]
"""


def test_a_commit_of_a_workflow_that_is_not_canonical_is_refused_and_it_is_formatted(
    hooks: Path, tmp_path: Path
) -> None:
    project = tmp_path / "project"
    (project / "jobs").mkdir(parents=True)
    revision = git(hooks, "rev-parse", "HEAD").strip()
    (project / ".pre-commit-config.yaml").write_text(FORMAT_CONFIG.format(hooks=hooks, revision=revision))
    (project / "package.json").write_text('{"jobs":1}\n')
    (project / "jobs" / "flow.json").write_text(GOOD)
    (project / "jobs" / "cut.json").write_text("{}\n")
    repository(project)
    environ = {**os.environ, "PRE_COMMIT_HOME": str(tmp_path / "cache"), "NO_COLOR": "1"}
    environ.pop("GIT_DIR", None)

    def pre_commit() -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "pre_commit", "run", "--all-files"]
        return subprocess.run(command, cwd=project, env=environ, capture_output=True, text=True, check=False)

    first = pre_commit()
    assert first.returncode == 1
    assert "format workflows" in first.stdout
    assert "files were modified by this hook" in first.stdout
    assert (project / "jobs" / "flow.json").read_text().startswith('{\n  "application_name": "good",\n  "jobs": [\n')
    assert (project / "package.json").read_text() == '{"jobs":1}\n'
    assert pre_commit().returncode == 0

    (project / "jobs" / "cut.json").write_text('{"jobs": [')
    broken = pre_commit()
    assert broken.returncode == 1
    assert "jobs/cut.json:1:" in broken.stdout
    assert "files were modified" not in broken.stdout
