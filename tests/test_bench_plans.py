"""The benchmarks of ex-plan: predictions beside records and replays, and what a large plan costs."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from bench import accuracy, planning, replay
from tests.corpus.place import document, paths


def instance(
    runtimes: dict[str, float], parents: dict[str, list[str]], makespan: float, cores: int = 2
) -> dict[str, Any]:
    """A recorded execution on one machine."""
    tasks = [{"id": name, "name": name, "parents": parents.get(name, []), "children": []} for name in runtimes]
    ran = [{"id": name, "runtimeInSeconds": seconds} for name, seconds in runtimes.items()]
    machines = [{"nodeName": "one", "cpu": {"coreCount": cores}}]
    execution = {"makespanInSeconds": makespan, "tasks": ran, "machines": machines}
    return {"workflow": {"specification": {"tasks": tasks}, "execution": execution}}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    where = tmp_path / "instances"
    where.mkdir()
    diamond = instance({"a": 10, "b": 20, "c": 30, "d": 5}, {"b": ["a"], "c": ["a"], "d": ["b", "c"]}, 60)
    (where / "diamond.json").write_text(json.dumps(diamond))
    (where / "schema.json").write_text("{}")
    return where


def test_a_prediction_stands_beside_its_record(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    row = accuracy.compared(folder / "diamond.json")
    assert row == ("diamond", 4, 1, 2, 60.0, 45.0, 65.0, 2, 5.0)
    assert accuracy.compared(folder / "schema.json") is None
    assert accuracy.main([str(folder)]) == 0
    assert re.search(r"^diamond +4 +1 x 2 +60 +45 +-25% +65 +\+8% +2 +5$", capsys.readouterr().out, re.MULTILINE)


def test_a_folder_without_records_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        accuracy.main([str(tmp_path)])


def test_a_replay_is_planned_and_run(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert replay.main([str(folder), "--seconds", "0.3", "--workers", "2"]) == 0
    assert re.search(r"^diamond +4 +\d\.\d\d +\d\.\d\d +[+-]\d+\.\d%$", capsys.readouterr().out, re.MULTILINE)


def test_a_large_plan_is_measured(capsys: pytest.CaptureFixture[str]) -> None:
    assert planning.main(["--jobs", "50", "--runs", "1"]) == 0
    out = capsys.readouterr().out
    for way in planning.WAYS:
        assert re.search(rf"^{re.escape(way)} +\d+\.\d\d s +\d+ MiB$", out, re.MULTILINE)


def test_the_page_has_the_comments() -> None:
    text = accuracy.PAGE.read_text(encoding="utf-8")
    for name in ("accuracy", "the replay", "the speed"):
        assert text.index(f"<!-- {name} -->\n") < text.index(f"<!-- end of {name} -->\n")


def test_the_table_of_the_page_is_that_of_the_corpus() -> None:
    """What the page says of the recorded executions is what is predicted today."""
    document("wfinstances", "bacass-dirt02-001.json")
    rows = [row for path in paths("wfinstances") if (row := accuracy.compared(path)) is not None]
    assert accuracy.block(accuracy.table(rows)) in accuracy.PAGE.read_text(encoding="utf-8")
