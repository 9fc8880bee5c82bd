"""Recorded workflows: exact edges, commands as they were, everything measured kept, and nothing lost."""

from __future__ import annotations

import copy
import json
import random
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from exlib.convert.account import Account, Entry
from exlib.convert.source import Source
from exlib.convert.wfformat.reader import read
from exlib.convert.wishes import Wishes
from exlib.errors import ExecutionerError, InputError
from tests.convert.converting import fates, imported, run_document
from tests.corpus.place import documents

RECORDS = documents("wfinstances")

OLD = {
    "name": "old.json",
    "description": "recorded long ago",
    "createdAt": "2020-01-01T00:00:00",
    "schemaVersion": "1.3",
    "wms": {"name": "Pegasus", "version": "4.9"},
    "workflow": {
        "makespan": 30,
        "executedAt": "2020",
        "machines": [{"nodeName": "a", "cpu": {"count": 4}}, {"nodeName": "b"}],
        "tasks": [
            {
                "name": "split_1", "id": "ID1", "type": "compute", "category": "split", "runtime": 10.5, "cores": 2,
                "command": {"program": "split", "arguments": ["-n", 3, "in put.txt"]}, "parents": [],
                "children": ["join_2"], "machine": "a",
                "files": [{"link": "input", "name": "in.txt", "size": 5}, {"link": "output", "name": "a", "size": 5}],
            },
            {"name": "join_2", "id": "ID2", "type": "compute", "parents": ["split_1"], "priority": 7, "runtime": 1},
        ],
    },
}  # fmt: skip


def new(*tasks: dict[str, Any], execution: dict[str, Any] | None = None) -> dict[str, Any]:
    """A record of version 1.5 with these specified tasks."""
    workflow: dict[str, Any] = {"specification": {"tasks": list(tasks)}}
    return {
        "name": "x",
        "schemaVersion": "1.5",
        "workflow": workflow | ({"execution": execution} if execution is not None else {}),
    }


def task(name: str, parents: list[str], children: list[str], **keys: Any) -> dict[str, Any]:
    return {"name": name, "id": name, "parents": parents, "children": children} | keys


def of(record: Any) -> tuple[dict[str, Any], list[Entry]]:
    documents_, entries = imported(json.dumps(record, indent=1), "wfformat")
    return documents_[0], entries


def jobs_of(record: Any) -> dict[str, dict[str, Any]]:
    return {job["id"]: job for job in of(record)[0]["jobs"]}


@pytest.mark.parametrize("path", RECORDS)
def test_a_real_record_keeps_its_exact_edges_and_everything_measured(path: Path) -> None:
    raw = json.loads(path.read_bytes())
    stated = raw["workflow"]["specification"]["tasks"]
    measured = {one["id"]: one for one in raw["workflow"]["execution"]["tasks"]}
    document = imported(path.read_bytes(), "wfformat", name=str(path))[0][0]
    jobs = {job["id"]: job for job in document["jobs"]}
    assert list(jobs) == [one["id"] for one in stated]
    down = {(one["id"], parent) for one in stated for parent in one["parents"]}
    up = {(child, one["id"]) for one in stated for child in one["children"]}
    assert {(job["id"], on) for job in jobs.values() for on in job.get("dependencies", ())} == down == up
    assert sum(len(job.get("dependencies", ())) for job in jobs.values()) == len(down)
    for one in stated:
        job = jobs[one["id"]]
        assert job["inputs"] == list(dict.fromkeys(one["inputFiles"]))
        assert job["outputs"] == list(dict.fromkeys(one["outputFiles"]))
        kept = dict(measured[one["id"]])
        command = kept.pop("command")
        if command["arguments"]:
            assert shlex.split(job["command"]) == [command["program"], *command["arguments"]]
        else:
            assert job["command"] == command["program"]
        assert job.get("priority") == kept.pop("priority", None)
        del kept["id"]
        assert job["x-source"] == kept
        assert "pre_checks" not in job
    assert document["x-source"]["files"] == raw["workflow"]["specification"]["files"]
    assert document["x-source"]["makespanInSeconds"] == raw["workflow"]["execution"]["makespanInSeconds"]


@pytest.mark.parametrize("path", RECORDS)
def test_nothing_of_a_real_record_is_missing_in_its_account(path: Path) -> None:
    entries = imported(path.read_bytes(), "wfformat", name=str(path))[1]
    assert_complete(json.loads(path.read_bytes()), entries)
    assert {entry.fate for entry in entries} <= {"exact", "approximated"}


def assert_complete(record: Any, entries: list[Entry]) -> None:
    """Every value that has none below it is in a place that an entry speaks of, and only in one."""
    whole = {entry.place.path for entry in entries if entry.place.whole}
    for path in leaves(record, ""):
        above = {path[:end] for end in range(1, len(path) + 1) if end == len(path) or path[end] in ".["}
        assert above & whole, f"nothing is said of {path}"


def leaves(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, dict) and value:
        for key, one in value.items():
            yield from leaves(one, f"{path}.{key}" if path else key)
    elif isinstance(value, list) and value:
        for number, one in enumerate(value):
            yield from leaves(one, f"{path}[{number}]")
    else:
        yield path


