"""No construct without a word: plain line scanning finds none that the account lacks, here and in the corpus."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from exlib.convert.account import Account
from exlib.convert.draft import guard_of
from exlib.convert.gitlab.reader import read
from exlib.convert.source import Source
from exlib.convert.wishes import Wishes
from exlib.errors import InputError
from tests.convert.converting import assert_fixed_point, imported
from tests.convert.gitlab.test_meaning import PIPELINES
from tests.convert.gitlab.test_reader import RICH
from tests.corpus.place import CORPUS

FILES = sorted((CORPUS / "gitlab").glob("*/.gitlab-ci.yml"))
CASES = Path(__file__).resolve().parents[2] / "cases" / "convert"
ABSENT = pytest.mark.skipif(not FILES, reason="the corpus ../shared/corpus/gitlab is absent")


def constructs(text: str) -> Iterator[int]:
    """The lines that say something: all but blank ones, rulers and keys whose values stand below."""
    for number, line in enumerate(text.split("\n"), 1):
        said = line.strip()
        if said not in ("", "---", "#", "[", "]", "{", "}") and not said.split(" #")[0].rstrip().endswith((":", "-")):
            yield number


def unaccounted(raw: bytes, name: str, account: Account) -> list[int]:
    """The lines of constructs that no entry speaks of."""
    covered = account.covered_lines(name)
    return [number for number in constructs(raw.decode()) if number not in covered]


@pytest.mark.parametrize("text", [*PIPELINES.values(), *RICH.values()], ids=[*PIPELINES, *RICH])
def test_every_line_is_accounted_for(text: str) -> None:
    account = Account()
    read(Source(text.encode(), "ci.yml"), Wishes(), account)
    assert unaccounted(text.encode(), "ci.yml", account) == []


def test_included_files_are_accounted_for_too() -> None:
    case = CASES / "gitlab-pipeline"
    account = Account()
    read(Source((case / ".gitlab-ci.yml").read_bytes(), str(case / ".gitlab-ci.yml")), Wishes(), account)
    for file in {entry.place.file for entry in account.entries}:
        assert unaccounted(Path(file).read_bytes(), file, account) == []
    assert len({entry.place.file for entry in account.entries}) == 2


def test_the_walk_finds_what_an_account_lacks() -> None:
    account = Account()
    read(Source(b"a: {script: x}\n", "ci.yml"), Wishes(), account)
    assert unaccounted(b"a: {script: x}\nb: y\n", "ci.yml", account) == [2]


@ABSENT
@pytest.mark.parametrize("path", FILES, ids=[path.parent.name for path in FILES])
def test_a_file_of_the_corpus_converts_whole_or_is_refused_with_its_line(path: Path) -> None:
    raw, account = path.read_bytes(), Account()
    try:
        made = read(Source(raw, str(path)), Wishes(), account)
    except InputError as error:
        place = str(error.place)
    else:
        place = ""
    if place:
        assert place.startswith(f"{path}:")
        return
    assert unaccounted(raw, str(path), account) == []
    assert not [entry.place.path for entry in account.entries if entry.reason == "nothing here reads it"]
    for _ in made:
        assert_fixed_point(raw.decode(), "gitlab", name=str(path))


@ABSENT
def test_the_corpus_as_it_is_counted_in_the_page() -> None:
    counted = {"converted": 0, "without a job": 0, "refused": 0}
    for path in FILES:
        try:
            made = read(Source(path.read_bytes(), str(path)), Wishes(), Account())
        except InputError:
            counted["refused"] += 1
        else:
            counted["converted" if made else "without a job"] += 1
    assert counted == {"converted": 114, "without a job": 1, "refused": 61}


@ABSENT
@pytest.mark.parametrize("name", ["manual", "trigger", "when-on-failure", "never", "rules-exists", "rules-changes"])
def test_nothing_of_the_corpus_runs_that_would_not_run_there(name: str) -> None:
    path = CORPUS / "gitlab" / name / ".gitlab-ci.yml"
    documents, _ = imported(path.read_bytes(), "gitlab", name=str(path))
    free = [job["id"] for job in documents[0]["jobs"] if guard_of(job) is None and not job.get("dependencies")]
    expected = {
        "manual": [],
        "trigger": ["pipe-gen-job"],
        "when-on-failure": ["pre-job"],
        "never": ["test-job"],
        "rules-exists": [],
        "rules-changes": [],
    }
    assert free == expected[name]
