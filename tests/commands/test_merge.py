"""ex-merge as a process: its page, the original's way of calling, and git's merge driver."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.pages import prints_what_it_says


def run(*argv: str, cwd: Path, data: str = "") -> Any:
    return subprocess.run(argv, cwd=cwd, input=data, capture_output=True, text=True, check=False, timeout=120)


def workflow(place: Path, *jobs: str, **more: Any) -> None:
    """Write a workflow; each job is its id, and what it waits for behind it."""
    listed = [
        {"id": name, "command": "true", **({"dependencies": wanted} if wanted else {})}
        for name, *wanted in (job.split() for job in jobs)
    ]
    place.write_text(json.dumps({**more, "jobs": listed}, indent=2) + "\n", encoding="utf-8")


def test_the_page_prints_what_it_says(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    assert prints_what_it_says("ex-merge.md", tmp_path, request) >= 4


def test_the_original_call_chains_and_prefixes(tmp_path: Path) -> None:
    workflow(tmp_path / "a.json", "x", "y x")
    workflow(tmp_path / "b.json", "x", "z x")
    made = run(
        "executioner", "merge", "a.json, b.json", "--app-name", "both", "--prefix-job-ids", "--compact", cwd=tmp_path
    )
    assert made.returncode == 0, made.stderr
    assert made.stdout.count("\n") == 1
    found = json.loads(made.stdout)
    assert found["application_name"] == "both"
    assert {job["id"]: job.get("dependencies", []) for job in found["jobs"]} == {
        "a_x": [],
        "a_y": ["a_x"],
        "b_x": ["a_y"],
        "b_z": ["b_x"],
    }


def test_a_comma_is_part_of_a_name_everywhere_else(tmp_path: Path) -> None:
    workflow(tmp_path / "a,b.json", "x")
    assert run("executioner", "merge", "a,b.json", cwd=tmp_path).returncode == 0
    workflow(tmp_path / "a", "x")
    assert run("ex-merge", "a,a", cwd=tmp_path).returncode == 2


def test_standard_input_is_one_of_the_documents_once(tmp_path: Path) -> None:
    workflow(tmp_path / "a.json", "x")
    data = (tmp_path / "a.json").read_text().replace('"x"', '"y"')
    made = run("ex-merge", "-", "a.json", cwd=tmp_path, data=data)
    assert [job["id"] for job in json.loads(made.stdout)["jobs"]] == ["y", "x"]
    assert run("ex-merge", "-", "-", cwd=tmp_path, data=data).returncode == 2
