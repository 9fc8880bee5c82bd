"""DAGs as documents: order, commands, conditions, what waits for a person, and that nothing is lost."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from exlib.convert.account import Account, Entry
from exlib.convert.dagu.reader import read
from exlib.convert.draft import guard_of
from exlib.convert.source import Source
from exlib.convert.wishes import Wishes
from exlib.errors import ExecutionerError, InputError
from tests.convert.converting import assert_fixed_point, fates, files_of, imported, run_document
from tests.convert.yamls import comments_of, values_of

RICH = Path(__file__).parent.joinpath("rich.yaml").read_text()


def of(text: str, **variables: str) -> tuple[dict[str, Any], list[Entry]]:
    documents, entries = imported(text, "dagu", wishes=Wishes(variables=variables))
    return documents[0], entries


def jobs_of(text: str, **variables: str) -> dict[str, dict[str, Any]]:
    return {job["id"]: job for job in of(text, **variables)[0]["jobs"]}


def waits(text: str) -> dict[str, list[str]]:
    return {name: job.get("dependencies", []) for name, job in jobs_of(text).items()}


def test_nothing_of_a_rich_dag_is_missing_in_its_account() -> None:
    assert_complete(RICH)


def assert_complete(text: str) -> None:
    """The lines of all values and comments that another reader of YAML finds are spoken of."""
    account = Account()
    read(Source(text.encode(), "x.yaml"), Wishes(), account)
    spoken = account.covered_lines("x.yaml")
    lines = {line for line, value in values_of(text) if line and value}
    lines |= {line for line, value in comments_of(text) if value}
    assert lines <= spoken


def test_steps_of_a_chain_wait_for_the_one_before() -> None:
    assert waits("steps:\n  - echo a\n  - name: b\n    command: echo b\n  - script: echo c\n") == {
        "cmd_1": [], "b": ["cmd_1"], "script_3": ["b"],
    }  # fmt: skip


def test_a_list_among_the_steps_of_a_chain_runs_at_once() -> None:
    text = (
        "steps:\n  - echo a\n  -\n    - {name: b, command: x}\n    - {name: c, command: y}\n  - {name: d, command: z}\n"
    )
    assert waits(text) == {"cmd_1": [], "b": ["cmd_1"], "c": ["cmd_1"], "d": ["b", "c"]}
    assert of(text)[0]["parallel"] is True


def test_steps_of_a_graph_wait_for_what_they_name() -> None:
    steps = "steps:\n  - {name: a, command: x}\n  - {name: b, command: x}\n  - {name: c, command: x, depends: [a, b]}\n"
    assert waits("type: graph\n" + steps) == {"a": [], "b": [], "c": ["a", "b"]}
    assert waits(steps) == {"a": [], "b": [], "c": ["a", "b"]}  # as before there were types
    assert of(steps)[0]["max_workers"] == 3
    assert of("maxActiveSteps: 1\n" + steps)[0].get("parallel") is None
    assert of("max_active_steps: 2\n" + steps)[0]["max_workers"] == 2


def test_steps_may_be_a_map_and_be_named_by_their_short_ids() -> None:
    assert waits("steps:\n  a: {command: x, id: s}\n  b: {command: y, depends: s}\n") == {"a": [], "b": ["a"]}


def test_variables_and_parameters() -> None:
    text = """
env:
  - A: 1
  - B=$A/x
  - T: "`date`"
params: "p q NAME=v"
steps:
  - name: a
    command: echo $1 ${2} $NAME $T > out
    env: {C: "${A}"}
"""
    document, entries = of(text)
    assert document["env_variables"] == {"A": "1", "B": "${A}/x", "NAME": "v"}
    assert document["jobs"][0]["env_variables"] == {"C": "${A}"}
    assert document["jobs"][0]["command"] == "set -- p q\necho $1 ${2} $NAME $T > out"
    assert guard_of(document["jobs"][0]) == "only a run of Dagu tells T"
    assert [entry.construct for entry in entries if entry.fate == "manual"] == ["T"]
    given = of(text, T="monday", NAME="w")[0]
    assert given["env_variables"] == {"A": "1", "B": "${A}/x", "T": "monday", "NAME": "w"}
    assert guard_of(given["jobs"][0]) is None


def test_it_runs_as_it_says(tmp_path: Path) -> None:
    text = """
