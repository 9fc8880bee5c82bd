"""ex-fmt as a process: what it writes and leaves alone, and git with it as its textconv."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.pages import prints_what_it_says

ROOT = Path(__file__).resolve().parents[2]
FORMED = '{\n  "jobs": []\n}\n'


def tool(*arguments: str, cwd: Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
    program = str(ROOT / "bin" / "ex-fmt")
    return subprocess.run([program, *arguments], cwd=cwd, input=stdin, capture_output=True, text=True, check=False)


def test_only_what_changes_is_written(tmp_path: Path) -> None:
    formed, other = tmp_path / "formed.json", tmp_path / "other.json"
    formed.write_text(FORMED)
    other.write_text('{"jobs":[]}')
    other.chmod(0o640)
    os.utime(formed, (1, 1))
    done = tool("-w", "formed.json", "other.json", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "rewritten: other.json\n")
    assert other.read_text() == FORMED
    assert other.stat().st_mode & 0o777 == 0o640
    assert formed.stat().st_mtime == 1


def test_a_file_that_cannot_be_read_does_not_stop_the_others(tmp_path: Path) -> None:
    (tmp_path / "cut.json").write_text('{"jobs": [')
    (tmp_path / "old.json").write_text('{"jobs":[]}')
    done = tool("-w", "cut.json", "absent.json", "old.json", cwd=tmp_path)
    assert done.returncode == 2
    assert "cut.json:1:" in done.stderr
    assert "absent.json" in done.stderr
    assert (tmp_path / "old.json").read_text() == FORMED
    assert (tmp_path / "cut.json").read_text() == '{"jobs": ['


def test_the_diff_is_a_patch(tmp_path: Path) -> None:
    jobs = [{"command": "true", "id": f"j{n}"} for n in range(30)]
    file = tmp_path / "w.json"
    file.write_bytes(b"\xef\xbb\xbf" + json.dumps({"jobs": jobs}, indent=1).replace("\n", "\r\n").encode())
    assert tool("--diff", "w.json", "-o", "w.patch", cwd=tmp_path).returncode == 1
    subprocess.run(["patch", "-s", "--binary", "w.json", "w.patch"], cwd=tmp_path, check=True)
    assert tool("--check", "w.json", cwd=tmp_path).returncode == 0


def test_standard_input_is_formed_and_checked(tmp_path: Path) -> None:
    assert tool(cwd=tmp_path, stdin='{"jobs":[]}').stdout == FORMED
    done = tool("--check", "-", cwd=tmp_path, stdin='{"jobs":[]}')
    assert (done.returncode, done.stdout) == (1, "<stdin>\n")


def test_git_compares_what_workflows_mean(tmp_path: Path) -> None:
    def git(*arguments: str) -> str:
        done = subprocess.run(["git", *arguments], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    git("init", "-q")
    git("config", "user.name", "Test")
    git("config", "user.email", "test@example.com")
    git("config", "diff.workflow.textconv", f"{ROOT / 'bin' / 'ex-fmt'} --textconv")
    (tmp_path / ".gitattributes").write_text("*.json diff=workflow\n")
    flow = tmp_path / "flow.json"

    def commit(text: str) -> None:
        flow.write_text(text)
        git("add", "-A")
        git("commit", "-q", "-m", "x")

    commit("")
    commit('{"jobs": [')
    commit('{"jobs": [{"id": "a", "command": "true", "timeout": 5}]}')
    commit('{"jobs": [\n {"command": "true",\n  "timeout": 6, "id": "a"}]}')
    shown = git("diff", "HEAD~1").splitlines()
    changed = [line for line in shown if line[0] in "+-" and not line.startswith(("+++", "---"))]
    assert changed == ['-      "timeout": 5', '+      "timeout": 6']
    assert '-{"jobs": [' in git("log", "-p").splitlines()


def test_the_page_prints_what_it_says(
    tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{ROOT / 'bin'}{os.pathsep}{os.environ['PATH']}")
    assert prints_what_it_says("ex-fmt.md", tmp_path, request) >= 4
