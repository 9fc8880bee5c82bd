"""What the options of a filter mean, as sets of jobs."""

from __future__ import annotations

from typing import Any

import pytest
from flows import graphs, job, roster
from hypothesis import given
from hypothesis import strategies as st

from exlib.errors import AnswerNo, UsageError
from exlib.select import Criteria, Roster, select

FLOW = roster(
    job("extract", description="Read the ORDERS", tags=["src"]),
    job("clean", "extract", description="Drop bad rows", tags=["src", "db"]),
    job("PR_1", "clean", description="Straße one", tags=["db"]),
    job("PR_2", "clean", description="orders, two"),
    job("report", "PR_1", "PR_2", tags=["out"]),
    job("re:odd[1]"),
)


def kept(**criteria: Any) -> list[str]:
    return [FLOW.ids[node] for node in select(FLOW, Criteria(**criteria)).kept]


@pytest.mark.parametrize(
    ("criteria", "expected"),
    [
        ({}, FLOW.ids),
        ({"patterns": ["PR_*"]}, ["PR_1", "PR_2"]),
        ({"patterns": ["pr_*", "PR_[!1]"]}, ["PR_2"]),
        ({"patterns": ["R_"]}, None),
        ({"patterns": ["re:R_"]}, ["PR_1", "PR_2"]),
        ({"patterns": ["re:^(clean|report)$"]}, ["clean", "report"]),
        ({"patterns": ["[r]e:odd[[]1]"]}, ["re:odd[1]"]),
        ({"patterns": ["report", "clean"]}, ["clean", "report"]),
        ({"keywords": ["orders"]}, ["extract", "PR_2"]),
        ({"keywords": ["STRASSE", "bad"]}, ["clean", "PR_1"]),
        ({"tags": ["src", "out"]}, ["extract", "clean", "report"]),
        ({"tags": ["SRC"]}, None),
        ({"jobs": ["report", "clean", "report"]}, ["clean", "report"]),
        ({"until": ["PR_1"]}, ["extract", "clean", "PR_1"]),
        ({"origins": ["PR_1"]}, ["PR_1", "report"]),
        ({"until": ["PR_1", "re:odd[1]"]}, ["extract", "clean", "PR_1", "re:odd[1]"]),
        ({"origins": ["clean"], "until": ["PR_1"]}, ["clean", "PR_1"]),
        ({"among": frozenset(["report", "gone"])}, ["report"]),
        ({"among": frozenset()}, None),
        ({"tags": ["db"], "patterns": ["PR_*"]}, ["PR_1"]),
        ({"jobs": ["PR_1"], "with_deps": True}, ["extract", "clean", "PR_1"]),
        ({"jobs": ["PR_1"], "with_dependents": True}, ["PR_1", "report"]),
        ({"jobs": ["PR_1"], "with_deps": True, "with_dependents": True}, ["extract", "clean", "PR_1", "report"]),
        ({"jobs": ["PR_1"], "invert": True}, ["extract", "clean", "PR_2", "report", "re:odd[1]"]),
        ({"jobs": ["PR_1"], "with_deps": True, "invert": True}, ["PR_2", "report", "re:odd[1]"]),
        ({"exclude": ["PR_*", "re:e[xp]"]}, ["clean", "re:odd[1]"]),
        ({"jobs": ["report"], "with_deps": True, "exclude": ["PR_*"]}, ["extract", "clean", "report"]),
        ({"jobs": ["PR_1"], "invert": True, "exclude": ["PR_*"]}, ["extract", "clean", "report", "re:odd[1]"]),
        ({"exclude": ["*"]}, None),
    ],
)
def test_what_is_selected(criteria: dict[str, Any], expected: list[str] | None) -> None:
    if expected is None:
        with pytest.raises(AnswerNo, match="no job is selected"):
            kept(**criteria)
    else:
        assert kept(**criteria) == expected


