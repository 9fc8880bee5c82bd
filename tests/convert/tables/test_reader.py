from __future__ import annotations

import csv
import datetime
import io
import random
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from exlib.convert.account import Entry
from exlib.convert.conversion import convert
from exlib.convert.source import Source
from exlib.convert.tables import limits
from exlib.convert.wishes import Wishes
from exlib.errors import ExecutionerError, InputError, UsageError
from tests.convert.converting import fates, imported, run_document

HEADER = ["id", "command", "dependencies", "timeout"]


def book(*rows: list[Any], title: str = "Jobs", **others: list[list[Any]]) -> openpyxl.Workbook:
    made = openpyxl.Workbook()
    sheet = made.active
    assert sheet is not None
    sheet.title = title
    for row in rows:
        sheet.append(row)
    for name, content in others.items():
        other = made.create_sheet(name)
        for row in content:
            other.append(row)
    return made


def saved(made: openpyxl.Workbook) -> bytes:
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


def jobs(raw: str | bytes, form: str = "csv", **wishes: Any) -> tuple[list[dict[str, Any]], list[Entry]]:
    [document], entries = imported(raw, form, wishes=Wishes(**wishes))
    return document["jobs"], entries


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("start", ["", "\ufeff"])
def test_separators_and_line_ends_are_told_by_the_header(separator: str, end: str, start: str) -> None:
    stream = io.StringIO(newline="")
    rows = csv.writer(stream, delimiter=separator, lineterminator=end, quoting=csv.QUOTE_ALL)
    rows.writerows([["Job", "Command", "After"], ["a", 'echo "1,2;3\t4|5"'], [], ["b", "two\nlines", "a"]])
    made, _ = jobs(start + stream.getvalue())
    assert made == [
        {"id": "a", "command": 'echo "1,2;3\t4|5"'},
        {"id": "b", "command": "two\nlines", "dependencies": ["a"]},
    ]


def test_excel_s_line_about_the_separator_is_read() -> None:
    assert jobs("sep=|\nid|command\na|x, y; z\n")[0] == [{"id": "a", "command": "x, y; z"}]


def test_every_key_of_a_job_can_be_a_column() -> None:
    text = (
        "ID, Command ,Depends-On,Timeout (seconds),Max Retries,env.NAME,Environment,Tags,detach,pre_checks,priority,"
        "retry_on_exit_codes,shell,outputs,Working Directory\n"
        'a,true,,1.5,2,x,"{""B"": ""1""}","t, u;v w",yes,'
        '"[{""name"": ""check_file_exists"", ""params"": {""path"": ""p""}}]",'
        '-3,"1 2",bash -e,"a b.txt; c",/srv\n'
        "b,true,a,none,,,,,no,,,,false,,\n"
    )
    made, entries = jobs(text)
    assert made[0] == {
        "id": "a", "command": "true", "timeout": 1.5, "max_retries": 2, "env_variables": {"B": "1", "NAME": "x"},
        "tags": ["t", "u", "v", "w"], "detach": True, "priority": -3, "retry_on_exit_codes": [1, 2], "shell": "bash -e",
        "pre_checks": [{"name": "check_file_exists", "params": {"path": "p"}}], "outputs": ["a b.txt", "c"],
        "working_dir": "/srv",
    }  # fmt: skip
    assert made[1] == {
        "id": "b", "command": "true", "dependencies": ["a"], "timeout": None, "detach": False, "shell": False,
    }  # fmt: skip
    assert {entry.fate for entry in entries} == {"exact"}


@pytest.mark.parametrize("said", ["a, b b", "a;b b", "a\nb b", '["a", "b b"]', "b b,a"])
def test_dependencies_may_be_parted_in_many_ways(said: str) -> None:
    quoted = said.replace('"', '""')
    made, _ = jobs(f'id,command,after\na,true\nb b,true\nc,true,"{quoted}"\n')
    assert sorted(made[2]["dependencies"]) == ["a", "b b"]


