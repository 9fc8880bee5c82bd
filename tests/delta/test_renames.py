"""Jobs that have another id: what is followed, and what is not."""

from __future__ import annotations

import json
from typing import Any

from exlib.delta import Delta, Rename, delta
from exlib.document import Document


def between(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> Delta:
    one, other = (Document(json.dumps({"jobs": jobs}).encode()) for jobs in (before, after))
    return delta(one, other, renames=True)


def job(name: str, command: str = "", *waits: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "command": command or f"do {name}", "dependencies": list(waits), **more}


def test_a_prefix_for_all_jobs_is_renames_alone() -> None:
    before = [job("a", "x"), job("b", "x", "a"), job("c", "z", "b", "a")]
    after = [job("p_c", "z", "p_a", "p_b"), job("p_b", "x", "p_a"), job("p_a", "x")]
    found = between(before, after)
    assert set(found.renamed) == {Rename(name, f"p_{name}", True) for name in "abc"}
    assert found == Delta((), (), (), (), found.renamed)


def test_a_dependency_on_a_renamed_job_did_not_change() -> None:
    found = between([job("a"), job("b", "", "a")], [job("a2", "do a"), job("b", "", "a2")])
    assert found == Delta((), (), (), (), (Rename("a", "a2", True),))


def test_twins_that_cannot_be_told_apart_come_and_go() -> None:
    found = between([job("a", "same")], [job("b", "same"), job("c", "same")])
    assert (found.added, found.removed, found.renamed) == (("b", "c"), ("a",), ())


def test_as_many_twins_are_paired_whatever_the_order() -> None:
    before, after = [job("a", "same"), job("b", "same")], [job("y", "same"), job("x", "same")]
    assert set(between(before, after).renamed) == {Rename("a", "x", True), Rename("b", "y", True)}
    assert set(between(before[::-1], after).renamed) == {Rename("a", "x", True), Rename("b", "y", True)}


def test_a_command_of_its_own_and_the_same_dependencies_are_enough() -> None:
    found = between([job("a"), job("b", "", "a")], [job("a"), job("c", "do b", "a", timeout=5)])
    assert found.renamed == (Rename("b", "c", False),)
    assert [(one.job, [change.key for change in one.changes]) for one in found.changed] == [("c", ["timeout"])]


def test_a_command_of_its_own_and_the_same_other_keys_are_enough() -> None:
    found = between([job("a"), job("b", "", "a")], [job("a"), job("c", "do b")])
    assert found.renamed == (Rename("b", "c", False),)


def test_the_same_command_alone_is_not_enough() -> None:
    found = between([job("a"), job("b", "", "a")], [job("a"), job("c", "do b", timeout=5)])
    assert (found.added, found.removed) == (("c",), ("b",))


def test_a_changed_job_above_does_not_hide_the_renames_below() -> None:
    names = [f"j{number:02}" for number in range(20)]
    before = [job(name, "", *names[:at][-1:]) for at, name in enumerate(names)]
    after = [job(f"x{one['id']}", one["command"], *(f"x{name}" for name in one["dependencies"])) for one in before]
    after[0]["timeout"] = after[7]["timeout"] = 9
    found = between(before, after)
    assert len(found.renamed) == 20
    assert [one.job for one in found.changed] == ["xj00", "xj07"]


def test_jobs_that_wait_in_a_circle_are_followed_too() -> None:
    found = between([job("a", "", "a")], [job("b", "do a", "b")])
    assert found == Delta((), (), (), (), (Rename("a", "b", True),))


def test_without_renames_they_come_and_go() -> None:
    one, other = (Document(json.dumps({"jobs": [job(name, "x")]}).encode()) for name in "ab")
    assert delta(one, other) == Delta(("b",), ("a",), (), ())
