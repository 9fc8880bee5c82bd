"""Broken, hostile and odd workflows: converted or refused with a place, and nothing else."""

from __future__ import annotations

import contextlib
import json
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exlib.convert.wishes import Wishes
from exlib.errors import ExecutionerError, InputError
from tests.convert.converting import assert_fixed_point, exported, imported, run_document
from tests.convert.github.hand import workflow
from tests.convert.github.test_writer import RICH

TOKENS = [
    "${{ ", "}}", "'", '"', "{", "[", "- ", ": ", "null", "!x ", "&a ", "*lint", "<<: ", "|", ">", "true", "1e999",
    "[]", "{}", "\t", "${{ github.ref }}", "${{ fromJSON('[1,{}]') }}", "${{ matrix.x }}", "é", "\u202e", "a: b", "~",
    "0x10", "${HOME}", "if: always()", "if: failure()", "shell: x", "uses: ./x", "run: 5", "\x85", "*" * 60, "(" * 60,
]  # fmt: skip


@settings(max_examples=120, deadline=None)
@given(st.randoms(use_true_random=False))
def test_a_mutated_workflow_converts_and_comes_back_or_is_refused(chance: random.Random) -> None:
    text = RICH
    for _ in range(chance.randint(1, 4)):
        at = chance.randint(0, len(text))
        kind = chance.random()
        if kind < 0.15:
            text = text[:at]
        elif kind < 0.4:
            lines = text.split("\n")
            number = chance.randrange(len(lines))
            lines[number] = lines[number].split(":")[0] + ": " + chance.choice(TOKENS)
            text = "\n".join(lines)
        else:
            text = text[:at] + chance.choice(TOKENS) + text[at + chance.choice([0, 0, 1, 5]) :]
    wishes = Wishes(split_steps=chance.random() < 0.3)
    with contextlib.suppress(ExecutionerError):
        assert_fixed_point(text, "github", wishes=wishes)
        document = imported(text, "github", wishes=wishes)[0][0]
        document["jobs"][0]["command"] += "\n:"
        imported(str(exported(document, "github")[0][0].content), "github")


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"\x00\x01", b"\xff\xfe", b"jobs:\n\ta: 1\n",
        b"jobs: {a: {", b"a: &a [*a]\njobs: 1\n", b"jobs: {a: 1, a: 2}",
        b"jobs: " + b"[" * 5000, b"x" * (2 << 20), b"# nothing\n", b"--- \n...\n",
        b"a: &a [1,1,1,1,1,1,1,1,1,1]\n" + b"".join(
            b"%c: &%c [%s]\n" % (98 + n, 98 + n, b",".join([b"*%c" % (97 + n)] * 10)) for n in range(9)
        ) + b"jobs: *j\n",
    ],
    ids=range(12),
)  # fmt: skip
def test_what_is_no_workflow_is_refused_with_its_place(raw: bytes) -> None:
    with pytest.raises(InputError) as caught:
        imported(raw, "github")
    assert str(caught.value.place).startswith("source")


@pytest.mark.parametrize(
    "name",
    [
        "a'b",
        'a"b',
        "$(touch hacked)",
        "`touch hacked`",
        "a\nb",
        "x; touch hacked",
        "%s",
        "é ü",
        "-n",
        "'; touch hacked; '",
    ],
)
def test_a_name_is_never_read_as_code(name: str, tmp_path: Path) -> None:
    steps = [
        {"name": name, "run": "false", "continue-on-error": True},
        {"name": name, "uses": f"x/{name}@v1", "if": "success() && false"},
        {"name": name, "run": 'printf "%s\\n" "$A" > a', "env": {"A": name}, "if": "always()"},
        {"id": name, "run": "cat a >> b; rm a"},
    ]
    text = workflow(*steps, name=name, job={"name": name, "continue-on-error": True})
    document = imported(text, "github")[0][0]
    done = run_document(document, tmp_path)
    assert done.returncode == 0, done.stderr
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"b": f"{name}\n"}


def test_a_job_may_be_called_anything_that_yaml_can_say() -> None:
    names = ["a b", "a.b", "a[0]", 'x"y', "'", "#", "é", "-", "1", "null", "on"]
    good = {"runs-on": "ubuntu-latest", "steps": [{"run": "x"}]}
    text = json.dumps({"on": "push", "jobs": dict.fromkeys(names, good)})
    assert [job["id"] for job in imported(text, "github")[0][0]["jobs"]] == names
    assert_fixed_point(text, "github")


def test_a_comment_beside_a_merge_comes_back() -> None:
    good = "  a: {runs-on: x, steps: [{run: x}]}\n"
    assert_fixed_point(f"<<: # What\nname: x\non: push\njobs:\n  <<: # more\n{good}", "github")
