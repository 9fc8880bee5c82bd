from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exlib.document import Document
from exlib.findings import DocumentRefused, Finding

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = """\ufeff{
  "application_name": "n\u00e4chtlich \U0001f600",\r
  "x-note": [1, -2.5e3, true, false, null, "a \\"b\\" \\\\ \\u00e9 \\ud83d\\ude00", {}],
  "jobs": [{"id": "a", "command": "echo hi", "dependencies": []}]
}
""".encode()


def refused(raw: bytes | str) -> list[Finding]:
    with pytest.raises(DocumentRefused) as caught:
        Document(raw.encode() if isinstance(raw, str) else raw, "wf.json")
    return list(caught.value.findings)


def places(raw: bytes | str) -> list[tuple[str, int, int]]:
    return [(finding.code, finding.line, finding.column) for finding in refused(raw)]


def test_a_whole_document_is_read_and_kept_as_it_came() -> None:
    document = Document(SAMPLE)
    assert document.raw == SAMPLE
    assert document.text == SAMPLE.decode("utf-8-sig")
    assert document.data == json.loads(SAMPLE.decode("utf-8-sig"))


@pytest.mark.parametrize("length", range(len(SAMPLE) - 2))
def test_every_truncation_is_refused_at_a_place_in_the_text(length: int) -> None:
    raw = SAMPLE[:length]
    [finding] = refused(raw)
    lines = raw.decode("utf-8-sig", errors="replace").splitlines() or [""]
    assert finding.code == "E102"
    assert 1 <= finding.line <= len(lines)
    assert 1 <= finding.column <= len(lines[finding.line - 1]) + 1
    assert finding.source_line == lines[finding.line - 1]


@given(st.binary(max_size=60), st.integers(0, len(SAMPLE)), st.integers(0, 20))
def test_damaged_bytes_are_read_or_refused_and_nothing_else(noise: bytes, at: int, cut: int) -> None:
    raw = SAMPLE[:at] + noise + SAMPLE[at + cut :]
    try:
        Document(raw)
    except DocumentRefused as error:
        for finding in error.findings:
            assert finding.line >= 1
            assert 1 <= finding.column <= len(finding.source_line) + 1


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999", "1" * 5000])
def test_numbers_that_cannot_be_held_are_refused_where_they_stand(word: str) -> None:
    note = f'"text": "{word}"'
    assert places(f'{{{note},\n "x": [0, {word}]}}') == [("E103", 2, 11)]
    assert Document(f"{{{note}}}".encode()).data["text"] == word


def test_a_long_number_is_not_poured_out_on_the_terminal() -> None:
    assert len(refused('{"a": ' + "7" * 100_000 + "}")[0].message) < 120


def test_numbers_at_the_edge_of_what_can_be_held_are_read() -> None:
    text = '{"a": 1.7976931348623157e308, "b": 5e-324, "c": 1e-999, "d": %s}' % ("9" * 4000)
    assert Document(text.encode()).data["d"] == int("9" * 4000)


def test_every_repeated_key_is_named_with_both_lines() -> None:
    text = '{"a": 1,\n "b": {"c": 1,\n "c": 2},\n "jobs": [{"id": 1,\n\n "i\\u0064": 2}],\r\n"a": 3, "a": 4}'
    findings = refused(text)
    assert [(finding.line, finding.column) for finding in findings] == [(3, 2), (6, 2), (7, 1), (7, 9)]
    assert [finding.message.rpartition(" ")[2] for finding in findings] == ["2", "4", "1", "1"]
    assert {finding.code for finding in findings} == {"E104"}


def test_equal_keys_in_different_objects_are_no_repetition() -> None:
    assert Document(b'{"a": {"a": [{"a": 1}, {"a": "a", "b": "a"}]}}').data


@pytest.mark.parametrize("opener", ["[", '{"a":', '[{"a":'])
@pytest.mark.parametrize("levels", [600, 5_000, 200_000])
@pytest.mark.parametrize("closed", [True, False])
def test_deep_nesting_is_refused_at_the_level_that_is_too_many(opener: str, levels: int, closed: bool) -> None:
    closer = opener.replace('"a":', "").translate({ord("["): "]", ord("{"): "}"})[::-1]
    text = '{"x":' + opener * levels + ("0" + closer * levels + "}" if closed else "")
    [finding] = refused(text)
    assert (finding.code, finding.line) == ("E105", 1)
    before = text[: finding.column]
    assert before.count("[") + before.count("{") == 501


def test_nesting_is_refused_alike_by_a_parser_that_would_go_deeper() -> None:
    program = (
        "import sys; sys.setrecursionlimit(100_000)\n"
        "from exlib.document import Document\n"
        "from exlib.findings import DocumentRefused\n"
        "for levels in (500, 501, 5_000):\n"
        "    try: print(len(Document(b'{\"x\":' * levels + b'0' + b'}' * levels).data))\n"
        "    except DocumentRefused as error: print(error.findings[0].code, error.findings[0].column)\n"
    )
    answer = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert answer.stdout.split("\n") == ["1", "E105 2501", "E105 2501", ""]