def test_the_jobs_run_in_their_order(tmp_path: Path) -> None:
    [document], _ = imported("id,command,after\nsecond,cat out > copy,first\nfirst,echo 1 > out,\n", "csv")
    assert run_document(document, tmp_path).returncode == 0
    assert (tmp_path / "copy").read_text() == "1\n"


def test_what_no_key_can_hold_is_kept_beside_the_job() -> None:
    made, entries = jobs("id,command,Owner\na,true,me\nb,true,,behind\n")
    assert [job.get("x-source") for job in made] == [{"columns": {"Owner": "me"}}, {"columns": {"column 4": "behind"}}]
    assert {path for path, fate in fates(entries).items() if fate == "dropped"} == {
        'column "Owner"',
        "row 2.Owner",
        "row 3.column 4",
    }


@pytest.mark.parametrize(
    ("title", "said", "waits"),
    [
        ("enabled", "no", True), ("enabled", "yes", False), ("enabled", "perhaps", True), ("Disabled", "x", True),
        ("disabled", "no", False), ("when", "yes", True), ("condition", "$x == 1", True), ("Skip", "0", False),
        ("active", "", False), ("status", "deactivated", True), ("Status", "on hold", True), ("status", "done", True),
        ("status", "active", False), ("Status", "perhaps", True), ("user", "oracle", True), ("Run as", "oracle", True),
        ("host", "db1", True), ("Host", "localhost", False), ("Server name", "db1", True), ("Runs on", "db1", True),
        ("runs on failure of", "a", True), ("On error", "a", True), ("Calendar", "workdays", True),
        ("Owner", "ann", False), ("Notify on failure", "ann", False), ("Ticket", "T-1", False),
        ("Remarks", "on hold", True), ("Kind", "Deactivated", True), ("Remarks", "only if b failed", True),
        ("Remarks", "done by the night shift", False), ("Kind", "live", False),
    ],
)  # fmt: skip
def test_a_column_that_may_keep_a_job_from_running_does(title: str, said: str, waits: bool) -> None:
    made, _ = jobs(f"id,command,{title}\na,true,{said}\n")
    assert ("pre_checks" in made[0]) == waits


def test_a_limit_is_kept_too_and_told_with_the_name_of_its_column() -> None:
    [job], entries = jobs("id,command,User\na,true,oracle\n")
    assert job["x-source"] == {"columns": {"User": "oracle"}}
    assert job["pre_checks"][0]["params"]["reason"] == "the table says User: oracle"
    assert fates(entries)["row 2.User"] == "manual"


def test_the_page_lists_what_limits_a_job() -> None:
    page = (Path(__file__).parents[3] / "docs/convert/tables.md").read_text()
    words = {word for listed in limits._WORDS.values() for word in listed.split()} | limits._INFORMATION - {"e"}
    assert [word for word in words if f"`{word.replace('_', ' ')}`" not in page] == []


@pytest.mark.parametrize("raw", ["", "\n\n"])
def test_nothing_makes_no_document(raw: str) -> None:
    assert imported(raw, "csv") == ([], [])


def test_secrets_are_not_in_the_account() -> None:
    made, entries = jobs("id,command,env.DB_PASSWORD\na,true,hunter22\n")
    assert made[0]["env_variables"] == {"DB_PASSWORD": "hunter22"}
    assert not any("hunter22" in entry.place.text for entry in entries)


def test_rows_without_a_job_are_told() -> None:
    made, entries = jobs("Nightly,,\n\nid,command,tags\n,,db\na,true,\n,echo,\n")
    assert [job["id"] for job in made] == ["a", "job6"]
    found = fates(entries)
    assert found["row 1, column 1"] == found["row 4.tags"] == "dropped"
    assert found["row 6"] == "approximated"


def test_a_table_in_another_encoding_is_refused_with_a_mend() -> None:
    with pytest.raises(InputError, match="UTF-8") as caught:
        imported(b"id,command\na,echo \xe4\n", "csv")
    assert caught.value.place == "source:2"
    assert caught.value.mend is not None
    assert "CSV UTF-8" in caught.value.mend


