"""The glance at a command never overlooks what the security lint would find in it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from exlib.rules import credentials, security
from exlib.rules.glance import worth_a_look

NEGATIVE = Path(__file__).resolve().parents[1] / "samples" / "negative"
PROGRAMS = sorted(
    security.OTHER_USER
    | security._DOWNLOADERS
    | credentials._MYSQL
    | credentials._ORACLE_TOOLS
    | credentials._SENDING
    | credentials._SPLIT_OPTIONS.keys()
)
"""Programs that are reported for what they are, or for an option that looks harmless by itself."""
SECRETS = "password passwd passphrase pass pwd secret token api-key apikey access_key secret-key".split()
PIECES = [*PROGRAMS, *SECRETS, *"rm find chmod umask mkdir install docker login psql sh eval cd env export".split()]
PIECES += "-rf / * ~ -delete -p -px -P -a -u me:x scott/tiger 777 -m -c --password --pwd=x DB_PWD=x A_KEY=x".split()
PIECES += [
    "password=x",
    "https://me:x@h",
    "'Authorization: Bearer x'",
    "pass:x",
    "-pwd",
    "u\u017fe",
    "PA\u017f\u017fWORD=x",
]
GLUE = [
    " ",
    " ",
    " ",
    " | ",
    "; ",
    "\n",
    "\t",
    "'",
    '"',
    "\\",
    "\\\n",
    "$(",
    ")",
    "`",
    "<<<",
    "<",
    "&",
    "(",
    "--",
    "-",
    "_",
]


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_program_of_the_tables_is_worth_a_look(program: str) -> None:
    assert worth_a_look(program)
    assert worth_a_look(f"x|{program}\t-x")
    assert worth_a_look(f"{program[0]}'{program[1:]}'")


@pytest.mark.parametrize("name", SECRETS)
def test_every_name_of_a_secret_is_worth_a_look(name: str) -> None:
    assert re.fullmatch(credentials._NAME, name)
    assert worth_a_look(f"x --{name.upper()}=y")


def test_the_names_above_are_all_there_are() -> None:
    table = credentials._NAME.rpartition("(?:")[2].rstrip(")")
    assert {re.sub("[-_]", "", name) for name in SECRETS} == {name.replace("[-_]?", "") for name in table.split("|")}


@pytest.mark.parametrize("path", sorted(NEGATIVE.glob("S60[1-5]-*.json")), ids=lambda path: path.stem)
def test_every_sample_of_the_lint_is_worth_a_look(path: Path) -> None:
    job = json.loads(path.read_text())["jobs"][0]
    checks = job.get("post_checks", [])
    assert any(map(worth_a_look, [job["command"], *(check["params"]["command"] for check in checks)]))


@settings(max_examples=400)
@given(st.lists(st.sampled_from(PIECES) | st.sampled_from(GLUE), max_size=12).map("".join))
@example("true && su")
@example("su\t- me")
@example("r\\m -rf /")
@example("r''m -rf /")
@example("my\\\nsql -px")
@example("DB_PWD=x ls")
@example("PA\u017f\u017fWORD=x ls")
def test_what_the_lint_finds_is_worth_a_look(command: str) -> None:
    if security._findings(command, ()):
        assert worth_a_look(command)


@pytest.mark.parametrize("command", ["true", "ls -l | wc > x", "echo 'result' summary", "./load.sh --table x; cat y"])
def test_the_usual_command_is_not_worth_a_look(command: str) -> None:
    assert not worth_a_look(command)