@given(graphs(), st.data())
def test_sets_of_jobs_follow_the_rules(flow: Roster, data: st.DataObject) -> None:
    """Kinds by AND, repeats by OR, then grown, then inverted, then without what is excluded."""
    names = st.lists(st.sampled_from(flow.ids), max_size=2)
    one, two, gone = data.draw(names), data.draw(names), data.draw(names)
    deps, dependents = data.draw(st.booleans()), data.draw(st.booleans())
    invert = data.draw(st.booleans()) and bool(one or two)
    everything = set(range(len(flow)))
    ends = {flow.index[name] for name in two}
    base = {flow.index[name] for name in one} if one else everything
    base = base & (ends | flow.graph.ancestors(ends)) if two else base
    grown = (
        base | (flow.graph.ancestors(base) if deps else set()) | (flow.graph.descendants(base) if dependents else set())
    )
    expected = (everything - grown if invert else grown) - {flow.index[name] for name in gone}
    criteria = Criteria(
        patterns=one, until=two, with_deps=deps, with_dependents=dependents, invert=invert, exclude=gone
    )
    if expected:
        assert select(flow, criteria).kept == sorted(expected)
    else:
        with pytest.raises(AnswerNo):
            select(flow, criteria)


@pytest.mark.parametrize(
    ("criteria", "why", "mend"),
    [
        ({"patterns": ["QQ*"]}, "no id matches 'QQ*'", 'ids are like "extract"; a glob matches the whole id'),
        ({"patterns": ["^PR_.$"]}, "no id matches '^PR_.$'", "a regular expression starts with re:, this is a glob"),
        ({"keywords": ["it's"]}, "'it'\\''s' is in no description", None),
        ({"tags": ["scr"]}, "none has the tag 'scr'", 'did you mean "src"?'),
        ({"tags": ["zzzz"]}, "none has the tag 'zzzz'", "the tags are db, out, src"),
        (
            {"tags": ["out"], "patterns": ["PR_*"]},
            "no job is in what every option selects (--pattern 2, --tag 1 of 6 jobs)",
            "different options narrow each other",
        ),
        (
            {"tags": ["out"], "patterns": ["QQ*"]},
            "no id matches 'QQ*'",
            'ids are like "extract"; a glob matches the whole id',
        ),
        ({"jobs": ["PR_1"], "exclude": ["PR*"]}, "--exclude-pattern removes all of the selection (1 job)", None),
        ({"patterns": ["*"], "invert": True}, "--invert, and the selection was the whole document (6 jobs)", None),
        ({"among": frozenset(["x"])}, "--failed has no job of this document", None),
        ({"among": frozenset(), "among_option": "--failed 12"}, "--failed 12 finds that every job succeeded", None),
    ],
)
def test_nothing_selected_says_why(criteria: dict[str, Any], why: str, mend: str | None) -> None:
    with pytest.raises(AnswerNo) as refused:
        kept(**criteria)
    assert refused.value.message == f"no job is selected: {why}"
    assert refused.value.mend == mend


def test_a_document_without_jobs_has_nothing_to_select() -> None:
    with pytest.raises(AnswerNo) as refused:
        select(roster(), Criteria())
    assert refused.value.message == "no job is selected: the document has no jobs"


def test_words_that_match_nothing_are_told_beside_others_that_do() -> None:
    selection = select(FLOW, Criteria(patterns=["PR_*", "QQ*"], tags=["db", "nope"], exclude=["none"]))
    assert selection.remarks == [
        "--pattern 'QQ*' matches no job",
        "--tag 'nope' matches no job",
        "--exclude-pattern 'none' matches no job",
    ]


@pytest.mark.parametrize(
    ("criteria", "said"),
    [
        ({"patterns": ["re:("]}, "--pattern 're:\\(' is not a regular expression: .*position 0"),
        ({"exclude": ["re:*"]}, "--exclude-pattern 're:\\*' is not a regular expression"),
        ({"keywords": [" "]}, "--keyword needs a word"),
        ({"invert": True}, "--invert needs something to invert"),
        ({"jobs": ["nope"]}, '--job: no job has the id "nope"'),
        ({"until": ["nope"]}, '--until: no job has the id "nope"'),
        ({"origins": ["nope"]}, '--from: no job has the id "nope"'),
    ],
)
def test_criteria_that_cannot_be_meant_are_refused(criteria: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        kept(**criteria)