params: "one 'two words' NAME=three"
env: [{OUT: out.txt}]
steps:
  - name: start
    command: printf '%s.' "$1" "$2" "$NAME" > $OUT
  - name: list
    command:
      - cd / && exit 0
      - echo two >> $OUT
  - name: ignored
    command: |
      false
      echo never >> $OUT
    continueOn: {failure: true}
  - name: code
    command: exit 3
    continue_on: {exit_code: [3, 4]}
  - name: python
    command: python3
    script: |
      import os
      open(os.environ["OUT"], "a").write("it's python\\n")
  - name: printed
    command: echo printed
    stdout: printed.txt
  - name: direct
    exec: {command: touch, args: ["a b", $x]}
"""
    document, _ = of(text)
    done = run_document(document, tmp_path)
    assert done.returncode == 0, done.stderr
    assert files_of(tmp_path) == {
        "$x": b"", "a b": b"", "out.txt": b"one.two words.three.two\nit's python\n", "printed.txt": b"printed\n",
    }  # fmt: skip


def test_a_failure_that_is_not_ignored_holds_back(tmp_path: Path) -> None:
    text = "steps:\n  - {name: a, command: exit 5, continue_on: {exit_code: 3}}\n  - {name: b, command: touch b}\n"
    assert run_document(of(text)[0], tmp_path).returncode == 1
    assert files_of(tmp_path) == {}


@pytest.mark.parametrize(
    ("condition", "passes"),
    [
        ('"test -f yes"', True), ('"test -f no"', False),
        ("{condition: $W, expected: w x}", True), ("{condition: $W, expected: other}", False),
        ("{condition: '`cat yes`', expected: 're:^y.s$'}", True),
        ("{condition: '`cat yes`', expected: 're:^n'}", False),
        ("{condition: $W, expected: other, negate: true}", True), ("{condition: test -f yes, negate: true}", False),
        ("{condition: 'a\"b\\c', expected: 'a\"b\\c'}", True),
        ("{condition: '12', expected: 're:^\\d+$'}", True), ("{condition: d, expected: 're:^\\d+$'}", False),
        ("{condition: d, expected: 're:^\\d+$', negate: true}", True),
        ("{condition: 'a b', expected: 're:^[[:alpha:]]\\s\\w\\z'}", True),
        ("{condition: AB, expected: 're:(?i)^ab$'}", True), ("{condition: '-e', expected: 're:-e'}", True),
    ],
)  # fmt: skip
def test_preconditions_are_checks(condition: str, passes: bool, tmp_path: Path) -> None:
    (tmp_path / "yes").write_text("yes\n")
    for text in (
        f"env: {{W: w x}}\nsteps:\n  - name: a\n    command: touch ran\n    preconditions: [{condition}]\n",
        f"env: {{W: w x}}\nprecondition: [{condition}]\nsteps:\n  - touch ran\n",
    ):
        (tmp_path / "ran").unlink(missing_ok=True)
        document, entries = of(text)
        run_document(document, tmp_path)
        assert (tmp_path / "ran").exists() is passes
        assert [entry.fate for entry in entries if entry.construct == "preconditions"] == ["approximated"]


@pytest.mark.parametrize("pattern", ["\\pL", "(?s)a", "[[:punct:]]", "(", "(?<=a)b"])
def test_a_pattern_that_no_check_can_say_waits(pattern: str) -> None:
    text = f"steps:\n  - {{name: a, command: x, preconditions: [{{condition: $A, expected: 're:{pattern}'}}]}}\n"
    assert guard_of(jobs_of(text)["a"]) == "its condition has a pattern that no check can say"
    assert fates(of(text)[1])["steps[0].preconditions"] == "manual"


def test_retries_and_limits() -> None:
    text = """
