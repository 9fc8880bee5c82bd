"""Templates: what is known is written, what is not is said, and nothing is guessed."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exlib.convert.taskfile.template import ASSUMED, Unknown, render

VALUES: dict[str, Any] = {"A": "x", "N": 5, "T": True, "L": ["a", "b"], "M": {"K": "v"}, "E": "", "S": "a b'c",
                          "U": Unknown("a command tells it")}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("plain", "plain"), ("{{.A}}", "x"), ("a {{ .A }} b{{.N}}", "a x b5"), ("{{.T}}", "true"), ("{{.M.K}}", "v"),
        ("{{.X | default \"d\"}}", "d"), ("{{.A | default \"d\"}}", "x"), ("{{.E | default \"d\"}}", "d"),
        ("{{default \"d\" .X}}", "d"), ("{{default .A .X}}", "x"), ("{{.X | default .A | upper}}", "X"),
        ("{{upper .A}}{{.A | upper}}", "XX"), ("{{.A | replace \"x\" \"y\"}}", "y"),
        ("{{trimSuffix \"x\" \"ax\"}}", "a"),
        ("{{.S | shellQuote}}", "'a b'\"'\"'c'"), ("{{OS}}", "linux"), ("a{{exeExt}}", "a"), ("{{/* no */}}a", "a"),
        ("a {{- .A -}} b", "axb"), ("a {{- \"\" }} {{ .A -}}  b", "a xb"), ("{{\"{{\"}}", "{{"), ("{{`a\"b`}}", 'a"b'),
        ("{{\"a\\tb\"}}", "a\tb"), ("{{.A}}\n{{.A}}", "x\nx"), ("{ {.A} }", "{ {.A} }"), ("${A}", "${A}"),
    ],
)  # fmt: skip
def test_what_is_known_is_written(text: str, meant: str) -> None:
    assumed: set[str] = set()
    assert render(text, {**VALUES, ASSUMED: assumed}) == meant
    assert assumed == ({"X"} if ".X" in text else set())


def test_defaults_stand_for_what_the_environment_does_not_have() -> None:
    for text in ('{{.HOME | default "d"}}', "{{.HOME}}"):
        with pytest.raises(Unknown, match="HOME"):
            render(text, {**VALUES, ASSUMED: set()})
    with pytest.raises(Unknown, match="X"):
        render('{{.X | default "d"}}', VALUES)


@pytest.mark.parametrize(
    "text",
    [
        "{{.X}}", "{{.U}}", "{{.U | default \"d\"}}", "{{.M.X}}", "{{.A.X}}", "{{.L}}",
        "{{if .A}}b{{end}}", "{{range .L}}{{end}}",
        "{{(.A)}}", "{{index .L 0}}", "{{env \"HOME\"}}", "{{now}}", "{{.A .N}}", "{{upper}}",
        "{{upper .A .N}}",
        "{{}}",
        "{{.A | .N}}", "{{$x := 1}}", "{{.X | upper}}", "{{.}}",
    ],
)  # fmt: skip
def test_what_is_not_known_is_said(text: str) -> None:
    with pytest.raises(Unknown):
        render(text, VALUES)


@given(
    st.lists(
        st.sampled_from(["{{", "}}", ".A", ".X", "|", "default", '"', "x", " ", "-", "(", "\\", "`", "\n", "."]),
        max_size=14,
    )
)
def test_any_text_is_rendered_or_unknown(pieces: list[str]) -> None:
    with contextlib.suppress(Unknown):
        assert isinstance(render("".join(pieces), VALUES), str)
