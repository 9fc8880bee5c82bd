"""The rules beyond their samples: messages, places, grouping, severities, and what is not reported."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from exlib import rules
from exlib.document import Document
from exlib.findings import Finding

ROOT = Path(__file__).resolve().parents[2]
ENVIRON = {"PATH": "/usr/bin:/bin", "HOME": "/root"}


def check(data: Any, name: str = "wf.json", environ: dict[str, str] = ENVIRON) -> list[Finding]:
    return rules.check(document(data, name), environ=environ)


def document(data: Any, name: str = "wf.json") -> Document:
    return Document(json.dumps(data, indent=1).encode(), name)


def job(**keys: Any) -> dict[str, Any]:
    return {"jobs": [{"id": "a", "command": "true", **keys}]}


def only(found: list[Finding]) -> Finding:
    assert len(found) == 1, [(finding.code, finding.message) for finding in found]
    return found[0]


@pytest.mark.parametrize(
    ("data", "message", "mend"),
    [
        (job(timeout="60"), 'timeout must be a number, got "60"', "write 60 without quotes"),
        (job(timeout=[60]), "timeout must be a number, got [60]", None),
        (job(timeout=0), "timeout must be more than 0, got 0", "null means no limit"),
        (job(tags="daily"), 'tags must be a list of strings, got "daily"', 'write ["daily"]'),
        (job(detach="yes"), 'detach must be true or false, got "yes"', "write true without quotes"),
        (job(detach=0), "detach must be true or false, got 0", "write false"),
        (job(id=7), "id must be a string, got 7", 'write "7" in quotes'),
        (job(command=""), "command is empty", None),
        (job(dependencies=[3]), "dependencies[0] must be a job id or an object, got 3", 'write "3" in quotes'),
        (job(env_variables={"A": []}), "env_variables.A must be a string or a number or true or false, got []", None),
        (job(pre_checks=[{"name": 1}]), "pre_checks[0].name must be a string, got 1", 'write "1" in quotes'),
        (job(pre_checks=[{}]), 'pre_checks[0] has no "name"', 'add "name": "..."'),
        ({"jobs": [3]}, "job number 1 must be an object, got 3", None),
        ({"jobs": {}}, "jobs must be a list of jobs, got {}", None),
        ({}, "the document has no jobs", 'add "jobs": [{"id": "...", "command": "..."}]'),
        (
            job(max_retries=1, retry_on_status=["x"]),
            'retry_on_status[0] must be one of ERROR, FAILED, TIMEOUT, got "x"',
            None,
        ),
        (
            {**job(), "inherit_shell_env": "x"},
            'inherit_shell_env must be true, false, "default" or a list of names, got "x"',
            None,
        ),
    ],
)
def test_shape_messages(data: Any, message: str, mend: str | None) -> None:
    found = only(check(data))
    assert (found.message, found.mend) == (message, mend)


def test_a_secret_value_of_the_wrong_type_is_not_shown() -> None:
    assert "4711" not in only(check({**job(), "smtp_password": 4711, "smtp_server": "m"})[:1]).message


def test_a_finding_knows_its_place_and_job() -> None:
    found = only(check(job(timeout="60")))
    assert (found.place, found.end_column, found.job) == ("wf.json:6:15", 19, "a")
    assert found.pointer == ("jobs", 0, "timeout")
    assert found.source_line == '   "timeout": "60"'


def test_all_findings_come_in_one_go_in_the_order_of_the_text() -> None:
    data = {"jobs": [{"id": "a", "dependencies": [1, "gone", "a"]}, {"id": "a", "command": 3, "timeout": -1}, 5]}
    found = check(data)
    assert [finding.code for finding in found] == ["E201", "E203", "E302", "E303", "E301", "E203", "E204", "E203"]
    assert [finding.line for finding in found] == sorted(finding.line for finding in found)


def test_one_bad_item_hides_none_of_the_others() -> None:
    data = job(env_variables={"BAD": [], "OUT": "${NO_SUCH}"}, pre_checks=[{}, {"name": "check_fil_exists"}])
    assert [finding.code for finding in check(data)] == ["E203", "W402", "E201", "E701"]


def test_the_whole_circle_is_printed() -> None:
    data = {"jobs": [{"id": n, "command": "true", "dependencies": [d]} for n, d in ["ac", "ba", "cb"]]}
    found = only(check(data))
    assert found.message == "circular dependency: a -> c -> b -> a"
    assert found.pointer == ("jobs", 0, "dependencies", 0)


def test_each_group_of_circles_is_one_finding() -> None:
    pairs = [("a", "b"), ("b", "a"), ("c", "d"), ("d", "c"), ("e", "c")]
    data = {"jobs": [{"id": n, "command": "true", "dependencies": [d]} for n, d in pairs]}
    assert [finding.message.partition(": ")[2] for finding in check(data)] == ["a -> b -> a", "c -> d -> c"]


def test_a_circle_of_a_hundred_thousand_jobs() -> None:
    jobs = [{"id": f"j{n}", "command": "true", "dependencies": [f"j{n - 1}"]} for n in range(100_000)]
    jobs[0]["dependencies"] = ["j99999"]
    found = only(check({"jobs": jobs}))
    assert found.message.count(" -> ") == 100_000
    jobs[0]["dependencies"] = []
    assert check({"jobs": jobs}) == []


@pytest.mark.parametrize(
    ("wanted", "mend"),
    [
        ("exrtact", 'did you mean "extract"?'),
        ("Extract", 'did you mean "extract"?'),
        ("load-tables", 'did you mean "load_tables"?'),
        ("zzz", 'add a job "zzz", or remove the dependency'),
    ],
)
def test_a_missing_dependency_suggests_the_nearest_id(wanted: str, mend: str) -> None:
    jobs: list[dict[str, Any]] = [{"id": name, "command": "true"} for name in ("extract", "load_tables", "b")]
    jobs[2]["dependencies"] = [wanted]
    assert only(check({"jobs": jobs})).mend == mend


def test_equal_findings_in_many_jobs_are_one_with_their_number() -> None:
    jobs = [{"id": f"j{n}", "command": "no-such-program-at-all x"} for n in range(4)]
    assert only(check({"jobs": jobs})).message.endswith("is not on PATH (and in 3 other jobs)")


def test_a_program_twice_in_one_job_is_in_no_other_job() -> None:
    message = only(check(job(command="no-such-program-at-all; no-such-program-at-all"))).message
    assert message == 'the program "no-such-program-at-all" is not on PATH'


def test_a_circle_of_the_workflow_is_not_told_again_for_each_job() -> None:
    data = {"env_variables": {"A": "${B}", "B": "${A}"}, **job(env_variables={"C": "${A}"})}
    assert only(check(data)).pointer == ("env_variables", "A")


def test_old_spellings_are_told_once_for_all_jobs() -> None:
    jobs = [{"job_id": f"j{n}", "job_description": "x", "command": "true"} for n in range(3)]
    messages = [finding.message for finding in check({"name": "n", "jobs": jobs})]
    assert messages == [
        "name is the old name of application_name",
        "job_id is the old name of id (and in 2 other jobs)",
        "job_description is the old name of description (and in 2 other jobs)",
    ]


@pytest.mark.parametrize(
    ("key", "mend"),
    [
        ("timout", 'did you mean "timeout"?'),
        ("dependancies", 'did you mean "dependencies"?'),
        ("max_workers", '"max_workers" belongs into the top of the document'),
        ("owner", 'for a note of your own write "_owner"'),
    ],
)
def test_an_unknown_key_suggests_what_to_write(key: str, mend: str) -> None:
    found = only(check(job(**{key: 1})))
    assert (found.code, found.mend, found.pointer) == ("W501", mend, ("jobs", 0, key))


def test_programs_are_looked_up_where_the_job_would_run(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "tool").touch(mode=0o755)
    (tmp_path / "run" / "data").touch(mode=0o644)
    name = str(tmp_path / "wf.json")

    def codes(**keys: Any) -> list[str]:
        return [finding.message for finding in check({"working_dir": "run", **job(**keys)}, name)]

    assert codes(command="./tool") == []
    assert codes(command="../run/tool && ./tool") == []
    assert codes(command="./gone") == [f'the program "./gone" does not exist in {tmp_path}/run']
    assert codes(command="./data") == [f'the program "./data" is not executable in {tmp_path}/run']
    assert codes(command="cd .. && ./gone") == []
    assert codes(command="tool") == ['the program "tool" is not on PATH']
    assert codes(command="tool", env_variables={"PATH": "${PATH}:${HERE}", "HERE": str(tmp_path / "run")}) == []
    assert codes(command="tool", env_variables={"PATH": "."}) == []


def test_a_relative_program_is_not_looked_for_where_the_folder_is_absent() -> None:
    assert [finding.code for finding in check({"working_dir": "/no/such", **job(command="./x")})] == ["W411"]


def test_working_directories_are_found_as_the_engine_finds_them(tmp_path: Path) -> None:
    (tmp_path / "base" / "inner").mkdir(parents=True)
    name = str(tmp_path / "wf.json")
    environ = {**ENVIRON, "BASE": "base"}

    def found(top: str | None, own: str | None) -> list[str]:
        data = {"working_dir": top, **job(working_dir=own)}
        return [finding.message for finding in check(data, name, environ)]

    assert found("base", "inner") == []
    assert found("${BASE}", "inner/../inner") == []
    assert found("base", "gone") == [
        f'the working directory "gone" ({tmp_path}/base/gone) does not exist on this machine'
    ]
    assert len(found("gone", "inner")) == 1
    assert found("~no-such-user/x", None) == []


def test_variables_come_from_every_layer() -> None:
    environ = {**ENVIRON, "OUTSIDE": "1"}
    data: dict[str, Any] = {
        "env_variables": {"TOP": "${OUTSIDE}"},
        "jobs": [{"id": "a", "command": "echo ${OUTSIDE} ${TOP} ${OWN} ${EX_LOG}", "env_variables": {"OWN": "${TOP}"}}],
    }
    assert check(data, environ=environ) == []
    data["inherit_shell_env"] = False
    codes = [finding.code for finding in check(data, environ=environ)]
    assert codes.count("W402") == 2


def test_nothing_is_said_of_variables_in_single_quotes_or_behind_a_sourced_file() -> None:
    assert check(job(command="echo '${NO_SUCH}'")) == []
    assert check(job(command=". /dev/null; echo ${NO_SUCH}")) == []
    assert only(check(job(command='echo "${NO_SUCH}"'))).code == "W402"


@pytest.mark.parametrize(("policy", "severity"), [("strict", "error"), ("block", "error"), ("warn", "warning")])
def test_the_policy_sets_what_becomes_of_the_lint(policy: str, severity: str) -> None:
    data = {"security_policy": policy, **job(command="chmod 777 x")}
    found = only(check(data))
    assert (found.code, found.severity) == ("S603", severity)
    assert [finding.code for finding in rules.errors(document(data))] == ["S603"] * (severity == "error")


def test_lint_reads_what_is_given_to_another_shell() -> None:
    data = job(command="nohup sudo -u oracle env A=1 bash -c 'true; rm -rf /' &")
    assert {finding.code for finding in check(data)} - {"W401"} == {"S601", "S605"}


@pytest.mark.parametrize("piece", ["(", "(cd /;", "$(", "a$(b)", "sh <<E\n", "`", "sudo ", "$(rm -rf "])
def test_lint_reads_what_is_very_long(piece: str) -> None:
    check(job(command="rm -r x; " + piece * 50_000))


def test_lines_with_a_credential_are_not_shown() -> None:
    found = check(json.loads('{"jobs": [{"id": "a", "command": "no-such-program-at-all --password=hunter2"}]}'))
    assert [finding.code for finding in found] == ["S604", "W401"]
    assert not [finding for finding in found if "hunter2" in finding.source_line + finding.message]


def test_a_shell_of_another_language_is_not_read() -> None:
    assert check(job(shell="python3 -u", command="import os  # rm -rf / && ${NO_SUCH} no-such-program")) == []


def test_errors_leave_out_warnings_and_this_machine() -> None:
    data = {"working_dir": "/no/such", "nmae": 1, **job(command="no-such-program-at-all", timeout=0)}
    assert [finding.code for finding in rules.errors(document(data))] == ["E204"]


def test_plugins_of_a_file_are_known_by_the_names_that_it_brings(tmp_path: Path) -> None:
    (tmp_path / "queue.py").write_text("def queue_empty(params, context):\n    return True\n")
    data = {"dependency_plugins": ["queue.py"], **job(dependencies=[{"plugin": "queue_empty"}])}
    name = str(tmp_path / "wf.json")
    assert check(data, name) == []
    data = {**data, **job(dependencies=[{"plugin": "queue_emty"}])}
    found = only(check(data, name))
    assert (found.code, found.mend) == ("E702", 'did you mean "queue_empty"?')


SLOW = "jsonschema difflib importlib.metadata tempfile subprocess hashlib unicodedata networkx asyncio".split()


def loaded(data: Any, tmp_path: Path) -> list[str]:
    (tmp_path / "wf.json").write_text(json.dumps(data))
    program = (
        "import sys; from exlib import rules; from exlib.document import Document;"
        "d = Document(open('wf.json', 'rb').read(), 'wf.json'); rules.check(d); rules.errors(d);"
        f"print(*[name for name in {SLOW!r} if name in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    return result.stdout.split()


def test_a_valid_document_loads_nothing_slow(tmp_path: Path) -> None:
    data = job(command="ls | wc -l > /dev/null", post_checks=[{"name": "check_file_exists", "params": {"path": "x"}}])
    assert loaded(data, tmp_path) == []
    assert loaded({**data, "name": "warned"}, tmp_path) == []
    assert "jsonschema" in loaded(job(timeout="60"), tmp_path)


def test_every_rule_has_a_page_with_a_mend() -> None:
    for code, rule in rules.CATALOG.items():
        assert rule.page.startswith(f"# {code} {rule.name}\n")
        assert len(rule.page.splitlines()) > 4
        assert rule.summary.endswith(".")
    files = {path.stem for path in (ROOT / "exlib" / "rules" / "pages").glob("*.md")}
    assert files == rules.CATALOG.keys()
    assert len({rule.name for rule in rules.CATALOG.values()}) == len(rules.CATALOG)