def test_entries_lead_to_their_lines() -> None:
    text = json.dumps(new(task("a", [], [])), indent=1)
    entries = imported(text, "wfformat")[1]
    lines = text.split("\n")
    for entry in entries:
        place = entry.place
        assert f'"{entry.construct}"' in lines[place.line - 1] or entry.construct == "command"
        if place.whole:
            said = "\n".join(lines[place.line - 1 : place.end_line])
            assert place.text in said


def test_records_of_old_versions_say_it_all_in_one_list() -> None:
    document, entries = of(OLD)
    assert document["application_name"] == "old"
    assert document["description"] == "recorded long ago"
    assert document["max_workers"] == 5
    assert document["x-source"]["makespan"] == 30
    first, second = document["jobs"]
    assert first == {
        "id": "ID1",
        "command": "split -n 3 'in put.txt'",
        "description": "split_1",
        "inputs": ["in.txt"],
        "outputs": ["a"],
        "x-source": {
            "files": OLD["workflow"]["tasks"][0]["files"],  # type: ignore[index]
            "type": "compute",
            "category": "split",
            "runtime": 10.5,
            "cores": 2,
            "machine": "a",
        },
    }
    assert second["dependencies"] == ["ID1"]
    assert second["priority"] == 7
    assert_complete(OLD, entries)


def test_a_task_without_a_command_waits_and_does_not_count_as_done(tmp_path: Path) -> None:
    ran = {"tasks": [{"id": "a", "command": {"program": "touch", "arguments": ["a"]}}, {"id": "b", "command": {}}]}
    record = new(task("a", [], ["b"]), task("b", ["a"], ["c"]), task("c", ["b"], []), execution=ran)
    document, entries = of(record)
    assert [entry.place.path for entry in entries if entry.fate == "manual"] == [
        "workflow.execution.tasks[1].command", "workflow.specification.tasks[2]",
    ]  # fmt: skip
    jobs = {job["id"]: job for job in document["jobs"]}
    assert jobs["b"]["pre_checks"][0]["name"] == "check_allowed"
    assert run_document(document, tmp_path).returncode == 1
    assert (tmp_path / "a").exists()
    assert run_document(document, tmp_path, EX_ALLOW="b").returncode == 1
    assert run_document(document, tmp_path, EX_ALLOW="b,c").returncode == 0


@pytest.mark.parametrize(
    ("command", "text", "fate"),
    [
        ({"program": "cp", "arguments": ["a", "b"]}, "cp a b", "exact"),
        ({"program": "ls"}, "ls", "exact"),
        ({"program": "a b", "arguments": ["x"]}, "'a b' x", "exact"),
        ({"program": "p", "arguments": ["$(x y)", "`x`", "it's"]}, "p '$(x y)' '`x`' 'it'\"'\"'s'", "approximated"),
        ({"program": "p", "arguments": ["in", "2>", "err"]}, "p in '2>' err", "approximated"),
        ({"program": "p", "arguments": ["./p", "1"]}, "p ./p 1", "approximated"),
        ({"program": "one\ntwo > x", "arguments": []}, "one\ntwo > x", "approximated"),
        ({"program": "p", "arguments": ["", "é\n"]}, "p '' 'é\n'", "approximated"),
        ({"program": "p", "arguments": [1, 2.5]}, "p 1 2.5", "exact"),
    ],
)  # fmt: skip
def test_commands_are_what_was_recorded(command: dict[str, Any], text: str, fate: str) -> None:
    record = new(task("a", [], []), execution={"tasks": [{"id": "a", "runtimeInSeconds": 1, "command": command}]})
    document, entries = of(record)
    assert document["jobs"][0]["command"] == text
    assert fates(entries)["workflow.execution.tasks[0].command"] == fate


def test_arguments_arrive_as_they_are(tmp_path: Path) -> None:
    words = ["a b", "$HOME", "`id`", "it's", 'say "x"', "", "*", "\\", "é", "-n", "#no", "~", "x;y"]
    script = "import json, sys; json.dump(sys.argv[1:], open('out', 'w'))"
    command = {"program": "python3", "arguments": ["-c", script, *words]}
    record = new(task("a", [], []), execution={"tasks": [{"id": "a", "command": command}]})
    done = run_document(of(record)[0], tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "out").read_text()) == words


def test_an_edge_that_one_side_alone_names_is_taken_and_said() -> None:
    record = new(task("a", [], ["b"]), task("b", [], []), task("c", ["a"], []))
    document, entries = of(record)
    assert {job["id"]: job.get("dependencies") for job in document["jobs"]} == {"a": None, "b": ["a"], "c": ["a"]}
    said = [(entry.place.path, entry.reason) for entry in entries if entry.fate == "approximated"]
    at = "workflow.specification.tasks"
    assert said == [
        (f"{at}[0].children", "b does not name it as a parent, and waits for it all the same"),
        (f"{at}[1].parents", "a names it as a child too, and it waits for that"),
        (f"{at}[0].children", "c names it as a parent and is not among them; it waits for it all the same"),
    ]


