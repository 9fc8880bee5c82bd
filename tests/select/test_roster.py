"""The jobs of a document as a filter sees them, and what it refuses."""

from __future__ import annotations

import pytest

from exlib.document import Document
from exlib.errors import InputError, UsageError
from exlib.select import Roster


def read(text: str) -> Roster:
    return Roster(Document(text.encode(), "w.json"))


def test_only_ids_are_needed() -> None:
    flow = read('{"jobs": [{"id": "a", "command": 7}, {"job_id": "b", "tags": "x", "timeout": "no"}]}')
    assert flow.ids == ["a", "b"]
    assert flow.tags(1) == ["x"]
    assert flow.tags(0) == []


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("{}", "w.json", "no list"),
        ('{"jobs": {}}', "w.json:1:10", "no list"),
        ('{"jobs": [\n "a"]}', "w.json:2:2", "is an object"),
        ('{"jobs": [{"id": "a"},\n {"command": "true"}]}', "w.json:2:2", "no id"),
        ('{"jobs": [{"id": 5}]}', "w.json:1:18", "string"),
        ('{"jobs": [{"id": ""}]}', "w.json:1:18", "empty"),
        ('{"jobs": [{"job_id": null}]}', "w.json:1:22", "string"),
        (
            '{"jobs": [{"id": "a"}, {"id": "b"},\n {"job_id": "a"}]}',
            "w.json:2:2",
            'two jobs have the id "a", the first on line 1',
        ),
    ],
)
def test_jobs_that_cannot_be_told_apart_are_refused(text: str, place: str, said: str) -> None:
    with pytest.raises(InputError, match=said) as refused:
        read(text)
    assert refused.value.place == place
    assert refused.value.mend


def test_the_order_has_dependencies_first_and_cycles_last() -> None:
    jobs = ['{"id": "c", "dependencies": "b"}', '{"id": "x", "dependencies": ["x"]}', '{"id": "b"}']
    flow = read(f'{{"jobs": [{", ".join(jobs)}]}}')
    assert [flow.ids[node] for node in flow.order] == ["b", "c", "x"]
    assert flow.cyclic
    assert not read('{"jobs": [{"id": "c", "dependencies": "b"}, {"id": "b"}]}').cyclic


@pytest.mark.parametrize(
    ("wanted", "said", "mend"),
    [
        (["PR_10468"], '--job: no job has the id "PR_10468"', 'did you mean "PR_104681"?'),
        (["pr_104681"], '"pr_104681"', 'did you mean "PR_104681"?'),
        (
            ["laod", "PR_104682", "PR-104699"],
            '"laod", "PR-104699"',
            'did you mean "load" for "laod", "PR_104699" for "PR-104699"?',
        ),
        (["zzzzzz"], '"zzzzzz"', "'ex-filter --list' shows every id"),
    ],
)
def test_an_unknown_id_suggests_the_nearest(wanted: list[str], said: str, mend: str) -> None:
    flow = read('{"jobs": [{"id": "load"}, {"id": "PR_104681"}, {"id": "PR_104682"}, {"id": "PR_104699"}]}')
    with pytest.raises(UsageError) as refused:
        flow.nodes(wanted, "--job")
    assert said in refused.value.message
    assert refused.value.mend == mend
