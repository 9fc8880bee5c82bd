"""Scripts as one command, and the command taken apart again."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from exlib.convert.gitlab.scripts import Scripts, command, taken_apart

texts = st.text(alphabet=st.sampled_from("ab)\n(;'\"\\$ =" + "é"), min_size=1, max_size=40)
scripts = st.builds(
    Scripts,
    texts,
    st.one_of(st.just(""), texts),
    st.one_of(st.none(), st.frozensets(st.integers(1, 255), max_size=3)),
    st.integers(1, 3),
)


@given(scripts)
def test_a_command_is_taken_apart_as_it_was_made(made: Scripts) -> None:
    made = made._replace(attempts=1) if made.allowed == frozenset() else made
    assert taken_apart(command(made)) == made


def test_a_plain_script_is_its_own_command() -> None:
    assert command(Scripts("make all")) == "make all"


def test_a_command_that_only_looks_alike_stays_whole() -> None:
    text = command(Scripts("a", "b", None, 2)).replace("exit 0", "exit 1")
    assert taken_apart(text) == Scripts(text)


def test_a_script_that_holds_the_form_itself_stays_whole() -> None:
    text = command(Scripts(command(Scripts("a", "b")), "c", None))
    assert taken_apart(text) == Scripts(text)
