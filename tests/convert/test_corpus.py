"""Files that people wrote for other programs: each converts or is refused with a reason; nothing is left unsaid."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bench.conversions import FOLDERS, files
from exlib.convert.account import Account
from exlib.convert.conversion import Conversion, convert
from exlib.convert.formats import OWN, reader
from exlib.convert.source import Source
from exlib.convert.wishes import Wishes
from exlib.errors import ExecutionerError
from exlib.findings import DocumentRefused
from tests.convert.walks import json_values, unspoken_lines, unspoken_paths, yaml_values
from tests.corpus.place import CORPUS

YAML = ("github", "gitlab")
JSON = ("wfformat", "executioner")


def sources() -> list[Any]:
    found = [pytest.param(name, path, id=_id(name, path)) for name in FOLDERS for path in files(name, CORPUS)]
    absent = pytest.mark.skip(reason="the corpus ../shared/corpus is absent")
    return found or [pytest.param("github", CORPUS, marks=absent)]


def _id(name: str, path: Path) -> str:
    return f"{name}-{path.parent.name if path.name.startswith('.') else path.stem}"


@pytest.mark.parametrize(("form", "path"), sources())
def test_a_file_converts_or_is_refused_and_its_account_is_complete(form: str, path: Path) -> None:
    source = Source(path.read_bytes(), str(path))
    done, refused = attempted(source, form)
    if done is None:
        assert refused is not None
        assert refused.exit_code in (1, 2)
        assert len(refused.message) > 10
    elif form in YAML:
        assert unspoken_paths(yaml_values(source.text), done.incoming) == []
    elif form in JSON:
        assert unspoken_paths(json_values(source.text), done.incoming) == []
    else:
        assert unspoken_lines(source.text, done.incoming, str(path)) == []


def attempted(source: Source, form: str) -> tuple[Conversion | None, ExecutionerError | None]:
    try:
        return convert(source, form, OWN, Wishes(upgrade=form == OWN)), None
    except ExecutionerError as error:
        return None, error


def test_a_value_that_nobody_spoke_of_would_be_seen() -> None:
    account = Account()
    text = "a:\n  b: 1\n  c: [2, {}]\nd: &x {e: 3}\nf: *x\n"
    assert list(yaml_values(text)) == ["a.b", "a.c[0]", "a.c[1]", "d.e"]
    account.exact(Source(text.encode(), "x").place(2, path="a.b"), "b")
    assert unspoken_paths(yaml_values(text), account.entries) == ["a.c[0]", "a.c[1]", "d.e"]
    assert unspoken_lines(text, account.entries, "x") == [1, 3, 4, 5]


READABLE = ("bash", "crontab", "csv", "dagu", "github", "gitlab", "jenkins", "make", "ninja", "prhelper", "taskfile")
BAD = {
    "binary": bytes(range(256)) * 4,
    "utf-16": "jobs: []".encode("utf-16"),
    "latin-1": b"a: \xe9\n",
    "10 MB": b"# a comment\n" * (1 << 20),
    "nul": b"a: \x00\n",
}


@pytest.mark.parametrize("form", [*READABLE, "cron.d", "wfformat", "xlsx"])
@pytest.mark.parametrize("raw", BAD.values(), ids=BAD)
def test_what_is_no_text_is_one_clear_message(form: str, raw: bytes) -> None:
    with pytest.raises(ExecutionerError) as caught:
        reader(form)(Source(raw, "bad"), Wishes(), Account())
    error = caught.value
    assert error.exit_code == 2
    place = error.findings[0].place if isinstance(error, DocumentRefused) else error.place
    assert (place or "").startswith("bad")
