from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest

from exlib.convert.formats import FORMATS, Format, reader, writer
from exlib.convert.wishes import Wishes
from exlib.errors import UsageError

PAGE = Path(__file__).resolve().parents[2] / "docs" / "ex-convert.md"


@pytest.mark.parametrize("form", FORMATS.values(), ids=lambda form: form.name)
def test_a_format_can_do_what_the_table_says(form: Format) -> None:
    if form.reads:
        assert callable(reader(form.name))
    if form.writes:
        assert callable(writer(form.name))
    assert form.reads or form.writes
    assert set(form.heeds) <= set(Wishes._fields)
    assert import_module(form.module).__doc__


def test_what_can_only_be_written_is_not_read() -> None:
    with pytest.raises(UsageError, match="Mermaid flowchart can be written, and not read") as caught:
        reader("mermaid")
    assert "executioner" in (caught.value.mend or "")


def test_what_can_only_be_read_is_not_written() -> None:
    with pytest.raises(UsageError, match="can be read, and not written"):
        writer("prhelper")


def test_an_unknown_format_names_the_nearest() -> None:
    with pytest.raises(UsageError, match="there is no format gitlb") as caught:
        reader("gitlb")
    assert caught.value.mend == "did you mean gitlab?"
    with pytest.raises(UsageError) as other:
        writer("zzz")
    assert "airflow" in (other.value.mend or "")


def test_the_page_lists_the_formats_as_they_are() -> None:
    rows = re.findall(r"^\| (.+?) \| (✓?) ?\| (✓?) ?\|", PAGE.read_text(), re.MULTILINE)
    listed = {
        name: (bool(reads), bool(writes))
        for names, reads, writes in rows
        for name in re.sub(r"\[(.+?)\]\(.+?\)", r"\1", names).split(", ")
    }
    assert listed == {form.name: (form.reads, form.writes) for form in FORMATS.values()}


def test_every_format_has_its_page() -> None:
    links = set(re.findall(r"\]\(convert/([\w-]+\.md)\)", PAGE.read_text()))
    assert links == {path.name for path in (PAGE.parent / "convert").iterdir()}
