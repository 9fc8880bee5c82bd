"""What holds for any two documents: no difference from itself, every edit told, the patch gives the second."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable
from typing import Any

import jsonpatch
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exlib.delta import delta
from exlib.delta.meaning import meaning
from exlib.delta.order import order
from exlib.delta.patch import patch
from exlib.document import Document
from exlib.graph import Graph
from exlib.workflow.keys import dependency_ids

Data = dict[str, Any]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from([0.5, 1.0]) | st.text("ab/~é", max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab/~", max_size=2), inner, max_size=3),
    max_leaves=6,
)


def document(data: Data, **form: Any) -> Document:
    return Document(json.dumps(data, **form).encode())


@st.composite
def workflows(draw: st.DrawFn, prefix: str = "j") -> Data:
    names = [f"{prefix}{number}" for number in range(draw(st.integers(0, 8)))]
    jobs = []
    for at, name in enumerate(names):
        job: Data = {"id": name, "command": draw(st.sampled_from(["true", "make", f"do {name}"]))}
        if at:
            job["dependencies"] = draw(st.lists(st.sampled_from(names[:at]), max_size=3, unique=True))
        job |= draw(st.dictionaries(st.sampled_from(["timeout", "x-note", "tags", "params"]), VALUES, max_size=2))
        if draw(st.booleans()):
            job["env_variables"] = draw(st.dictionaries(st.sampled_from("AB"), st.text("xy", max_size=2), max_size=2))
        jobs.append(job)
    top = draw(st.dictionaries(st.sampled_from(["application_name", "max_workers", "x-y"]), VALUES, max_size=2))
    return {**top, "jobs": draw(st.permutations(jobs))}


def shuffled(value: Any, dice: random.Random) -> Any:
    """The same with keys in another order."""
    if isinstance(value, dict):
        keys = list(value)
        dice.shuffle(keys)
        return {key: shuffled(value[key], dice) for key in keys}
    return [shuffled(item, dice) for item in value] if isinstance(value, list) else value


def respelt(data: Data, dice: random.Random) -> Data:
    """The same workflow in another order and in old spellings."""
    again = shuffled(copy.deepcopy(data), dice)
    dice.shuffle(again["jobs"])
    for job in again["jobs"]:
        job["job_id"] = job.pop("id")
        if "dependencies" in job:
            dice.shuffle(job["dependencies"])
            entries = job["dependencies"]
            job["dependencies"] = dice.choice([", ".join(entries), [{"job": one} for one in entries], entries])
    if "application_name" in again:
        again["name"] = again.pop("application_name")
    return again


@given(workflows(), st.randoms(use_true_random=False), st.booleans())
def test_the_same_workflow_is_no_difference(data: Data, dice: random.Random, renames: bool) -> None:
    one = document(data)
    assert not delta(one, document(data, indent=4), renames=renames)
    assert not delta(one, document(respelt(data, dice), indent="\t"), renames=renames)
    assert not delta(document(respelt(data, dice)), one, renames=renames)
    assert not order(one, document(data, indent=1), delta(one, one))


def change_command(data: Data, job: Data, _dice: random.Random) -> None:
    job["command"] += " --fast"


def add_job(data: Data, _job: Data, dice: random.Random) -> None:
    data["jobs"].insert(dice.randint(0, len(data["jobs"])), {"id": "new", "command": "new"})


def remove_job(data: Data, job: Data, _dice: random.Random) -> None:
    data["jobs"].remove(job)


def rename_job(data: Data, job: Data, _dice: random.Random) -> None:
    job["id"] += "_2"


def add_dependency(data: Data, job: Data, _dice: random.Random) -> None:
    job["dependencies"] = [*job.get("dependencies", ()), "elsewhere"]


def add_variable(data: Data, job: Data, _dice: random.Random) -> None:
    job["env_variables"] = {**job.get("env_variables", {}), "NEW": "1"}


def change_note(data: Data, job: Data, _dice: random.Random) -> None:
    job["x-note"] = [job.get("x-note"), "another"]


def change_setting(data: Data, _job: Data, _dice: random.Random) -> None:
    data["default_timeout"] = 77


EDITS: list[Callable[[Data, Data, random.Random], None]] = [
    change_command, add_job, remove_job, rename_job, add_dependency, add_variable, change_note, change_setting,
]  # fmt: skip


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.__name__)
@settings(max_examples=40)
@given(data=workflows().filter(lambda data: bool(data["jobs"])), dice=st.randoms(use_true_random=False))
def test_every_edit_is_told(edit: Callable[..., None], data: Data, dice: random.Random) -> None:
    after = respelt(data, dice)
    for job in after["jobs"]:
        job["id"] = job.pop("job_id")
        job["dependencies"] = dependency_ids(job)
    chosen = dice.choice(after["jobs"])
    name = chosen["id"]
    edit(after, chosen, dice)
    found = delta(document(data), document(after), renames=True)
    touched = {*found.added, *found.removed, *(one.job for one in found.changed)}
    renamed = {one.before for one in found.renamed} | {one.after for one in found.renamed}
    if edit is change_setting:
        assert [change.key for change in found.settings] == ["default_timeout"]
        assert not touched
    elif edit is add_job:
        assert touched == {"new"}
    elif edit is rename_job:
        assert name in renamed | touched
    else:
        assert name in touched | renamed


@settings(max_examples=200)
@given(workflows(), workflows("j") | workflows("k"))
def test_the_patch_applied_to_the_first_gives_the_second(one: Data, other: Data) -> None:
    before, after = document(one), document(other)
    operations = patch(before, after, delta(before, after, renames=True).renamed)
    applied = jsonpatch.JsonPatch(json.loads(json.dumps(operations))).apply(one)
    assert json.dumps(applied, sort_keys=True) == json.dumps(other, sort_keys=True)


@given(st.lists(st.sampled_from(["a", "b", None]), max_size=4), st.lists(st.sampled_from(["a", "b", None]), max_size=4))
def test_the_patch_of_documents_whose_jobs_have_no_ids_of_their_own(one: list[str], other: list[str]) -> None:
    first, second = ({"jobs": [{"id": name} for name in names]} for names in (one, other))
    operations = patch(document(first), document(second))
    assert jsonpatch.JsonPatch(operations).apply(first) == second


def test_the_patch_refuses_another_document() -> None:
    one, other = {"jobs": [{"id": "a", "command": "x"}]}, {"jobs": [{"id": "a", "command": "y"}]}
    operations = patch(document(one), document(other))
    with pytest.raises(jsonpatch.JsonPatchTestFailed):
        jsonpatch.JsonPatch(operations).apply({"jobs": [{"id": "b", "command": "x"}]})


@settings(max_examples=100)
@given(workflows(), workflows())
def test_pairs_are_those_that_reachability_says(one: Data, other: Data) -> None:
    before, after = document(one), document(other)
    found = meaning(before, after, delta(before, after))
    beside = [_beside(data) for data in (one, other)]
    names = {job["id"] for job in one["jobs"]} & {job["id"] for job in other["jobs"]}
    pairs = {frozenset((a, b)) for a in names for b in names if a < b}
    assert found.able is not None
    assert found.unable is not None
    assert found.able.number == len(pairs & beside[1] - beside[0])
    assert found.unable.number == len(pairs & beside[0] - beside[1])
    assert {frozenset(pair) for pair in found.able.examples} <= pairs & beside[1] - beside[0]


def _beside(data: Data) -> set[frozenset[str]]:
    """Pairs of jobs of which neither needs the other, found one by one."""
    graph = Graph([job["id"] for job in data["jobs"]], [job.get("dependencies", ()) for job in data["jobs"]])
    needs = {name: {graph.ids[node] for node in graph.ancestors([graph.index[name]])} for name in graph.ids}
    return {frozenset((a, b)) for a in needs for b in needs if a < b and a not in needs[b] and b not in needs[a]}
