"""Broken build files: cut off, mangled, mixed up. Each is converted or refused, and nothing else happens."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exlib.errors import ExecutionerError
from tests.convert.converting import imported
from tests.convert.make.makefiles import RUNNABLE as MAKEFILES
from tests.convert.ninja.test_meaning import RUNNABLE as NINJA_FILES

PIECES = {
    "make": ["$(", ")", "${", "$$", ":", "::", "=", "%", "\t", "\\\n", "\n", "define x\n", "endef\n",
             "ifeq (", "endif\n", "else\n", "$(shell ", "$(eval ", "$(call ", ";", "|", "&:", "#", "$@",
             ".SECONDEXPANSION:\n", "*", "~/",
             "\r"],
    "ninja": ["$", "$ ", "$:", "$\n", "\n", "  ", "build ", "rule x\n", " | ", " || ", " |@ ", ":", "=", "${", "}",
              "phony", "default ", "pool ", "subninja ", "\t", "#", "depfile = x\n", "../.."],
}  # fmt: skip
WHOLE = {"make": list(MAKEFILES.values()), "ninja": list(NINJA_FILES.values())}


@pytest.mark.parametrize("form", ["make", "ninja"])
@given(st.data())
def test_a_mangled_file_is_converted_or_refused(form: str, data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(WHOLE[form]))
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(text)))
        cut = data.draw(st.integers(0, 12))
        text = text[:at] + data.draw(st.sampled_from(["", *PIECES[form]])) + text[at + cut :]
    try:
        imported(text, form)
    except ExecutionerError:
        return


@pytest.mark.parametrize("form", ["make", "ninja"])
@pytest.mark.parametrize("raw", [b"\x00\x01", b"\xff\xfe", b"a" * (9 << 20)])
def test_what_is_no_text_is_refused(form: str, raw: bytes) -> None:
    with pytest.raises(ExecutionerError):
        imported(raw, form)


@pytest.mark.parametrize("form", ["make", "ninja"])
def test_nothing_makes_no_document(form: str) -> None:
    assert imported("", form) == ([], [])