steps:
  - name: a
    command: x
    timeoutSec: 60
    retryPolicy: {limit: 3, intervalSec: 5, backoff: true, exitCode: [1, 2]}
  - name: b
    command: x
    retry_policy: {limit: 2, interval_sec: 1}
  - name: c
    command: x
    retry_policy: {limit: $N}
"""
    jobs = jobs_of(text)
    assert jobs["a"]["timeout"] == 60
    keys = ("max_retries", "retry_delay", "retry_backoff", "retry_jitter", "max_retry_time", "retry_on_exit_codes")
    assert [jobs["a"][key] for key in keys] == [3, 5, 2, 0, 0, [1, 2]]
    assert [jobs["b"].get(key) for key in keys] == [2, 1, 1, 0, 0, None]
    assert "max_retries" not in jobs["c"]
    assert fates(of(text)[1])["steps[2].retry_policy"] == "manual"


@pytest.mark.parametrize(
    "step",
    [
        "{name: a, call: other}", "{name: a, run: other, params: x=1}", "{name: a, command: x, type: docker}",
        "{name: a, command: x, executor: {type: ssh, config: {host: h}}}", "{name: a, executor: http, command: GET u}",
        "{name: a, command: x, container: {image: i}}", "{name: a, command: x, repeatPolicy: {repeat: true}}",
        "{name: a, command: x, approval: {prompt: y}}", "{name: a, type: chat, messages: []}", "{name: a}",
        "{name: a, command: ''}", "{name: a, command: 'echo ${b.stdout}'}", "{name: a, command: echo $DAG_RUN_ID}",
        "{name: a, command: x, env: {V: '`date`'}}", "{name: a, command: x, shell: $S}",
        "{name: a, command: x, parallel: [1, 2], call: o}", "{name: a, command: x, working_dir: '`pwd`'}",
    ],
)  # fmt: skip
def test_what_cannot_be_translated_waits_and_so_does_what_follows(step: str, tmp_path: Path) -> None:
    document, _ = of(f"steps:\n  - {step}\n  - {{name: after, command: touch after}}\n")
    assert guard_of(document["jobs"][0])
    assert run_document(document, tmp_path).returncode == 1
    assert files_of(tmp_path) == {}


@pytest.mark.parametrize("key", ["container: {image: i}", "ssh: {host: h}", "step_types: {}", "defaults: {}"])
def test_what_holds_for_all_steps_makes_all_wait(key: str) -> None:
    assert all(guard_of(job) for job in jobs_of(f"{key}\nsteps: [echo a, echo b]\n").values())


def test_what_reads_the_output_of_another_step_waits() -> None:
    text = """
steps:
  - {name: a, command: x, output: V}
  - {name: b, command: echo $V}
  - {name: c, command: echo $W}
"""
    assert [guard_of(job) for job in jobs_of(text).values()] == [None, "it reads V, which another step prints", None]


def test_handlers() -> None:
    text = """
handlerOn:
  init: {command: i}
  success: {command: s}
  failure: {command: f}
  cancel: {command: c}
  exit: {command: e}
steps:
  - {name: a, command: x}
  - {name: b, command: x, depends: a}
  - {name: c, command: x, depends: a}
