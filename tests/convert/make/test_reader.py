"""What a makefile becomes, and what is said of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from exlib.convert.account import Entry
from exlib.convert.draft import guard_of
from exlib.convert.wishes import Wishes
from exlib.errors import ExecutionerError, InputError
from tests.convert.converting import imported, run_document
from tests.convert.make.makefiles import RUNNABLE


def jobs_of(text: str, **wishes: Any) -> dict[str, dict[str, Any]]:
    return {job["id"]: job for job in imported(text, "make", wishes=Wishes(**wishes))[0][0]["jobs"]}


def said_of(text: str, line: int, **wishes: Any) -> list[Entry]:
    return [entry for entry in imported(text, "make", wishes=Wishes(**wishes))[1] if entry.place.line == line]


def uncovered(text: str, entries: list[Entry]) -> list[int]:
    """The lines that say something and that no entry names; written without the reader's code."""
    named = {line for entry in entries for line in range(entry.place.line, entry.place.end_line + 1)}
    return [number for number, line in enumerate(text.split("\n"), 1) if line.strip() and number not in named]


@pytest.mark.parametrize("name", RUNNABLE)
def test_every_line_is_accounted_for_by_name(name: str) -> None:
    entries = imported(RUNNABLE[name], "make")[1]
    assert not uncovered(RUNNABLE[name], entries)
    assert not [entry for entry in entries if entry.construct in ("line", "lines")]


def test_a_command_that_make_would_run_is_not_run_and_its_job_waits(tmp_path: Path) -> None:
    text = f"V := $(shell touch {tmp_path}/ran; echo 1)\nall: ; echo '$(V)' \"$(V)\" $(V)\nother: all ; echo\n"
    job = jobs_of(text)["all"]
    assert not (tmp_path / "ran").exists()
    assert "make runs $(shell touch" in str(guard_of(job))
    assert job["command"].count(f"$(touch {tmp_path}/ran; echo 1)") == 3
    assert [entry.fate for entry in said_of(text, 1)] == ["manual"]
    assert [entry.fate for entry in said_of(text, 2)] == ["manual"]


def test_evaluate_runs_it_and_says_so(tmp_path: Path) -> None:
    text = f"V != printf 'a\\nb\\n'\nall: ; echo $(V) $(shell echo c > {tmp_path}/ran; echo d)\n"
    job = jobs_of(text, evaluate=True)["all"]
    assert guard_of(job) is None
    assert job["command"].endswith("echo a b d")
    assert (tmp_path / "ran").exists()
    assert [entry.fate for entry in said_of(text, 1, evaluate=True)] == ["approximated"]


def test_what_only_make_can_compute_never_succeeds(tmp_path: Path) -> None:
    document = imported("F = $(filter %.c,$(shell ls))\nall: ; echo $(F)\n", "make")[0][0]
    done = run_document(document, tmp_path, EX_ALLOW="all")
    assert done.returncode == 1


UNDECIDED = """.DEFAULT_GOAL := all
ifeq ($(shell uname),Plan9)
FLAG = -p
extra: ; echo extra
else
FLAG = -u
endif
all: plain flagged extra ; true
plain: ; echo plain
flagged: ; echo $(FLAG)
"""


def test_a_condition_that_nobody_can_decide_holds_back_what_depends_on_it() -> None:
    jobs = jobs_of(UNDECIDED)
    assert {one for one in jobs if guard_of(jobs[one])} == {"extra", "flagged"}
    assert jobs["all"]["dependencies"] == ["plain", "flagged", "extra"]
    without = jobs_of(UNDECIDED.partition("\n")[2])
    assert without.keys() == jobs.keys()
    assert all(guard_of(job) for job in without.values())
    assert [entry.fate for entry in said_of(UNDECIDED, 2)] == ["manual"]
    assert [entry.fate for entry in said_of(UNDECIDED, 6)] == ["manual"]


def test_a_condition_that_is_decided_leaves_the_other_branch_out() -> None:
    text = "ifdef CI\nX = ci\nelse\nX = home\nendif\nall: ; echo $(X)\n"
    assert jobs_of(text)["all"]["command"].endswith("echo home")
    assert jobs_of(text, variables={"CI": "1"})["all"]["command"].endswith("echo ci")
    assert [entry.fate for entry in said_of(text, 2)] == ["dropped"]
    assert "CI" in {entry.place.path for entry in imported(text, "make")[1] if entry.fate == "approximated"}