REFUSED = {
    "id,cmd\na,true\na,false\n": ("3", 'the id "a" too'),
    "id,cmd,after\na,true,b\n": ("2", "no row has this id"),
    "id,cmd,after\na,true,b\nb,true,a\n": ("2", "circular"),
    "id,cmd\na,\n": ("2", "no command"),
    "id,cmd,timeout\na,true,soon\n": ("2", "number of seconds"),
    "id,cmd,detach\na,true,often\n": ("2", "true or false"),
    "id,cmd,pre_checks\na,true,{\n": ("2", "JSON"),
    "id,cmd,env\na,true,[1]\n": ("2", "object of JSON"),
    "id,cmd,command\na,true,x\n": ("1", "two columns"),
    'id,cmd\na,"true\n': ("2", "never closed"),
    "id,what\na,true\n": ("1", "no column is called command"),
}


@pytest.mark.parametrize("text", REFUSED)
def test_bad_tables_are_refused_with_their_place(text: str) -> None:
    with pytest.raises(InputError) as caught:
        imported(text, "csv", name="t.csv")
    place, said = REFUSED[text]
    assert caught.value.place == f"t.csv:{place}"
    assert said in caught.value.message


def test_cells_of_a_book_keep_their_types() -> None:
    made = book(
        [*HEADER, "env.FLAG", "priority", "start"],
        [1, "echo 1", None, 60.0, True, 3, datetime.date(2026, 1, 2)],
        [2, "echo 2", 1, datetime.time(0, 5), 1.5, None, datetime.datetime(2026, 1, 2, 3, 4)],
        [3, "echo 3", "1, 2", datetime.timedelta(minutes=2)],
    )
    raw = saved(made)
    found, entries = jobs(raw, "xlsx")
    assert [job["id"] for job in found] == ["1", "2", "3"]
    assert [job["timeout"] for job in found] == [60, 300, 120]
    assert [job.get("dependencies") for job in found] == [None, ["1"], ["1", "2"]]
    assert [job.get("env_variables") for job in found] == [{"FLAG": "true"}, {"FLAG": "1.5"}, None]
    assert found[0]["x-source"]["columns"]["start"] == "2026-01-02"
    assert found[1]["x-source"]["columns"]["start"] == "2026-01-02T03:04:00"
    sheet = made.active
    assert sheet is not None
    walked = {cell.coordinate for row in sheet.iter_rows() for cell in row if cell.value is not None}
    assert {entry.place.path.split()[0] for entry in entries} == walked


