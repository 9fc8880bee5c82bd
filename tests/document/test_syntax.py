from __future__ import annotations

import pytest

from exlib.document import Document
from exlib.findings import DocumentRefused

CASES = {
    "": (1, 1, "the document is empty", '{"jobs": [{"id": "hello", "command": "echo hello"}]}'),
    " \n": (1, 1, "the document is empty", "smallest workflow"),
    '{\n"a": 1,\n"b": [1, 2\n': (3, 11, "the document ends in the middle", "close the [ of line 3"),
    '{"a": tru': (1, 10, "the document ends in the middle", "close the { of line 1"),
    '{"a": -': (1, 8, "the document ends in the middle", "close the {"),
    '{"a": 1.': (1, 9, "the document ends in the middle", "close the {"),
    '{"a": 1e': (1, 9, "the document ends in the middle", "close the {"),
    '{"a": "x': (1, 7, "the string that starts here is not closed", 'close it with "'),
    '{"a": 1,}': (1, 8, "a comma before the closing }", "remove the comma"),
    '{"a": [1, \n]}': (1, 9, "a comma before the closing ]", "remove the comma"),
    '{"a": [1,,2]}': (1, 10, "a comma with nothing before it", "remove the comma"),
    '{"a": [,2]}': (1, 8, "a comma with nothing before it", "remove the comma"),
    '{"a": 1 "b": 2}': (1, 9, "a comma is missing before this", '","'),
    '{"a": [1 2]}': (1, 10, "a comma is missing before this", '","'),
    '{"a": {}\n {}}': (2, 2, "a comma is missing before this", '","'),
    '{"a" 1}': (1, 6, "a colon is missing after the key", '"key": value'),
    '{"a", 1}': (1, 5, "a colon is missing after the key", '"key": value'),
    "{jobs: []}": (1, 2, "a key in double quotes is wanted here, not jobs", 'write "jobs"'),
    '{"a": 1, 2: 3}': (1, 10, "a key in double quotes is wanted here, not 2", 'write "2"'),
    "{'a': 1}": (1, 2, "JSON has no quotes like '", 'double quotes "..."'),
    '{"a": \u201cb\u201d}': (1, 7, "JSON has no quotes like \u201c", 'double quotes "..."'),
    '{"a": True}': (1, 7, "True is not a value that JSON knows", "write true"),
    '{"a": None}': (1, 7, "None is not a value that JSON knows", "write null"),
    '{"a": nightly}': (1, 7, "nightly is not a value that JSON knows", '"nightly"'),
    '{"a": .5}': (1, 7, "JSON numbers start with a digit", "0.5"),
    '{"a": +5}': (1, 7, "JSON numbers start with a digit", "0.5"),
    '{"a": 010}': (1, 7, "010 is not a number that JSON knows", "like 10"),
    '{"a": -01}': (1, 7, "-01 is not a number that JSON knows", "like 10"),
    '{"a": 0x1F}': (1, 7, "0x1F is not a number that JSON knows", "like 10"),
    '{"a": 1_000}': (1, 7, "1_000 is not a number that JSON knows", "like 10"),
    '{"a": 60s}': (1, 7, "60s is not a number that JSON knows", "like 10"),
    '{"a": 1.}': (1, 7, "1. is not a number that JSON knows", "like 10"),
    '{"a": 1 // one\n}': (1, 9, "JSON has no comments", '"_"'),
    '{"a": 1} # one': (1, 10, "JSON has no comments", '"_"'),
    '/* one */ {"a": 1}': (1, 1, "JSON has no comments", '"_"'),
    '{"a": "C:\\dir"}': (1, 10, "\\d is not an escape that JSON knows", "\\\\"),
    '{"a": "\\u12G4"}': (1, 8, "\\u wants four hexadecimal digits", "\\\\"),
    '{"a": "\\u12"}': (1, 8, "\\u wants four hexadecimal digits", "\\\\"),
    '{"a": "one\n"}': (1, 11, "the line ends inside a string", "\\n"),
    '{"a": "one\r\n"}': (1, 11, "the line ends inside a string", "\\n"),
    '{"a": "one \\\n two"}': (1, 12, "the line ends inside a string", "join the two"),
    '{"a": "one\ttwo"}': (1, 11, "a raw control character, U+0009, in a string", "write it as \\t"),
    '{"a": "\x1b[31m"}': (1, 8, "a raw control character, U+001B, in a string", "write it as \\u001b"),
    '{"a":\u00a01}': (1, 6, "a stray character, U+00A0, outside any string", "remove it"),
    '{"a": 1}}': (1, 9, "a closing } too many", "remove it"),
    '{"a": 1}\n{"b": 2}': (2, 1, "text after the end of the document", "one document a file"),
    '{"a": [1, 2}': (1, 12, "} does not close the [ of line 1", "put ] first"),
    '{"a":\n {"b": 1]': (2, 9, "] does not close the { of line 2", "put } first"),
    "jobs:\n  - a": (1, 1, "this is not JSON: a workflow starts with {, not with j", ""),
    "<html>": (1, 1, "this is not JSON: a workflow starts with {, not with <", ""),
    '{"a": }': (1, 7, "a value is wanted here, not }", ""),
    '{"a": 1, {"b": 2}}': (1, 10, "a key in double quotes is wanted here, not {", '"key": value'),
}


@pytest.mark.parametrize("text", CASES, ids=[repr(text) for text in CASES])
def test_the_place_the_cause_and_the_mend(text: str) -> None:
    line, column, message, mend = CASES[text]
    with pytest.raises(DocumentRefused) as caught:
        Document(text.encode(), "wf.json")
    [finding] = caught.value.findings
    assert (finding.code, finding.line, finding.column) == ("E102", line, column)
    assert finding.message.startswith(message)
    assert mend in (finding.mend or "")
    assert finding.place == f"wf.json:{line}:{column}"


def test_lines_are_counted_by_every_kind_of_line_end() -> None:
    for end in ("\n", "\r\n", "\r"):
        with pytest.raises(DocumentRefused) as caught:
            Document(f'{{{end}"a": 1,{end}"b" 2}}'.encode())
        assert (caught.value.findings[0].line, caught.value.findings[0].column) == (3, 5)
        assert caught.value.findings[0].source_line == '"b" 2}'
