"""What jobs state of their data, and where the paths in it start."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from exlib.document import Document
from exlib.optimize import data as module
from exlib.optimize.data import Data, stated
from exlib.workflow import Workflow


def of(*jobs: dict[str, Any], folder: Path = Path("/"), **top: Any) -> Data:
    made = [{"id": str(number), "command": "true", **job} for number, job in enumerate(jobs)]
    document = Document(json.dumps({**top, "jobs": made}).encode(), str(folder / "w.json"))
    return stated(document, Workflow.from_document(document))


@pytest.mark.parametrize(
    ("one", "other", "top"),
    [
        ({"outputs": ["x"]}, {"inputs": ["./x"]}, {}),
        ({"outputs": ["d/x"]}, {"inputs": ["x"], "working_dir": "d"}, {}),
        ({"outputs": ["/srv/d/x"]}, {"inputs": ["../d/x"]}, {"working_dir": "/srv/y"}),
        ({"outputs": ["/srv/d/x"]}, {"inputs": ["${BASE}/d/x"]}, {"env_variables": {"BASE": "/srv"}}),
        ({"outputs": ["/a"]}, {"inputs": ["${B}"], "env_variables": {"B": "/${C}"}}, {"env_variables": {"C": "a"}}),
        ({"outputs": ["${NOWHERE}/x"]}, {"inputs": ["${NOWHERE}/x"]}, {}),
        ({"outputs": ["d"]}, {"inputs": ["d/x/y"]}, {}),
        ({"outputs": ["d/*.csv"]}, {"inputs": ["d/x.csv"]}, {}),
        ({"outputs": ["~/x"]}, {"inputs": ["${HOME}/x"]}, {}),
    ],
)
def test_paths_that_mean_one_file(one: dict[str, Any], other: dict[str, Any], top: dict[str, Any]) -> None:
    found = of(one, other, **top).shared(0, 1)
    assert found is not None
    assert found == ("reads what {} writes", one["outputs"][0], other["inputs"][0])


def test_what_a_second_job_has_to_do_with_a_first() -> None:
    data = of({"inputs": ["a"], "outputs": ["b"]}, {"inputs": ["a"], "outputs": ["b"]}, {"outputs": ["a"]}, {})
    assert (data.shared(0, 1) or [""])[0] == "writes what {} writes too"
    assert (data.shared(0, 2) or [""])[0] == "writes what {} reads"
    assert data.shared(0, 3) is None
    assert data.complete == {0, 1}


def test_to_read_one_file_is_no_conflict() -> None:
    assert of({"inputs": ["a"], "outputs": []}, {"inputs": ["a"], "outputs": []}).shared(0, 1) is None


def test_too_many_globs_are_said_and_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    from exlib.analysis import overlap

    monkeypatch.setattr(overlap, "MOST", 10)
    data = of({"inputs": [f"*{number}" for number in range(20)], "outputs": []}, {"inputs": [], "outputs": []})
    assert not data
    assert "too many globs" in data.said


def test_a_document_without_data_needs_no_paths(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "Site", None)
    assert not of({}, {})
