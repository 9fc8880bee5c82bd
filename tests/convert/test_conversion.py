from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from exlib.convert import conversion
from exlib.convert.account import Account
from exlib.convert.conversion import convert
from exlib.convert.draft import Draft
from exlib.convert.source import Source
from exlib.convert.wishes import File, Wishes
from exlib.errors import AnswerNo, InputError

SOURCE = Source(b"anything\n", "x.txt")


def reads(monkeypatch: pytest.MonkeyPatch, *drafts: Draft) -> None:
    def read(_source: Source, _wishes: Wishes, account: Account) -> list[Draft]:
        account.exact(SOURCE.place(1), "line")
        return list(drafts)

    monkeypatch.setattr(conversion, "reader", lambda _name: read)


def draft(name: str, **job: Any) -> Draft:
    made = Draft(name, "bash")
    made.job("a", "true", **job)
    return made


def test_a_source_without_a_job_is_a_no(monkeypatch: pytest.MonkeyPatch) -> None:
    reads(monkeypatch)
    with pytest.raises(AnswerNo, match="there is no job in it"):
        convert(SOURCE, "bash", "executioner", Wishes())


def test_what_is_no_workflow_never_comes_out(monkeypatch: pytest.MonkeyPatch) -> None:
    reads(monkeypatch, draft("x", dependencies=["nobody"]))
    with pytest.raises(InputError, match='what comes out of job "a" is no workflow') as caught:
        convert(SOURCE, "bash", "executioner", Wishes())
    assert caught.value.place == "x.txt"


def test_several_documents_become_files_with_names_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    reads(monkeypatch, draft("load/eu"), draft("load eu"), draft("../../etc"))
    done = convert(SOURCE, "bash", "executioner", Wishes())
    assert [file.name for file in done.files] == ["load_eu.json", "load_eu_2.json", "etc.json"]
    assert done.jobs == 3


def test_what_a_writer_does_not_speak_of_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    reads(monkeypatch, draft("x", tags=["t"]))
    silent = SimpleNamespace(write=lambda _outgoing, _wishes: [File("", "text")])
    monkeypatch.setattr(conversion, "writer", lambda _name: silent.write)
    done = convert(SOURCE, "bash", "make", Wishes())
    assert [(entry.fate, entry.place.path) for entry in done.outgoing] == [
        ("dropped", "application_name"),
        ("dropped", "jobs[0].id"),
        ("dropped", "jobs[0].command"),
        ("dropped", "jobs[0].tags"),
    ]
    assert {entry.reason for entry in done.outgoing} == {"there is no word for it there"}
    assert not done.lossless
    assert done.count("exact") == 1
