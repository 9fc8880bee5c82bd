"""Every mutation finds its snippet and its tests; ``make mutate`` tries them."""

from __future__ import annotations

import pytest

from tests.mutations.catalog import MUTATIONS
from tests.mutations.mutation import ROOT, Mutation, NotFound


@pytest.mark.parametrize("mutation", MUTATIONS, ids=[one.name for one in MUTATIONS])
def test_a_mutation_is_up_to_date(mutation: Mutation) -> None:
    text = (ROOT / mutation.file).read_text()
    broken = mutation.applied(text)
    assert broken != text
    compile(broken, mutation.file, "exec")
    for test in mutation.tests:
        file, _, name = test.partition("::")
        assert f"def {name}" in (ROOT / file).read_text()


def test_names_are_unique() -> None:
    names = [one.name for one in MUTATIONS]
    assert len(names) == len(set(names))


def test_a_snippet_is_found_once_or_after_its_anchor() -> None:
    text = "def a():\n    stop()\n\ndef b():\n    stop()\n"
    with pytest.raises(NotFound, match="2 times"):
        Mutation("m", "f.py", "stop()", "pass", ()).applied(text)
    with pytest.raises(NotFound, match="0 times"):
        Mutation("m", "f.py", "go()", "pass", ()).applied(text)
    with pytest.raises(NotFound, match="'def c' is there 0 times"):
        Mutation("m", "f.py", "stop()", "pass", (), after="def c").applied(text)
    found = Mutation("m", "f.py", "stop()", "pass", (), after="def b").applied(text)
    assert found == "def a():\n    stop()\n\ndef b():\n    pass\n"
