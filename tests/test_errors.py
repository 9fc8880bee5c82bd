from __future__ import annotations

from pathlib import Path

import pytest

from exlib import errors
from exlib.errors import ExecutionerError, Exit
from exlib.findings import DocumentRefused, Finding

CODES = {
    "AnswerNo": 1,
    "UsageError": 2,
    "InputError": 2,
    "DocumentRefused": 2,
    "EmptyInput": 3,
    "StorageError": 74,
    "Busy": 74,
}


def classes(base: type[ExecutionerError]) -> list[type[ExecutionerError]]:
    return [found for child in base.__subclasses__() for found in (child, *classes(child))]


def test_every_error_has_the_exit_code_that_its_name_promises() -> None:
    ours = {made.__name__: int(made.exit_code) for made in classes(ExecutionerError) if made.__module__ in HERE}
    assert ours == CODES


HERE = (errors.__name__, DocumentRefused.__module__)


def test_every_error_of_the_project_is_one_that_the_boundary_explains() -> None:
    assert {made.exit_code for made in classes(ExecutionerError)} <= set(Exit)


def test_every_exit_code_is_on_the_page() -> None:
    page = (Path(__file__).resolve().parents[1] / "docs" / "exit-codes.md").read_text()
    assert [code for code in Exit if f"\n| {code:d} | " not in page] == []


def test_an_error_carries_its_place_and_its_mend() -> None:
    error = errors.InputError("no such file", place="wf.json", mend="name another")
    assert (str(error), error.message, error.place, error.mend) == ("no such file",) * 2 + ("wf.json", "name another")


def test_a_refusal_carries_every_finding() -> None:
    findings = [Finding("E102", "error", "first", "a", 1, 2), Finding("W1", "warning", "second", "a")]
    refusal = DocumentRefused(findings)
    assert (str(refusal), refusal.findings) == ("first", tuple(findings))
    assert str(DocumentRefused([])) == "the document was refused"


def test_a_finding_names_its_place_as_far_as_it_is_known() -> None:
    assert Finding("E1", "error", "m", "wf.json", 3, 7).place == "wf.json:3:7"
    assert Finding("E1", "error", "m", "wf.json").place == "wf.json"


def test_strictness_makes_a_copy() -> None:
    warning = Finding("W1", "warning", "m")
    assert (warning.as_error().severity, warning.severity) == ("error", "warning")
    with pytest.raises(AttributeError):
        warning.severity = "error"  # type: ignore[misc]