"""
    document, entries = of(text)
    assert {job["id"]: job.get("dependencies", []) for job in document["jobs"]} == {
        "on_init": [], "a": ["on_init"], "b": ["a"], "c": ["a"], "on_success": ["b", "c"], "on_exit": ["on_success"],
    }  # fmt: skip
    found = fates(entries)
    assert [found[f"handlerOn.{key}"] for key in ("success", "failure", "cancel")] == ["exact", "dropped", "dropped"]
    assert document["x-source"]["handler_on"] == {"failure": {"command": "f"}, "abort": {"command": "c"}}


def test_several_documents_become_several() -> None:
    documents, _ = imported("name: a\nsteps: [x]\n---\nname: b\nsteps: [y]\n", "dagu")
    assert [document["application_name"] for document in documents] == ["a", "b"]


def test_a_dag_without_a_name_is_called_as_its_file() -> None:
    documents, _ = imported("steps: [x]\n", "dagu", name="dir/nightly.load.yaml")
    assert documents[0]["application_name"] == "nightly.load"


def test_values_of_a_mail_server_are_not_taken_over() -> None:
    document, entries = of("smtp: {host: h, password: hunter2}\nsteps: [x]\n")
    assert "hunter2" not in str(document)
    assert fates(entries)["smtp"] == "manual"


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("- a\n", 1, "a DAG is a map"), ("name: x\n", 1, "there are no steps in it"), ("steps: []\n", 1, "no steps"),
        ("steps:\n  - name: a\n    command: x\n  - name: a\n    command: x\n", 4, 'two steps called "a"'),
        ("steps:\n  - {name: a, command: x, depends: lod}\n  - {name: load, command: x}\n", 2,
         'there is no step "lod"'),
        ("steps:\n  - {name: a, command: x, depends: a}\n", 2, "cannot wait for itself"),
        ("type: tree\nsteps: [x]\n", 1, 'there is no type "tree"'), ("env: x\nsteps: [x]\n", 1, "variables are a map"),
        ("env: [{A: [1]}]\nsteps: [x]\n", 1, "a variable is a text"), ("env: [{1A: x}]\nsteps: [x]\n", 1, "no name"),
        ("params: \"a 'b\"\nsteps: [x]\n", 1, "a quote is not closed"),
        ("steps:\n  - {name: a, command: x, preconditions: [{expected: y}]}\n", 2, "needs a condition"),
        ("steps:\n  - {name: a, exec: {args: [y]}}\n", 2, "it needs a command"),
    ],
)  # fmt: skip
def test_what_is_no_dag_is_refused_with_its_line(text: str, line: int, message: str) -> None:
    with pytest.raises(InputError) as caught:
        of(text)
    assert message in str(caught.value)
    assert caught.value.place == f"source:{line}"


def test_a_cycle_is_refused() -> None:
    with pytest.raises(InputError, match="wait for each other"):
        of("steps:\n  - {name: a, command: x, depends: b}\n  - {name: b, command: x, depends: a}\n")


@pytest.mark.parametrize("seed", range(150))
def test_a_broken_dag_is_a_document_or_refused(seed: int) -> None:
    """Lines left out, doubled, cut or given another value; any other exception is a bug."""
    chance = random.Random(seed)
    lines = RICH.split("\n")
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(lines))
        key, colon, _ = lines[at].partition(":")
        wrong = chance.choice(["[]", "{}", "[a, {b: c}]", "{a: [1]}", "~", "12", "-1", "''", "*x", "true", "[[a]]"])
        change: list[str] = chance.choice(
            [[], [lines[at]] * 2, [lines[at][: len(lines[at]) // 2]], [f"{key}{colon} {wrong}"]]
        )
        lines[at : at + 1] = change
    try:
        read(Source("\n".join(lines).encode(), "x.yaml"), Wishes(), Account())
    except ExecutionerError:
        return


KINDS = ["executor: {type: ssh, config: {host: db1}}", "type: docker", "executor: http", "container: {image: i}",
         "call: other", "repeatPolicy: {repeat: true}", "worker_selector: {gpu: a}"]  # fmt: skip


@pytest.mark.parametrize("around", ["", ", continue_on: failed", ", stdout: out", ", continueOn: {exitCode: [1]}"])
@pytest.mark.parametrize("kind", KINDS)
def test_to_allow_what_cannot_be_translated_is_not_to_do_it(kind: str, around: str, tmp_path: Path) -> None:
    document, _ = of(f"steps:\n  - {{name: a, command: touch ran, {kind}{around}}}\n  - touch after\n")
    done = run_document(document, tmp_path, EX_ALLOW="all")
    assert done.returncode == 1
    assert "it fails until a person writes its command" in done.stderr
    assert files_of(tmp_path) == {}


@pytest.mark.parametrize("step", ["{name: a}", "{name: a, command: ''}", "{name: a, call: other}", "touch ran"])
def test_nothing_to_run_is_not_done_when_it_is_allowed(step: str, tmp_path: Path) -> None:
    document, _ = of(f"container: {{image: i}}\nsteps: [{step}, touch after]\n")
    assert run_document(document, tmp_path, EX_ALLOW="all").returncode == 1
    assert files_of(tmp_path) == {}


def test_an_approval_is_what_allows_a_step(tmp_path: Path) -> None:
    document, entries = of("steps:\n  - {name: a, command: touch ran, approval: {prompt: y}}\n")
    assert run_document(document, tmp_path).returncode == 1
    assert run_document(document, tmp_path, EX_ALLOW="a").returncode == 0
    assert set(files_of(tmp_path)) == {"ran"}
    assert fates(entries)["steps[0].approval"] == "exact"


DEPLOY = """
dotenv: .env
steps:
  - '[ "$STAGE" = dev ] || touch deployed'
  - touch after