@pytest.mark.parametrize(
    "text",
    [
        "include $(shell find . -name x.mk)\nall: ; echo\n",
        "include missing.mk\nall: ; echo\n",
        "$(eval $(shell cat x))\nall: ; echo\n",
        "all: $(shell ls) ; echo\n",
        "ifeq ($(shell uname),x)\n$(error no)\nendif\nall: ; echo\n",
        "VPATH = src\nall: x.c ; echo $<\n",
        "vpath %.c src\nall: x.c ; echo $<\n",
        "SHELL := $(shell which bash)\nall: ; echo\n",
        "export V := $(shell date)\nall: ; echo\n",
        "load x.so\nall: ; echo\n",
        "X = $(realpath /etc)\nall: ; echo $(X)\n",
        "all: ; echo $(wildcard /etc/*)\n",
        "all: ; echo $(guile 1) $(file <x)\n",
        "all: V := $(shell date)\nall: ; echo $(V)\n",
        "$(shell echo all): ; echo\nall: ; echo\n",
    ],
)  # fmt: skip
def test_what_cannot_be_known_never_runs_by_itself(text: str) -> None:
    documents, entries = imported(text, "make", wishes=Wishes(targets=("all",)))
    assert all(guard_of(job) for job in documents[0]["jobs"])
    assert "manual" in {entry.fate for entry in entries}


def test_a_message_of_its_own_that_stops_it() -> None:
    with pytest.raises(InputError, match="the makefile stops itself: no X"):
        imported("ifndef X\n$(error no X)\nendif\nall: ; echo\n", "make")
    assert jobs_of("all: ; $(error in a recipe)\n")["all"]["command"].endswith("echo 'in a recipe' >&2; exit 2")


def test_targets_choose_what_is_made() -> None:
    text = "all: ; echo all\nclean: ; echo clean\ntest: clean ; echo test\n"
    assert list(jobs_of(text)) == ["all"]
    assert list(jobs_of(text, targets=("test", "all"))) == ["clean", "test", "all"]
    assert [entry.fate for entry in said_of(text, 2)] == ["dropped"]
    assert said_of(text, 2)[0].reason == "all does not need it: --target brings it along"
    with pytest.raises(InputError, match="no rule makes claen") as raised:
        imported(text, "make", wishes=Wishes(targets=("claen",)))
    assert raised.value.mend == "did you mean clean?"


def test_a_rule_that_no_goal_needs_is_one_place_with_its_recipe() -> None:
    text = "all: ; echo all\n# tidies\n# up\nclean:\n\techo a\n\techo b\n%.o: %.c\n\tcc\nother:\n\techo\n"
    dropped = [entry for entry in imported(text, "make")[1] if entry.fate == "dropped"]
    assert [(entry.construct, entry.place.line, entry.place.end_line) for entry in dropped] == [
        ("rule", 2, 6), ("rule", 7, 8), ("rule", 9, 10),
    ]  # fmt: skip
    assert dropped[0].place.text.startswith("clean:")
    assert dropped[0].reason == dropped[2].reason


def test_no_construct_says_its_first_word_twice() -> None:
    text = "-include no.d\n.INTERMEDIATE: x\nexport A\nvpath %.c src\nA ?= 1\nall: b ; echo $(A)\nb: ; echo\n"
    for entry in imported(text, "make")[1]:
        assert entry.place.text.split()[0].rstrip(":") not in entry.construct.split(), entry


@pytest.mark.parametrize(
    ("name", "expected"), [("Makefile", "shop"), ("GNUmakefile", "shop"), ("night.mk", "night"), ("<stdin>", "make")]
)
def test_a_makefile_without_a_name_of_its_own_is_called_as_its_folder(name: str, expected: str) -> None:
    path = name if name.startswith("<") else f"shop/{name}"
    assert imported("all: ; true\n", "make", name=path)[0][0]["application_name"] == expected


def test_descriptions_and_comments() -> None:
    text = "# head\n\n# Above\n.PHONY: all\n# it\nall: one ## behind\n\techo all\n\none: # no description\n\techo one\n"
    document, entries = imported(text, "make")
    jobs = {job["id"]: job for job in document[0]["jobs"]}
    assert jobs["all"]["description"] == "Above\nit\nbehind"
    assert "description" not in jobs["one"]
    assert document[0]["x-source"]["comments"] == ["head"]
    assert not uncovered(text, entries)


def test_an_ignored_failure_holds_nothing_back() -> None:
    assert jobs_of("all:\n\t-false\n\techo x\n")["all"]["command"].endswith("false || true\necho x")
    assert jobs_of(".IGNORE:\nall:\n\tfalse; false\n")["all"]["command"].endswith("(false; false) || true")


