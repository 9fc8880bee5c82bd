from __future__ import annotations

import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exlib.convert.shell.words import number, path_words, word
from exlib.environment import expand


@settings(max_examples=40)
@given(st.lists(st.text(alphabet="ab $'\"\\`{}()*?~#;&|<>=!é\n-${SET}", max_size=9), min_size=1, max_size=6))
def test_a_word_is_its_value(values: list[str]) -> None:
    values += ["${SET}", "a${SET}b", "${UNSET}", "x${UNSET}y", "", "-n", "${SET}${SET}"]
    for shell in ("sh", "bash"):
        told = subprocess.run(
            [shell, "-c", f"printf '%s\\0' {' '.join(map(word, values))}"],
            env={"SET": "it's * set"},
            capture_output=True,
            check=True,
        ).stdout.decode()
        assert told.split("\0")[:-1] == [expand(value, {"SET": "it's * set"}) for value in values]


@pytest.mark.parametrize("path", ["a", "a b", "it's", "$x"])
def test_a_plain_path_is_one_word(path: str) -> None:
    assert path_words(path) == word(path)


@pytest.mark.parametrize(
    ("value", "text"), [(3, "3"), (0.5, "0.5"), (1e6, "1000000"), (1234567, "1234567"), (0.1 + 0.2, "0.3"), (2.0, "2")]
)
def test_numbers(value: float, text: str) -> None:
    assert number(value) == text