"""


def test_a_dotenv_that_is_there_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("# the stage\n\nexport STAGE=dev\nNAME='a b'\nURL=\"http://h/x\"\nEMPTY=\n")
    document, entries = of(DEPLOY)
    assert document["env_variables"] == {"STAGE": "dev", "NAME": "a b", "URL": "http://h/x", "EMPTY": ""}
    assert fates(entries)["dotenv"] == "exact"
    assert run_document(document, tmp_path).returncode == 0
    assert set(files_of(tmp_path)) == {".env", "after"}
    assert_fixed_point(DEPLOY, "dagu")


@pytest.mark.parametrize(
    ("held", "key"),
    [
        (None, ""), ("STAGE=$(x)\n", ""), ("STAGE=dev # x\n", ""), ("DB_PASSWORD=x\n", ""), ("A=1\nA=2\n", ""),
        ("source x\n", ""), ("STAGE=dev\n", "working_dir: .\n"), ("STAGE=dev\n", "env: {STAGE: x}\n"),
        ("STAGE=dev\n", "params: STAGE=x\n"), ('STAGE="a${B}"\n', ""), ('STAGE="a\\n"\n', ""),
    ],
)  # fmt: skip
def test_what_only_a_dotenv_tells_makes_all_wait(
    held: str | None, key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    if held is not None:
        (tmp_path / ".env").write_text(held)
    document, entries = of(key + DEPLOY)
    assert "--env-file" in (guard_of(document["jobs"][0]) or "")
    assert fates(entries)["dotenv"] == "manual"
    assert document["x-source"]["dotenv"] == ".env"
    assert run_document(document, tmp_path).returncode == 1
    assert not {"deployed", "after"} & set(files_of(tmp_path))
    assert_fixed_point(key + DEPLOY, "dagu")


SECRETS = """
smtp: {host: h, password: leaked1}
ssh: {host: db1, password: leaked2}
env: [{DB_TOKEN: leaked3}, T: "`date`"]
params: "API_KEY=leaked4 A=1"
steps:
  - name: a
    executor: {type: ssh, config: {host: db1, password: leaked5, user: u, auth: {secret: [leaked6]}}}
    env: [MY_PASSWORD=leaked7, {B: 2}]
    command: x
  - name: b
    type: http
    with: {headers: {token: "${TOKEN}"}, password: ~}
handler_on: {failure: {type: mail, with: {password: leaked8}}}
"""


def test_values_of_secrets_are_not_kept() -> None:
    document, entries = of(SECRETS)
    assert "leaked" not in str([one.get("x-source") for one in (document, *document["jobs"])])
    first, second = (job["x-source"]["step"] for job in document["jobs"])
    assert first["with"] == {"host": "db1", "user": "u", "auth": {}}
    assert first["env"] == [{"B": 2}]
    assert second["with"] == {"headers": {"token": "${TOKEN}"}, "password": None}
    assert fates(entries)["steps[0].executor.config.password"] == "manual"
    for number in (1, 2, 5, 6, 7, 8):
        assert f"leaked{number}" not in str(entries)


def test_nothing_of_the_source_drives_a_terminal() -> None:
    _, entries = of('steps:\n  - {name: a, command: x, type: "\\e[31mred"}\n')
    assert not any("\x1b" in entry.reason for entry in entries)
    with pytest.raises(InputError) as caught:
        of('steps:\n  - {name: a, command: x, depends: "\\e[31m"}\n')
    assert "\x1b" not in str(caught.value)