def test_ids_that_no_job_may_have_are_said() -> None:
    record = new(task("a\tb", [], ["a b"]), task("a b", ["a\tb"], []))
    document, entries = of(record)
    assert [job["id"] for job in document["jobs"]] == ["a b", "a b_2"]
    assert document["jobs"][1]["dependencies"] == ["a b"]
    assert fates(entries)["workflow.specification.tasks[1].id"] == "approximated"


def test_files_whose_names_would_be_patterns_are_not_stated() -> None:
    record = new(task("a", [], [], inputFiles=["x*"], outputFiles=[]))
    document, entries = of(record)
    assert "inputs" not in document["jobs"][0]
    assert document["jobs"][0]["outputs"] == []
    assert fates(entries)["workflow.specification.tasks[0].inputFiles"] == "dropped"


def test_what_was_recorded_of_unknown_tasks_is_dropped_and_unknown_keys_are_kept() -> None:
    record = new(
        task("a", [], [], colour="red"), execution={"tasks": [{"id": "z", "runtimeInSeconds": 1}], "note": [{}]}
    )
    record["format"] = "own"
    document, entries = of(record)
    assert document["jobs"][0]["x-source"] == {"colour": "red"}
    assert document["x-source"]["note"] == [{}]
    assert document["x-source"]["format"] == "wfformat"
    assert fates(entries)["workflow.execution.tasks[0]"] == "dropped"
    assert_complete(record, entries)


@pytest.mark.parametrize(
    ("record", "line", "message"),
    [
        ({"name": "x"}, 1, "there is no task in it"),
        ({"workflow": []}, 2, "workflow: this must be an object"),
        (new(), 6, "there is no task in it"),
        (new(task("a", ["b"], [])), 11, 'there is no task "b"'),
        (new(task("a", ["a"], [])), 10, "these tasks wait for each other: a -> a"),
        (new(task("a", ["b"], ["b"]), task("b", ["a"], ["a"])), 10, "these tasks wait for each other"),
        (new(task("a", [], []), task("a", [], [])), 15, 'the task "a" is there twice, first in line 7'),
        (new({"name": "", "id": "a"}), 7, "a task needs a text as name"),
        (new(task("a", [], [], inputFiles=[1])), 13, "this must be a text"),
        (new(task("a", [], []), execution={"tasks": [{"id": 1}]}), 17, "a task needs a text as id"),
        (new(task("a", [], []), execution={"tasks": [{"id": "a", "command": []}]}), 19, "this must be an object"),
    ],
)
def test_what_is_no_record_is_refused_with_its_line(record: Any, line: int, message: str) -> None:
    with pytest.raises(InputError) as caught:
        of(record)
    assert message in str(caught.value)
    assert caught.value.place == f"source:{line}"


@pytest.mark.parametrize("text", ["", "[]", "{", '{"a": 1, "a": 2}', "\x00", '{"a": ' * 3000])
def test_what_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(ExecutionerError):
        imported(text, "wfformat")


WRONG: tuple[Any, ...] = (None, [], {}, "", "a", 1, 1.5, True, [1], [None], ["a"], {"a": 1}, [{}], [[]])


@pytest.mark.parametrize("seed", range(300))
def test_a_wrong_type_anywhere_is_a_document_or_refused(seed: int) -> None:
    """Any other exception than the one for people is a bug."""
    chance = random.Random(seed)
    ran = {"id": "a", "runtimeInSeconds": 1, "command": {"program": "p", "arguments": ["1"]}, "machines": ["m"]}
    execution = {"tasks": [ran], "machines": [{"nodeName": "m", "cpu": {"coreCount": 2}}]}
    record = copy.deepcopy(
        chance.choice([OLD, new(task("a", [], ["b"], inputFiles=["f"]), task("b", ["a"], []), execution=execution)])
    )
    for _ in range(chance.randint(1, 2)):
        places = [(holder, key) for holder, key in containers(record)]
        holder, key = chance.choice(places)
        if chance.random() < 0.2:
            del holder[key]
        else:
            holder[key] = copy.deepcopy(chance.choice(WRONG))
    raw = json.dumps(record).encode()
    account = Account()
    try:
        read(Source(raw, "x"), Wishes(), account)
    except ExecutionerError:
        return
    assert_complete(record, account.entries)


def containers(value: Any) -> Iterator[tuple[Any, Any]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in list(items):
        yield value, key
        yield from containers(one)


@pytest.mark.parametrize("path", RECORDS[:1])
def test_a_plan_of_a_record_by_its_runtimes(path: Path, tmp_path: Path) -> None:
    if not path.exists():
        pytest.skip("the corpus is absent")
    document = imported(path.read_bytes(), "wfformat", name=str(path))[0][0]
    took = {job["id"]: job["x-source"]["runtimeInSeconds"] for job in document["jobs"]}
    (tmp_path / "took.json").write_text(json.dumps(took))
    (tmp_path / "w.json").write_text(json.dumps(document))
    done = subprocess.run(
        ["ex-plan", "w.json", "--durations", "took.json", "--format", "json"],
        cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
