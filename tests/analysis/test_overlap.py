"""Which paths and globs can name one file."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exlib.analysis import overlap as module
from exlib.analysis.overlap import TooMany, overlap, overlaps


@pytest.mark.parametrize(
    ("one", "other", "meet"),
    [
        ("/a", "/a", True),
        ("/a", "/b", False),
        ("/a", "/a/b", True),
        ("/a", "/ab", False),
        ("/", "/a", True),
        ("/a/*.csv", "/a/x.csv", True),
        ("/a/*.csv", "/a/x.txt", False),
        ("/a/*.csv", "/a/b/x.csv", False),
        ("/a/*", "/a/b/x.csv", True),
        ("/a/**/x", "/a/x", True),
        ("/a/**/x", "/a/b/c/x", True),
        ("/a/**", "/b/**", False),
        ("/a/x*", "/a/*y", True),
        ("/a/x?", "/a/xy", True),
        ("/a/x?", "/a/x/", False),
        ("/a/[xy]", "/a/x", True),
        ("/a/[", "/a/[", True),
        ("/*/b", "/a/*", True),
        ("/a/*.csv", "/a/*.txt", False),
    ],
)
def test_pairs(one: str, other: str, meet: bool) -> None:
    assert overlap(one, other) == overlap(other, one) == meet
    found = overlaps([one, other] if one != other else [one])
    assert (len(found[0]) == 2) == (meet and one != other)


def paths() -> st.SearchStrategy[str]:
    part = st.text(st.sampled_from("ab*?"), min_size=1, max_size=3) | st.just("**")
    return st.lists(part, min_size=1, max_size=3).map(lambda parts: "/" + "/".join(parts))


@given(st.lists(paths(), unique=True, max_size=8))
def test_all_at_once_is_each_with_each(many: list[str]) -> None:
    found = overlaps(many)
    for at, one in enumerate(many):
        assert sorted(found[at]) == [place for place, other in enumerate(many) if place == at or overlap(one, other)]


@given(paths(), paths(), st.text(st.sampled_from("ab/"), max_size=6).map("/".__add__))
def test_what_both_match_is_seen(one: str, other: str, path: str) -> None:
    def matches(glob: str) -> bool:
        body = re.escape(glob).replace(r"\*\*/", "(?:.*/)?").replace(r"\*\*", ".*")
        return re.fullmatch(body.replace(r"\*", "[^/]*").replace(r"\?", "[^/]") + "(?:/.*)?", path) is not None

    if matches(one) and matches(other):
        assert overlap(one, other)


def test_there_is_an_end_to_comparing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 100)
    with pytest.raises(TooMany):
        overlaps([f"*{number}" for number in range(100)])
    assert all(len(found) == 1 for found in overlaps([f"/{number}/*" for number in range(1_000)]))
