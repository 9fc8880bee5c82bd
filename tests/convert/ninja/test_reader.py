"""What a ninja file becomes, and what is said of it."""

from __future__ import annotations

from typing import Any

import pytest

from exlib.convert.account import Entry
from exlib.convert.draft import guard_of
from exlib.convert.wishes import Wishes
from exlib.errors import InputError
from tests.convert.converting import imported
from tests.convert.ninja.test_meaning import RUNNABLE

RULE = "rule r\n  command = echo $in > $out\n"


def jobs_of(text: str, *targets: str) -> dict[str, dict[str, Any]]:
    wishes = Wishes(targets=targets)
    return {job["id"]: job for job in imported(text, "ninja", wishes=wishes)[0][0]["jobs"]}


def uncovered(text: str, entries: list[Entry]) -> list[int]:
    """The lines that say something and that no entry names; written without the reader's code."""
    named = {line for entry in entries for line in range(entry.place.line, entry.place.end_line + 1)}
    return [number for number, line in enumerate(text.split("\n"), 1) if line.strip() and number not in named]


@pytest.mark.parametrize("name", [name for name in RUNNABLE if name != "scopes"])
def test_every_line_is_accounted_for_by_name(name: str) -> None:
    entries = imported(RUNNABLE[name], "ninja")[1]
    assert not uncovered(RUNNABLE[name], entries)
    assert not [entry for entry in entries if entry.construct in ("line", "lines")]


EVERY = """# of the file

builddir = out
ninja_required_version = 1.5
pool few
  depth = 3
rule cc
  command = cc -c $in -o $out
  # between
  depfile = $out.d
  deps = gcc
  generator = 1
  restat = 1
rule gen
  command = gen $out
  dyndep = dd
rule unused
  command = x
  pool = few
# of the build
build a.o: cc a.c
  pool = few
build b: gen | a.o
build c: unused
default b
"""


def test_each_construct_has_its_fate() -> None:
    documents, entries = imported(EVERY, "ninja")
    jobs = {job["id"]: job for job in documents[0]["jobs"]}
    fates = {(entry.construct, entry.place.line): entry.fate for entry in entries}
    assert not uncovered(EVERY, entries)
    assert fates["variable", 10] == fates["variable", 11] == fates["variable", 8] == "approximated"
    assert fates["variable", 16] == "manual"
    assert fates["variable", 3] == fates["statement", 17] == fates["statement", 24] == "dropped"
    assert fates["variable", 22] == "dropped"
    assert "if it" not in jobs["a.o"]["command"]
    assert "-newer" not in jobs["a.o"]["command"]
    assert jobs["a.o"]["description"] == "of the build"
    assert guard_of(jobs["b"]) is not None
    assert guard_of(jobs["a.o"]) is None
    assert documents[0]["x-source"]["comments"] == ["of the file", "between"]


def test_a_statement_that_no_target_needs_is_one_place_and_names_the_target() -> None:
    text = (
        "rule r\n  command = x\nrule s\n  command = y\n  description = z\nbuild a: r\n"
        "# why\nbuild b: r\n  v = 1\nbuild c: r\ndefault a\n"
    )
    dropped = [entry for entry in imported(text, "ninja")[1] if entry.fate == "dropped"]
    assert [(entry.construct, entry.place.line, entry.place.end_line) for entry in dropped] == [
        ("statement", 7, 9), ("statement", 10, 10), ("statement", 3, 5),
    ]  # fmt: skip
    assert {entry.reason for entry in dropped[:2]} == {"a does not need it: --target brings it along"}


def test_a_build_file_is_called_as_its_folder() -> None:
    text = "rule r\n  command = x\nbuild a: r\n"
    found = [imported(text, "ninja", name=name)[0][0] for name in ("shop/build.ninja", "shop/x.ninja", "<stdin>")]
    assert [document["application_name"] for document in found] == ["shop", "x", "ninja"]


def test_targets_choose_what_is_made() -> None:
    text = f"{RULE}build a: r\nbuild b: r a\nbuild c: r\n"
    assert list(jobs_of(text)) == ["a", "b", "c"]
    assert list(jobs_of(text, "b")) == ["a", "b"]
    assert list(jobs_of(f"{text}default c\n")) == ["c"]
    with pytest.raises(InputError, match="nothing makes d"):
        jobs_of(text, "d")


def test_one_pool_of_all_is_how_many_run_at_once() -> None:
    pool = "pool p\n  depth = {}\nrule r\n  command = x\n  pool = p\nbuild a: r\nbuild b: r\n"
    document = imported(pool.format(3), "ninja")[0][0]
    assert (document["parallel"], document["max_workers"]) == (True, 3)
    assert "parallel" not in imported(pool.format(1), "ninja")[0][0]


def test_a_file_that_nothing_makes_stops_the_job() -> None:
    assert "no rule makes nowhere" in jobs_of(f"{RULE}build a: r nowhere\n")["a"]["command"]


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (f"{RULE}build a: r b\nbuild b: r a\n", 4, "a circle"),
        (f"{RULE}build a: r\nbuild a: r\n", 4, "made by another"),
        (f"{RULE}build a: q\n", 3, "no rule q"),
        (f"{RULE}build : r\n", 3, "an output is missing"),
        (f"{RULE}build a\n", 3, "no colon"),
        (f"{RULE}build a:\n", 3, "a rule is missing"),
        (f"{RULE}build a: r :\n", 3, "second colon"),
        (f"{RULE}build a: r\n  pool = p\n", 3, "no pool"),
        (f"{RULE}{RULE}", 3, "already"),
        ("rule r\n  comand = x\n", 2, "no variable comand"),
        ("rule r\n", 1, "no command"),
        ("rule r\n\tcommand = x\n", 2, "a tab"),
        ("  x = y\n", 1, "indented"),
        ("x = $\x7f\n", 1, "no text"),
        ("x = $!\n", 1, "no name"),
        ("what is this\n", 1, "no statement"),
        ("pool p\n", 1, "no depth"),
        ("include nowhere.ninja\n", 1, "cannot read"),
        ("default x\n" + RULE, 1, "made by nothing"),
        ("rule r\n  command = $command\nbuild a: r\n", 1, "refers to itself"),
        ("a = xxxxxxxx\n" + "a = $a$a\n" * 40, 21, "more text"),
    ],
)
def test_what_ninja_refuses_is_refused_with_its_line(text: str, line: int, message: str) -> None:
    with pytest.raises(InputError, match=message) as raised:
        imported(text, "ninja", name="build.ninja")
    assert str(raised.value.place) == f"build.ninja:{line}"


@pytest.mark.parametrize("key", ["depfile", "deps"])
def test_what_finds_more_inputs_when_it_runs_always_runs(key: str) -> None:
    text = f"rule r\n  command = x\n  {key} = gcc\nrule s\n  command = x\nbuild a: r c\nbuild b: s c\n"
    jobs = jobs_of(text)
    assert "-newer" not in jobs["a"]["command"]
    assert "-newer" in jobs["b"]["command"]