def test_environment_and_settings() -> None:
    text = "export A = 1\nexport PATH := /x:$(PATH)\nMAKEFLAGS += -j4 -k\nall: a b\na b: ; env\nb: export C = $@\n"
    document = imported(text, "make")[0][0]
    assert document["env_variables"] == {"A": "1", "PATH": "/x:${PATH}"}
    assert (document["parallel"], document["max_workers"], document["continue_on_error"]) == (True, 4, True)
    assert document["default_timeout"] is None
    assert [job.get("env_variables") for job in document["jobs"]] == [None, {"C": "b"}, None]


def test_what_the_environment_has_is_looked_up_by_the_shell() -> None:
    job = jobs_of(".PHONY: all\nall: ; echo $(HOME) '$(USER)' \"$(HOME)\" $(CURDIR)/x\n")["all"]
    assert job["command"].split("\n") == [
        "CURDIR=$(pwd); export CURDIR",
        "echo ${HOME} ''\"${USER}\"'' \"${HOME}\" ${CURDIR}/x",
    ]


def test_a_circle_is_left_out_as_make_leaves_it_out() -> None:
    text = ".PHONY: a b\na: b ; echo a\nb: a ; echo b\n"
    assert jobs_of(text)["a"]["dependencies"] == ["b"]
    assert "circular dependency" in {entry.construct for entry in imported(text, "make")[1]}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("all:\n    echo\n", "a separator is missing"),
        ("\techo\nall: ; x\n", "separator is missing|begins before any target"),
        ("ifeq (a,b)\nall: ; x\n", "not closed by endif"),
        ("endif\n", "without an if"),
        ("define X\n", "not closed by endef"),
        ("all: ; echo $(X\n", "is not closed"),
        ("A = $(A)\nall: ; echo $(A)\n", "refers to itself"),
        ("ifeq a b\nendif\n", "takes"),
        ("ifdef a b\nendif\n", "one variable"),
        ("all: ; x\nall:: ; y\n", "with : and with ::"),
        ("all: ; echo $(word x,y)\n", "is no number"),
        ("all: ; echo $(subst x)\n", "takes 3 arguments"),
        ("= x\n", "needs a name"),
        ("all: ; \0\n", "this is no text"),
    ],
)
def test_what_make_refuses_is_refused_with_its_line(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as raised:
        imported(text, "make", name="Makefile")
    assert str(raised.value.place).startswith("Makefile:")


@pytest.mark.parametrize(
    "text",
    [
        "A0 =\n" + "".join(f"A{i} = $(A{i - 1})$(A{i - 1})\n" for i in range(1, 60)) + "all: ; $(A59)\n",
        "A := xxxxxxxx\n" + "A := $(A)$(A)\n" * 60 + "all: ; $(A)\n",
        "all: ; echo " + "$(if x," * 500 + "x" + ")" * 500 + "\n",
        "f = $(call f,x)\nall: ; echo $(call f,1)\n",
        "include Makefile\nall: ; $(eval include Makefile)",
    ],
)
def test_what_grows_without_end_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "Makefile").write_text(text)
    with pytest.raises(ExecutionerError):
        imported(text, "make", name=str(tmp_path / "Makefile"))


def test_a_chain_of_thousands_is_no_deep_recursion() -> None:
    text = "".join(f"t{i}: t{i + 1} ; echo\n" for i in range(3000)) + "t3000: ; echo\n"
    assert len(jobs_of(text)) == 3001


@pytest.mark.parametrize("flag", ["-n", "n", "--dry-run", "-Bk", "-j4 -t", "--touch", "-C x"])
def test_flags_that_change_what_runs_hold_everything_back(flag: str) -> None:
    [made] = imported(f"MAKEFLAGS += {flag}\nall: a\n\ttouch x\na:\n\ttouch y\n", "make", name="Makefile")[0]
    assert all("MAKEFLAGS hold -" in (guard_of(job) or "") for job in made["jobs"])


@pytest.mark.parametrize("flag", ["-j4 -k", "rR", "-s --no-print-directory", "-Otarget", "--output-sync=line -w"])
def test_other_flags_hold_nothing_back(flag: str) -> None:
    [made] = imported(f"MAKEFLAGS += {flag}\nall:\n\ttouch x\n", "make", name="Makefile")[0]
    assert not any(map(guard_of, made["jobs"]))