def test_brackets_in_a_string_are_no_nesting() -> None:
    assert Document(('{"a": "' + "[{" * 200_000 + '"}').encode()).data


def test_a_syntax_error_before_the_nesting_is_the_one_reported() -> None:
    assert places('{"a" 1, "b": ' + "[" * 200_000) == [("E102", 1, 6)]


def test_a_string_that_is_never_closed_costs_one_pass() -> None:
    """A token pattern that backtracks would take hours here."""
    assert places('{"a": [1, 1, "' + '\\"' * 1_000_000) == [("E102", 1, 14)]


@pytest.mark.parametrize(
    ("escaped", "columns"),
    [
        (r"\u0000", [7]),
        (r"\\u0000", []),
        (r"\\\u0000", [9]),
        (r"\ud83d", [7]),
        (r"\ude00", [7]),
        (r"\ud83d\ude00", []),
        (r"\uD83D\uDE00", []),
        (r"\\ud83d", []),
        (r"\ud83dx\ude00", [7, 14]),
        (r"\ud83d\n\ude00", [7, 15]),
        (r"\ude00\ud83d", [7, 13]),
        (r"\ud83d\ud83d\ude00", [7]),
        (r"\ud83d\ude00\ude00", [19]),
        (r"\ud83d\u0000", [7, 13]),
        (r"\ud800\udc00\ud7ff", []),
        (r"\udbff\udfff\ue000", []),
        (r"\udbff\ue000", [7]),
        (r"\ud7ff\udfff", [13]),
    ],
)
def test_nul_and_half_pairs_written_as_escapes(escaped: str, columns: list[int]) -> None:
    text = f'{{"a": "{escaped}"}}'
    if columns:
        assert places(text) == [("E106", 1, column + 1) for column in columns]
    else:
        assert Document(text.encode()).data["a"] == json.loads(f'"{escaped}"')


def test_halves_in_two_strings_are_no_pair() -> None:
    assert places(r'{"a": ["\ud83d", "\ude00"]}') == [("E106", 1, 9), ("E106", 1, 19)]


def test_a_raw_nul_and_a_raw_surrogate() -> None:
    assert places(b'{"a": "x\0y"}') == [("E102", 1, 9)]
    assert places(b'{"a": \0}') == [("E102", 1, 7)]
    assert places(b'{"a": "\xed\xa0\x80"}') == [("E101", 1, 8)]


@pytest.mark.parametrize("start", ["", "\ufeff"])
def test_bytes_that_are_not_utf_8_are_placed_in_characters(start: str) -> None:
    raw = (start + '{"\u00e4": 1,\r\n "\U0001f600\u00e9": "').encode() + b'\xff"}'
    [finding] = refused(raw)
    assert (finding.code, finding.line, finding.column) == ("E101", 2, 9)
    assert "0xff" in finding.message


@pytest.mark.parametrize("text", ['{"a": 1}', '{"application_name": "n\u00e4chtlich"}'])
@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"])
def test_other_encodings_are_named_with_the_command_that_converts_them(text: str, codec: str) -> None:
    [finding] = refused(text.encode(codec))
    name = codec[:6].upper()
    assert (finding.code, finding.line, finding.column) == ("E107", 1, 1)
    assert finding.message == f"the input is {name}, not UTF-8"
    assert f"iconv -f {name} -t UTF-8" in (finding.mend or "")


def test_binary_data_is_not_called_an_encoding() -> None:
    assert refused(bytes(64))[0].message == "the input is binary data, not UTF-8"
    assert refused(b"\x7fELF\2\1\1" + bytes(9) + b"\3\0>\0\1\0\0\0")[0].mend is None


@pytest.mark.parametrize(
    ("text", "kind"),
    [("[]", "a list"), ('"a"', "a string"), ("7", "a number"), ("-1.5", "a number"), ("null", "null")],
)
def test_what_is_no_object_is_refused_by_its_kind(text: str, kind: str) -> None:
    [finding] = refused(f"\n  {text}\n")
    assert (finding.code, finding.line, finding.column) == ("E108", 2, 3)
    assert finding.message == f"a workflow is a JSON object, this is {kind}"


def test_true_is_a_boolean_and_no_number() -> None:
    assert "a boolean" in refused("true")[0].message


def test_flaws_of_several_kinds_are_reported_together_in_their_order() -> None:
    text = '{"a": NaN,\n"a": "\\u0000",\n"b": 1e999}'
    assert places(text) == [("E103", 1, 7), ("E104", 2, 1), ("E106", 2, 7), ("E103", 3, 6)]


def test_ordinary_oddities_are_read() -> None:
    assert Document(b"{}").data == {}
    assert Document(b'\xef\xbb\xbf\r\n{\r\n\t"a"\t:\r1}\r\n').data == {"a": 1}
    assert Document(('{"a": "' + "x" * 5_000_000 + '"}').encode()).data["a"][-1] == "x"


@pytest.mark.parametrize("path", sorted((ROOT / "schemas").glob("*.json")), ids=lambda path: path.name)
def test_our_own_schemas_say_nothing_twice(path: Path) -> None:
    assert Document(path.read_bytes(), str(path)).data["$schema"] == "https://json-schema.org/draft/2020-12/schema"
