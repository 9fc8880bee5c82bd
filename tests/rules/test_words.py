"""The reader of shell commands: words, programs, and where it says that it is not sure."""

from __future__ import annotations

import shlex
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exlib.rules.words import read


def commands(text: str) -> list[list[str]]:
    return [[word.text for word in simple.words] for simple in read(text).commands]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ls -la /tmp", [["ls", "-la", "/tmp"]]),
        ("a && b || c; d & e | f |& g", [["a"], ["b"], ["c"], ["d"], ["e"], ["f"], ["g"]]),
        ("a\nb", [["a"], ["b"]]),
        ("a \\\n b", [["a", "b"]]),
        ("echo 'a b' \"c d\" e\\ f g'h'\"i\"", [["echo", "a b", "c d", "e f", "ghi"]]),
        ("A=1 B='x y' cmd arg", [["cmd", "arg"]]),
        ("A=1", [[]]),
        ("cmd arg A=1", [["cmd", "arg", "A=1"]]),
        ("cmd > out 2>&1 < in >> more &> all", [["cmd"]]),
        ("cmd>out 2>err&&b", [["cmd"], ["b"]]),
        ("if a; then b; elif c; then d; else e; fi", [["a"], ["b"], ["c"], ["d"], ["e"]]),
        ("for x in a b; do cmd $x; done", [["cmd", "$x"]]),
        ("while read x; do cmd; done < f", [["read", "x"], ["cmd"]]),
        ("! a; { b; }; ( c )", [["a"], ["b"], ["c"]]),
        ("a # b; c\nd#e", [["a"], ["d#e"]]),
        (
            "echo $(a | b; c) `d; e` ${F:-g h} $((1 + 2))",
            [["echo", "$(a | b; c)", "`d; e`", "${F:-g h}", "$((1 + 2))"]],
        ),
        ('echo "$(a "b; c")"; d', [["echo", '$(a "b; c")'], ["d"]]),
        ("bash <(curl x | y) z", [["bash", "<(curl x | y)", "z"]]),
        ("cat <<END; b\nrm -rf /\nEND\nc", [["cat"], ["b"], ["c"]]),
        ("cat <<-'A' <<B\nx\n\tA\ny\nB\nc", [["cat"], ["c"]]),
        ("a\u00a0b \x0bc", [["a\u00a0b", "\x0bc"]]),
        ("", []),
        ("  ", []),
        ("# only", []),
    ],
)
def test_words_of_simple_commands(text: str, expected: list[list[str]]) -> None:
    assert commands(text) == expected
    assert read(text).beyond == ""


@pytest.mark.parametrize(
    ("text", "inner"),
    [
        ('echo $(a | b) "x`c`" <(d)', [["a | b"], ["c"], ["d"]]),
        ("A=$(a)$(b $(c))", [["a", "b $(c)"]]),
        ("> $(a)", [["a"]]),
        ("for x in $(a); do b; done", [["a"]]),
        ("echo '$(a)' \\$(b)", []),
    ],
)
def test_the_commands_in_substitutions(text: str, inner: list[list[str]]) -> None:
    assert [list(word.inner) for word in read(text).words if word.inner] == inner


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a <<E; b <<-'F'\n1\n2\nE\n\t3\n\tF\nc", ["1\n2\n", "\t3\n", ""]),
        ("<<E a\n1\nE", ["1\n"]),
        ("a <<E\n1", ["1"]),
        ("a <<< 'b c'\nd", ["b c\n", ""]),
    ],
)
def test_the_input_that_stands_in_the_command(text: str, expected: list[str]) -> None:
    assert [simple.input for simple in read(text).commands] == expected


def test_the_subshell_of_each_command() -> None:
    shells = [simple.subshell for simple in read("a; (b; (c)); (d); e").commands]
    assert shells[0] is shells[4] is None
    assert len(set(shells)) == 4
    assert [shell.outer for shell in shells if shell is not None] == [None, shells[1], None]


@pytest.mark.parametrize(
    ("text", "sure", "beyond"),
    [
        ("a; case $x in b) c;; esac", [["a"]], "case"),
        ("a; f() { b; }; f", [["a"]], "()"),
        ("a; function f { b; }", [["a"]], "function"),
        ("a; [[ b && c ]]", [["a"]], "[["),
        ("a; echo 'b", [["a"]], "a quote that is not closed"),
        ('a; echo "b', [["a"]], "a quote that is not closed"),
        ("a; echo $(b", [["a"]], "a bracket that is not closed"),
        ("a; echo `b", [["a"]], "a quote that is not closed"),
    ],
)
def test_reading_says_where_it_stops_to_be_sure(text: str, sure: list[list[str]], beyond: str) -> None:
    script = read(text)
    assert [[word.text for word in simple.words] for simple in script.sure] == sure
    assert script.beyond == beyond


def test_what_follows_a_guess_is_still_read() -> None:
    assert ["rm", "-rf", "/"] in commands("case $x in b) rm -rf /;; esac")


def test_references_are_those_that_the_shell_expands() -> None:
    script = read("echo ${A} '${B}' \"${C}\" \\${D} ${E:-x} $F")
    assert [name for word in script.words for name in word.references] == ["A", "C"]


def test_operators_tell_what_stands_between() -> None:
    script = read("a | b && c")
    assert [simple.after for simple in script.commands] == ["", "|", "&&"]
    assert script.operators == ["|", "&&"]


@given(st.text(alphabet="ab1 \t\n'\"\\$`|&;<>(){}[]*?#=~!-_/é\u00a0", max_size=40))
def test_any_text_is_read_to_its_end(text: str) -> None:
    script = read(text)
    assert all(word.raw in text for word in script.words)
    assert script.certain <= len(script.commands)


@given(st.lists(st.text(min_size=1, max_size=8).filter(lambda text: "\0" not in text), min_size=1, max_size=5))
def test_quoted_words_come_back(words: list[str]) -> None:
    script = read(" ".join(f"'{word}'" if word.isalpha() else shlex.quote(word) for word in ["x", *words]))
    assert [word.text for word in script.words] == ["x", *words]


@given(st.text(alphabet="ab '\"\\;|&", max_size=14))
def test_words_are_those_of_the_real_shell(text: str) -> None:
    """What ``sh`` hands to ``printf`` is what we read, for one command that ends whole."""
    script = read(f"printf '%s\\n' {text}")
    if script.beyond or script.operators or not script.words[2:] or any(not word.text for word in script.words):
        return
    result = subprocess.run(["sh", "-c", f"printf '%s\\n' {text}"], capture_output=True, text=True, check=False)
    if result.returncode == 0:
        assert result.stdout.splitlines() == [word.text for word in script.words[2:]]