def with_cached(raw: bytes, formula: str, value: str) -> bytes:
    """The book as a spreadsheet program saves it: with what the formula came to."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(out, "w") as new:
        for part in old.namelist():
            content = old.read(part)
            if "sheet1" in part:
                assert f"<f>{formula}</f>".encode() in content
                content = content.replace(
                    f"<f>{formula}</f><v></v>".encode(), f"<f>{formula}</f><v>{value}</v>".encode()
                )
                content = content.replace(f"<f>{formula}</f><v />".encode(), f"<f>{formula}</f><v>{value}</v>".encode())
            new.writestr(part, content)
    return out.getvalue()


def test_a_formula_counts_by_its_last_value_or_is_left_to_a_person() -> None:
    raw = saved(book(HEADER, ["a", "true", None, "=60*2"]))
    found, entries = jobs(raw, "xlsx")
    assert "timeout" not in found[0]
    assert fates(entries)["D2 timeout"] == "manual"
    found, entries = jobs(with_cached(raw, "60*2", "120"), "xlsx")
    assert found[0]["timeout"] == 120
    assert fates(entries)["D2 timeout"] == "approximated"
    with pytest.raises(InputError, match="formula without a value") as caught:
        jobs(saved(book(HEADER, ["a", "true"], ["b", "true", "=A2"])), "xlsx")
    assert caught.value.place == "source:C3"


def test_hidden_rows_wait_and_merged_cells_count_for_each_row() -> None:
    made = book(HEADER, ["a", "true"], ["b", "true", "a", 5], ["c", "true"], ["d", "true"])
    sheet = made.active
    assert sheet is not None
    sheet.merge_cells("C3:D4")
    sheet.row_dimensions[5].hidden = True
    found, entries = jobs(saved(made), "xlsx")
    assert [job.get("dependencies") for job in found] == [None, ["a"], ["a"], None]
    assert ["pre_checks" in job for job in found] == [False, False, False, True]
    assert fates(entries)["C4 dependencies"] == "approximated"
    assert fates(entries)["row 5"] == "manual"


def test_a_sheet_is_chosen_and_the_others_are_named() -> None:
    raw = saved(book(HEADER, ["a", "true"], Other=[HEADER, ["b", "true"]]))
    found, entries = jobs(raw, "xlsx")
    assert [job["id"] for job in found] == ["a"]
    assert [(entry.place.text, entry.fate) for entry in entries if entry.construct == "sheet"] == [("Other", "dropped")]
    assert [job["id"] for job in jobs(raw, "xlsx", sheet="Other")[0]] == ["b"]
    with pytest.raises(UsageError, match="no sheet Third"):
        jobs(raw, "xlsx", sheet="Third")


def rezipped(raw: bytes, change: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            new.writestr(part, change.get(part, old.read(part)))
    return out.getvalue()


LAUGHS = (
    '<!DOCTYPE l [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {chr(98 + step)} "{f"&{chr(97 + step)};" * 10}">' for step in range(12))
    + ']><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">'
    '<c r="A1" t="str"><v>&m;</v></c></row></sheetData></worksheet>'
).encode()


def test_bombs_and_wrecks_are_refused() -> None:
    raw = saved(book(HEADER, ["a", "true"]))
    sheet = "xl/worksheets/sheet1.xml"
    row = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>%s</sheetData></worksheet>'
    wrecks = {
        "MB": {sheet: b" " * (33 << 20)},
        "cells": {sheet: row % (b"<row>" + b"<c/>" * 200_001 + b"</row>")},
        "rows or": {sheet: row % b'<row r="999999999"><c r="A999999999"><v>1</v></c></row>'},
        "columns": {sheet: row % b'<row r="1"><c r="XFD1"><v>1</v></c></row>'},
        "file cannot": {sheet: row % b'<row r="1"><c r="A1"'},
        "cannot be read": {"xl/workbook.xml": b"<nothing"},
        "be read: ParseError": {sheet: LAUGHS},
    }
    for said, change in wrecks.items():
        with pytest.raises(InputError, match=said):
            jobs(rezipped(raw, change), "xlsx")
    for cut in range(0, len(raw), 97):
        with pytest.raises(ExecutionerError):
            jobs(b"PK" + raw[2:cut], "xlsx")


def test_hostile_bytes_are_an_error_or_a_document() -> None:
    chance = random.Random(7)
    raw = saved(book(HEADER, ["a", "true"], ["b", "true", "a", 5]))
    parts = {}
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist() if name.endswith(".xml")}
    for _ in range(150):
        name = chance.choice(sorted(parts))
        part = bytearray(parts[name])
        for _ in range(chance.randrange(1, 6)):
            part[chance.randrange(len(part))] = chance.choice(b'<>/"= 0aZ\xff')
        try:
            convert(Source(rezipped(raw, {name: bytes(part)}), "x"), "xlsx", "executioner", Wishes())
        except ExecutionerError:
            continue
    text = 'id,command,after,timeout,tags\na,true,,5,x\n"b","x\ny",a,,\n'
    for _ in range(400):
        mixed = list(text)
        for _ in range(chance.randrange(1, 8)):
            mixed[chance.randrange(len(mixed))] = chance.choice('",;\t\n ax1é{[')
        try:
            convert(Source("".join(mixed).encode(), "x"), "csv", "executioner", Wishes())
        except ExecutionerError:
            continue
