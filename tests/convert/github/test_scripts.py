"""References in scripts: they yield the value wherever they stand, and never more than the value."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exlib.convert.github.scripts import Reference, with_references

EVIL = "a'b\"c`touch hacked`$(touch hacked)\\;touch hacked"


def placed(text: str) -> str | None:
    pieces: list[str | Reference] = []
    for at, part in enumerate(text.split("@")):
        pieces += [Reference("V")] if at else []
        pieces += [part] if part else []
    return with_references(pieces)


@pytest.mark.parametrize(
    "text",
    [
        'printf %s "@"', "printf %s '@'", 'printf %s "$(printf %s "@")"', 'printf %s "`printf %s "@"`"',
        "cat <<E | tr -d '\\n'\n@\nE", "cat <<-E | tr -d '\\n'\n\t@\n\tE",
        "printf %s \"x'@'\" | sed \"s/^x'//; s/'$//\"",
        "# it's a comment @\nprintf %s \"@\"", "a=@; printf %s \"$a\"", ": \\'; printf %s \"@\"",
        "echo '$(' >/dev/null; printf %s '@'", "cat <<'A' >/dev/null; printf %s \"@\"\n\"\nA",
        "echo \"#\" '#' >/dev/null; printf %s '@'",
        "case x in x) printf %s \"@\" ;; esac", "f() { printf %s '@'; }; f", "echo ${#V} >/dev/null; printf %s '@'",
        "cat <<A <<B | tr -d '\\n'\n'\nA\n@\nB\n", "printf %s $'' \"@\"", "echo $((1 << 2)) >/dev/null; printf %s '@'",
        "cat <<< '@' | tr -d '\\n'", "n=$(( 1 << 2 ))\nprintf %s '@'", "(( n = 1<<2 ))\nprintf %s '@'",
        "n=\"$((1 << (2 + 1)))\"; printf %s '@'", "for ((i=1; i<1<<1; i++)); do printf %s '@'; done",
        "# $(( 1\nprintf %s '@'", "case x in x) printf %s '@' ;; esac", "echo a\\\n#b >/dev/null; printf %s '@'",
    ],
)  # fmt: skip
def test_the_value_is_what_stands_there(text: str) -> None:
    script = placed(text)
    assert script is not None
    done = subprocess.run(
        ["bash", "-c", script], env={"V": EVIL, "PATH": "/usr/bin:/bin"}, capture_output=True, check=False
    )
    assert done.stdout.decode() == EVIL, done.stderr


@pytest.mark.parametrize(
    "text",
    [
        '"${x:-it\'s} @"',
        '"$(case x in x) echo "it\'s";; esac) @"',
        "a[1<<2]=3\necho '@'",
        "echo \\@",
        "echo $@",
        "cat <<E\n$(echo '@')\nE",
        "cat <<E\n\\@\nE",
        "cat <<E@\nx\nE",
        "cat <<@",
        "echo $'a\\'' '@'",
        "( (echo) ) ; ((echo); echo) ; echo '@'",
        "echo $(( @ + 1 ))",
        "cat <<E'F'\nx\nEF\necho '@'",
        "echo `echo \\\\` '@'",
        "cat <<'E'\n@\nE",
        "cat <<\\E\n@\nE",
        "echo $'@'",
        "echo ${X:-@}",
    ],
)
def test_where_nothing_is_expanded_no_reference_can_stand(text: str) -> None:
    assert placed(text) is None


def test_outside_of_quotes_it_is_split_as_the_pasted_text_would_be() -> None:
    script = placed("printf '<%s>' @ x@y")
    assert script is not None
    done = subprocess.run(["sh", "-c", script], env={"V": "a b"}, capture_output=True, check=False)
    assert done.stdout == b"<a><b><xa><by>"


SIGNS = [*"'\"`$(){}\\\n<#; x", "$(", "<<E\n", "E\n", "<<'E'\n", "@", " @ ", '"@"', "'@'"]


@given(st.lists(st.sampled_from(SIGNS), max_size=14))
def test_a_value_is_never_read_as_code(parts: list[str]) -> None:
    script = placed("".join(parts))
    if script is None or "@" not in "".join(parts):
        return
    said = "echo hacked >&2"
    env = {"V": f"';\";`{said}`$({said});{said}", "PATH": ""}
    program = shutil.which("bash")
    assert program is not None
    done = subprocess.run([program, "-c", script], env=env, capture_output=True, stdin=subprocess.DEVNULL, check=False)
    # What bash says of its own text may show the value; a line of the word alone is what running it leaves.
    assert b"hacked" not in done.stderr.split(b"\n")
